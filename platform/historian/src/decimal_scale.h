#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "platform/historian/src/bytes.h"

namespace nuanshu::historian {

/// How a small integer m stands for a double. The numbers are stored.
enum class Scaling : std::uint8_t {
    divide = 0,        ///< m / 10^e: a decimal number, read from text or computed once
    multiply = 1,      ///< m · 10^−e: a register times a factor; 3 · 0.1 is not 0.3
    divide_float = 2,  ///< float(m / 10^e): a decimal number that came as a 32-bit float
};

struct Scale {
    Scaling scaling = Scaling::divide;
    int exponent = 0;  ///< e, 0 … max_exponent
};

constexpr int max_exponent = 18;
constexpr std::array<double, max_exponent + 1> power_of_ten = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                                               1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
constexpr std::array<double, max_exponent + 1> tenth_of_power = {1e0,   1e-1,  1e-2,  1e-3,  1e-4,  1e-5,  1e-6,
                                                                 1e-7,  1e-8,  1e-9,  1e-10, 1e-11, 1e-12, 1e-13,
                                                                 1e-14, 1e-15, 1e-16, 1e-17, 1e-18};

/// A scale as one byte: bits 0-4 the exponent, bits 5-6 the scaling.
constexpr std::uint8_t byte_of(Scale scale) {
    return static_cast<std::uint8_t>(scale.exponent | static_cast<int>(scale.scaling) << 5);
}
constexpr Scale scale_of(std::uint8_t byte) {
    return {static_cast<Scaling>(byte >> 5), byte & 31};
}
constexpr bool is_scale(std::uint8_t byte) {
    return (byte & 31) <= max_exponent && byte >> 5 <= static_cast<int>(Scaling::divide_float);
}

/// The double that `number`, which holds an integer, stands for.
inline double unscale(Scale scale, double number) {
    const auto at = static_cast<std::size_t>(scale.exponent);
    switch (scale.scaling) {
        case Scaling::divide:
            return number / power_of_ten[at];
        case Scaling::multiply:
            return number * tenth_of_power[at];
        case Scaling::divide_float:
            return static_cast<double>(static_cast<float>(number / power_of_ten[at]));
    }
    return 0.0;
}

inline double unscale(Scale scale, std::int64_t integer) {
    return unscale(scale, static_cast<double>(integer));
}

/// The integer that stands for `value`; false when none below 2^51 gives its very bits back.
inline bool to_scaled(Scale scale, double value, std::int64_t& integer) {
    /// Adding this rounds a double of less than 2^51 to an integer that stands in its low bits.
    constexpr double rounder = 6755399441055744.0;
    constexpr double max_scaled = 2251799813685248.0;
    const double scaled = value * power_of_ten[static_cast<std::size_t>(scale.exponent)];
    if (!(std::abs(scaled) < max_scaled)) {
        return false;
    }
    integer = wrapping_subtract(std::bit_cast<std::int64_t>(scaled + rounder), std::bit_cast<std::int64_t>(rounder));
    return std::bit_cast<std::uint64_t>(unscale(scale, integer)) == std::bit_cast<std::uint64_t>(value);
}

}  // namespace nuanshu::historian

// A list of n doubles, n being known to the reader.
//
//   u8  mode
//   mode 0, raw        n × 8 bytes, little-endian
//   mode 1, constant   8 bytes: all have these bits
//   mode 2, decimal    what instruments send: numbers of few decimals, which are small integers once scaled
//                        u8      scale (decimal_scale.h)
//                        varint  number of exceptions, then for each: varint gap to the one before, 8 bytes its bits
//                        list of integers m (packed_ints.cpp); an exception repeats the integer before it
//   mode 3, xor        true floats: Gorilla (Pelkonen et al., VLDB 2015), a stream of bits, the highest bit of a byte
//   first.
//                      The first value in 64 bits; each other one as XOR with the one before:
//                        0                                   the same
//                        10, bits                            its bits that matter lie within the window of the last 11
//                        11, 6 bits leading zeros, 6 bits length − 1, bits
//   mode 4, blocks     decimal without exceptions: u8 scale, integers in blocks that can be read alone (int_blocks.cpp)
//   mode 5, runs       decimal without exceptions: u8 scale, integers in runs (int_runs.h)
//
// Whatever is chosen, the encoder has seen that decoding gives the same bits.

#include "platform/historian/src/value_codec.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "platform/historian/src/bit_stream.h"
#include "platform/historian/src/int_blocks.h"
#include "platform/historian/src/int_runs.h"
#include "platform/historian/src/packed_ints.h"

namespace nuanshu::historian {
namespace {

enum Mode : std::uint8_t { raw = 0, constant = 1, decimal = 2, xored = 3, blocks = 4, runs = 5 };

/// Blocks are worth some bytes each more than integers that can only be read from their start, once there are several.
constexpr std::size_t least_in_blocks = 2 * lanes_group;
constexpr std::size_t worth_of_block = 8;

std::uint64_t bits_of(double value) {
    return std::bit_cast<std::uint64_t>(value);
}

/// The least exponent that fits, or max_exponent + 1.
int least_exponent(Scaling scaling, double value) {
    std::int64_t integer = 0;
    int exponent = 0;
    while (exponent <= max_exponent && !to_scaled({scaling, exponent}, value, integer)) {
        ++exponent;
    }
    return exponent;
}

ScaledValues scale_all(Scale scale, std::span<const double> values) {
    ScaledValues result{.scale = scale, .integers = std::vector<std::int64_t>(values.size()), .exceptions = {}};
    std::int64_t last = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::int64_t integer = 0; to_scaled(scale, values[i], integer)) {
            last = integer;
        } else {
            result.exceptions.push_back({i, values[i]});
        }
        result.integers[i] = last;
    }
    return result;
}

/// The exponents that up to 32 of the values, evenly spread, ask for, in rising order.
std::vector<int> exponents_asked(Scaling scaling, std::span<const double> values) {
    const std::size_t step = std::max<std::size_t>(1, values.size() / 32);
    std::vector<int> asked;
    for (std::size_t i = 0; i < values.size(); i += step) {
        asked.push_back(least_exponent(scaling, values[i]));
    }
    std::sort(asked.begin(), asked.end());
    return asked;
}

/// A scaling is worth it while at most one value in eight is an exception.
std::size_t tolerable_exceptions(std::size_t count) {
    return std::max<std::size_t>(1, count / 8);
}

/// Tries the exponent that nearly all of the looked-at values fit, and then the one that all of them do.
bool try_scaling(Scaling scaling, std::span<const double> values, ScaledValues& best) {
    const std::vector<int> asked = exponents_asked(scaling, values);
    const int nearly_all = asked[asked.size() - 1 - asked.size() / 16];
    const auto fitting = std::find_if(asked.rbegin(), asked.rend(), [](int e) { return e <= max_exponent; });
    if (nearly_all > max_exponent || fitting == asked.rend()) {
        return false;
    }
    for (const int exponent : {nearly_all, *fitting}) {
        ScaledValues tried = scale_all({scaling, exponent}, values);
        if (tried.exceptions.size() < best.exceptions.size()) {
            best = std::move(tried);
        }
        if (best.exceptions.size() <= values.size() / 64) {
            break;
        }
    }
    return best.exceptions.empty();
}

void write_mode(std::string& out, Mode mode, Scale scale) {
    out.push_back(static_cast<char>(mode));
    out.push_back(static_cast<char>(byte_of(scale)));
}

void write_with_exceptions(std::string& out, const ScaledValues& scaled) {
    write_mode(out, decimal, scaled.scale);
    put_varint(out, scaled.exceptions.size());
    std::size_t before = 0;
    for (const auto& exception : scaled.exceptions) {
        put_varint(out, exception.index - before);
        put_fixed(out, exception.value);
        before = exception.index;
    }
    encode_ints(out, scaled.integers);
}

/// @return empty when there are too few
std::string try_blocks(const std::vector<std::int64_t>& integers) {
    std::string bytes;
    if (integers.size() >= least_in_blocks) {
        encode_blocks(bytes, integers);
    }
    return bytes;
}

void write_without_exceptions(std::string& out, const ScaledValues& scaled) {
    std::string list;
    encode_ints(list, scaled.integers);
    const std::string in_blocks = try_blocks(scaled.integers);
    const std::size_t worth = list.size() + scaled.integers.size() / lanes_group * worth_of_block;
    if (runs_bytes(scaled.integers) <= list.size()) {
        write_mode(out, runs, scaled.scale);
        encode_runs(out, scaled.integers);
    } else if (!in_blocks.empty() && in_blocks.size() <= worth) {
        write_mode(out, blocks, scaled.scale);
        out += in_blocks;
    } else {
        write_mode(out, decimal, scaled.scale);
        put_varint(out, 0);
        out += list;
    }
}

struct Window {
    unsigned leading = 64;
    unsigned length = 0;
    bool holds(unsigned other_leading, unsigned other_trailing) const {
        return length > 0 && other_leading >= leading && other_trailing >= 64 - leading - length;
    }
};

void write_xor(BitWriter& bits, std::uint64_t difference, Window& window) {
    if (difference == 0) {
        bits.put(0, 1);
        return;
    }
    const auto leading = static_cast<unsigned>(std::countl_zero(difference));
    const auto trailing = static_cast<unsigned>(std::countr_zero(difference));
    if (window.holds(leading, trailing) && window.length < 64 - leading - trailing + 12) {
        bits.put(0b10, 2);
    } else {
        window = {leading, 64 - leading - trailing};
        bits.put(0b11, 2);
        bits.put(window.leading, 6);
        bits.put(window.length - 1, 6);
    }
    bits.put(difference >> (64 - window.leading - window.length), window.length);
}

void write_xored(std::string& out, std::span<const double> values) {
    out.push_back(static_cast<char>(xored));
    BitWriter bits(out);
    Window window;
    bits.put(bits_of(values[0]), 64);
    for (std::size_t i = 1; i < values.size(); ++i) {
        write_xor(bits, bits_of(values[i]) ^ bits_of(values[i - 1]), window);
    }
    bits.finish();
}

void write_raw(std::string& out, std::span<const double> values) {
    out.push_back(static_cast<char>(raw));
    for (const double value : values) {
        put_fixed(out, value);
    }
}

void write_as_bits(std::string& out, std::span<const double> values) {
    const std::size_t start = out.size();
    write_xored(out, values);
    if (out.size() - start > 1 + values.size() * sizeof(double)) {
        out.resize(start);
        write_raw(out, values);
    }
}

void read_raw(ByteReader& in, std::span<double> values) {
    if (const auto bytes = in.take(values.size_bytes()); in.ok()) {
        std::memcpy(values.data(), bytes.data(), bytes.size());
    }
}

using Exception = ScaledValues::Exception;

std::vector<Exception> read_exceptions(ByteReader& in, std::size_t value_count) {
    const std::uint64_t count = in.varint();
    std::vector<Exception> exceptions;
    if (count > value_count) {
        in.refuse();
        return exceptions;
    }
    std::uint64_t index = 0;
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
        const std::uint64_t gap = in.varint();
        const auto value = in.fixed<double>();
        if (gap >= value_count - index) {
            in.refuse();
            return exceptions;
        }
        index += gap;
        exceptions.push_back({index, value});
    }
    return exceptions;
}

void read_decimal(ByteReader& in, std::span<double> values) {
    const std::uint8_t scale = in.u8();
    const std::vector<Exception> exceptions = read_exceptions(in, values.size());
    std::vector<std::int64_t> integers(values.size());
    decode_ints(in, integers);
    if (!is_scale(scale)) {
        in.refuse();
        return;
    }
    unscale_all(scale_of(scale), integers, values);
    for (const auto& exception : exceptions) {
        values[exception.index] = exception.value;
    }
}

void read_xored(ByteReader& in, std::span<double> values) {
    BitReader bits(in.take(in.left()));
    std::uint64_t value = bits.get(64);
    Window window;
    for (std::size_t i = 0; i < values.size() && bits.ok(); ++i) {
        if (i > 0 && bits.get(1) == 1) {
            if (bits.get(1) == 1) {
                window.leading = static_cast<unsigned>(bits.get(6));
                window.length = static_cast<unsigned>(bits.get(6)) + 1;
            }
            if (window.length == 0 || window.leading + window.length > 64) {
                in.refuse();
                return;
            }
            value ^= bits.get(window.length) << (64 - window.leading - window.length);
        }
        values[i] = std::bit_cast<double>(value);
    }
    if (!bits.ok()) {
        in.refuse();
    }
}

}  // namespace

std::optional<ScaledValues> scale_values(std::span<const double> values) {
    if (values.empty()) {
        return std::nullopt;
    }
    ScaledValues best;
    best.exceptions.resize(tolerable_exceptions(values.size()) + 1);
    for (const Scaling scaling : {Scaling::divide, Scaling::multiply, Scaling::divide_float}) {
        if (try_scaling(scaling, values, best)) {
            break;
        }
    }
    return best.integers.empty() ? std::nullopt : std::optional(std::move(best));
}

void encode_values(std::string& out, std::span<const double> values, const std::optional<ScaledValues>& scaled) {
    const auto differs = [&](double value) { return bits_of(value) != bits_of(values[0]); };
    if (scaled && scaled->exceptions.empty()) {
        write_without_exceptions(out, *scaled);
    } else if (values.empty()) {
        write_raw(out, values);
    } else if (std::none_of(values.begin(), values.end(), differs)) {
        out.push_back(static_cast<char>(constant));
        put_fixed(out, values[0]);
    } else if (scaled) {
        write_with_exceptions(out, *scaled);
    } else {
        write_as_bits(out, values);
    }
}

void encode_values(std::string& out, std::span<const double> values) {
    encode_values(out, values, scale_values(values));
}

bool open_index(ByteReader& in, std::size_t count, ValueIndex& index) {
    ByteReader behind = in;
    const unsigned mode = behind.u8();
    if (mode != blocks && mode != runs) {
        return false;
    }
    in = behind;
    if (mode == blocks) {
        index.parse_blocks(in, count);
    } else {
        index.parse_runs(in, count);
    }
    return true;
}

void decode_values(ByteReader& in, std::span<double> values) {
    if (ValueIndex index; open_index(in, values.size(), index)) {
        if (in.ok()) {
            index.decode(values);
        }
        return;
    }
    switch (in.u8()) {
        case raw:
            read_raw(in, values);
            break;
        case constant:
            std::fill(values.begin(), values.end(), in.fixed<double>());
            break;
        case decimal:
            read_decimal(in, values);
            break;
        case xored:
            read_xored(in, values);
            break;
        default:
            in.refuse();
    }
}

}  // namespace nuanshu::historian

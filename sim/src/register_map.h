#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/points/profile.h"

namespace nuanshu::sim {

enum class Area { coil, discrete, input, holding };
enum class Coding { bit, u16, i16, u32, i32, f32, u64, i64, f64 };
/// Order of bytes on the wire, for a number whose bytes from high to low are a, b, c, d.
enum class ByteOrder { abcd, cdab, badc, dcba };

/// Where a number lies in a Modbus device. Text form: `holding 100 f32 cdab`, `input 0 i16`, `coil 3`, `discrete 0`;
/// u16 and abcd are the defaults; addresses count from 0 and are what goes over the wire.
struct RegisterAddress {
    Area area = Area::holding;
    std::uint16_t first = 0;
    Coding coding = Coding::u16;
    ByteOrder order = ByteOrder::abcd;

    /// Registers or bits taken: 1, 2 or 4.
    int count() const;
    int end() const { return first + count(); }
};

/// Errors: invalid, with what would be right.
Result<RegisterAddress> read_register_address(std::string_view text);

/// Integers are rounded and held inside their range; NaN becomes 0 there.
void encode_number(double raw, const RegisterAddress& address, std::span<std::uint16_t> registers);
double decode_number(const RegisterAddress& address, std::span<const std::uint16_t> registers);

/// One line of a profile made ready for a certain point: raw = value · scale + offset.
struct RegisterLine {
    std::string point;  ///< relative to the served record: "b1.valve1/opening"
    std::string unit;   ///< what the device sends; "" for the point's own
    RegisterAddress address;
    double scale = 1.0, offset = 0.0;
    bool writable = false;

    double raw(double value) const { return value * scale + offset; }
    double value(double raw_number) const { return (raw_number - offset) / scale; }
};

/// Reads a profile's addresses; scale and offset are the profile's, turned round. Errors: invalid, with file and line.
Result<std::vector<RegisterLine>> read_register_lines(const points::Profile& profile);

/// Adds the conversion from the point's own unit. Errors: invalid, when the units measure different things.
Result<RegisterLine> with_unit(RegisterLine line, std::string_view own_unit);

}  // namespace nuanshu::sim

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "platform/drivers/modbus_tcp/src/address.h"

namespace nuanshu::modbus_tcp {

/// The number in the registers (or the bit, as 0 or 1) of one address. 64-bit integers beyond 2⁵³ are rounded to a
/// double. Nothing when a BCD digit is above 9. NaN and infinities of f32 and f64 pass through.
///
/// @pre items.size() ≥ item_count(address)
std::optional<double> decode_value(const Address& address, std::span<const std::uint16_t> items);

/// The registers (or the bit) that hold the number; integers are rounded to the nearest. A `bit` in a register cannot
/// be encoded alone: its result is 0 or 1, and the frame that writes it is a mask. Errors: invalid, when the number
/// does not fit the type: names the range.
Result<std::vector<std::uint16_t>> encode_value(const Address& address, double value);

}  // namespace nuanshu::modbus_tcp

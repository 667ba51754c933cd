#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nuanshu::drivers::mqtt {

/// The reason codes from here on are refusals.
inline constexpr std::uint8_t first_refusal = 0x80;

/// The standard's words for a reason code: 0x87 "not authorized".
std::string_view reason_name(std::uint8_t reason);
/// "not authorized (0x87): no such user".
std::string describe_reason(std::uint8_t reason, std::string_view text);

}  // namespace nuanshu::drivers::mqtt

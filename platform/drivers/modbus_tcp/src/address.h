#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

/// Where a value lies in a Modbus device, as people write it:
///
///     address := table number [type [order]] ["unit=" 0…255]
///     table   := "coil" | "discrete" | "input" | "holding"
///     type    := "bit" 0…15 | "u16" | "i16" | "u32" | "i32" | "u64" | "i64" | "f32" | "f64" | "bcd16" | "bcd32"
///     order   := "abcd" | "badc" | "cdab" | "dcba"
///
/// Numbers count from zero, as they go over the wire: what manuals call 40001 is `holding 0`. Coils and discrete inputs
/// are single bits and take no type; registers need one.
namespace nuanshu::modbus_tcp {

enum class Table { coil, discrete, input, holding };
std::string_view to_string(Table table);

/// Whether its items are single bits rather than 16-bit registers.
constexpr bool holds_bits(Table table) {
    return table == Table::coil || table == Table::discrete;
}
/// Whether a client may write it.
constexpr bool is_writable(Table table) {
    return table == Table::coil || table == Table::holding;
}

enum class ValueType { bit, u16, i16, u32, i32, u64, i64, f32, f64, bcd16, bcd32 };
std::string_view to_string(ValueType type);

/// How the bytes of a value wider than a register arrive, `a` being the most significant one of a 32-bit value. In
/// words for any width: abcd as the standard says; badc with the bytes of each register swapped; cdab with the
/// registers in reverse; dcba both.
enum class ByteOrder { abcd, badc, cdab, dcba };
std::string_view to_string(ByteOrder order);

struct Address {
    Table table = Table::holding;
    std::uint16_t first = 0;  ///< the first register or bit, from zero
    ValueType type = ValueType::u16;
    ByteOrder order = ByteOrder::abcd;
    std::uint8_t bit = 0;              ///< for `bit` in a register: 0 is the least significant
    std::optional<std::uint8_t> unit;  ///< in place of the device's own

    friend bool operator==(const Address&, const Address&) = default;
};

/// How many registers (or bits, of coils and discrete inputs) the value takes: 1, 2 or 4.
std::uint16_t item_count(const Address& address);

/// Errors: invalid, with what is wrong and what would be right.
Result<Address> parse_address(std::string_view text);

/// As parse_address() reads it, the default order left out.
std::string to_string(const Address& address);

}  // namespace nuanshu::modbus_tcp

#include "platform/drivers/modbus_tcp/src/value.h"

#include <bit>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace nuanshu::modbus_tcp {

namespace {

constexpr std::uint16_t swap_bytes(std::uint16_t word) {
    return static_cast<std::uint16_t>(word << 8 | word >> 8);
}

constexpr bool swaps_bytes(ByteOrder order) {
    return order == ByteOrder::badc || order == ByteOrder::dcba;
}
constexpr bool reverses_words(ByteOrder order) {
    return order == ByteOrder::cdab || order == ByteOrder::dcba;
}

std::uint64_t join(std::span<const std::uint16_t> words, ByteOrder order) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::uint16_t word = words[reverses_words(order) ? words.size() - 1 - i : i];
        bits = bits << 16 | (swaps_bytes(order) ? swap_bytes(word) : word);
    }
    return bits;
}

std::vector<std::uint16_t> split(std::uint64_t bits, std::size_t count, ByteOrder order) {
    std::vector<std::uint16_t> words(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto word = static_cast<std::uint16_t>(bits >> (16 * (count - 1 - i)));
        words[reverses_words(order) ? count - 1 - i : i] = swaps_bytes(order) ? swap_bytes(word) : word;
    }
    return words;
}

std::optional<double> decode_bcd(std::uint64_t bits, int digits) {
    std::uint32_t value = 0;
    for (int i = digits - 1; i >= 0; --i) {
        const auto digit = static_cast<std::uint32_t>(bits >> (4 * i) & 0xF);
        if (digit > 9) {
            return std::nullopt;
        }
        value = value * 10 + digit;
    }
    return value;
}

std::uint64_t encode_bcd(std::uint64_t value, int digits) {
    std::uint64_t bits = 0;
    for (int i = 0; i < digits; ++i) {
        bits |= value % 10 << (4 * i);
        value /= 10;
    }
    return bits;
}

/// What a type can hold. The ends of 64-bit integers are the nearest doubles inside.
struct Range {
    double min;
    double max;
};

Range range_of(ValueType type) {
    switch (type) {
        case ValueType::bit:
            return {0, 1};
        case ValueType::u16:
            return {0, 65'535};
        case ValueType::i16:
            return {-32'768, 32'767};
        case ValueType::u32:
            return {0, 4'294'967'295.0};
        case ValueType::i32:
            return {-2'147'483'648.0, 2'147'483'647.0};
        case ValueType::u64:
            return {0, 18'446'744'073'709'549'568.0};
        case ValueType::i64:
            return {-9'223'372'036'854'775'808.0, 9'223'372'036'854'774'784.0};
        case ValueType::bcd16:
            return {0, 9'999};
        case ValueType::bcd32:
            return {0, 99'999'999};
        case ValueType::f32:
            return {-std::numeric_limits<float>::max(), std::numeric_limits<float>::max()};
        case ValueType::f64:
            return {-std::numeric_limits<double>::max(), std::numeric_limits<double>::max()};
    }
    return {0, 0};
}

constexpr bool is_integer(ValueType type) {
    return type != ValueType::f32 && type != ValueType::f64;
}

/// @pre value lies in the type's range, and is whole for integer types
std::uint64_t to_bits(ValueType type, double value) {
    switch (type) {
        case ValueType::f32:
            return std::bit_cast<std::uint32_t>(static_cast<float>(value));
        case ValueType::f64:
            return std::bit_cast<std::uint64_t>(value);
        case ValueType::bcd16:
            return encode_bcd(static_cast<std::uint64_t>(value), 4);
        case ValueType::bcd32:
            return encode_bcd(static_cast<std::uint64_t>(value), 8);
        case ValueType::i16:
        case ValueType::i32:
        case ValueType::i64:
            return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
        default:
            return static_cast<std::uint64_t>(value);
    }
}

std::optional<double> from_bits(ValueType type, std::uint64_t bits) {
    switch (type) {
        case ValueType::f32:
            return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
        case ValueType::f64:
            return std::bit_cast<double>(bits);
        case ValueType::i16:
            return static_cast<std::int16_t>(bits);
        case ValueType::i32:
            return static_cast<std::int32_t>(bits);
        case ValueType::i64:
            return static_cast<double>(static_cast<std::int64_t>(bits));
        case ValueType::bcd16:
            return decode_bcd(bits, 4);
        case ValueType::bcd32:
            return decode_bcd(bits, 8);
        default:
            return static_cast<double>(bits);
    }
}

}  // namespace

std::optional<double> decode_value(const Address& address, std::span<const std::uint16_t> items) {
    const std::size_t count = item_count(address);
    NUANSHU_CHECK(items.size() >= count, "{} items for {}", items.size(), to_string(address));
    if (address.type == ValueType::bit) {
        return items[0] >> (holds_bits(address.table) ? 0 : address.bit) & 1;
    }
    return from_bits(address.type, join(items.first(count), address.order));
}

Result<std::vector<std::uint16_t>> encode_value(const Address& address, double value) {
    const auto range = range_of(address.type);
    const double rounded = is_integer(address.type) ? std::round(value) : value;
    if (!(rounded >= range.min && rounded <= range.max)) {
        return fail(ErrorCode::invalid, to_string(address), "{} does not fit {}, which holds {} … {}", value,
                    to_string(address.type), range.min, range.max);
    }
    if (address.type == ValueType::bit) {
        return std::vector<std::uint16_t>{static_cast<std::uint16_t>(rounded)};
    }
    return split(to_bits(address.type, rounded), item_count(address), address.order);
}

}  // namespace nuanshu::modbus_tcp

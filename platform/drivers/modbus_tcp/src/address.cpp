#include "platform/drivers/modbus_tcp/src/address.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <span>
#include <utility>
#include <vector>

namespace nuanshu::modbus_tcp {

namespace {

constexpr std::size_t address_length_max = 100;

constexpr std::array<std::string_view, 4> table_names = {"coil", "discrete", "input", "holding"};
constexpr std::array<std::string_view, 11> type_names = {"bit", "u16", "i16", "u32",   "i32",  "u64",
                                                         "i64", "f32", "f64", "bcd16", "bcd32"};
constexpr std::array<std::string_view, 4> order_names = {"abcd", "badc", "cdab", "dcba"};

template <class Enum, std::size_t n>
std::optional<Enum> find_name(const std::array<std::string_view, n>& names, std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
        return std::nullopt;
    }
    return static_cast<Enum>(found - names.begin());
}

std::optional<unsigned> parse_number(std::string_view text, unsigned max) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value > max) {
        return std::nullopt;
    }
    return value;
}

std::vector<std::string> lower_words(std::string_view text) {
    std::vector<std::string> words(1);
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        if (std::isspace(byte) == 0) {
            words.back() += static_cast<char>(std::tolower(byte));
        } else if (!words.back().empty()) {
            words.emplace_back();
        }
    }
    if (words.back().empty()) {
        words.pop_back();
    }
    return words;
}

/// Reads the words of one address from left to right.
class Reader {
 public:
    explicit Reader(std::string_view text)
        : place_(fmt::format("address `{}`", text.substr(0, address_length_max))), words_(lower_words(text)) {}

    Result<Address> read() {
        NUANSHU_TRY_VOID(take_unit());
        NUANSHU_TRY_VOID(take_table());
        NUANSHU_TRY_VOID(take_first());
        if (holds_bits(address_.table)) {
            address_.type = ValueType::bit;
        } else {
            NUANSHU_TRY_VOID(take_type());
        }
        if (at_ < words_.size()) {
            return fail(
                ErrorCode::invalid, place_, "`{}` at the end is too much{}", words_[at_],
                holds_bits(address_.table) ? "; coils and discrete inputs are single bits and take no type" : "");
        }
        if (address_.first + item_count(address_) > 65'536) {
            return fail(ErrorCode::invalid, place_, "{} takes {} registers and would end beyond 65535",
                        to_string(address_.type), item_count(address_));
        }
        return address_;
    }

 private:
    const std::string* next() { return at_ < words_.size() ? &words_[at_++] : nullptr; }

    Result<> take_unit() {
        const auto is_unit = [](const std::string& word) { return word.starts_with("unit="); };
        const auto found = std::find_if(words_.begin(), words_.end(), is_unit);
        if (found == words_.end()) {
            return {};
        }
        const auto unit = parse_number(std::string_view(*found).substr(5), 255);
        if (!unit) {
            return fail(ErrorCode::invalid, place_, "`{}` is no unit id; unit=0 … unit=255 would be right", *found);
        }
        address_.unit = static_cast<std::uint8_t>(*unit);
        words_.erase(found);
        return {};
    }

    Result<> take_table() {
        const auto* word = next();
        const auto table = word != nullptr ? find_name<Table>(table_names, *word) : std::nullopt;
        if (!table) {
            return fail(ErrorCode::invalid, place_,
                        "{} kind of register; it begins with coil, discrete, input or holding",
                        word != nullptr ? fmt::format("`{}` is no", *word) : "it names no");
        }
        address_.table = *table;
        return {};
    }

    Result<> take_first() {
        const auto* word = next();
        const auto first = word != nullptr ? parse_number(*word, 65'535) : std::nullopt;
        if (!first) {
            return fail(ErrorCode::invalid, place_, "{}; 0 … 65535, counted from zero, would be right",
                        word != nullptr ? fmt::format("`{}` is no register number", *word) : "the number is missing");
        }
        address_.first = static_cast<std::uint16_t>(*first);
        return {};
    }

    Result<> take_type() {
        const auto* word = next();
        const auto type = word != nullptr ? find_name<ValueType>(type_names, *word) : std::nullopt;
        if (!type) {
            return fail(ErrorCode::invalid, place_, "{}; one of {} would be right",
                        word != nullptr ? fmt::format("`{}` is no type", *word) : "the type is missing",
                        "bit u16 i16 u32 i32 u64 i64 f32 f64 bcd16 bcd32");
        }
        address_.type = *type;
        return *type == ValueType::bit ? take_bit() : take_order();
    }

    Result<> take_bit() {
        const auto* word = next();
        const auto bit = word != nullptr ? parse_number(*word, 15) : std::nullopt;
        if (!bit) {
            return fail(ErrorCode::invalid, place_, "bit wants the number of the bit, 0 (least significant) … 15");
        }
        address_.bit = static_cast<std::uint8_t>(*bit);
        return {};
    }

    Result<> take_order() {
        const auto* word = next();
        if (word == nullptr) {
            return {};
        }
        const auto order = find_name<ByteOrder>(order_names, *word);
        if (!order) {
            return fail(ErrorCode::invalid, place_, "`{}` is no byte order; abcd, badc, cdab or dcba would be right",
                        *word);
        }
        address_.order = *order;
        return {};
    }

    std::string place_;
    std::vector<std::string> words_;
    std::size_t at_ = 0;
    Address address_;
};

}  // namespace

std::string_view to_string(Table table) {
    return table_names[static_cast<std::size_t>(table)];
}
std::string_view to_string(ValueType type) {
    return type_names[static_cast<std::size_t>(type)];
}
std::string_view to_string(ByteOrder order) {
    return order_names[static_cast<std::size_t>(order)];
}

std::uint16_t item_count(const Address& address) {
    switch (address.type) {
        case ValueType::bit:
        case ValueType::u16:
        case ValueType::i16:
        case ValueType::bcd16:
            return 1;
        case ValueType::u32:
        case ValueType::i32:
        case ValueType::f32:
        case ValueType::bcd32:
            return 2;
        case ValueType::u64:
        case ValueType::i64:
        case ValueType::f64:
            return 4;
    }
    return 1;
}

Result<Address> parse_address(std::string_view text) {
    if (text.size() > address_length_max) {
        return fail(ErrorCode::invalid, "address", "{} bytes; at most {}", text.size(), address_length_max);
    }
    return Reader(text).read();
}

std::string to_string(const Address& address) {
    std::string text = fmt::format("{} {}", to_string(address.table), address.first);
    if (!holds_bits(address.table)) {
        text += fmt::format(" {}", to_string(address.type));
        if (address.type == ValueType::bit) {
            text += fmt::format(" {}", address.bit);
        }
    }
    if (address.order != ByteOrder::abcd) {
        text += fmt::format(" {}", to_string(address.order));
    }
    if (address.unit) {
        text += fmt::format(" unit={}", *address.unit);
    }
    return text;
}

}  // namespace nuanshu::modbus_tcp

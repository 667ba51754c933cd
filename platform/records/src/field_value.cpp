#include "platform/records/src/field_value.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>

#include "platform/records/src/text.h"

namespace nuanshu::records {
namespace {

using Checked = tl::expected<FieldValue, std::string>;
constexpr double exact_integer_max = 9'007'199'254'740'992.0;  // 2^53
constexpr std::int64_t time_min_ms = -62'135'596'800'000;      // 0001-01-01
constexpr std::int64_t time_max_ms = 253'402'300'799'999;      // 9999-12-31T23:59:59.999

template <class... Args>
tl::unexpected<std::string> wrong(fmt::format_string<Args...> text, Args&&... args) {
    return tl::unexpected<std::string>(fmt::format(text, std::forward<Args>(args)...));
}

std::string_view wanted(FieldKind kind) {
    switch (kind) {
        case FieldKind::integer:
            return "an integer";
        case FieldKind::number:
            return "a number";
        case FieldKind::boolean:
            return "true or false";
        case FieldKind::date:
            return "a date like 2026-01-15";
        case FieldKind::date_time:
            return "a time like 2026-01-15T08:30:00Z";
        case FieldKind::link:
            return "the code of a record";
        default:
            return "text";
    }
}

std::string described(const FieldValue& value) {
    JsonValue json;
    std::visit([&](const auto& held) { json.value = held; }, value);
    return described(json);
}

tl::unexpected<std::string> wrong_kind(const Field& field, const FieldValue& value) {
    return wrong("{} is not {}", described(value), wanted(field.kind));
}

/// Empty when within the field's limits.
std::string fault_of_limits(const Field& field, double value) {
    if (field.minimum && value < *field.minimum) {
        return fmt::format("{} is below {}", value, *field.minimum);
    }
    return field.maximum && value > *field.maximum ? fmt::format("{} is above {}", value, *field.maximum) : "";
}

Checked checked_integer(const Field& field, FieldValue value) {
    if (const auto* real = std::get_if<double>(&value)) {
        if (std::trunc(*real) != *real || std::abs(*real) > exact_integer_max) {
            return wrong_kind(field, value);
        }
        value = static_cast<std::int64_t>(*real);
    }
    const auto* integer = std::get_if<std::int64_t>(&value);
    if (integer == nullptr) {
        return wrong_kind(field, value);
    }
    auto fault = fault_of_limits(field, static_cast<double>(*integer));
    return fault.empty() ? Checked(std::move(value)) : wrong("{}", fault);
}

Checked checked_number(const Field& field, FieldValue value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        value = static_cast<double>(*integer);
    }
    const auto* number = std::get_if<double>(&value);
    if (number == nullptr) {
        return wrong_kind(field, value);
    }
    if (!std::isfinite(*number)) {
        return wrong("{} is not a finite number", *number);
    }
    auto fault = fault_of_limits(field, *number);
    return fault.empty() ? Checked(*number + 0.0) : wrong("{}", fault);
}

bool is_date(std::string_view text) {
    const auto part = [&](std::size_t from, std::size_t digits) {
        int value = -1;
        const auto [end, error] = std::from_chars(text.data() + from, text.data() + from + digits, value);
        return error == std::errc() && end == text.data() + from + digits ? value : -1;
    };
    if (text.size() != 10 || text[4] != '-' || text[7] != '-' || part(0, 4) < 1 || part(5, 2) < 1 || part(8, 2) < 1) {
        return false;
    }
    return std::chrono::year_month_day(std::chrono::year(part(0, 4)),
                                       std::chrono::month(static_cast<unsigned>(part(5, 2))),
                                       std::chrono::day(static_cast<unsigned>(part(8, 2))))
        .ok();
}

Checked checked_choice(const Field& field, const std::string& value) {
    std::vector<std::string_view> names;
    for (const auto& choice : field.choices) {
        if (choice.value == value) {
            return value;
        }
        names.push_back(choice.value);
    }
    return wrong("`{}` is none of its choices{}", shortened(value), suggestion(value, names));
}

Checked checked_plain_text(const Field& field, std::string value) {
    const bool is_long = field.kind == FieldKind::long_text;
    const std::size_t bound = is_long ? long_text_characters_max : text_characters_max;
    const std::size_t characters = field.length_max ? static_cast<std::size_t>(*field.length_max) : bound;
    const auto fault = fault_of_text(value, characters, is_long);
    return fault.empty() ? Checked(std::move(value)) : wrong("{}", fault);
}

Checked checked_json_text(const std::string& text) {
    const auto parsed = parse_json(text);
    if (!parsed) {
        return wrong("is no JSON: {}", parsed.error().what);
    }
    std::string compact;
    write_json(*parsed, compact);
    if (compact.size() > long_text_characters_max) {
        return wrong("{} bytes; at most {}", compact.size(), long_text_characters_max);
    }
    return compact == "null" ? FieldValue() : FieldValue(compact);
}

Checked checked_text(const Field& field, std::string value) {
    switch (field.kind) {
        case FieldKind::choice:
            return checked_choice(field, value);
        case FieldKind::date:
            return is_date(value) ? Checked(std::move(value))
                                  : wrong("`{}` is not {}", shortened(value), wanted(field.kind));
        case FieldKind::link:
            return is_record_code(value) ? Checked(std::move(value))
                                         : wrong("`{}` is not {}", shortened(value), wanted(field.kind));
        case FieldKind::json:
            return checked_json_text(value);
        default:
            return checked_plain_text(field, std::move(value));
    }
}

Checked checked_time(const Field& field, const FieldValue& value) {
    const auto* time_ms = std::get_if<std::int64_t>(&value);
    if (time_ms == nullptr) {
        return wrong_kind(field, value);
    }
    return *time_ms >= time_min_ms && *time_ms <= time_max_ms ? Checked(value)
                                                              : wrong("{} ms is outside the years 1 … 9999", *time_ms);
}

Checked time_from_text(const Field& field, std::string_view text) {
    const auto time_ms = parse_time(text);
    return time_ms ? checked_time(field, *time_ms) : wrong("{}", time_ms.error().what);
}

template <class Number>
Checked number_from_text(const Field& field, std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
        return wrong("`{}` is not {}", shortened(text), wanted(field.kind));
    }
    return checked_value(field, number);
}

}  // namespace

std::string fault_of_text(std::string_view text, std::size_t characters_max, bool may_have_lines) {
    const auto characters = utf8_length(text);
    if (!characters) {
        return "is not UTF-8 text";
    }
    if (*characters > characters_max) {
        return fmt::format("{} characters; at most {}", *characters, characters_max);
    }
    for (const char c : text) {
        const bool line = c == '\n' || c == '\r' || c == '\t';
        if (c == '\x7f' || (static_cast<unsigned char>(c) < 0x20 && !(line && may_have_lines))) {
            return line ? "must be one line" : fmt::format("has a control character (U+{:04X})", static_cast<int>(c));
        }
    }
    return "";
}

tl::expected<FieldValue, std::string> checked_value(const Field& field, FieldValue value) {
    if (is_null(value)) {
        return value;
    }
    switch (field.kind) {
        case FieldKind::integer:
            return checked_integer(field, std::move(value));
        case FieldKind::number:
            return checked_number(field, std::move(value));
        case FieldKind::boolean:
            return std::holds_alternative<bool>(value) ? Checked(std::move(value)) : wrong_kind(field, value);
        case FieldKind::date_time:
            return checked_time(field, value);
        default:
            break;
    }
    auto* text = std::get_if<std::string>(&value);
    if (text == nullptr) {
        return wrong_kind(field, value);
    }
    return text->empty() ? Checked(FieldValue()) : checked_text(field, std::move(*text));
}

tl::expected<FieldValue, std::string> value_from_json(const Field& field, const JsonValue& json) {
    if (field.kind == FieldKind::json) {
        std::string text;
        write_json(json, text);
        return checked_value(field, std::move(text));
    }
    if (const auto* text = json.as<std::string>();
        text != nullptr && field.kind == FieldKind::date_time && !text->empty()) {
        return time_from_text(field, *text);
    }
    if (json.as<JsonArray>() != nullptr || json.as<JsonObject>() != nullptr ||
        (field.kind == FieldKind::date_time && json.as<std::int64_t>() != nullptr)) {
        return wrong("{} is not {}", described(json), wanted(field.kind));
    }
    FieldValue value;
    std::visit(
        [&](const auto& held) {
            if constexpr (std::is_constructible_v<FieldValue, decltype(held)>) {
                value = held;
            }
        },
        json.value);
    return checked_value(field, std::move(value));
}

tl::expected<FieldValue, std::string> value_from_text(const Field& field, std::string_view text) {
    switch (field.kind) {
        case FieldKind::integer:
            return number_from_text<std::int64_t>(field, text);
        case FieldKind::number:
            return number_from_text<double>(field, text);
        case FieldKind::boolean:
            return text == "true" || text == "false" ? Checked(text == "true")
                                                     : wrong("`{}` is not true or false", shortened(text));
        case FieldKind::date_time:
            return time_from_text(field, text);
        default:
            return checked_value(field, std::string(text));
    }
}

void write_value_json(const Field& field, const FieldValue& value, std::string& out) {
    if (const auto* text = std::get_if<std::string>(&value)) {
        field.kind == FieldKind::json ? static_cast<void>(out += *text) : write_json_text(*text, out);
    } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        field.kind == FieldKind::date_time ? write_json_text(format_time(*integer), out)
                                           : static_cast<void>(out += fmt::format("{}", *integer));
    } else if (const auto* number = std::get_if<double>(&value)) {
        write_json_number(*number, out);
    } else if (const auto* boolean = std::get_if<bool>(&value)) {
        out += *boolean ? "true" : "false";
    } else {
        out += "null";
    }
}

}  // namespace nuanshu::records

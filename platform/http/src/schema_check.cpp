#include <charconv>
#include <cmath>

#include <boost/json.hpp>

#include "platform/http/src/schema.h"

namespace nuanshu::http {
namespace {

namespace json = boost::json;
using Faults = std::vector<records::FieldFault>;

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) {
        text += (text.empty() ? "" : ", ") + word;
    }
    return text;
}

std::string below(const std::string& path, std::string_view name) {
    return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

void check_value(const json::value& value, const Schema& schema, const std::string& path, Faults& faults);

std::optional<std::string> range_fault(double number, const Schema& schema) {
    if (!std::isfinite(number)) {
        return "is not a finite number";
    }
    if (schema.minimum && number < *schema.minimum) {
        return fmt::format("{} is below {}", number, *schema.minimum);
    }
    if (schema.maximum && number > *schema.maximum) {
        return fmt::format("{} is above {}", number, *schema.maximum);
    }
    return std::nullopt;
}

std::optional<std::string> text_fault(std::string_view text, const Schema& schema) {
    if (schema.length_max != 0 && text.size() > schema.length_max) {
        return fmt::format("{} bytes; at most {}", text.size(), schema.length_max);
    }
    if (!schema.choices.empty() &&
        std::find(schema.choices.begin(), schema.choices.end(), text) == schema.choices.end()) {
        return fmt::format("`{}`; one of: {}", text, joined(schema.choices));
    }
    return std::nullopt;
}

/// What a value of another kind is answered.
std::string_view wanted(Schema::Kind kind) {
    switch (kind) {
        case Schema::Kind::text:
            return "a text in quotes is wanted";
        case Schema::Kind::integer:
            return "a whole number is wanted";
        case Schema::Kind::number:
            return "a number is wanted";
        case Schema::Kind::boolean:
            return "true or false is wanted";
        case Schema::Kind::array:
            return "a list is wanted";
        case Schema::Kind::object:
            return "an object is wanted";
        default:
            return "";
    }
}

bool is_of_kind(const json::value& value, Schema::Kind kind) {
    switch (kind) {
        case Schema::Kind::text:
            return value.is_string();
        case Schema::Kind::integer:
            return value.is_int64();
        case Schema::Kind::number:
            return value.is_number();
        case Schema::Kind::boolean:
            return value.is_bool();
        case Schema::Kind::array:
            return value.is_array();
        case Schema::Kind::object:
            return value.is_object();
        default:
            return true;
    }
}

void check_array(const json::array& array, const Schema& schema, const std::string& path, Faults& faults) {
    if (schema.length_max != 0 && array.size() > schema.length_max) {
        faults.push_back({path, fmt::format("{} items; at most {}", array.size(), schema.length_max)});
        return;
    }
    constexpr std::size_t faults_max = 20;
    for (std::size_t i = 0; i < array.size() && faults.size() < faults_max; ++i) {
        check_value(array[i], schema.parts.front(), below(path, std::to_string(i)), faults);
    }
}

bool has_property(const Schema& schema, std::string_view name) {
    return std::any_of(schema.properties.begin(), schema.properties.end(),
                       [&](const auto& p) { return p.name == name; });
}

void check_names(const json::object& object, const Schema& schema, const std::string& path, Faults& faults) {
    std::vector<std::string> known;
    for (const auto& property : schema.properties) {
        known.push_back(property.name);
    }
    for (const auto& member : object) {
        if (!has_property(schema, member.key())) {
            faults.push_back({below(path, member.key()), fmt::format("is not known here; known: {}", joined(known))});
        }
    }
}

void check_object(const json::object& object, const Schema& schema, const std::string& path, Faults& faults) {
    for (const auto& property : schema.properties) {
        const auto* member = object.if_contains(property.name);
        if (member != nullptr) {
            check_value(*member, property.schema, below(path, property.name), faults);
        } else if (property.required) {
            faults.push_back({below(path, property.name), "is missing"});
        }
    }
    if (!schema.open) {
        check_names(object, schema, path, faults);
    }
}

void check_inside(const json::value& value, const Schema& schema, const std::string& path, Faults& faults) {
    std::optional<std::string> fault;
    if (schema.kind == Schema::Kind::array) {
        check_array(value.get_array(), schema, path, faults);
    } else if (schema.kind == Schema::Kind::object) {
        check_object(value.get_object(), schema, path, faults);
    } else if (schema.kind == Schema::Kind::text) {
        fault = text_fault(value.get_string(), schema);
    } else if (value.is_number()) {
        fault = range_fault(value.to_number<double>(), schema);
    }
    if (fault) {
        faults.push_back({path, *fault});
    }
}

void check_value(const json::value& value, const Schema& schema, const std::string& path, Faults& faults) {
    if (value.is_null() && schema.nullable) {
        return;
    }
    if (!is_of_kind(value, schema.kind)) {
        faults.push_back({path, std::string(wanted(schema.kind))});
        return;
    }
    check_inside(value, schema, path, faults);
}

template <class Number>
std::optional<std::string> number_fault(std::string_view text, const Schema& schema) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
        return fmt::format("`{}`; {}", text, wanted(schema.kind));
    }
    return range_fault(static_cast<double>(number), schema);
}

}  // namespace

Faults check(const json::value& value, const Schema& schema) {
    Faults faults;
    check_value(value, schema, "", faults);
    return faults;
}

std::optional<std::string> check_text(std::string_view text, const Schema& schema) {
    switch (schema.kind) {
        case Schema::Kind::integer:
            return number_fault<std::int64_t>(text, schema);
        case Schema::Kind::number:
            return number_fault<double>(text, schema);
        case Schema::Kind::boolean:
            return text == "1" || text == "0" || text == "true" || text == "false"
                       ? std::nullopt
                       : std::optional(fmt::format("`{}`; 1 or 0 is wanted", text));
        default:
            return text_fault(text, schema);
    }
}

}  // namespace nuanshu::http

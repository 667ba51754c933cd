// Boost.JSON reads and checks the text; values are made here, because its own `value` rounds some doubles to a
// neighbour (1.81) and keeps the last of two members with one name.

#include "platform/records/src/json_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <boost/json/basic_parser_impl.hpp>

#include "platform/records/src/text.h"

namespace nuanshu::records {
namespace {

constexpr std::size_t depth_max = 32;
using ErrorOut = boost::json::error_code;

/// Takes the parser's events and stacks up what is open: arrays, objects, and the names that wait for their values.
class Builder {
 public:
    static constexpr std::size_t max_array_size = 1'000'000;
    static constexpr std::size_t max_object_size = 100'000;
    static constexpr std::size_t max_string_size = 64 << 20;
    static constexpr std::size_t max_key_size = 1'024;

    bool on_document_begin(ErrorOut&) { return true; }
    bool on_document_end(ErrorOut&) { return true; }
    bool on_array_begin(ErrorOut&) { return open(JsonArray()); }
    bool on_array_end(std::size_t, ErrorOut&) { return close(); }
    bool on_object_begin(ErrorOut&) { return open(JsonObject()); }
    bool on_object_end(std::size_t, ErrorOut& error) { return has_unique_names(error) && close(); }
    bool on_string_part(boost::json::string_view part, std::size_t, ErrorOut&) { return collect(part); }
    bool on_string(boost::json::string_view part, std::size_t, ErrorOut&) {
        collect(part);
        return add(JsonValue{std::exchange(collected_, "")});
    }
    bool on_key_part(boost::json::string_view part, std::size_t, ErrorOut&) { return collect(part); }
    bool on_key(boost::json::string_view part, std::size_t, ErrorOut&) {
        collect(part);
        names_.push_back(std::exchange(collected_, ""));
        return true;
    }
    bool on_number_part(boost::json::string_view part, ErrorOut&) { return collect(part); }
    bool on_int64(std::int64_t number, boost::json::string_view, ErrorOut&) {
        collected_.clear();
        return add(JsonValue{number});
    }
    bool on_uint64(std::uint64_t, boost::json::string_view part, ErrorOut& error) { return add_double(part, error); }
    bool on_double(double, boost::json::string_view part, ErrorOut& error) { return add_double(part, error); }
    bool on_bool(bool value, ErrorOut&) { return add(JsonValue{value}); }
    bool on_null(ErrorOut&) { return add(JsonValue{}); }
    bool on_comment_part(boost::json::string_view, ErrorOut&) { return true; }
    bool on_comment(boost::json::string_view, ErrorOut&) { return true; }

    JsonValue take() { return std::move(root_); }
    const std::string& fault() const { return fault_; }

 private:
    bool collect(boost::json::string_view part) {
        collected_.append(part.data(), part.size());
        return true;
    }

    bool add_double(boost::json::string_view part, ErrorOut& error) {
        collect(part);
        const std::string text = std::exchange(collected_, "");
        double number = 0.0;
        const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (fault == std::errc::result_out_of_range && is_tiny(text)) {
            number = 0.0;
        } else if (fault != std::errc() || !std::isfinite(number)) {
            return refuse(fmt::format("the number {} is out of range", shortened(text)), error);
        }
        return add(JsonValue{number});
    }

    /// Out of range downward: the nearest double is zero.
    static bool is_tiny(const std::string& text) {
        const auto exponent = text.find_first_of("eE");
        return exponent == std::string::npos ? text.find_first_of("123456789") > text.find('.')
                                             : text.substr(exponent + 1).starts_with('-');
    }

    bool has_unique_names(ErrorOut& error) {
        std::vector<std::string_view> names;
        for (const auto& [name, value] : *open_.back().as<JsonObject>()) {
            names.push_back(name);
        }
        std::sort(names.begin(), names.end());
        const auto twice = std::adjacent_find(names.begin(), names.end());
        return twice == names.end() || refuse(fmt::format("`{}` stands twice in one object", shortened(*twice)), error);
    }

    bool refuse(std::string fault, ErrorOut& error) {
        fault_ = std::move(fault);
        error = boost::json::error::syntax;
        return false;
    }

    template <class Container>
    bool open(Container container) {
        open_.push_back(JsonValue{std::move(container)});
        return true;
    }

    bool close() {
        JsonValue closed = std::move(open_.back());
        open_.pop_back();
        return add(std::move(closed));
    }

    bool add(JsonValue value) {
        if (open_.empty()) {
            root_ = std::move(value);
        } else if (auto* array = std::get_if<JsonArray>(&open_.back().value)) {
            array->push_back(std::move(value));
        } else {
            std::get<JsonObject>(open_.back().value).push_back({std::move(names_.back()), std::move(value)});
            names_.pop_back();
        }
        return true;
    }

    JsonValue root_;
    std::vector<JsonValue> open_;
    std::vector<std::string> names_;
    std::string collected_;
    std::string fault_;
};

boost::json::parse_options options() {
    boost::json::parse_options options;
    options.max_depth = depth_max;
    return options;
}

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

const JsonValue* JsonValue::find(std::string_view name) const {
    const auto* object = as<JsonObject>();
    if (object == nullptr) {
        return nullptr;
    }
    const auto found =
        std::find_if(object->begin(), object->end(), [&](const auto& member) { return member.name == name; });
    return found == object->end() ? nullptr : &found->value;
}

Result<JsonValue> parse_json(std::string_view text) {
    boost::json::basic_parser<Builder> parser(options());
    boost::json::error_code error;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
    if (error) {
        const std::string& fault = parser.handler().fault();
        return fail(ErrorCode::invalid, "JSON", "byte {}: {}", read + 1, fault.empty() ? error.message() : fault);
    }
    if (!is_blank(text.substr(read))) {
        return fail(ErrorCode::invalid, "JSON", "byte {}: something after the end of the value", read + 1);
    }
    return parser.handler().take();
}

void write_json_text(std::string_view text, std::string& out) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<int>(c));
        } else {
            out += c;
        }
    }
    out += '"';
}

void write_json_number(double number, std::string& out) {
    out += std::isfinite(number) ? fmt::format("{}", number) : "null";
}

void write_json(const JsonValue& value, std::string& out) {
    if (const auto* array = value.as<JsonArray>()) {
        out += '[';
        for (std::size_t i = 0; i < array->size(); ++i) {
            out += i == 0 ? "" : ",";
            write_json((*array)[i], out);
        }
        out += ']';
    } else if (const auto* object = value.as<JsonObject>()) {
        out += '{';
        for (std::size_t i = 0; i < object->size(); ++i) {
            out += i == 0 ? "" : ",";
            write_json_text((*object)[i].name, out);
            out += ':';
            write_json((*object)[i].value, out);
        }
        out += '}';
    } else if (const auto* text = value.as<std::string>()) {
        write_json_text(*text, out);
    } else if (const auto* number = value.as<double>()) {
        write_json_number(*number, out);
    } else if (const auto* integer = value.as<std::int64_t>()) {
        out += fmt::format("{}", *integer);
    } else if (const auto* boolean = value.as<bool>()) {
        out += *boolean ? "true" : "false";
    } else {
        out += "null";
    }
}

std::string described(const JsonValue& value) {
    if (value.as<JsonArray>() != nullptr) {
        return "a list";
    }
    if (value.as<JsonObject>() != nullptr) {
        return "an object";
    }
    if (const auto* text = value.as<std::string>()) {
        return fmt::format("the text '{}'", shortened(*text));
    }
    std::string out;
    write_json(value, out);
    return out;
}

}  // namespace nuanshu::records

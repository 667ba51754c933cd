#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nuanshu::http {

/// Appends a number as JSON: the shortest text that reads back as the same double; NaN and infinities, which JSON has
/// not, as null.
void append_number(std::string& out, double value);
void append_number(std::string& out, std::int64_t value);
void append_number(std::string& out, std::uint64_t value);
/// Appends a JSON string in quotes; bytes that are no UTF-8 become U+FFFD.
void append_text(std::string& out, std::string_view text);

/// Writes JSON straight into a string: commas and quotes are its business, the nesting the caller's.
///
///     JsonWriter json;
///     json.object().member("code", code).member("value", 23.5).key("points").array().item(1).end().end();
///     json.take()   // {"code":"xc.s01","value":23.5,"points":[1]}
class JsonWriter {
 public:
    JsonWriter& object() { return open('{', '}'); }
    JsonWriter& array() { return open('[', ']'); }
    /// Closes the innermost object or array.
    JsonWriter& end();

    JsonWriter& key(std::string_view name);
    JsonWriter& null();
    /// JSON text that is right already.
    JsonWriter& raw(std::string_view json);
    JsonWriter& item(std::string_view text);
    JsonWriter& item(const char* text) { return item(std::string_view(text)); }
    JsonWriter& item(double value);
    template <std::integral Integer>
    JsonWriter& item(Integer value) {
        if constexpr (std::same_as<Integer, bool>) {
            return raw(value ? "true" : "false");
        } else if constexpr (std::unsigned_integral<Integer>) {
            return unsigned_item(value);
        } else {
            return signed_item(value);
        }
    }
    template <class T>
    JsonWriter& item(const std::optional<T>& value) {
        return value ? item(*value) : null();
    }
    template <class T>
    JsonWriter& member(std::string_view name, const T& value) {
        return key(name).item(value);
    }
    JsonWriter& raw_member(std::string_view name, std::string_view json) { return key(name).raw(json); }

    std::string take() { return std::move(out_); }

 private:
    JsonWriter& open(char opening, char closing);
    JsonWriter& signed_item(std::int64_t value);
    JsonWriter& unsigned_item(std::uint64_t value);
    void separate();

    std::string out_;
    std::vector<char> closings_;
    bool needs_comma_ = false;
};

}  // namespace nuanshu::http

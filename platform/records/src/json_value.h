#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace nuanshu::records {

/// A JSON text as values: integers that fit 64 bits are exact, other numbers finite doubles rounded correctly; objects
/// keep their order.
struct JsonValue;
struct JsonMember;
using JsonArray = std::vector<JsonValue>;
using JsonObject = std::vector<JsonMember>;

struct JsonValue {
    std::variant<std::monostate, bool, std::int64_t, double, std::string, JsonArray, JsonObject> value;

    template <class T>
    const T* as() const {
        return std::get_if<T>(&value);
    }
    /// The member of an object; nothing when it is not there or this is no object.
    const JsonValue* find(std::string_view name) const;
};

struct JsonMember {
    std::string name;
    JsonValue value;
};

/// Errors: invalid (with the byte; nested deeper than 32, a number out of range, an object with one name twice).
Result<JsonValue> parse_json(std::string_view text);

/// Compact JSON; doubles in the fewest digits that read back the same.
void write_json(const JsonValue& value, std::string& out);
void write_json_text(std::string_view text, std::string& out);
void write_json_number(double number, std::string& out);

/// "true", "5", "the text 'abc'", "an object": for messages.
std::string described(const JsonValue& value);

}  // namespace nuanshu::records

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/records/json.h"
#include "platform/records/records.h"
#include "platform/records/src/json_value.h"

namespace nuanshu::records {

/// Characters that a text may have where its field says nothing.
constexpr std::size_t text_characters_max = 1'000;
constexpr std::size_t long_text_characters_max = 100'000;
constexpr std::size_t title_characters_max = 200;

/// The value as its field keeps it (a number given as an integer becomes a double, JSON text compact), or what is wrong
/// with it in a sentence without place. Null is checked by check_required(), not here.
tl::expected<FieldValue, std::string> checked_value(const Field& field, FieldValue value);

/// The same for a value that came in as JSON; dates and choices are text there, date-times RFC 3339.
tl::expected<FieldValue, std::string> value_from_json(const Field& field, const JsonValue& json);

/// The same for a value written as text: defaults.
tl::expected<FieldValue, std::string> value_from_text(const Field& field, std::string_view text);

void write_value_json(const Field& field, const FieldValue& value, std::string& out);

/// What is wrong with a title or the like, "" when nothing is.
std::string fault_of_text(std::string_view text, std::size_t characters_max, bool may_have_lines);

inline bool is_null(const FieldValue& value) {
    return std::holds_alternative<std::monostate>(value);
}

}  // namespace nuanshu::records

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/fwd.hpp>

#include "platform/http/src/json_writer.h"
#include "platform/records/json.h"

namespace nuanshu::http {

struct Property;

/// What a JSON value, or a query parameter's text, must look like. One description serves the OpenAPI document and the
/// check of requests, so that the two cannot differ.
struct Schema {
    enum class Kind { any, text, integer, number, boolean, array, object, reference, one_of };

    Kind kind = Kind::any;
    std::string name;    ///< of the schema referred to
    std::string format;  ///< of text: date-time, duration …; described, not checked here
    std::string description;
    std::vector<std::string> choices;  ///< of text
    std::optional<double> minimum, maximum;
    std::size_t length_max = 0;  ///< characters of text or items of an array; 0 for no bound of its own
    bool nullable = false;
    bool open = false;  ///< of objects: other names are allowed too
    std::vector<Property> properties;
    std::vector<Schema> parts;  ///< of arrays: what every item is; of one_of: the alternatives

    Schema or_null() &&;
    Schema between(double low, double high) &&;
    Schema at_most(std::size_t length) &&;
    Schema of_format(std::string_view text) &&;
    Schema saying(std::string_view text) &&;
};

struct Property {
    std::string name;
    Schema schema;
    bool required = true;
};

Schema any_schema();
Schema text_schema();
Schema integer_schema();
Schema number_schema();
Schema boolean_schema();
Schema choice_schema(std::vector<std::string> choices);
Schema array_schema(Schema item);
Schema object_schema(std::vector<Property> properties);
/// An object with any names.
Schema open_schema();
Schema reference_schema(std::string_view name);
Schema one_of_schema(std::vector<Schema> alternatives);
/// {"items":[…]}, and "next" when the list is paged.
Schema list_schema(std::string_view item_name);
Schema page_schema(std::string_view item_name);

/// All that is wrong with `value`, each at its field ("points.3"). References are not followed: whoever reads that part
/// checks it.
std::vector<records::FieldFault> check(const boost::json::value& value, const Schema& schema);

/// The same for a query parameter's text; nothing when it is right.
std::optional<std::string> check_text(std::string_view text, const Schema& schema);

/// As JSON Schema 2020-12, the dialect of OpenAPI 3.1.
void write_schema(JsonWriter& json, const Schema& schema);

}  // namespace nuanshu::http

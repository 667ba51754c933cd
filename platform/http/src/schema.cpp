#include "platform/http/src/schema.h"

namespace nuanshu::http {
namespace {

Schema of_kind(Schema::Kind kind) {
    Schema schema;
    schema.kind = kind;
    return schema;
}

std::string_view type_name(Schema::Kind kind) {
    switch (kind) {
        case Schema::Kind::text:
            return "string";
        case Schema::Kind::integer:
            return "integer";
        case Schema::Kind::number:
            return "number";
        case Schema::Kind::boolean:
            return "boolean";
        case Schema::Kind::array:
            return "array";
        case Schema::Kind::object:
            return "object";
        default:
            return "";
    }
}

void write_type(JsonWriter& json, const Schema& schema) {
    const auto name = type_name(schema.kind);
    if (name.empty()) {
        return;
    }
    json.key("type");
    if (schema.nullable) {
        json.array().item(name).item("null").end();
    } else {
        json.item(name);
    }
}

void write_bound(JsonWriter& json, const Schema& schema) {
    if (schema.minimum) {
        json.member("minimum", *schema.minimum);
    }
    if (schema.maximum) {
        json.member("maximum", *schema.maximum);
    }
    if (schema.length_max != 0) {
        json.member(schema.kind == Schema::Kind::array ? "maxItems" : "maxLength", schema.length_max);
    }
}

void write_choices(JsonWriter& json, const Schema& schema) {
    json.key("enum").array();
    for (const auto& choice : schema.choices) {
        json.item(choice);
    }
    if (schema.nullable) {
        json.null();
    }
    json.end();
}

void write_properties(JsonWriter& json, const Schema& schema) {
    json.key("properties").object();
    for (const auto& property : schema.properties) {
        json.key(property.name);
        write_schema(json, property.schema);
    }
    json.end().key("required").array();
    for (const auto& property : schema.properties) {
        if (property.required) {
            json.item(property.name);
        }
    }
    json.end();
    json.member("additionalProperties", schema.open);
}

void write_alternatives(JsonWriter& json, const std::vector<Schema>& alternatives) {
    json.key("oneOf").array();
    for (const auto& alternative : alternatives) {
        write_schema(json, alternative);
    }
    json.end();
}

void write_reference(JsonWriter& json, const Schema& schema) {
    const auto target = "#/components/schemas/" + schema.name;
    if (!schema.nullable) {
        json.member("$ref", target);
        return;
    }
    json.key("oneOf").array().object().member("$ref", target).end().object().member("type", "null").end().end();
}

void write_kind(JsonWriter& json, const Schema& schema) {
    switch (schema.kind) {
        case Schema::Kind::reference:
            return write_reference(json, schema);
        case Schema::Kind::one_of:
            return write_alternatives(json, schema.parts);
        case Schema::Kind::object:
            return write_properties(json, schema);
        case Schema::Kind::array:
            json.key("items");
            return write_schema(json, schema.parts.front());
        default:
            return;
    }
}

}  // namespace

Schema Schema::or_null() && {
    nullable = true;
    return std::move(*this);
}

Schema Schema::between(double low, double high) && {
    minimum = low;
    maximum = high;
    return std::move(*this);
}

Schema Schema::at_most(std::size_t length) && {
    length_max = length;
    return std::move(*this);
}

Schema Schema::of_format(std::string_view text) && {
    format = text;
    return std::move(*this);
}

Schema Schema::saying(std::string_view text) && {
    description = text;
    return std::move(*this);
}

Schema any_schema() {
    return {};
}
Schema text_schema() {
    return of_kind(Schema::Kind::text);
}
Schema integer_schema() {
    return of_kind(Schema::Kind::integer);
}
Schema number_schema() {
    return of_kind(Schema::Kind::number);
}
Schema boolean_schema() {
    return of_kind(Schema::Kind::boolean);
}

Schema choice_schema(std::vector<std::string> choices) {
    auto schema = text_schema();
    schema.choices = std::move(choices);
    return schema;
}

Schema array_schema(Schema item) {
    auto schema = of_kind(Schema::Kind::array);
    schema.parts.push_back(std::move(item));
    return schema;
}

Schema object_schema(std::vector<Property> properties) {
    auto schema = of_kind(Schema::Kind::object);
    schema.properties = std::move(properties);
    return schema;
}

Schema open_schema() {
    auto schema = of_kind(Schema::Kind::object);
    schema.open = true;
    return schema;
}

Schema reference_schema(std::string_view name) {
    auto schema = of_kind(Schema::Kind::reference);
    schema.name = name;
    return schema;
}

Schema one_of_schema(std::vector<Schema> alternatives) {
    auto schema = of_kind(Schema::Kind::one_of);
    schema.parts = std::move(alternatives);
    return schema;
}

Schema list_schema(std::string_view item_name) {
    return object_schema({{"items", array_schema(reference_schema(item_name))}});
}

Schema page_schema(std::string_view item_name) {
    auto schema = list_schema(item_name);
    schema.properties.push_back(
        {"next", text_schema().saying("Pass it as `after` for the following page; absent or \"\" at the end"), false});
    return schema;
}

void write_schema(JsonWriter& json, const Schema& schema) {
    json.object();
    write_type(json, schema);
    if (!schema.format.empty()) {
        json.member("format", schema.format);
    }
    if (!schema.description.empty()) {
        json.member("description", schema.description);
    }
    if (!schema.choices.empty()) {
        write_choices(json, schema);
    }
    write_bound(json, schema);
    write_kind(json, schema);
    json.end();
}

}  // namespace nuanshu::http

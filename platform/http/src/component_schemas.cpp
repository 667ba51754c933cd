#include "platform/http/src/component_schemas.h"

#include "platform/drivers/driver.h"

namespace nuanshu::http {
namespace {

Schema time_text() {
    return text_schema().of_format("date-time");
}
Schema time_ms() {
    return integer_schema().saying("Unix ms");
}
Schema nullable_number() {
    return number_schema().or_null();
}
Schema named(std::string_view name) {
    return reference_schema(name);
}

void add_common(std::vector<Property>& all) {
    all.push_back({"Title", object_schema({{"zh", text_schema()}, {"en", text_schema()}})});
    all.push_back({"Choice", object_schema({{"value", text_schema()}, {"title", named("Title")}})});
    const auto fault = object_schema({{"field", text_schema()}, {"text", text_schema()}});
    all.push_back({"Problem", object_schema({{"type", text_schema()},
                                             {"title", text_schema()},
                                             {"status", integer_schema()},
                                             {"detail", text_schema()},
                                             {"errors", array_schema(fault), false}})
                                  .saying("RFC 9457")});
}

void add_session(std::vector<Property>& all) {
    all.push_back(
        {"User",
         object_schema({{"name", text_schema()}, {"title", text_schema()}, {"administrator", boolean_schema()}})});
    all.push_back({"Session", object_schema({{"user", named("User")}, {"expires_at", time_text()}})});
    all.push_back(
        {"SignedIn", object_schema({{"token", text_schema()}, {"user", named("User")}, {"expires_at", time_text()}})});
}

Schema field_kind_schema() {
    return choice_schema(
        {"text", "long_text", "integer", "number", "boolean", "date", "date_time", "choice", "link", "json"});
}

Schema field_schema() {
    return object_schema({{"name", text_schema()},
                          {"title", named("Title")},
                          {"kind", field_kind_schema()},
                          {"unit", text_schema()},
                          {"required", boolean_schema()},
                          {"unique", boolean_schema()},
                          {"minimum", nullable_number()},
                          {"maximum", nullable_number()},
                          {"length_max", integer_schema().or_null()},
                          {"decimals", integer_schema()},
                          {"choices", array_schema(named("Choice"))},
                          {"link_type", text_schema()}});
}

/// What a point type and a point have in common.
std::vector<Property> point_shape() {
    return {{"name", text_schema()},
            {"title", named("Title")},
            {"kind", choice_schema({"analog", "state", "counter"})},
            {"unit", text_schema()},
            {"decimals", integer_schema()},
            {"minimum", nullable_number()},
            {"maximum", nullable_number()},
            {"low_limit", nullable_number()},
            {"high_limit", nullable_number()},
            {"states", array_schema(named("Choice"))},
            {"command", named("CommandRules").or_null()},
            {"expected_interval_ms", integer_schema().or_null()}};
}

void add_types(std::vector<Property>& all) {
    all.push_back({"CommandRules", object_schema({{"minimum", number_schema()},
                                                  {"maximum", number_schema()},
                                                  {"interlock", text_schema()},
                                                  {"interlock_reason", named("Title")},
                                                  {"read_back", text_schema()},
                                                  {"tolerance", number_schema()},
                                                  {"within_ms", integer_schema()}})});
    all.push_back({"Field", field_schema()});
    all.push_back({"PointType", object_schema(point_shape())});
    all.push_back({"Type", object_schema({{"name", text_schema()},
                                          {"app", text_schema()},
                                          {"title", named("Title")},
                                          {"icon", text_schema()},
                                          {"geometry", choice_schema({"none", "point", "line", "area"})},
                                          {"device", boolean_schema()},
                                          {"fields", array_schema(named("Field"))},
                                          {"points", array_schema(named("PointType"))}})});
}

Schema quality_schema() {
    return choice_schema({"good", "manual", "estimated", "spike", "rate_of_change", "frozen", "late", "range",
                          "wire_break", "not_a_number", "communication", "gap", "device_fault", "never"});
}

Schema point_schema() {
    std::vector<Property> properties = {{"code", text_schema()},         {"record", text_schema()},
                                        {"record_title", text_schema()}, {"record_type", text_schema()},
                                        {"device", text_schema()},       {"address", text_schema()},
                                        {"writable", boolean_schema()},  {"value", named("Value").or_null()}};
    for (auto& property : point_shape()) {
        properties.push_back(std::move(property));
    }
    return object_schema(std::move(properties));
}

void add_points(std::vector<Property>& all) {
    all.push_back({"Value", object_schema({{"value", nullable_number()},
                                           {"quality", quality_schema()},
                                           {"time_ms", time_ms()},
                                           {"received_ms", time_ms()}})});
    all.push_back({"Point", point_schema()});
}

Schema series_schema() {
    return object_schema({{"point", text_schema()},
                          {"unit", text_schema()},
                          {"t", array_schema(time_ms())},
                          {"v", array_schema(nullable_number())},
                          {"q", array_schema(integer_schema().between(0, 255))},
                          {"truncated", boolean_schema()}});
}

Schema windows_schema() {
    std::vector<Property> members = {{"from_ms", time_ms()}, {"q", integer_schema().between(0, 255), false}};
    for (const auto* figure :
         {"count", "bad_count", "min", "max", "mean", "first", "last", "sum", "time_weighted_mean", "integral",
          "covered_s", "standard_deviation", "delta", "rate", "changes", "as_of", "interpolated", "error"}) {
        members.push_back({figure, nullable_number(), false});
    }
    auto row = object_schema(std::move(members)).saying("The figures asked for, by their names");
    row.open = true;
    return object_schema({{"point", text_schema()}, {"unit", text_schema()}, {"rows", array_schema(row)}});
}

void add_samples(std::vector<Property>& all) {
    all.push_back({"Series", series_schema()});
    all.push_back({"WindowSeries", windows_schema()});
    all.push_back({"Samples",
                   object_schema({{"series", array_schema(one_of_schema({named("Series"), named("WindowSeries")}))}})});
    auto influx = object_schema({{"code", text_schema()}, {"message", text_schema()}, {"error", text_schema()}});
    influx.open = true;
    all.push_back(
        {"InfluxProblem", std::move(influx).saying("A problem with the members that InfluxDB's clients read")});
}

void add_commands(std::vector<Property>& all) {
    all.push_back({"Selection", object_schema({{"id", text_schema()},
                                               {"point", text_schema()},
                                               {"value", number_schema()},
                                               {"present", named("Value").or_null()},
                                               {"expires_ms", time_ms()}})});
    all.push_back(
        {"Command", object_schema({{"id", integer_schema()},
                                   {"point", text_schema()},
                                   {"user", text_schema()},
                                   {"value", number_schema()},
                                   {"value_before", nullable_number()},
                                   {"quality_before", quality_schema()},
                                   {"selected_at", time_text().or_null()},
                                   {"executed_at", time_text().or_null()},
                                   {"written_after_ms", integer_schema(), false},
                                   {"confirmed_after_ms", integer_schema(), false},
                                   {"value_read_back", nullable_number(), false},
                                   {"outcome", choice_schema({"running", "confirmed", "not_confirmed", "failed"})},
                                   {"reason", text_schema()}})});
}

Schema device_schema() {
    std::vector<Property> properties;
    for (const auto* name : {"code", "title", "driver", "endpoint", "last_error", "serves"}) {
        properties.push_back({name, text_schema()});
    }
    properties.push_back({"state", choice_schema({"starting", "online", "degraded", "offline", "misconfigured"})});
    for (const auto* name : {"state_since_ms", "last_answer_ms", "last_error_ms"}) {
        properties.push_back({name, time_ms()});
    }
    for (const auto* name : {"requests", "answers", "timeouts", "errors", "samples", "reconnects", "points"}) {
        properties.push_back({name, integer_schema()});
    }
    properties.push_back({"round_trip_ms", number_schema()});
    return object_schema(std::move(properties));
}

void add_devices(std::vector<Property>& all) {
    all.push_back({"DeviceStatus", device_schema()});
    all.push_back({"Driver", object_schema({{"id", text_schema()},
                                            {"title", any_schema()},
                                            {"link_kinds", any_schema()},
                                            {"address_syntax", any_schema()},
                                            {"abilities", any_schema()},
                                            {"grade", any_schema()},
                                            {"settings_schema", any_schema()}})});
}

void add_system(std::vector<Property>& all) {
    const auto check = object_schema({{"name", text_schema()}, {"ok", boolean_schema()}, {"text", text_schema()}});
    all.push_back(
        {"Health", object_schema({{"status", choice_schema({"ok", "degraded"})}, {"checks", array_schema(check)}})});
    const auto historian = object_schema({{"samples", integer_schema()}, {"bytes", integer_schema()}});
    all.push_back({"System", object_schema({{"version", text_schema()},
                                            {"started_ms", time_ms()},
                                            {"now_ms", time_ms()},
                                            {"time_zone", text_schema()},
                                            {"points", integer_schema()},
                                            {"records", open_schema()},
                                            {"samples_per_s", number_schema()},
                                            {"devices", open_schema()},
                                            {"database", text_schema()},
                                            {"historian", historian},
                                            {"demo", boolean_schema()}})});
}

Schema choice_field_schema(const records::Field& field) {
    std::vector<std::string> values;
    for (const auto& choice : field.choices) {
        values.push_back(choice.value);
    }
    return choice_schema(std::move(values));
}

Schema number_field_schema(const records::Field& field) {
    auto schema = field.kind == records::FieldKind::integer ? integer_schema() : number_schema();
    schema.minimum = field.minimum;
    schema.maximum = field.maximum;
    return schema;
}

Schema field_value_schema(const records::Field& field) {
    switch (field.kind) {
        case records::FieldKind::integer:
        case records::FieldKind::number:
            return number_field_schema(field);
        case records::FieldKind::boolean:
            return boolean_schema();
        case records::FieldKind::date:
            return text_schema().of_format("date");
        case records::FieldKind::date_time:
            return time_text();
        case records::FieldKind::choice:
            return choice_field_schema(field);
        case records::FieldKind::json:
            return any_schema();
        default:
            return text_schema().at_most(static_cast<std::size_t>(field.length_max.value_or(0)));
    }
}

std::string field_description(const records::Field& field) {
    auto text = field.title.zh + " / " + field.title.en;
    text += field.unit.empty() ? "" : ", " + field.unit;
    text += field.link_type.empty() ? "" : ", code of a " + field.link_type;
    return text;
}

/// The type's own fields; a null, where allowed, means that there is no value.
void add_fields(std::vector<Property>& properties, const records::Type& type, bool as_sent) {
    for (const auto& field : type.fields) {
        auto schema = field_value_schema(field);
        schema.nullable = !field.required;
        schema.description = field_description(field);
        properties.push_back({field.name, std::move(schema), as_sent && field.required && field.default_value.empty()});
    }
}

Schema record_schema(const records::Type& type, bool as_sent) {
    std::vector<Property> properties = {{"type", choice_schema({type.name}), !as_sent},
                                        {"code", text_schema().at_most(200)},
                                        {"title", text_schema(), !as_sent}};
    if (type.geometry != records::GeometryKind::none) {
        properties.push_back({"geometry", named("Geometry"), false});
    }
    if (!as_sent) {
        properties.push_back({"version", integer_schema(), false});
        properties.push_back({"created_at", time_text(), false});
        properties.push_back({"changed_at", time_text(), false});
    }
    add_fields(properties, type, as_sent);
    return object_schema(std::move(properties));
}

Schema alternatives(const std::vector<Schema>& references) {
    return references.empty() ? open_schema() : one_of_schema(references);
}

void add_records(std::vector<Property>& all, const records::TypeRegistry& types) {
    std::vector<Schema> stored, sent;
    for (const auto& type : types.all()) {
        all.push_back({"record." + type.name, record_schema(type, false)});
        all.push_back({"new_record." + type.name, record_schema(type, true)});
        stored.push_back(named("record." + type.name));
        sent.push_back(named("new_record." + type.name));
    }
    all.push_back({"Geometry", open_schema().saying("A GeoJSON geometry, WGS-84")});
    all.push_back({"Record", alternatives(stored)});
    all.push_back({"NewRecord", alternatives(sent)});
    all.push_back(
        {"RecordChange", open_schema().saying("The fields to change; `version` to be safe against others' changes")});
}

}  // namespace

std::vector<Property> component_schemas(const records::TypeRegistry& types) {
    std::vector<Property> all;
    add_common(all);
    add_session(all);
    add_types(all);
    add_records(all, types);
    add_points(all);
    add_samples(all);
    add_commands(all);
    add_devices(all);
    add_system(all);
    return all;
}

}  // namespace nuanshu::http

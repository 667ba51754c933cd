#include "platform/http/src/value_json.h"

#include "base/time.h"

namespace nuanshu::http {
namespace {

void write_choices(JsonWriter& json, const std::vector<records::Choice>& choices) {
    json.array();
    for (const auto& choice : choices) {
        json.object().member("value", choice.value).key("title");
        write_title(json, choice.title);
        json.end();
    }
    json.end();
}

void write_rules(JsonWriter& json, const std::optional<records::CommandRules>& rules) {
    if (!rules) {
        json.null();
        return;
    }
    json.object()
        .member("minimum", rules->minimum)
        .member("maximum", rules->maximum)
        .member("interlock", rules->interlock);
    json.key("interlock_reason");
    write_title(json, rules->interlock_reason);
    json.member("read_back", rules->read_back)
        .member("tolerance", rules->tolerance)
        .member("within_ms", rules->within_ms)
        .end();
}

/// What a point type and a point have in common.
void write_point_shape(JsonWriter& json, const records::PointType& type) {
    json.member("name", type.name).key("title");
    write_title(json, type.title);
    json.member("kind", to_string(type.kind)).member("unit", type.unit).member("decimals", type.decimals);
    json.member("minimum", type.minimum).member("maximum", type.maximum);
    json.member("low_limit", type.low_limit).member("high_limit", type.high_limit).key("states");
    write_choices(json, type.states);
    json.key("command");
    write_rules(json, type.command);
}

void write_field(JsonWriter& json, const records::Field& field) {
    json.object().member("name", field.name).key("title");
    write_title(json, field.title);
    json.member("kind", to_string(field.kind)).member("unit", field.unit);
    json.member("required", field.required).member("unique", field.unique);
    json.member("minimum", field.minimum).member("maximum", field.maximum).member("length_max", field.length_max);
    json.member("decimals", field.decimals).key("choices");
    write_choices(json, field.choices);
    json.member("link_type", field.link_type).end();
}

void write_fields(JsonWriter& json, const records::Type& type) {
    json.key("fields").array();
    for (const auto& field : type.fields) {
        write_field(json, field);
    }
    json.end();
}

void write_point_types(JsonWriter& json, const records::Type& type) {
    json.key("points").array();
    for (const auto& point : type.points) {
        json.object();
        write_point_shape(json, point);
        json.member("expected_interval_ms", point.expected_interval_ms).end();
    }
    json.end();
}

std::optional<std::string> time_text(std::int64_t time_ms) {
    return time_ms == 0 ? std::nullopt : std::optional(format_time(time_ms));
}

template <class T>
void write_if(JsonWriter& json, std::string_view name, const std::optional<T>& value) {
    if (value) {
        json.member(name, *value);
    }
}

}  // namespace

void write_title(JsonWriter& json, const records::Title& title) {
    json.object().member("zh", title.zh).member("en", title.en).end();
}

void write_type(JsonWriter& json, const records::Type& type) {
    json.object().member("name", type.name).member("app", type.app).key("title");
    write_title(json, type.title);
    json.member("icon", type.icon)
        .member("geometry", to_string(type.geometry))
        .member("device", type.device.has_value());
    write_fields(json, type);
    write_point_types(json, type);
    json.end();
}

void write_user(JsonWriter& json, const identity::User& user) {
    json.object()
        .member("name", user.name)
        .member("title", user.title)
        .member("administrator", user.administrator)
        .end();
}

void write_value(JsonWriter& json, const telemetry::CurrentValue& value) {
    if (value.quality == Quality::never) {
        json.null();
        return;
    }
    json.object().member("value", value.value).member("quality", to_string(value.quality));
    json.member("time_ms", value.time_ms).member("received_ms", value.received_ms).end();
}

void write_point(JsonWriter& json, const points::PointDefinition& point, const telemetry::CurrentValue& value) {
    json.object().member("code", point.code).member("record", point.record_code);
    json.member("record_title", point.record_title).member("record_type", point.record_type);
    write_point_shape(json, *point.type);
    json.member("device", point.device).member("address", point.address).member("writable", point.writable);
    json.member("expected_interval_ms", point.expected_interval_ms).key("value");
    write_value(json, value);
    json.end();
}

void write_command(JsonWriter& json, const commands::CommandRecord& command) {
    json.object().member("id", command.id).member("point", command.point).member("user", command.user);
    json.member("value", command.value);
    const bool had_value = command.quality_before != Quality::never;
    json.member("value_before", had_value ? std::optional(command.value_before) : std::nullopt);
    json.member("quality_before", to_string(command.quality_before));
    json.member("selected_at", time_text(command.selected_ms)).member("executed_at", time_text(command.executed_ms));
    write_if(json, "written_after_ms", command.written_after_ms);
    write_if(json, "confirmed_after_ms", command.confirmed_after_ms);
    write_if(json, "value_read_back", command.value_read_back);
    json.member("outcome", to_string(command.outcome)).member("reason", command.reason).end();
}

}  // namespace nuanshu::http

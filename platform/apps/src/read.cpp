#include "platform/apps/src/read.h"

#include <fmt/core.h>

#include <boost/json/serialize.hpp>

#include "base/time.h"
#include "base/units.h"
#include "platform/apps/src/spelling.h"
#include "platform/records/expression.h"

namespace nuanshu::apps {
namespace json = boost::json;
namespace {

// The schema has been checked, so that a key that is there is of the right kind.

std::string text_at(const json::object& object, std::string_view key, std::string otherwise = "") {
    const auto* value = object.if_contains(key);
    return value != nullptr ? std::string(value->as_string()) : std::move(otherwise);
}

std::optional<double> number_at(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr ? std::optional(value->to_number<double>()) : std::nullopt;
}

bool flag_at(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->as_bool();
}

/// "none" means: no such rule, whatever the quantity says.
std::optional<std::int64_t> duration_at(const json::object& object, std::string_view key) {
    const auto text = text_at(object, key, "none");
    const auto duration = parse_duration_ms(text);
    return text != "none" && duration ? std::optional(*duration) : std::nullopt;
}

records::Title title_at(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value == nullptr ? records::Title{}
                            : records::Title{text_at(value->as_object(), "zh"), text_at(value->as_object(), "en")};
}

std::vector<records::Choice> choices_at(const json::object& object, std::string_view key) {
    std::vector<records::Choice> choices;
    if (const auto* list = object.if_contains(key)) {
        for (const auto& entry : list->as_array()) {
            choices.push_back({text_at(entry.as_object(), "value"), title_at(entry.as_object(), "title")});
        }
    }
    return choices;
}

/// Reads one document and says where its faults are.
class Reader {
 public:
    Reader(const Document& document, Diagnostics& faults) : document_(document), faults_(faults) {}

    void fault(const std::string& pointer, std::string text) {
        faults_.push_back({document_.file, document_.line_of(pointer), field_of(pointer), std::move(text)});
    }

    records::Field field(const std::string& name, const json::object& object) {
        const auto pointer = "/fields/" + name;
        records::Field field;
        field.name = name;
        field.title = title_at(object, "title");
        field.kind = *records::field_kind_named(text_at(object, "kind", "text"));
        field.unit = text_at(object, "unit");
        field.required = flag_at(object, "required");
        field.unique = flag_at(object, "unique");
        if (const auto* value = object.if_contains("default")) {
            field.default_value = value->is_string() ? std::string(value->as_string()) : json::serialize(*value);
        }
        field.minimum = number_at(object, "minimum");
        field.maximum = number_at(object, "maximum");
        if (const auto length = number_at(object, "length_max")) {
            field.length_max = static_cast<int>(*length);
        }
        field.decimals = static_cast<int>(number_at(object, "decimals").value_or(2));
        field.choices = choices_at(object, "choices");
        field.link_type = text_at(object, "link");
        field.line = document_.line_of(pointer);
        if (field.kind == records::FieldKind::choice && field.choices.empty()) {
            fault(pointer, "a choice field needs `choices`");
        }
        check_unit(pointer, field.unit);
        return field;
    }

    records::PointType point(const std::string& name, const json::object& object, const Quantities& quantities,
                             const std::string& pointer) {
        records::PointType point = start_from(object, quantities, pointer);
        point.name = name;
        point.line = document_.line_of(pointer);
        overlay(point, object, pointer);
        check_unit(pointer, point.unit);
        if (point.minimum && point.maximum && *point.minimum >= *point.maximum) {
            fault(pointer, fmt::format("minimum {} is not below maximum {}", *point.minimum, *point.maximum));
        }
        return point;
    }

    points::ProfilePoint profile_point(const json::object& object, const std::string& pointer) {
        points::ProfilePoint point;
        point.point = text_at(object, "point");
        point.address = text_at(object, "address");
        point.scale = number_at(object, "scale").value_or(1.0);
        point.offset = number_at(object, "offset").value_or(0.0);
        point.unit = text_at(object, "unit");
        point.current_loop = flag_at(object, "current_loop");
        point.writable = flag_at(object, "writable");
        point.poll_ms = duration_at(object, "poll").value_or(0);
        point.line = document_.line_of(pointer);
        check_unit(pointer, point.unit);
        if (point.scale == 0.0) {
            fault(pointer, "a scale of 0 would make every value the same");
        }
        return point;
    }

 private:
    records::PointType start_from(const json::object& object, const Quantities& quantities,
                                  const std::string& pointer) {
        const auto quantity = text_at(object, "as");
        if (quantity.empty()) {
            return {};
        }
        if (const auto found = quantities.find(quantity); found != quantities.end()) {
            return found->second;
        }
        std::vector<std::string> known;
        for (const auto& [name, point] : quantities) {
            known.push_back(name);
        }
        fault(pointer + "/as", fmt::format("app.yaml has no quantity `{}`{}", quantity, did_you_mean(quantity, known)));
        return {};
    }

    void overlay(records::PointType& point, const json::object& object, const std::string& pointer) {
        const auto set_number = [&](std::string_view key, std::optional<double>& target) {
            if (const auto value = number_at(object, key)) {
                target = value;
            }
        };
        if (object.contains("title")) {
            point.title = title_at(object, "title");
        }
        if (const auto kind = text_at(object, "kind"); !kind.empty()) {
            point.kind = kind == "state"     ? records::PointKind::state
                         : kind == "counter" ? records::PointKind::counter
                                             : records::PointKind::analog;
            point.decimals = kind == "state" ? 0 : point.decimals;
        }
        point.unit = text_at(object, "unit", point.unit);
        point.decimals = static_cast<int>(number_at(object, "decimals").value_or(point.decimals));
        set_number("minimum", point.minimum);
        set_number("maximum", point.maximum);
        set_number("low_limit", point.low_limit);
        set_number("high_limit", point.high_limit);
        set_number("rate_per_s_max", point.rate_per_s_max);
        set_number("hampel_threshold", point.hampel_threshold);
        if (object.contains("frozen_after")) {
            point.frozen_after_ms = duration_at(object, "frozen_after");
        }
        if (object.contains("expected_interval")) {
            point.expected_interval_ms = duration_at(object, "expected_interval");
        }
        if (object.contains("states")) {
            point.states = choices_at(object, "states");
        }
        if (const auto* command = object.if_contains("command")) {
            point.command = command_rules(command->as_object(), pointer + "/command");
        }
    }

    records::CommandRules command_rules(const json::object& object, const std::string& pointer) {
        records::CommandRules rules;
        rules.minimum = *number_at(object, "minimum");
        rules.maximum = *number_at(object, "maximum");
        rules.interlock = text_at(object, "interlock");
        rules.interlock_reason = title_at(object, "interlock_reason");
        rules.read_back = text_at(object, "read_back");
        rules.tolerance = number_at(object, "tolerance").value_or(0.0);
        rules.within_ms = duration_at(object, "within").value_or(rules.within_ms);
        if (rules.minimum > rules.maximum) {
            fault(pointer, fmt::format("minimum {} is above maximum {}", rules.minimum, rules.maximum));
        }
        if (!rules.interlock.empty()) {
            if (const auto expression = records::Expression::parse(rules.interlock); !expression) {
                fault(pointer + "/interlock", expression.error().what);
            }
        }
        return rules;
    }

    void check_unit(const std::string& pointer, const std::string& unit) {
        if (!unit.empty() && !is_known_unit(unit)) {
            fault(pointer + "/unit",
                  fmt::format("`{}` is no unit UDUNITS knows; write it like ℃, MPa, m³/h, GJ, kW, %", unit));
        }
    }

    const Document& document_;
    Diagnostics& faults_;
};

void check_read_backs(const records::Type& type, Reader& reader) {
    for (const auto& point : type.points) {
        if (point.command && !point.command->read_back.empty() &&
            type.find_point(point.command->read_back) == nullptr) {
            reader.fault(fmt::format("/points/{}/command/read_back", point.name),
                         fmt::format("`{}` is no point of this type", point.command->read_back));
        }
    }
}

}  // namespace

App read_app(const Document& document) {
    const auto& root = document.root.as_object();
    App app{text_at(root, "id"), text_at(root, "version"), title_at(root, "title"), title_at(root, "summary"), {}, ""};
    if (const auto* uses = root.if_contains("uses")) {
        for (const auto& id : uses->as_array()) {
            app.uses.emplace_back(id.as_string());
        }
    }
    return app;
}

Quantities read_quantities(const Document& document, Diagnostics& faults) {
    Quantities quantities;
    Reader reader(document, faults);
    if (const auto* list = document.root.as_object().if_contains("quantities")) {
        for (const auto& entry : list->as_object()) {
            const std::string name(entry.key());
            quantities[name] = reader.point(name, entry.value().as_object(), {}, "/quantities/" + name);
        }
    }
    return quantities;
}

records::Type read_type(const Document& document, const App& app, const Quantities& quantities, Diagnostics& faults) {
    const auto& root = document.root.as_object();
    Reader reader(document, faults);
    records::Type type;
    type.name = text_at(root, "type");
    type.app = app.id;
    type.title = title_at(root, "title");
    type.icon = text_at(root, "icon");
    type.file = document.file;
    const auto geometry = text_at(root, "geometry", "none");
    type.geometry = geometry == "point"  ? records::GeometryKind::point
                    : geometry == "line" ? records::GeometryKind::line
                    : geometry == "area" ? records::GeometryKind::area
                                         : records::GeometryKind::none;
    if (const auto* fields = root.if_contains("fields")) {
        for (const auto& entry : fields->as_object()) {
            type.fields.push_back(reader.field(std::string(entry.key()), entry.value().as_object()));
        }
    }
    if (const auto* list = root.if_contains("points")) {
        for (const auto& entry : list->as_object()) {
            const std::string name(entry.key());
            type.points.push_back(reader.point(name, entry.value().as_object(), quantities, "/points/" + name));
        }
    }
    if (const auto* device = root.if_contains("device")) {
        const auto& facet = device->as_object();
        type.device = records::DeviceFacet{text_at(facet, "driver"), text_at(facet, "settings"),
                                           text_at(facet, "profile"), text_at(facet, "serves")};
        for (const auto& field :
             {type.device->driver, type.device->settings, type.device->profile, type.device->serves}) {
            if (type.find_field(field) == nullptr) {
                reader.fault("/device", fmt::format("`{}` is no field of this type", field));
            }
        }
    }
    check_read_backs(type, reader);
    return type;
}

points::Profile read_profile(const Document& document, const App& app, Diagnostics& faults) {
    const auto& root = document.root.as_object();
    Reader reader(document, faults);
    points::Profile profile;
    profile.name = text_at(root, "profile");
    profile.app = app.id;
    profile.title = title_at(root, "title");
    profile.driver = text_at(root, "driver");
    profile.for_type = text_at(root, "for");
    profile.poll_ms = duration_at(root, "poll").value_or(0);
    profile.file = document.file;
    std::size_t index = 0;
    for (const auto& entry : root.at("points").as_array()) {
        profile.points.push_back(reader.profile_point(entry.as_object(), fmt::format("/points/{}", index++)));
    }
    return profile;
}

}  // namespace nuanshu::apps

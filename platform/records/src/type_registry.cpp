#include <algorithm>
#include <array>
#include <set>

#include "platform/records/expression.h"
#include "platform/records/src/field_value.h"
#include "platform/records/src/text.h"
#include "platform/records/type.h"

namespace nuanshu::records {
namespace {

constexpr std::size_t type_name_max = 48;
constexpr std::size_t fields_max = 500;
constexpr std::size_t points_max = 500;
constexpr int length_max_max = 100'000;
/// Names that records carry anyway, in SQL or JSON.
constexpr std::array<std::string_view, 10> reserved = {
    "id", "code", "title", "geometry", "version", "created_ms", "changed_ms", "created_at", "changed_at", "type"};

/// Collects the faults of one type.
class TypeCheck {
 public:
    TypeCheck(const Type& type, const TypeRegistry& registry, Diagnostics& faults)
        : type_(type), registry_(registry), faults_(faults) {}

    void run() {
        if (!is_name(type_.name, type_name_max)) {
            add(0, "name", "`{}` is no type name; wanted [a-z][a-z0-9_]*, at most {}", shortened(type_.name),
                type_name_max);
        }
        check_size("fields", type_.fields.size(), fields_max);
        check_size("points", type_.points.size(), points_max);
        for (const auto& field : type_.fields) {
            check_field(field);
        }
        for (const auto& point : type_.points) {
            check_point(point);
        }
        check_device();
    }

 private:
    template <class... Args>
    void add(int line, std::string field, fmt::format_string<Args...> text, Args&&... args) {
        faults_.push_back({type_.file, line, std::move(field), fmt::format(text, std::forward<Args>(args)...)});
    }
    void check_size(const char* what, std::size_t size, std::size_t size_max) {
        if (size > size_max) {
            add(0, what, "{} of them; at most {}", size, size_max);
        }
    }
    void check_name(const std::string& name, int line, std::string_view list, std::set<std::string_view>& seen) {
        if (!is_name(name)) {
            add(line, fmt::format("{}.{}", list, name), "`{}` is no name; wanted [a-z][a-z0-9_]*, at most 63",
                shortened(name));
        }
        if (!seen.insert(name).second) {
            add(line, fmt::format("{}.{}", list, name), "is declared twice");
        }
    }
    void check_field(const Field& field);
    void check_link(const Field& field, const std::string& place);
    void check_choices(const std::vector<Choice>& choices, int line, const std::string& place);
    void check_point(const PointType& point);
    void check_command(const PointType& point, const std::string& place);
    void check_interlock(const PointType& point, const std::string& place);
    void check_device();

    const Type& type_;
    const TypeRegistry& registry_;
    Diagnostics& faults_;
    std::set<std::string_view> field_names_;
    std::set<std::string_view> point_names_;
};

void TypeCheck::check_field(const Field& field) {
    const std::string place = "fields." + field.name;
    check_name(field.name, field.line, "fields", field_names_);
    if (std::find(reserved.begin(), reserved.end(), field.name) != reserved.end()) {
        add(field.line, place, "every record has `{}` anyway; take another name", field.name);
    }
    if (field.minimum && field.maximum && *field.minimum > *field.maximum) {
        add(field.line, place + ".minimum", "{} is above the maximum {}", *field.minimum, *field.maximum);
    }
    if (field.length_max && (*field.length_max < 1 || *field.length_max > length_max_max)) {
        add(field.line, place + ".length_max", "{}; wanted 1 … {}", *field.length_max, length_max_max);
    }
    if (field.kind == FieldKind::choice) {
        check_choices(field.choices, field.line, place + ".choices");
    }
    check_link(field, place);
    if (!field.default_value.empty()) {
        if (const auto value = value_from_text(field, field.default_value); !value) {
            add(field.line, place + ".default", "{}", value.error());
        }
    }
}

void TypeCheck::check_link(const Field& field, const std::string& place) {
    if (field.link_type.empty() || registry_.find(field.link_type) != nullptr) {
        return;
    }
    std::vector<std::string_view> names;
    for (const auto& type : registry_.all()) {
        names.push_back(type.name);
    }
    add(field.line, place + ".link_type", "there is no type `{}`{}", shortened(field.link_type),
        suggestion(field.link_type, names));
}

void TypeCheck::check_choices(const std::vector<Choice>& choices, int line, const std::string& place) {
    std::set<std::string_view> seen;
    for (const auto& choice : choices) {
        if (choice.value.empty() || !seen.insert(choice.value).second) {
            add(line, place, "`{}` {}", choice.value, choice.value.empty() ? "is empty" : "stands there twice");
        }
    }
    if (choices.empty()) {
        add(line, place, "none; a choice needs at least one");
    }
}

void TypeCheck::check_point(const PointType& point) {
    const std::string place = "points." + point.name;
    check_name(point.name, point.line, "points", point_names_);
    if (point.minimum && point.maximum && *point.minimum >= *point.maximum) {
        add(point.line, place + ".minimum", "{} is not below the maximum {}", *point.minimum, *point.maximum);
    }
    if (point.low_limit && point.high_limit && *point.low_limit >= *point.high_limit) {
        add(point.line, place + ".low_limit", "{} is not below the high limit {}", *point.low_limit, *point.high_limit);
    }
    if (!point.states.empty()) {
        check_choices(point.states, point.line, place + ".states");
    }
    if (point.command) {
        check_command(point, place + ".command");
    }
}

void TypeCheck::check_command(const PointType& point, const std::string& place) {
    const auto& command = *point.command;
    if (command.minimum > command.maximum) {
        add(point.line, place + ".minimum", "{} is above the maximum {}", command.minimum, command.maximum);
    }
    if (command.tolerance < 0.0 || command.within_ms <= 0) {
        add(point.line, place, "tolerance must not be negative, `within` must be positive");
    }
    if (!command.read_back.empty() && type_.find_point(command.read_back) == nullptr) {
        add(point.line, place + ".read_back", "the type has no point `{}`", shortened(command.read_back));
    }
    if (!command.interlock.empty()) {
        check_interlock(point, place + ".interlock");
    }
}

void TypeCheck::check_interlock(const PointType& point, const std::string& place) {
    const auto interlock = Expression::parse(point.command->interlock);
    if (!interlock) {
        add(point.line, place, "{}", interlock.error().message());
        return;
    }
    for (const auto& name : interlock->names()) {
        if (name != "value" && !name.starts_with("parent.") && type_.find_point(name) == nullptr) {
            add(point.line, place, "`{}` is neither `value` nor a point of this type nor parent.<point>", name);
        }
    }
}

void TypeCheck::check_device() {
    if (!type_.device) {
        return;
    }
    const auto& device = *type_.device;
    const std::array<std::pair<const char*, const std::string*>, 4> parts = {{{"device.driver", &device.driver},
                                                                              {"device.settings", &device.settings},
                                                                              {"device.profile", &device.profile},
                                                                              {"device.serves", &device.serves}}};
    for (const auto& [place, name] : parts) {
        if (!name->empty() && type_.find_field(*name) == nullptr) {
            add(0, place, "the type has no field `{}`", shortened(*name));
        }
    }
}

}  // namespace

TypeRegistry TypeRegistry::create(std::vector<Type> types, Diagnostics& faults) {
    TypeRegistry registry;
    for (auto& type : types) {
        if (const auto* first = registry.find(type.name)) {
            faults.push_back(
                {type.file, 0, "name", fmt::format("`{}` is declared in {} already", type.name, first->file)});
        } else {
            registry.types_.push_back(std::move(type));
        }
    }
    for (const auto& type : registry.types_) {
        TypeCheck(type, registry, faults).run();
    }
    return registry;
}

}  // namespace nuanshu::records

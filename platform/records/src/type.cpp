#include "platform/records/type.h"

#include <algorithm>
#include <array>

namespace nuanshu::records {
namespace {

constexpr std::array<std::string_view, 10> field_kinds = {"text", "long_text", "integer", "number", "boolean",
                                                          "date", "date_time", "choice",  "link",   "json"};
constexpr std::array<std::string_view, 4> geometry_kinds = {"none", "point", "line", "area"};
constexpr std::array<std::string_view, 3> point_kinds = {"analog", "state", "counter"};
constexpr std::size_t code_bytes_max = 200;

bool is_label_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

template <class Items>
auto find_named(const Items& items, std::string_view name) -> decltype(items.data()) {
    const auto found = std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.name == name; });
    return found == items.end() ? nullptr : &*found;
}

}  // namespace

std::string_view to_string(FieldKind kind) {
    return field_kinds[static_cast<std::size_t>(kind)];
}
std::string_view to_string(GeometryKind kind) {
    return geometry_kinds[static_cast<std::size_t>(kind)];
}
std::string_view to_string(PointKind kind) {
    return point_kinds[static_cast<std::size_t>(kind)];
}

std::optional<FieldKind> field_kind_named(std::string_view name) {
    const auto* const found = std::find(field_kinds.begin(), field_kinds.end(), name);
    return found == field_kinds.end() ? std::nullopt
                                      : std::optional(static_cast<FieldKind>(found - field_kinds.begin()));
}

const Field* Type::find_field(std::string_view field_name) const {
    return find_named(fields, field_name);
}
const PointType* Type::find_point(std::string_view point_name) const {
    return find_named(points, point_name);
}
const Type* TypeRegistry::find(std::string_view name) const {
    return find_named(types_, name);
}

bool is_record_code(std::string_view code) {
    if (code.empty() || code.size() > code_bytes_max) {
        return false;
    }
    bool label_began = false;
    for (const char c : code) {
        if (c == '.' ? !label_began : !is_label_character(c)) {
            return false;
        }
        label_began = c != '.';
    }
    return label_began;
}

std::string_view parent_code(std::string_view code) {
    const auto dot = code.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : code.substr(0, dot);
}

}  // namespace nuanshu::records

#include "platform/records/src/geometry.h"

#include <array>
#include <cmath>
#include <optional>
#include <vector>

namespace nuanshu::records {
namespace {

constexpr std::size_t positions_max = 100'000;

template <class... Args>
tl::unexpected<Error> wrong(fmt::format_string<Args...> text, Args&&... args) {
    return fail(ErrorCode::invalid, "geometry", text, std::forward<Args>(args)...);
}

struct Shape {
    std::string_view name;
    GeometryKind kind;
    int lists;  ///< how deep positions lie in `coordinates`: 0 for one position
    std::size_t positions_min;
    bool closed;
};

constexpr std::array shapes = {
    Shape{"Point", GeometryKind::point, 0, 1, false}, Shape{"LineString", GeometryKind::line, 1, 2, false},
    Shape{"MultiLineString", GeometryKind::line, 2, 2, false}, Shape{"Polygon", GeometryKind::area, 2, 4, true},
    Shape{"MultiPolygon", GeometryKind::area, 3, 4, true}};

std::optional<double> number(const JsonValue& value) {
    if (const auto* integer = value.as<std::int64_t>()) {
        return static_cast<double>(*integer);
    }
    const auto* real = value.as<double>();
    return real == nullptr ? std::nullopt : std::optional(*real);
}

Result<> check_position(const JsonValue& value) {
    const auto* position = value.as<JsonArray>();
    if (position == nullptr || position->size() < 2 || position->size() > 3) {
        return wrong("{} where a position [longitude, latitude] was expected", described(value));
    }
    for (const auto& part : *position) {
        if (!number(part)) {
            return wrong("{} where a number of degrees was expected", described(part));
        }
    }
    const double longitude = *number((*position)[0]);
    const double latitude = *number((*position)[1]);
    if (std::abs(longitude) > 180.0 || std::abs(latitude) > 90.0) {
        return wrong("[{}, {}] is not on Earth; wanted longitude -180 … 180, then latitude -90 … 90 (WGS-84)",
                     longitude, latitude);
    }
    return {};
}

bool same_position(const JsonValue& a, const JsonValue& b) {
    return number(a.as<JsonArray>()->at(0)) == number(b.as<JsonArray>()->at(0)) &&
           number(a.as<JsonArray>()->at(1)) == number(b.as<JsonArray>()->at(1));
}

/// A line or ring.
Result<> check_positions(const JsonArray& positions, const Shape& shape, std::size_t& count) {
    count += positions.size();
    if (positions.size() < shape.positions_min || count > positions_max) {
        return wrong("{} positions; a {} has {} … {}", positions.size(), shape.name, shape.positions_min,
                     positions_max);
    }
    for (const auto& position : positions) {
        NUANSHU_TRY_VOID(check_position(position));
    }
    if (shape.closed && !same_position(positions.front(), positions.back())) {
        return wrong("a ring of a {} must end where it begins", shape.name);
    }
    return {};
}

Result<> check_coordinates(const JsonValue& coordinates, const Shape& shape, int lists, std::size_t& count) {
    if (lists == 0) {
        return check_position(coordinates);
    }
    const auto* list = coordinates.as<JsonArray>();
    if (list == nullptr || list->empty()) {
        return wrong("{} where the coordinates of a {} were expected",
                     list == nullptr ? described(coordinates) : "an empty list", shape.name);
    }
    if (lists == 1) {
        return check_positions(*list, shape, count);
    }
    for (const auto& part : *list) {
        NUANSHU_TRY_VOID(check_coordinates(part, shape, lists - 1, count));
    }
    return {};
}

std::string names_for(GeometryKind kind) {
    std::string names;
    for (const auto& shape : shapes) {
        if (shape.kind == kind) {
            names += (names.empty() ? "" : " or ") + std::string(shape.name);
        }
    }
    return names;
}

Result<Shape> find_shape(const JsonValue& geometry, GeometryKind kind) {
    const auto* name = geometry.find("type");
    const auto* text = name == nullptr ? nullptr : name->as<std::string>();
    for (const auto& shape : shapes) {
        if (text != nullptr && *text == shape.name && shape.kind == kind) {
            return shape;
        }
    }
    return wrong("wanted a GeoJSON {}, got {}", names_for(kind), text == nullptr ? described(geometry) : *text);
}

}  // namespace

Result<std::string> checked_geometry(const JsonValue& geometry, GeometryKind kind) {
    if (kind == GeometryKind::none) {
        return wrong("this type has no geometry; leave it out");
    }
    NUANSHU_TRY(const Shape shape, find_shape(geometry, kind));
    const auto* coordinates = geometry.find("coordinates");
    if (coordinates == nullptr) {
        return wrong("a {} needs `coordinates`", shape.name);
    }
    std::size_t count = 0;
    NUANSHU_TRY_VOID(check_coordinates(*coordinates, shape, shape.lists, count));
    std::string out = fmt::format(R"({{"type":"{}","coordinates":)", shape.name);
    write_json(*coordinates, out);
    return out + "}";
}

Result<std::string> checked_geometry(std::string_view text, GeometryKind kind) {
    NUANSHU_TRY(const auto geometry, parse_json(text));
    return checked_geometry(geometry, kind);
}

}  // namespace nuanshu::records

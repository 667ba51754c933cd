#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/records/src/json_value.h"
#include "platform/records/type.h"

namespace nuanshu::records {

/// Checks a GeoJSON geometry (RFC 7946): a point is a Point, a line a LineString or MultiLineString, an area a Polygon
/// or MultiPolygon; longitude −180 … 180, latitude −90 … 90, WGS-84; rings closed. Returns it as compact JSON of `type`
/// and `coordinates` only. Errors: invalid.
Result<std::string> checked_geometry(const JsonValue& geometry, GeometryKind kind);
Result<std::string> checked_geometry(std::string_view text, GeometryKind kind);

}  // namespace nuanshu::records

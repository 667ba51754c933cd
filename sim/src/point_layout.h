#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sim/city.h"
#include "sim/src/point_table.h"

namespace nuanshu::sim {

/// Which slot each point of a city has. Records of one kind are numbered through the whole city, in the order of its
/// stations; each number's entry is the slot of the record's first point, the others follow in the order of its table.
struct PointLayout {
    std::vector<std::string> codes;
    std::vector<const PointSpec*> specs;  ///< one a slot
    std::vector<std::size_t> source, station, tank, loop, valve, pump, makeup, building, sensor;
    std::unordered_map<std::string, std::size_t> slots;  ///< by point code

    /// Nothing when the city has no such point.
    std::optional<std::size_t> find(std::string_view code) const;
};

PointLayout lay_out_points(const City& city);

}  // namespace nuanshu::sim

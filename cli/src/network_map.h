#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/src/plot.h"
#include "engines/network/solve.h"

namespace nuanshu::cli {

/// What pipes are coloured by.
enum class MapQuantity { flow, velocity, temperature, pressure_gradient, pressure };

/// The pipes between nodes that have coordinates, coloured by a quantity of the solution, broad where they are; sources
/// and nodes that hold the pressure stand out. Without a solution all are grey.
/// @return invalid: no pipe has coordinates at both ends
Result<MapPlot> map_of(const network::Network& net, const network::Solution* solution, MapQuantity quantity);

/// The pipes at these positions, for MapPlot::highlights.
std::vector<MapLine> lines_of(const network::Network& net, const std::vector<std::int32_t>& pipes);
/// Where an element is: its node, or the middle of its ends; nothing without coordinates.
std::optional<Spot> place_of(const network::Network& net, network::Element element);

}  // namespace nuanshu::cli

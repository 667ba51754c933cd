#pragma once

#include <string>

#include "sim/city.h"
#include "sim/src/random.h"
#include "sim/src/town.h"

namespace nuanshu::sim {

/// What a quarter was built as.
enum class Era { walk_ups, slabs, towers };

/// Builds a station with its loops and `buildings` houses, without households: code, geometry, areas, design heat and
/// flows, pumps.
Station build_station(const CityParameters& parameters, const Town& town, std::size_t number,
                      const std::string& quarter, int buildings, Random& random);

/// Puts room sensors into households spread over all buildings, floors and corners, and with them the households; all
/// of them if asked.
void settle_households(City& city, Random& random);

}  // namespace nuanshu::sim

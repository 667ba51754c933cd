#pragma once

#include <cstdint>

#include "engines/network/network.h"

/// Plausible cities, for trials, tests and measurements.
namespace nuanshu::network {

/// What the stations of a generated city ask for.
enum class ConsumersAs : std::uint8_t {
    heat,   ///< heat and return temperature
    flow,   ///< their design flow
    valve,  ///< the opening that gives about their design flow
};

struct GenerateSettings {
    std::int32_t consumers = 100;  ///< 1 … 1 000 000 heat stations or house connections
    std::uint64_t seed = 1;        ///< the same settings and seed give the same city on every machine
    std::int32_t loops = 0;        ///< closed rings of the mains, at most as many as there are streets that close one
    std::int32_t sources = 1;      ///< 1 … 100; each has its part of the city, and ties join the parts
    ConsumersAs consumers_as = ConsumersAs::heat;
    double supply_temperature_c = 110.0;
    double return_temperature_c = 50.0;
};

/// A city with supply and return lines side by side: streets on a grid of which the lines follow the shortest ways from
/// the sources, about four consumers a street corner, shut-off valves where branches leave and along the mains, a few
/// of which no longer turn. Design heat 20 kW to 2 MW a consumer, the smaller the larger the city; diameters of EN 253
/// steel pipe by design flow, 30–150 Pa/m and at most 2.5 m/s; aged insulation in the ground that loses 3 to 6 % of the
/// heat; hills of a few metres; the pressure is held on the return of the first source. About 2.7 nodes a consumer.
/// Settings out of range count as the nearest in range. validate() has nothing to say about it.
Network generate(const GenerateSettings& settings);

}  // namespace nuanshu::network

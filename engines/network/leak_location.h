#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "engines/network/measurement.h"
#include "engines/network/network.h"
#include "engines/network/solve.h"

/// Where a network leaks, from pressures and make-up. Equations, sources and limits: docs/network.md, "Leak location".
namespace nuanshu::network {

struct LeakLocationSettings {
    /// What the described network does not know about its consumers' flows: a share of each, independent of the others.
    double demand_sigma_share = 0.02;
    int refined = 40;  ///< so many best pipes are solved again with the leak
    SolveSettings solve;
};

/// Pipes between which no valve stands: what one closure shuts.
struct LeakSegment {
    std::vector<std::int32_t> pipes;  ///< by falling probability
    double probability = 0.0;         ///< given that there is one leak
    double leak_kg_s = 0.0;           ///< of its best pipe
};

struct LeakPipe {
    std::int32_t pipe = 0;
    double probability = 0.0;
    double leak_kg_s = 0.0;
    double sigma_kg_s = 0.0;
};

struct LeakLocation {
    /// How many standard deviations the best leak is away from none; under 3 there may be no leak at all.
    double significance = 0.0;
    std::vector<LeakPipe> pipes;        ///< by falling probability; all open pipes with water
    std::vector<LeakSegment> segments;  ///< likewise
};

/// Ranks all pipes by the probability that they leak.
///
/// The network is the one that should be: calibrated, with the consumers' present flows. Measurements are of pressure,
/// differential pressure, flow and make-up.
/// @pre validate(network) is empty
/// @return `invalid`: a measurement that cannot be, or no pressure among them; `exhausted`: the network has no solution
Result<LeakLocation> locate_leak(const Network& network, const std::vector<Measurement>& measurements,
                                 const LeakLocationSettings& settings = {});

}  // namespace nuanshu::network

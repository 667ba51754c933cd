#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "engines/network/measurement.h"
#include "engines/network/network.h"
#include "engines/network/solve.h"

/// What consumers really draw and how rough pipes really are, from what is measured now. Equations, sources and limits:
/// docs/network.md, "State estimation".
namespace nuanshu::network {

struct EstimateSettings {
    /// Before any meter is read, a consumer's flow is that of the described network, ± this share of it …
    double demand_sigma_share = 0.3;
    double demand_sigma_least_kg_s = 0.01;  ///< … and at least so much
    /// Group of each pipe whose roughness is corrected in common; −1: as described. Empty: none is corrected.
    std::vector<std::int32_t> roughness_group;
    double roughness_ln_sigma = 0.5;  ///< of the logarithm of a group's factor, before any meter is read
    double bad_residual = 4.0;        ///< a meter whose normalised residual is larger lies
    int bad_meters_max = 20;          ///< that are taken out before giving up
    int iterations_max = 30;
    double tolerance = 1e-4;  ///< no unknown changes by more than this share of its standard deviation
    SolveSettings solve;
};

struct DemandEstimate {
    double mass_flow_kg_s = 0.0;
    double sigma_kg_s = 0.0;
    bool determined = false;  ///< meters have at least halved what was uncertain about it
};

struct RoughnessEstimate {
    double factor = 1.0;    ///< of the described roughness
    double ln_sigma = 0.0;  ///< of the factor's logarithm
    bool determined = false;
};

struct MeterEstimate {
    double estimated = 0.0;  ///< what it should show
    double normalised_residual =
        0.0;                 ///< (measured − estimated) / its standard deviation; of a bad meter, when it was found
    bool checkable = false;  ///< others say something about what it measures
    bool bad = false;        ///< taken out: it lies
};

struct Estimate {
    bool converged = false;
    int iterations = 0;
    double objective = 0.0;               ///< sum of squared normalised misses of meters and of what was known before
    int degrees_of_freedom = 0;           ///< meters in use; the objective should be about as large
    std::vector<DemandEstimate> demands;  ///< by consumer
    std::vector<RoughnessEstimate> roughness;  ///< by group
    std::vector<MeterEstimate> meters;         ///< by measurement
    std::vector<std::int32_t> bad_meters;      ///< in the order they were found
    Network network;                           ///< with estimated flows and roughnesses; consumers draw fixed flows
    Solution solution;                         ///< its state
};

/// Weighted least squares by Gauss–Newton with line search. Consumers with valves are taken to draw what is estimated.
/// @pre validate(network) is empty
/// @return `invalid`: a measurement that cannot be; `exhausted`: the network has no solution, or more than 4 000
/// measurements other than consumers' flows
Result<Estimate> estimate(const Network& network, const std::vector<Measurement>& measurements,
                          const EstimateSettings& settings = {});

}  // namespace nuanshu::network

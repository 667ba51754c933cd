#pragma once

#include "engines/network/src/links.h"

namespace nuanshu::network {

/// Pressure drop along the link and its derivative by the flow.
struct Drop {
    double drop_pa = 0.0;
    double derivative = 0.0;
};

/// Slope of a flow that must not be: ten bar too much let 1e-8 kg/s through.
inline constexpr double forbidden_slope_pa_s_kg = 1e14;

/// What a law adds to the resistance of its link at this flow. It never falls with the flow.
/// @param forbidden_slope how steeply laws with a kink rise beyond it; a search begins with less
Drop special_drop(const SpecialLaw& law, double mass_flow_kg_s, double density_kg_m3, double gravity_m_s2,
                  double forbidden_slope = forbidden_slope_pa_s_kg);

}  // namespace nuanshu::network

#pragma once

#include "engines/network/src/links.h"

namespace nuanshu::network {

/// Pressure drop along the link and its derivative by the flow.
struct Drop {
    double drop_pa = 0.0;
    double derivative = 0.0;
};

/// Slope of a flow that must not be: a bar too much lets 1e-7 kg/s through.
inline constexpr double forbidden_slope_pa_s_kg = 1e12;

/// What a law adds to the resistance of its link at this flow. It never falls with the flow.
Drop special_drop(const SpecialLaw& law, double mass_flow_kg_s, double density_kg_m3, double gravity_m_s2);

}  // namespace nuanshu::network

#pragma once

#include <string>

#include "base/diagnostic.h"
#include "engines/network/network.h"
#include "engines/network/src/epanet_sections.h"

namespace nuanshu::network::epanet {

constexpr double foot_m = 0.3048;
/// EPANET's own: 32.2 ft/s².
constexpr double gravity_m_s2 = 32.2 * foot_m;
/// EPANET's unit of viscosity, 1.1e-5 ft²/s: water at 20 °C.
constexpr double reference_viscosity_m2_s = 1.1e-5 * foot_m * foot_m;

/// EPANET takes 0.02517 for 8/(π²g) in minor losses; ours are scaled to it, so that answers agree.
constexpr double minor_loss_scale = 0.02517 * 9.8696044010893586 * 32.2 / 8;

/// What one unit of the file is in ours, and the options that change the hydraulics.
struct Options {
    double flow_m3_s = 0.0;
    double length_m = 0.0;
    double diameter_m = 0.0;
    double roughness_m = 0.0;
    double pressure_pa = 0.0;
    double power_w = 0.0;
    Friction friction = Friction::hazen_williams;
    double density_kg_m3 = 1000.0;
    double kinematic_viscosity_m2_s = reference_viscosity_m2_s;
    double demand_multiplier = 1.0;
    double emitter_exponent = 0.5;
    std::string default_pattern = "1";
};

/// Reads the [OPTIONS] rows; faults carry the line.
Options read_options(const Sections& sections, const std::string& file, Diagnostics& faults, Diagnostics& notes);

/// A finite number and nothing else.
bool parse_number(std::string_view word, double& number);

}  // namespace nuanshu::network::epanet

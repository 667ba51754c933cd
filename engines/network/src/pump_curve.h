#pragma once

#include "engines/network/network.h"

namespace nuanshu::network {

/// Fixed pressure rise of a pump curve at a flow and relative speed, in Pa, and its derivative by the mass flow.
struct PumpRise {
    double pressure_pa = 0.0;
    double derivative = 0.0;
};
PumpRise pump_rise(const PumpCurve& curve, double speed, double mass_flow_kg_s, double density_kg_m3,
                   double gravity_m_s2);

/// The largest volume flow the curve says anything about at this speed, m³/s; infinity for polynomials.
double curve_end_m3_s(const PumpCurve& curve, double speed);

}  // namespace nuanshu::network

#pragma once

#include <vector>

#include "sim/src/building_state.h"

namespace nuanshu::sim {

/// A pump with a frequency converter.
struct PumpState {
    double rated_kg_s = 1.0, rated_pa = 1.0, rated_kw = 1.0;
    double frequency_hz = 0.0, setpoint_hz = 40.0;
    bool start = true;

    /// The frequency follows its set-point, or runs out after a stop, at 2 Hz/s.
    void move(double seconds);
    bool running() const { return frequency_hz > 0.5; }
    /// Flow through a circuit of this resistance, by affinity: H = (f/50)²·1.25·H_r − 0.25·H_r·(G/G_r)².
    double flow_through(double resistance) const;
    double power_kw(double flow_kg_s) const;
    double current_a(double flow_kg_s) const;
};

/// What hangs on a primary branch: control valve, exchanger, secondary circuit with its pumps and buildings.
struct LoopState {
    static LoopState create(const Loop& loop, Random& random);

    /// Of valve and exchanger on the primary side, kg/s/√Pa.
    double primary_conductance() const;
    /// Valve, controller and pumps follow their set-points. `outdoor_c` is the controller's filtered one.
    void move(double seconds, double outdoor_c);
    /// Exchanger, secondary circuit and houses for one step.
    void step(double seconds, double primary_kg_s, double primary_supply_c, const OutdoorNow& outdoor);
    /// What the curve asks for.
    double curve_c(double outdoor_c) const;

    std::vector<BuildingState> buildings;
    PumpState pump, makeup;
    double design_primary_kg_s = 0.0, design_secondary_kg_s = 0.0, design_transfer_w_k = 0.0;
    double design_supply_c = 55.0, design_return_c = 40.0, exponent = 1.3;
    double valve_full = 0.0, exchanger_resistance = 0.0, station_resistance = 0.0;
    double supply_volume_kg = 0.0, return_volume_kg = 0.0;
    double static_mpa = 0.3, leak_share = 0.002;

    bool automatic = false;
    bool setpoint_held = false;  ///< somebody wrote the supply set-point; else it follows the curve
    double supply_setpoint_c = 45.0;
    double opening_percent = 60.0, opening_setpoint_percent = 60.0;

    double primary_kg_s = 0.0, primary_return_c = 45.0, heat_w = 0.0;
    double secondary_kg_s = 0.0, outlet_c = 50.0, inlet_c = 40.0;  ///< of the exchanger's secondary side
    double network_supply_c = 50.0;                                ///< what has reached the houses
    double return_mpa = 0.3, ring_mpa = 0.12, makeup_kg_s = 0.0;

 private:
    void move_automatically(double seconds);
    void circulate();
    void heat_houses(double seconds, const OutdoorNow& outdoor);
    void hold_pressure(double seconds);
};

}  // namespace nuanshu::sim

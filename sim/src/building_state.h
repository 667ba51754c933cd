#pragma once

#include "sim/city.h"
#include "sim/src/random.h"
#include "sim/src/thermal.h"

namespace nuanshu::sim {

/// What the weather does to buildings during one step.
struct OutdoorNow {
    double temperature_c = 0.0;
    double wind_m_s = 0.0;
    double sun_w_m2 = 0.0;
    double day_share = 0.0;  ///< local time of day, 0 … 1: people cook in the evening
};

/// One building behind its branch of the secondary circuit.
struct BuildingState {
    static BuildingState create(const Building& building, const Loop& loop, Random& random);

    /// Of branch pipes, house and valve together, kg/s/√Pa.
    double conductance() const;
    void move_valve(double seconds);
    /// Takes heat from `flow` arriving at the station's outlet with `supply`, and lets the rooms follow.
    void step(double seconds, double flow_kg_s, double station_supply_c, const OutdoorNow& outdoor);

    Radiator radiator;
    BuildingMass mass;
    BuildingTemperatures temperatures;
    double area_m2 = 0.0, branch_length_m = 0.0;
    double fixed_resistance = 0.0;  ///< branch and house, Pa/(kg/s)²
    double valve_full = 0.0;        ///< conductance of the open valve
    double opening_percent = 60.0, setpoint_percent = 60.0;
    double flow_kg_s = 0.0, supply_c = 45.0, return_c = 38.0;
    double heat_w = 0.0, energy_gj = 0.0;
};

/// Pressure difference at the station's outlet for which the secondary circuits are designed.
constexpr double ring_design_pa = 120'000.0;

}  // namespace nuanshu::sim

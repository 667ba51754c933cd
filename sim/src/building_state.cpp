#include "sim/src/building_state.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "sim/src/hydraulics.h"
#include "sim/src/weather.h"

namespace nuanshu::sim {

namespace {

constexpr double house_loss_pa = 25'000.0;
constexpr double branch_loss_pa_m = 90.0 * 2.0 * 1.3;
constexpr double valve_stroke_s = 120.0;
constexpr double people_w_m2 = 3.8;     // JGJ 26's gain from people, light and cooking
constexpr double window_share = 0.014;  // south-facing effective glass by heated area

/// Splits the design loss into what goes straight out (air change, windows) and what goes through the walls.
BuildingMass make_mass(double area_m2, double heat_index_w_m2, double hours) {
    const double loss_w_k = area_m2 * (heat_index_w_m2 + people_w_m2) / (design_indoor_c - design_outdoor_c);
    const double inner_w_k = 5.0 * area_m2;
    const double wall_w_k = 0.65 * loss_w_k;
    constexpr double air_j_m2_k = 60'000.0;
    return {.air_j_k = air_j_m2_k * area_m2,
            .mass_j_k = std::max(hours * 3600.0 * loss_w_k - air_j_m2_k * area_m2, 50'000.0 * area_m2),
            .air_mass_w_k = inner_w_k,
            .air_outdoor_w_k = 0.35 * loss_w_k,
            .mass_outdoor_w_k = 1.0 / (1.0 / wall_w_k - 1.0 / inner_w_k)};
}

/// Houses near the station usually get too much water and far ones too little (水力失调).
double imbalance(const Building& building, Random& random) {
    return std::clamp(1.25 - 0.0011 * building.branch_length_m + random.normal(0.0, 0.08), 0.7, 1.4);
}

/// Sets the valve so that `relative` times the design flow passes at the design difference.
void adjust_valve(BuildingState& state, double design_kg_s, double relative) {
    const double flow = design_kg_s * relative;
    const double valve_pa = std::max(ring_design_pa - state.fixed_resistance * flow * flow, 6'000.0);
    state.opening_percent = std::clamp(opening_for_share(flow / std::sqrt(valve_pa) / state.valve_full), 15.0, 95.0);
    state.opening_percent = std::round(state.opening_percent);
    state.setpoint_percent = state.opening_percent;
}

double gains_w(const BuildingState& state, const OutdoorNow& outdoor) {
    const double evening = std::cos(2.0 * std::numbers::pi * (outdoor.day_share - 19.5 / 24.0));
    return state.area_m2 * (people_w_m2 * (1.0 + 0.35 * evening) + window_share * outdoor.sun_w_m2);
}

}  // namespace

BuildingState BuildingState::create(const Building& building, const Loop& loop, Random& random) {
    BuildingState state;
    const double design_w = building.heated_area_m2 * building.heat_index_w_m2;
    const double design_kg_s = design_w / (water_heat_j_kg_k * (loop.design_supply_c - loop.design_return_c));
    const double mean_c = 0.5 * (loop.design_supply_c + loop.design_return_c);
    state.radiator = {.design_w = design_w * std::clamp(random.normal(1.0, 0.05), 0.88, 1.12),
                      .design_excess_k = mean_c - design_indoor_c,
                      .exponent = loop.floor_heating ? floor_exponent : radiator_exponent};
    const double hours = building.built_year < 2003 ? random.between(60.0, 85.0) : random.between(80.0, 120.0);
    state.mass = make_mass(building.heated_area_m2, building.heat_index_w_m2, hours);
    state.area_m2 = building.heated_area_m2;
    state.branch_length_m = building.branch_length_m;
    const double branch_pa = std::min(branch_loss_pa_m * building.branch_length_m, 70'000.0);
    state.fixed_resistance = (house_loss_pa + branch_pa) / (design_kg_s * design_kg_s);
    state.valve_full = 3.0 * design_kg_s / std::sqrt(ring_design_pa - house_loss_pa - branch_pa);
    adjust_valve(state, design_kg_s, imbalance(building, random));
    return state;
}

double BuildingState::conductance() const {
    return in_series(valve_full * equal_percentage(opening_percent), fixed_resistance);
}

void BuildingState::move_valve(double seconds) {
    opening_percent = approach(opening_percent, setpoint_percent, 100.0 * seconds / valve_stroke_s);
}

void BuildingState::step(double seconds, double flow, double station_supply_c, const OutdoorNow& outdoor) {
    constexpr double pipe_loss_w_m_k = 0.3, ground_c = 4.0;
    const double cooling = pipe_loss_w_m_k * branch_length_m / (std::max(flow, 1e-3) * water_heat_j_kg_k);
    flow_kg_s = flow;
    supply_c = ground_c + (station_supply_c - ground_c) * std::exp(-cooling);
    const auto radiated = radiate(radiator, flow, supply_c, temperatures.air_c, return_c);
    return_c = radiated.return_c;
    heat_w = radiated.heat_w;
    energy_gj += heat_w * seconds / 1e9;
    BuildingMass blown = mass;
    blown.air_outdoor_w_k *= 1.0 + 0.05 * (outdoor.wind_m_s - 2.5);
    temperatures = step_building(blown, temperatures, heat_w + gains_w(*this, outdoor), outdoor.temperature_c, seconds);
}

}  // namespace nuanshu::sim

#include "sim/src/loop_state.h"

#include <algorithm>
#include <cmath>

#include "sim/src/hydraulics.h"

namespace nuanshu::sim {

namespace {

constexpr double valve_stroke_s = 90.0;
constexpr double exchanger_loss_pa = 55'000.0, station_loss_pa = 60'000.0;
constexpr double water_l_kw = 10.0;           // of a secondary circuit with its radiators
constexpr double makeup_nominal_hz = 35.0;    // at which the make-up pump's shut-off head is the static pressure
constexpr double makeup_kg_s_mpa = 12.0;      // slope of its curve there
constexpr double expansion_kg_mpa = 2'000.0;  // water the circuit takes up per MPa

/// Frequency at which the pump moves its design flow through the circuit as it is.
double frequency_for(const PumpState& pump, double resistance, double flow_kg_s) {
    const double relative = flow_kg_s / pump.rated_kg_s;
    const double head = resistance * flow_kg_s * flow_kg_s + 0.25 * pump.rated_pa * relative * relative;
    return std::clamp(50.0 * std::sqrt(head / (1.25 * pump.rated_pa)), 25.0, 50.0);
}

PumpState make_makeup(const Loop& loop) {
    PumpState pump{.rated_kg_s = 0.02 * loop.design_secondary_kg_s, .rated_pa = 500'000.0, .rated_kw = 1.5};
    pump.setpoint_hz = pump.frequency_hz = makeup_nominal_hz;
    return pump;
}

double secondary_conductance(const std::vector<BuildingState>& buildings) {
    double sum = 0.0;
    for (const auto& building : buildings) {
        sum += building.conductance();
    }
    return sum;
}

void set_exchanger(LoopState& state, const Loop& loop, Random& random) {
    const double difference_k =
        log_mean_difference_k(primary_design_supply_c - loop.design_supply_c, exchanger_approach_k);
    const double fouling = random.between(0.92, 1.12);
    state.design_transfer_w_k = loop.design_heat_kw * 1000.0 / difference_k * fouling;
    state.exchanger_resistance = exchanger_loss_pa / (loop.design_primary_kg_s * loop.design_primary_kg_s);
    state.station_resistance = station_loss_pa / (loop.design_secondary_kg_s * loop.design_secondary_kg_s);
}

void set_pumps(LoopState& state, const Loop& loop) {
    state.pump.rated_kg_s = loop.pump_flow_m3_h / 3.6;
    state.pump.rated_pa = loop.pump_head_m * 9806.65;
    state.pump.rated_kw = loop.pump_power_kw;
    const double k = secondary_conductance(state.buildings);
    const double hz = frequency_for(state.pump, state.station_resistance + 1.0 / (k * k), loop.design_secondary_kg_s);
    state.pump.setpoint_hz = state.pump.frequency_hz = std::round(hz * 2.0) / 2.0;
    state.makeup = make_makeup(loop);
}

}  // namespace

void PumpState::move(double seconds) {
    frequency_hz = approach(frequency_hz, start ? setpoint_hz : 0.0, 2.0 * seconds);
}

double PumpState::flow_through(double resistance) const {
    const double speed = frequency_hz / 50.0;
    return speed * std::sqrt(1.25 * rated_pa / (resistance + 0.25 * rated_pa / (rated_kg_s * rated_kg_s)));
}

double PumpState::power_kw(double flow_kg_s) const {
    const double speed = frequency_hz / 50.0;
    const double load = speed < 0.01 ? 0.0 : std::min(flow_kg_s / (rated_kg_s * speed), 1.5);
    return rated_kw * 0.85 * speed * speed * speed * (0.45 + 0.55 * load);
}

double PumpState::current_a(double flow_kg_s) const {
    return power_kw(flow_kg_s) * 1000.0 / (1.732 * 380.0 * 0.86);
}

LoopState LoopState::create(const Loop& loop, Random& random) {
    LoopState state;
    for (const auto& building : loop.buildings) {
        state.buildings.push_back(BuildingState::create(building, loop, random));
    }
    state.design_primary_kg_s = loop.design_primary_kg_s;
    state.design_secondary_kg_s = loop.design_secondary_kg_s;
    state.design_supply_c = loop.design_supply_c;
    state.design_return_c = loop.design_return_c;
    state.exponent = loop.floor_heating ? floor_exponent : radiator_exponent;
    state.valve_full = valve_conductance(loop.valve_kvs_m3_h);
    state.opening_percent = state.opening_setpoint_percent = loop.valve_opening_percent;
    state.supply_volume_kg = 0.4 * water_l_kw * loop.design_heat_kw;
    state.return_volume_kg = 0.6 * water_l_kw * loop.design_heat_kw;
    state.static_mpa = loop.zone == "high" ? 0.52 : 0.30;
    state.leak_share = random.between(0.001, 0.006);
    set_exchanger(state, loop, random);
    set_pumps(state, loop);
    state.return_mpa = state.static_mpa;
    return state;
}

double LoopState::primary_conductance() const {
    return in_series(valve_full * equal_percentage(opening_percent), exchanger_resistance);
}

double LoopState::curve_c(double outdoor_c) const {
    return secondary_curve_c(design_supply_c, design_return_c, exponent, aimed_indoor_c, outdoor_c);
}

/// An integrating controller, as slow as the water it waits for: 0.2 % of stroke a minute and kelvin, at most 3 % a
/// minute.
void LoopState::move_automatically(double seconds) {
    const double per_minute = std::clamp(0.2 * (supply_setpoint_c - outlet_c), -3.0, 3.0);
    opening_setpoint_percent = std::clamp(opening_setpoint_percent + per_minute * seconds / 60.0, 3.0, 100.0);
}

void LoopState::move(double seconds, double outdoor_c) {
    if (!setpoint_held) {
        supply_setpoint_c = curve_c(outdoor_c);
    }
    if (automatic) {
        move_automatically(seconds);
    }
    opening_percent = approach(opening_percent, opening_setpoint_percent, 100.0 * seconds / valve_stroke_s);
    pump.move(seconds);
    makeup.move(seconds);
    for (auto& building : buildings) {
        building.move_valve(seconds);
    }
}

/// The pump's curve meets station and houses; the houses share the flow by their conductances.
void LoopState::circulate() {
    const double k = secondary_conductance(buildings);
    secondary_kg_s = k <= 0.0 || !pump.running() ? 0.0 : pump.flow_through(station_resistance + 1.0 / (k * k));
    ring_mpa = k <= 0.0 ? pump.rated_pa * 1.25e-6 * std::pow(pump.frequency_hz / 50.0, 2.0)
                        : secondary_kg_s * secondary_kg_s / (k * k) * 1e-6;
    for (auto& building : buildings) {
        building.flow_kg_s = k <= 0.0 ? 0.0 : secondary_kg_s * building.conductance() / k;
    }
}

void LoopState::heat_houses(double seconds, const OutdoorNow& outdoor) {
    network_supply_c = lag(network_supply_c, outlet_c, seconds, supply_volume_kg / std::max(secondary_kg_s, 1e-3));
    double carried = 0.0;
    for (auto& building : buildings) {
        building.step(seconds, building.flow_kg_s, network_supply_c, outdoor);
        carried += building.flow_kg_s * building.return_c;
    }
    if (secondary_kg_s > 1e-3) {
        inlet_c = lag(inlet_c, carried / secondary_kg_s, seconds, return_volume_kg / secondary_kg_s);
    }
}

/// The make-up pump keeps the return at its shut-off head, which goes with the square of its speed; leaks pull it down.
void LoopState::hold_pressure(double seconds) {
    const double leak_kg_s = leak_share * design_secondary_kg_s * std::sqrt(return_mpa / static_mpa);
    const double shut_off = (static_mpa + 0.01) * std::pow(makeup.frequency_hz / makeup_nominal_hz, 2.0);
    makeup_kg_s = makeup_kg_s_mpa * std::max(shut_off - return_mpa, 0.0);
    const double settled = makeup_kg_s > 0.0 ? shut_off - leak_kg_s / makeup_kg_s_mpa : 0.0;
    if (makeup_kg_s > 0.0) {
        return_mpa = lag(return_mpa, settled, seconds, expansion_kg_mpa / makeup_kg_s_mpa);
    } else {
        return_mpa = std::max(return_mpa - leak_kg_s * seconds / expansion_kg_mpa, 0.02);
    }
}

void LoopState::step(double seconds, double primary_flow_kg_s, double primary_supply_c, const OutdoorNow& outdoor) {
    circulate();
    primary_kg_s = primary_flow_kg_s;
    const double transfer = plate_transfer_w_k(design_transfer_w_k, primary_kg_s / design_primary_kg_s,
                                               secondary_kg_s / design_secondary_kg_s);
    const auto result = exchange({primary_kg_s, secondary_kg_s, primary_supply_c, inlet_c}, transfer);
    heat_w = result.heat_w;
    primary_return_c = result.hot_out_c;
    outlet_c = result.cold_out_c;
    heat_houses(seconds, outdoor);
    hold_pressure(seconds);
}

}  // namespace nuanshu::sim

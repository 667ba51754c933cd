#include <algorithm>
#include <cmath>

#include "sim/src/plant_city.h"

/// The plant's values as points, and the points that can be written.
namespace nuanshu::sim {

namespace {

constexpr double t_h(double kg_s) {
    return kg_s * 3.6;
}

/// Share of the pressure difference lost on the supply side, and where the network's constant pressure is held.
constexpr double header_return_mpa = 0.30;

double lost_mpa(double header_pa, double here_pa) {
    return 0.5 * (header_pa - here_pa) * 1e-6;
}

/// Somebody opens a station's door for twenty minutes, now and then, by day.
bool door_is_open(std::uint64_t seed, std::size_t station, std::int64_t time_ms, double day_share) {
    const auto span = static_cast<std::uint64_t>(time_ms / 1'200'000);
    return day_share > 0.35 && day_share < 0.7 && unit_from(mix(mix(seed, 0xd002), station, span)) < 0.012;
}

/// Collector values of a station: its loops, weighed by flow.
struct Collector {
    double kg_s = 0.0, supply = 0.0, back = 0.0, supply_mpa = 0.0, return_mpa = 0.0, makeup_kg_s = 0.0;

    void add(const LoopState& loop) {
        const double weight = std::max(loop.secondary_kg_s, 1e-6);
        kg_s += weight;
        supply += weight * loop.outlet_c;
        back += weight * loop.inlet_c;
        supply_mpa += weight * (loop.return_mpa + loop.ring_mpa);
        return_mpa += weight * loop.return_mpa;
        makeup_kg_s += loop.makeup_kg_s;
    }
};

void publish_pump(const PumpState& pump, double flow_kg_s, double* out) {
    out[pump_point::frequency] = pump.frequency_hz;
    out[pump_point::frequency_setpoint] = pump.setpoint_hz;
    out[pump_point::running] = pump.running() ? 1.0 : 0.0;
    out[pump_point::start_command] = pump.start ? 1.0 : 0.0;
    out[pump_point::current] = pump.current_a(flow_kg_s);
}

bool write_pump(PumpState& pump, std::size_t place, double value) {
    if (place == pump_point::frequency_setpoint) {
        pump.setpoint_hz = std::clamp(value, 0.0, 50.0);
        return true;
    }
    if (place == pump_point::start_command) {
        pump.start = value >= 0.5;
        return true;
    }
    return false;
}

/// Which record of a kind a slot belongs to: the last one that begins at or before it.
struct Owner {
    std::size_t number = 0, place = 0;
};
std::optional<Owner> owner_of(const std::vector<std::size_t>& firsts, std::size_t count, std::size_t slot) {
    const auto next = std::upper_bound(firsts.begin(), firsts.end(), slot);
    if (next == firsts.begin() || slot - *(next - 1) >= count) {
        return std::nullopt;
    }
    return Owner{static_cast<std::size_t>(next - firsts.begin()) - 1, slot - *(next - 1)};
}

}  // namespace

void CityPlant::publish() {
    for (std::size_t i = 0; i < sources_->sources().size(); ++i) {
        publish_source(i);
    }
    for (std::size_t i = 0; i < stations_.size(); ++i) {
        publish_station(i);
    }
    for (std::size_t i = 0; i < loops_.size(); ++i) {
        publish_loop(i);
    }
    for (std::size_t i = 0; i < building_places_.size(); ++i) {
        publish_building(i, building(i));
    }
    for (std::size_t i = 0; i < rooms_.size(); ++i) {
        publish_sensor(i);
    }
}

void CityPlant::publish_source(std::size_t number) {
    const auto& source = sources_->sources()[number];
    const bool running = source.flow_kg_s > 1e-3;
    const double load = source.heat_w / source.capacity_w;
    constexpr double coal_gj_t = 22.0, efficiency = 0.88;
    double* out = &values_[layout_.source[number]];
    out[source_point::supply_temperature] = source.supply_c;
    out[source_point::return_temperature] = return_c_;
    out[source_point::supply_pressure] = header_return_mpa + header_pa_ * 1e-6;
    out[source_point::return_pressure] = header_return_mpa;
    out[source_point::flow] = t_h(source.flow_kg_s);
    out[source_point::heat_power] = source.heat_w * 1e-6;
    out[source_point::heat_energy] = source.energy_gj;
    out[source_point::makeup_flow] = t_h(source.makeup_kg_s);
    out[source_point::makeup_total] = source.makeup_m3;
    out[source_point::circulation_pump_frequency] = source.frequency_hz;
    out[source_point::circulation_pump_running] = running ? 1.0 : 0.0;
    out[source_point::supply_temperature_setpoint] = source.setpoint_c;
    out[source_point::fuel_rate] = source.heat_w * 3600.0 / 1e9 / coal_gj_t / efficiency;
    out[source_point::flue_gas_temperature] = running ? 112.0 + 35.0 * load : 25.0;
    out[source_point::outdoor_temperature] = outdoor_.temperature_c;
    out[source_point::wind_speed] = outdoor_.wind_m_s;
}

void CityPlant::publish_pressures(const StationState& station, double* out) const {
    const double here_pa = flow_.difference_pa[station.node];
    out[station_point::primary_return_pressure] = header_return_mpa + lost_mpa(header_pa_, here_pa);
    out[station_point::primary_supply_pressure] = out[station_point::primary_return_pressure] + here_pa * 1e-6;
}

void CityPlant::publish_station(std::size_t number) {
    const auto& station = stations_[number];
    Collector collector;
    for (std::size_t i = 0; i < station.loops; ++i) {
        collector.add(loops_[station.first_loop + i]);
    }
    double* out = &values_[layout_.station[number]];
    publish_pressures(station, out);
    out[station_point::primary_supply_temperature] = station.supply_c;
    out[station_point::primary_return_temperature] = station.return_c;
    out[station_point::primary_flow] = t_h(station.primary_kg_s);
    out[station_point::heat_power] = station.heat_w * 1e-6;
    out[station_point::heat_energy] = station.energy_gj;
    out[station_point::secondary_supply_temperature] = collector.supply / collector.kg_s;
    out[station_point::secondary_return_temperature] = collector.back / collector.kg_s;
    out[station_point::secondary_supply_pressure] = collector.supply_mpa / collector.kg_s;
    out[station_point::secondary_return_pressure] = collector.return_mpa / collector.kg_s;
    out[station_point::secondary_flow] = t_h(collector.kg_s);
    out[station_point::outdoor_temperature] = outdoor_.temperature_c + station.outdoor_offset_k;
    out[station_point::makeup_flow] = t_h(collector.makeup_kg_s);
    out[station_point::makeup_total] = station.makeup_m3;
    out[station_point::electricity] = station.electricity_kwh;
    out[station_point::door_open] = door_is_open(seed_, number, time_ms_, outdoor_.day_share) ? 1.0 : 0.0;
    double* tank = &values_[layout_.tank[number]];
    tank[tank_point::level] = station.tank_level_m;
    tank[tank_point::temperature] = station.tank_c;
}

void CityPlant::publish_loop(std::size_t number) {
    const auto& loop = loops_[number];
    double* out = &values_[layout_.loop[number]];
    out[loop_point::secondary_supply_temperature] = loop.outlet_c;
    out[loop_point::secondary_return_temperature] = loop.inlet_c;
    out[loop_point::secondary_supply_pressure] = loop.return_mpa + loop.ring_mpa;
    out[loop_point::secondary_return_pressure] = loop.return_mpa;
    out[loop_point::secondary_flow] = t_h(loop.secondary_kg_s);
    out[loop_point::primary_flow] = t_h(loop.primary_kg_s);
    out[loop_point::control_mode] = loop.automatic ? 1.0 : 0.0;
    out[loop_point::supply_temperature_setpoint] = loop.supply_setpoint_c;
    double* valve = &values_[layout_.valve[number]];
    valve[valve_point::opening] = loop.opening_percent;
    valve[valve_point::opening_setpoint] = loop.opening_setpoint_percent;
    publish_pump(loop.pump, loop.secondary_kg_s, &values_[layout_.pump[number]]);
    publish_pump(loop.makeup, loop.makeup_kg_s, &values_[layout_.makeup[number]]);
}

void CityPlant::publish_building(std::size_t number, const BuildingState& building) {
    double* out = &values_[layout_.building[number]];
    out[building_point::supply_temperature] = building.supply_c;
    out[building_point::return_temperature] = building.return_c;
    out[building_point::flow] = t_h(building.flow_kg_s);
    out[building_point::heat_power] = building.heat_w * 1e-3;
    out[building_point::heat_energy] = building.energy_gj;
    out[building_point::valve_opening] = building.opening_percent;
    out[building_point::valve_opening_setpoint] = building.setpoint_percent;
}

/// A flat's own temperature: its place in the house, and windows that people open for half an hour when it is warm
/// enough.
void CityPlant::publish_sensor(std::size_t number) {
    const auto& room = rooms_[number];
    const double hours = static_cast<double>(time_ms_) / 3'600'000.0;
    const double wave =
        std::sin(2.0 * 3.14159265 * (hours / (7.0 + 5.0 * unit_from(room.key)) + unit_from(room.key + 7)));
    double* out = &values_[layout_.sensor[number]];
    out[sensor_point::room_temperature] =
        building(room.building).temperatures.air_c + room.offset_k + 0.3 * room.habit_k * wave;
    out[sensor_point::humidity] = 34.0 + 7.0 * unit_from(room.key + 3) + 4.0 * wave;
    out[sensor_point::battery] = 3.25 + 0.38 * unit_from(room.key + 5);
}

BuildingState& CityPlant::building(std::size_t number) {
    const auto [loop, index] = building_places_[number];
    return loops_[loop].buildings[index];
}

bool CityPlant::write_source(std::size_t number, std::size_t place, double value) {
    if (place != source_point::supply_temperature_setpoint) {
        return false;
    }
    auto& source = sources_->sources()[number];
    source.setpoint_held = value > 0.0;
    source.setpoint_c = value > 0.0 ? std::clamp(value, 30.0, 130.0) : source.setpoint_c;
    return true;
}

bool CityPlant::write_loop(LoopState& loop, std::size_t place, double value) {
    if (place == loop_point::control_mode) {
        loop.automatic = value >= 0.5;
        loop.setpoint_held = false;
        return true;
    }
    if (place == loop_point::supply_temperature_setpoint) {
        loop.setpoint_held = true;
        loop.supply_setpoint_c = std::clamp(value, 20.0, 85.0);
        return true;
    }
    return false;
}

bool CityPlant::write(std::size_t slot, double value) {
    if (slot >= values_.size() || !layout_.specs[slot]->command || !std::isfinite(value)) {
        return false;
    }
    bool written = false;
    if (const auto at = owner_of(layout_.source, source_point::count, slot)) {
        written = write_source(at->number, at->place, value);
    } else if (const auto at_loop = owner_of(layout_.loop, loop_point::count, slot)) {
        written = write_loop(loops_[at_loop->number], at_loop->place, value);
    } else if (const auto at_valve = owner_of(layout_.valve, valve_point::count, slot)) {
        loops_[at_valve->number].opening_setpoint_percent = std::clamp(value, 0.0, 100.0);
        written = true;
    } else if (const auto at_pump = owner_of(layout_.pump, pump_point::count, slot)) {
        written = write_pump(loops_[at_pump->number].pump, at_pump->place, value);
    } else if (const auto at_makeup = owner_of(layout_.makeup, pump_point::count, slot)) {
        written = write_pump(loops_[at_makeup->number].makeup, at_makeup->place, value);
    } else if (const auto at_building = owner_of(layout_.building, building_point::count, slot)) {
        building(at_building->number).setpoint_percent = std::clamp(value, 0.0, 100.0);
        written = true;
    }
    values_[slot] = written ? value : values_[slot];
    return written;
}

}  // namespace nuanshu::sim

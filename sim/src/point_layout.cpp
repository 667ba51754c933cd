#include "sim/src/point_layout.h"

#include <span>

namespace nuanshu::sim {

namespace {

void add_record(PointLayout& layout, std::vector<std::size_t>& kind, const std::string& code,
                std::span<const PointSpec> table) {
    kind.push_back(layout.codes.size());
    for (const auto& spec : table) {
        layout.codes.push_back(code + "/" + std::string(spec.name));
        layout.specs.push_back(&spec);
    }
}

void add_building(PointLayout& layout, const Building& building) {
    add_record(layout, layout.building, building.code, building_points);
    for (const auto& household : building.households) {
        for (const auto& sensor : household.sensors) {
            add_record(layout, layout.sensor, sensor.code, sensor_points);
        }
    }
}

void add_loop(PointLayout& layout, const Loop& loop) {
    add_record(layout, layout.loop, loop.code, loop_points);
    add_record(layout, layout.valve, loop.code + ".valve1", valve_points);
    add_record(layout, layout.pump, loop.code + ".pump1", pump_points);
    add_record(layout, layout.makeup, loop.code + ".makeup1", pump_points);
    for (const auto& building : loop.buildings) {
        add_building(layout, building);
    }
}

void add_station(PointLayout& layout, const Station& station) {
    add_record(layout, layout.station, station.code, station_points);
    add_record(layout, layout.tank, station.code + ".tank1", tank_points);
    for (const auto& loop : station.loops) {
        add_loop(layout, loop);
    }
}

}  // namespace

std::optional<std::size_t> PointLayout::find(std::string_view code) const {
    const auto found = slots.find(std::string(code));
    return found == slots.end() ? std::nullopt : std::optional(found->second);
}

PointLayout lay_out_points(const City& city) {
    PointLayout layout;
    for (const auto& source : city.sources) {
        add_record(layout, layout.source, source.code, source_points);
    }
    for (const auto& station : city.stations) {
        add_station(layout, station);
    }
    for (std::size_t slot = 0; slot < layout.codes.size(); ++slot) {
        layout.slots.emplace(layout.codes[slot], slot);
    }
    return layout;
}

}  // namespace nuanshu::sim

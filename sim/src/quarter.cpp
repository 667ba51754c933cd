#include "sim/src/quarter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "sim/src/names.h"
#include "sim/src/thermal.h"

namespace nuanshu::sim {

namespace {

struct Style {
    int floors_low, floors_high, units_low, units_high, year_low, year_high;
    double unit_length_m, depth_m, index_low, index_high;
};

Style style_of(Era era) {
    switch (era) {
        case Era::walk_ups:
            return {5, 7, 3, 5, 1984, 2002, 14.5, 12.0, 48.0, 60.0};
        case Era::slabs:
            return {9, 12, 2, 4, 2003, 2012, 16.0, 13.0, 40.0, 50.0};
        default:
            return {18, 32, 1, 2, 2012, 2022, 27.0, 17.0, 33.0, 42.0};
    }
}

Era choose_era(Random& random) {
    const double draw = random.unit();
    return draw < 0.38 ? Era::walk_ups : draw < 0.72 ? Era::slabs : Era::towers;
}

/// A rectangle around `middle`, turned a little, as a closed ring.
std::vector<GeoPoint> rectangle(const CityParameters& parameters, Place middle, double length_m, double depth_m,
                                double angle_deg) {
    const double angle = angle_deg * std::numbers::pi / 180.0;
    const double c = std::cos(angle), s = std::sin(angle);
    constexpr std::array<std::pair<double, double>, 5> corners = {
        {{-0.5, -0.5}, {0.5, -0.5}, {0.5, 0.5}, {-0.5, 0.5}, {-0.5, -0.5}}};
    std::vector<GeoPoint> ring;
    for (const auto& [along, across] : corners) {
        const double x = along * length_m, y = across * depth_m;
        ring.push_back(to_geo(parameters, {middle.east_m + c * x - s * y, middle.north_m + s * x + c * y}));
    }
    return ring;
}

/// Houses stand in rows inside the block.
std::vector<Place> house_places(const Town& town, const Block& block, int count, Random& random) {
    const int columns = std::clamp(static_cast<int>(std::ceil(std::sqrt(count * 0.8))), 1, 7);
    const int rows = (count + columns - 1) / columns;
    std::vector<Place> places;
    for (int i = 0; i < count; ++i) {
        const double x = (i % columns + 0.5) / columns - 0.5, y = 0.5 - (i / columns + 0.5) / rows;
        places.push_back({block.middle.east_m + 0.86 * town.block_width_m * x + random.between(-4.0, 4.0),
                          block.middle.north_m + 0.86 * town.block_height_m * y + random.between(-3.0, 3.0)});
    }
    return places;
}

struct Plot {
    Place place, station;
    double angle_deg;
    std::string quarter, address;
    int number;
};

Building build_house(const CityParameters& parameters, const Plot& plot, Era era, Random& random) {
    const Style style = style_of(era);
    Building house;
    house.title = fmt::format("{}{}号楼", plot.quarter, plot.number);
    house.address = fmt::format("{} {}号楼", plot.address, plot.number);
    house.floors = random.whole(style.floors_low, style.floors_high);
    house.units = random.whole(style.units_low, style.units_high);
    house.built_year = random.whole(style.year_low, style.year_high);
    house.heat_index_w_m2 = std::round(random.between(style.index_low, style.index_high) * 10.0) / 10.0;
    const double length_m = house.units * style.unit_length_m;
    house.footprint = rectangle(parameters, plot.place, length_m, style.depth_m, plot.angle_deg);
    house.heated_area_m2 = std::round(length_m * style.depth_m * house.floors * 0.92);
    house.branch_length_m =
        25.0 + std::abs(plot.place.east_m - plot.station.east_m) + std::abs(plot.place.north_m - plot.station.north_m);
    return house;
}

/// Pump duty: the furthest building's ring and the station, with the usual margins of 10 % in flow and 15 % in head.
void choose_pump(Loop& loop) {
    constexpr double ring_pa = 120'000.0, station_pa = 60'000.0;
    loop.pump_flow_m3_h = std::ceil(loop.design_secondary_kg_s * 3.6 * 1.1);
    loop.pump_head_m = std::ceil((ring_pa + station_pa) * 1.15 / 9806.65);
    const double shaft_kw = loop.pump_flow_m3_h / 3600.0 * loop.pump_head_m * 9.80665 / 0.72;
    constexpr std::array motors_kw = {1.5,  2.2,  3.0,  4.0,  5.5,  7.5,  11.0, 15.0,  18.5,
                                      22.0, 30.0, 37.0, 45.0, 55.0, 75.0, 90.0, 110.0, 132.0};
    const auto* fits = std::lower_bound(motors_kw.begin(), motors_kw.end(), shaft_kw * 1.1);
    loop.pump_power_kw = fits == motors_kw.end() ? std::ceil(shaft_kw * 1.1) : *fits;
}

void choose_exchanger(Loop& loop) {
    const double difference_k =
        log_mean_difference_k(primary_design_supply_c - loop.design_supply_c, exchanger_approach_k);
    constexpr double transfer_w_m2_k = 3'800.0, plate_m2 = 0.55;
    const double area_m2 = loop.design_heat_kw * 1000.0 / difference_k / transfer_w_m2_k;
    loop.exchanger_plates = static_cast<int>(std::ceil(area_m2 / plate_m2)) + 2;
    loop.exchanger_area_m2 = std::round((loop.exchanger_plates - 2) * plate_m2 * 10.0) / 10.0;
}

void design_loop(Loop& loop) {
    for (const auto& house : loop.buildings) {
        loop.heated_area_m2 += house.heated_area_m2;
        loop.design_heat_kw += house.heated_area_m2 * house.heat_index_w_m2 / 1000.0;
    }
    loop.design_supply_c = loop.floor_heating ? floor_supply_c : radiator_supply_c;
    loop.design_return_c = loop.floor_heating ? floor_return_c : radiator_return_c;
    const double watts = loop.design_heat_kw * 1000.0;
    const double primary_k = primary_design_supply_c - loop.design_return_c - exchanger_approach_k;
    loop.design_primary_kg_s = watts / (water_heat_j_kg_k * primary_k);
    loop.design_secondary_kg_s = watts / (water_heat_j_kg_k * (loop.design_supply_c - loop.design_return_c));
    choose_pump(loop);
    choose_exchanger(loop);
}

/// Old quarters have one circuit; towers need a high zone of their own beside the lower houses.
void divide_into_loops(Station& station, std::vector<Building> houses, bool floor_heating) {
    const bool towers = std::any_of(houses.begin(), houses.end(), [](const Building& b) { return b.floors >= 18; });
    const bool low = std::any_of(houses.begin(), houses.end(), [](const Building& b) { return b.floors < 18; });
    const std::size_t loops = towers && low ? 2 : 1;
    for (std::size_t i = 0; i < loops; ++i) {
        const bool high = towers && (loops == 1 || i == 1);
        Loop loop;
        loop.code = fmt::format("{}.b{}", station.code, i + 1);
        loop.title = station.title + (loops == 1 ? "供热环路" : high ? "高区环路" : "低区环路");
        loop.zone = high ? "high" : "low";
        loop.floor_heating = floor_heating;
        station.loops.push_back(std::move(loop));
    }
    for (auto& house : houses) {
        auto& loop = station.loops[loops == 2 && house.floors >= 18 ? 1 : 0];
        house.code = fmt::format("{}.l{:02}", loop.code, loop.buildings.size() + 1);
        loop.buildings.push_back(std::move(house));
    }
}

void finish_station(Station& station, Random& random) {
    for (auto& loop : station.loops) {
        design_loop(loop);
        station.heated_area_m2 += loop.heated_area_m2;
        station.design_heat_kw += loop.design_heat_kw;
        for (const auto& house : loop.buildings) {
            station.commissioned_year = std::max(station.commissioned_year, house.built_year);
        }
    }
    station.design_heat_kw = std::round(station.design_heat_kw);
    station.tank_volume_m3 = station.design_heat_kw > 3'000 ? 8.0 : 5.0;
    station.meter_dn_mm = station.design_heat_kw > 4'000 ? 150 : station.design_heat_kw > 2'000 ? 125 : 100;
    constexpr std::array<std::pair<const char*, const char*>, 4> plcs = {
        {{"恒控自动化", "HK-1200"}, {"北辰控制", "BC-S7"}, {"华泽电气", "HZ-200R"}, {"信达智控", "XD-RTU4"}}};
    constexpr std::array meters = {"海天仪表", "瑞恒仪表", "金超仪表"};
    const auto& plc = plcs[static_cast<std::size_t>(random.whole(0, 3))];
    station.plc_manufacturer = plc.first;
    station.plc_model = plc.second;
    station.meter_manufacturer = meters[static_cast<std::size_t>(random.whole(0, 2))];
}

std::vector<Building> build_houses(const CityParameters& parameters, const Town& town, const Block& block,
                                   const Station& station, const std::string& quarter, int count, Era era,
                                   Random& random) {
    const double angle_deg = random.between(-4.0, 4.0);
    std::vector<Building> houses;
    for (const Place place : house_places(town, block, count, random)) {
        const bool lower = era == Era::towers && random.chance(0.35);
        const Plot plot{place, block.station, angle_deg, quarter, station.address, static_cast<int>(houses.size()) + 1};
        houses.push_back(build_house(parameters, plot, lower ? Era::slabs : era, random));
    }
    return houses;
}

}  // namespace

Station build_station(const CityParameters& parameters, const Town& town, std::size_t number,
                      const std::string& quarter, int buildings, Random& random) {
    const Block& block = town.blocks[number];
    const Era era = choose_era(random);
    Station station;
    station.code = fmt::format("{}.s01.n1.h{:03}", parameters.code, number + 1);
    station.title = quarter + "换热站";
    station.address = fmt::format("{}{}号 {}", road_name(static_cast<std::size_t>(block.row)),
                                  10 + 22 * block.column + random.whole(0, 20), quarter);
    station.position = to_geo(parameters, block.station);
    station.commissioned_year = 1984;
    auto houses = build_houses(parameters, town, block, station, quarter, buildings, era, random);
    divide_into_loops(station, std::move(houses), era == Era::towers && random.chance(0.6));
    finish_station(station, random);
    return station;
}

}  // namespace nuanshu::sim

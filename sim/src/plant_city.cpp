#include "sim/src/plant_city.h"

#include <algorithm>
#include <cmath>

namespace nuanshu::sim {

namespace {

constexpr double outdoor_filter_s = 3.0 * 3600.0;

/// Warmer in the middle, cooler under the roof, over the cellar and at the ends (the usual pattern of complaints).
double flat_offset_k(const Household& home, int floors, std::uint64_t key) {
    double offset = 0.35 + 0.7 * normal_from(key);
    offset -= home.floor == floors ? 1.1 : 0.0;
    offset -= home.floor == 1 ? 0.7 : 0.0;
    offset -= home.corner ? 0.8 : 0.0;
    return offset - (home.shop ? 0.6 : 0.0);
}

}  // namespace

CityPlant::CityPlant(const City& city)
    : layout_(lay_out_points(city)),
      weather_(city.parameters.seed, city.parameters.longitude_deg, city.parameters.latitude_deg),
      seed_(mix(city.parameters.seed, 0x91a7)),
      longitude_deg_(city.parameters.longitude_deg),
      header_pa_(city.header_difference_pa),
      values_(layout_.codes.size(), 0.0) {
    Random random(seed_);
    time_ms_ = city.parameters.start_ms;
    build_network(city);
    build_stations(city, random);
    double design_kg_s = 0.0;
    for (const auto& loop : loops_) {
        design_kg_s += loop.design_primary_kg_s;
    }
    sources_ = std::make_unique<SourcePlant>(city, design_kg_s, random);
    settle();
    publish();
}

void CityPlant::build_network(const City& city) {
    for (const auto& pipe : city.pipes) {
        const double diameter_m = pipe.diameter_mm / 1000.0;
        tree_.parent.push_back(pipe.from_node);
        tree_.resistance.push_back(pipe_resistance(pipe.length_m, diameter_m));
        tree_.volume_m3.push_back(pipe.length_m * 0.7854 * diameter_m * diameter_m);
    }
    node_conductance_.assign(tree_.nodes(), 0.0);
}

void CityPlant::build_rooms(const Building& building, std::size_t number) {
    for (const auto& home : building.households) {
        for (std::size_t i = 0; i < home.sensors.size(); ++i) {
            const std::uint64_t key = mix(seed_, 0x4007, rooms_.size());
            rooms_.push_back({.building = number,
                              .offset_k = flat_offset_k(home, building.floors, key),
                              .habit_k = 0.6 * unit_from(mix(key, 2)),
                              .key = key});
        }
    }
}

void CityPlant::build_stations(const City& city, Random& random) {
    for (const auto& built : city.stations) {
        StationState station{.node = built.node, .first_loop = loops_.size(), .loops = built.loops.size()};
        station.outdoor_offset_k = random.normal(0.0, 0.3);
        station.tank_area_m2 = built.tank_volume_m3 / 2.0;
        station.tank_level_m = random.between(0.9, 1.6);
        for (const auto& loop : built.loops) {
            for (std::size_t i = 0; i < loop.buildings.size(); ++i) {
                build_rooms(loop.buildings[i], building_places_.size());
                building_places_.emplace_back(loops_.size(), i);
            }
            loops_.push_back(LoopState::create(loop, random));
        }
        // Counters were running before anybody looked.
        station.energy_gj = std::floor(built.heated_area_m2 * random.between(0.18, 0.24));
        station.electricity_kwh = std::floor(built.heated_area_m2 * random.between(0.5, 1.1));
        station.makeup_m3 = std::floor(built.heated_area_m2 * random.between(0.004, 0.012));
        stations_.push_back(station);
    }
}

/// Finds the state before the first moment: a day with walls that follow ten times faster, then some hours as it really
/// is.
void CityPlant::settle() {
    const std::int64_t start_ms = time_ms_;
    constexpr int fast_minutes = 1440, true_minutes = 240;
    filtered_outdoor_c_ = weather_.daily_mean_c(start_ms);
    history_ = std::make_unique<SupplyHistory>(primary_curve_c(aimed_indoor_c, filtered_outdoor_c_));
    const auto scale_walls = [this](double factor) {
        for (auto& loop : loops_) {
            for (auto& house : loop.buildings) {
                house.mass.mass_j_k *= factor;
            }
        }
    };
    scale_walls(0.1);
    time_ms_ = start_ms - (fast_minutes + true_minutes) * 60'000LL;
    for (int i = 0; i < fast_minutes; ++i) {
        step(60.0);
    }
    scale_walls(10.0);
    for (int i = 0; i < true_minutes; ++i) {
        step(60.0);
    }
    time_ms_ = start_ms;
}

void CityPlant::take_weather(double seconds) {
    const auto now = weather_.at(time_ms_);
    const double local_day = static_cast<double>(time_ms_) / 86'400'000.0 + longitude_deg_ / 360.0;
    outdoor_ = {now.temperature_c, now.wind_m_s, now.sun_w_m2, local_day - std::floor(local_day)};
    filtered_outdoor_c_ = lag(filtered_outdoor_c_, now.temperature_c, seconds, outdoor_filter_s);
}

void CityPlant::solve_primary() {
    std::fill(node_conductance_.begin(), node_conductance_.end(), 0.0);
    for (const auto& station : stations_) {
        for (std::size_t i = 0; i < station.loops; ++i) {
            node_conductance_[station.node] += loops_[station.first_loop + i].primary_conductance();
        }
    }
    solve_tree(tree_, node_conductance_, header_pa_, flow_);
    total_kg_s_ = 0.0;
    for (const auto& station : stations_) {
        total_kg_s_ += node_conductance_[station.node] * std::sqrt(std::max(flow_.difference_pa[station.node], 0.0));
    }
}

/// The return reaches the sources mixed, and as late as the supply took on its way, on the average of all water.
void CityPlant::step_sources(double seconds) {
    double carried = 0.0, travel = 0.0;
    for (const auto& station : stations_) {
        carried += station.primary_kg_s * station.return_c;
        travel += station.primary_kg_s * flow_.travel_s[station.node];
    }
    if (total_kg_s_ > 1e-3 && travel > 0.0) {
        return_c_ = lag(return_c_, carried / total_kg_s_ - 0.2, seconds, travel / total_kg_s_);
    }
    sources_->step(seconds, total_kg_s_, return_c_, primary_curve_c(aimed_indoor_c, filtered_outdoor_c_));
    history_->add(seconds, sources_->mixed_supply_c());
}

void CityPlant::fill_tank(StationState& station, double drawn_kg_s, double seconds) {
    station.filling = station.tank_level_m < 0.8 || (station.filling && station.tank_level_m < 1.6);
    const double filled_kg_s = station.filling ? 1.5 + 2.0 * drawn_kg_s : 0.0;
    station.tank_level_m += (filled_kg_s - drawn_kg_s) * seconds / 1000.0 / station.tank_area_m2;
    station.tank_level_m = std::clamp(station.tank_level_m, 0.0, 1.95);
    station.tank_c = lag(station.tank_c, station.filling ? 9.0 : 16.0, seconds, 5'400.0);
}

void CityPlant::step_station(StationState& station, double seconds) {
    const double root_pa = std::sqrt(std::max(flow_.difference_pa[station.node], 0.0));
    double carried = 0.0, drawn = 0.0, power_kw = 0.6;
    station.supply_c = history_->delivered_c(flow_.travel_s[station.node]);
    station.primary_kg_s = station.heat_w = 0.0;
    for (std::size_t i = 0; i < station.loops; ++i) {
        auto& loop = loops_[station.first_loop + i];
        loop.step(seconds, loop.primary_conductance() * root_pa, station.supply_c, outdoor_);
        station.primary_kg_s += loop.primary_kg_s;
        station.heat_w += loop.heat_w;
        carried += loop.primary_kg_s * loop.primary_return_c;
        drawn += loop.makeup_kg_s;
        power_kw += loop.pump.power_kw(loop.secondary_kg_s) + loop.makeup.power_kw(loop.makeup_kg_s);
    }
    station.return_c = station.primary_kg_s > 1e-6 ? carried / station.primary_kg_s : station.return_c;
    station.energy_gj += station.heat_w * seconds / 1e9;
    station.electricity_kwh += power_kw * seconds / 3600.0;
    station.makeup_m3 += drawn * seconds / 1000.0;
    fill_tank(station, drawn, seconds);
}

void CityPlant::step(double seconds) {
    time_rest_ms_ += seconds * 1000.0;
    const double whole_ms = std::floor(time_rest_ms_);
    time_ms_ += static_cast<std::int64_t>(whole_ms);
    time_rest_ms_ -= whole_ms;
    take_weather(seconds);
    for (auto& loop : loops_) {
        loop.move(seconds, filtered_outdoor_c_);
    }
    solve_primary();
    step_sources(seconds);
    for (auto& station : stations_) {
        step_station(station, seconds);
    }
}

void CityPlant::advance(double seconds) {
    while (seconds > 1e-9) {
        const double part = std::min(seconds, longest_step_s);
        step(part);
        seconds -= part;
    }
    publish();
}

std::unique_ptr<Plant> make_plant(const City& city) {
    return std::make_unique<CityPlant>(city);
}

}  // namespace nuanshu::sim

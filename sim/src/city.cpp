#include "sim/city.h"

#include <algorithm>
#include <cmath>

#include "sim/src/names.h"
#include "sim/src/quarter.h"
#include "sim/src/town.h"

namespace nuanshu::sim {

namespace {

Result<> check(const CityParameters& parameters) {
    const auto between = [](const char* name, long long value, long long low, long long high) -> Result<> {
        if (value < low || value > high) {
            return fail(ErrorCode::invalid, "city", "{} is {}; it must be {} … {}", name, value, low, high);
        }
        return {};
    };
    NUANSHU_TRY_VOID(between("stations", parameters.stations, 1, 5'000));
    NUANSHU_TRY_VOID(between("buildings", parameters.buildings, parameters.stations, 40LL * parameters.stations));
    NUANSHU_TRY_VOID(between("room_sensors", parameters.room_sensors, 0, 8LL * parameters.buildings));
    NUANSHU_TRY_VOID(between("start_ms", parameters.start_ms, 0, 4'102'444'800'000));
    if (!(std::abs(parameters.longitude_deg) <= 180.0) || !(std::abs(parameters.latitude_deg) <= 70.0)) {
        return fail(ErrorCode::invalid, "city", "longitude_deg {}, latitude_deg {}: within ±180 and ±70 is meant",
                    parameters.longitude_deg, parameters.latitude_deg);
    }
    const auto label = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
    if (parameters.code.empty() || parameters.code.size() > 32 ||
        !std::all_of(parameters.code.begin(), parameters.code.end(), label)) {
        return fail(ErrorCode::invalid, "city", "code `{}`: 1 … 32 of a–z, 0–9, _ and - are meant", parameters.code);
    }
    return {};
}

/// Houses of each station: evenly, then some moved from one quarter to another; every quarter keeps one.
std::vector<int> share_buildings(const CityParameters& parameters, Random& random) {
    std::vector<int> share(static_cast<std::size_t>(parameters.stations), parameters.buildings / parameters.stations);
    for (int i = 0; i < parameters.buildings % parameters.stations; ++i) {
        ++share[static_cast<std::size_t>(i)];
    }
    for (int i = 0; i < 2 * parameters.stations; ++i) {
        auto& from = share[static_cast<std::size_t>(random.whole(0, parameters.stations - 1))];
        auto& to = share[static_cast<std::size_t>(random.whole(0, parameters.stations - 1))];
        const int moved = from > parameters.buildings / parameters.stations / 2 + 1 ? 1 : 0;
        from -= moved;
        to += moved;
    }
    return share;
}

/// A CHP for the base, 62 % of the design load, and two peak boilers of 26 % each.
void add_sources(City& city, const Town& town) {
    double load_mw = 0.0, area_m2 = 0.0;
    for (const auto& station : city.stations) {
        load_mw += station.design_heat_kw / 1000.0;
        area_m2 += station.heated_area_m2;
    }
    constexpr std::array titles = {"新城热电厂", "北郊调峰锅炉房", "南郊调峰锅炉房"};
    constexpr std::array shares = {0.62, 0.26, 0.26};
    for (std::size_t i = 0; i < titles.size(); ++i) {
        city.sources.push_back({.code = fmt::format("{}.s{:02}", city.parameters.code, i + 1),
                                .title = titles[i],
                                .kind = i == 0 ? "chp" : "boiler",
                                .position = to_geo(city.parameters, town.sources[i]),
                                .capacity_mw = std::ceil(load_mw * shares[i]),
                                .heated_area_m2 = std::round(area_m2 * shares[i] / 1.14)});
    }
}

}  // namespace

Result<City> make_city(const CityParameters& parameters) {
    NUANSHU_TRY_VOID(check(parameters));
    City city;
    city.parameters = parameters;
    Random random(parameters.seed);
    const Town town = plan_town(parameters, random);
    const auto quarters = quarter_names(static_cast<std::size_t>(parameters.stations), parameters.seed);
    const auto share = share_buildings(parameters, random);
    for (std::size_t i = 0; i < share.size(); ++i) {
        city.stations.push_back(build_station(parameters, town, i, quarters[i], share[i], random));
    }
    lay_pipes(town, city);
    size_network(city, random);
    add_sources(city, town);
    city.source_pipes = source_pipes(town, city);
    settle_households(city, random);
    return city;
}

}  // namespace nuanshu::sim

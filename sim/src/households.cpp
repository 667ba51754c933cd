#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "sim/src/quarter.h"

namespace nuanshu::sim {

namespace {

using Flat = std::tuple<int, int, int>;  ///< unit, floor, door

int flats_a_floor(const Building& house) {
    return house.floors >= 18 ? 4 : 2;
}

Flat draw_flat(const Building& house, int round, Random& random) {
    const int middle = random.whole(2, std::max(2, house.floors - 1));
    const std::array floors = {middle, house.floors, 1};
    const int floor = round < 3 && random.chance(0.5) ? floors[static_cast<std::size_t>(round % 3)] : middle;
    return {random.whole(1, house.units), floor, random.whole(1, flats_a_floor(house))};
}

Household make_household(const Building& house, Flat flat, Random& random) {
    const auto [unit, floor, door] = flat;
    Household home;
    home.code = fmt::format("{}.u{}.{:02}{:02}", house.code, unit, floor, door);
    home.room = fmt::format("{}{:02}", floor, door);
    home.title = fmt::format("{}{}单元{}室", house.title, unit, home.room);
    home.unit = unit;
    home.floor = floor;
    const bool west = unit == 1 && door == 1, east = unit == house.units && door == flats_a_floor(house);
    home.corner = west || east;
    home.shop = floor == 1 && random.chance(0.12);
    home.heated_area_m2 =
        std::round(house.heated_area_m2 / (house.units * house.floors * flats_a_floor(house)) * 10.0) / 10.0;
    return home;
}

RoomSensor make_sensor(const Household& home, Random& random) {
    constexpr std::array makers = {"温联科技", "恒感物联", "北测电子"};
    return {.code = home.code + ".rt1",
            .title = home.room + "室室温采集器",
            .manufacturer = makers[static_cast<std::size_t>(random.whole(0, 2))],
            .installed_at =
                fmt::format("{}-{:02}-{:02}", random.whole(2019, 2025), random.whole(8, 10), random.whole(1, 28))};
}

std::vector<Building*> all_houses(City& city) {
    std::vector<Building*> houses;
    for (auto& station : city.stations) {
        for (auto& loop : station.loops) {
            for (auto& house : loop.buildings) {
                houses.push_back(&house);
            }
        }
    }
    return houses;
}

/// Which flats get a sensor: the houses in turn, in a shuffled order.
std::vector<std::set<Flat>> place_sensors(const std::vector<Building*>& houses, int sensors, Random& random) {
    std::vector<std::size_t> order(houses.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[i] = i;
        std::swap(order[i], order[static_cast<std::size_t>(random.unit() * static_cast<double>(i + 1))]);
    }
    std::vector<std::set<Flat>> chosen(houses.size());
    for (int placed = 0, turn = 0; placed < sensors; ++turn) {
        const std::size_t house = order[static_cast<std::size_t>(turn) % order.size()];
        const int round = turn / static_cast<int>(order.size());
        placed += chosen[house].insert(draw_flat(*houses[house], round, random)).second ? 1 : 0;
    }
    return chosen;
}

std::set<Flat> every_flat(const Building& house) {
    std::set<Flat> flats;
    for (int unit = 1; unit <= house.units; ++unit) {
        for (int floor = 1; floor <= house.floors; ++floor) {
            for (int door = 1; door <= flats_a_floor(house); ++door) {
                flats.emplace(unit, floor, door);
            }
        }
    }
    return flats;
}

}  // namespace

void settle_households(City& city, Random& random) {
    const auto houses = all_houses(city);
    const auto with_sensor = place_sensors(houses, city.parameters.room_sensors, random);
    for (std::size_t i = 0; i < houses.size(); ++i) {
        auto& house = *houses[i];
        for (const Flat& flat : city.parameters.all_households ? every_flat(house) : with_sensor[i]) {
            auto home = make_household(house, flat, random);
            if (with_sensor[i].contains(flat)) {
                home.sensors.push_back(make_sensor(home, random));
            }
            house.households.push_back(std::move(home));
        }
    }
}

}  // namespace nuanshu::sim

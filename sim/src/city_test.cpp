#include "sim/city.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "sim/src/point_layout.h"

namespace nuanshu::sim {
namespace {

namespace json = boost::json;

std::vector<json::object> records_of(const CityParameters& parameters) {
    const auto city = value_or_throw(make_city(parameters));
    CityEndpoints endpoints;
    endpoints.gateway_port = 15'500;
    for (std::size_t i = 0; i < city.stations.size(); ++i) {
        endpoints.station_ports.push_back(15'020 + static_cast<int>(i));
    }
    std::stringstream text;
    write_records(city, endpoints, text);
    std::vector<json::object> records;
    for (std::string line; std::getline(text, line);) {
        records.push_back(json::parse(line).as_object());
    }
    return records;
}

std::string text_of(const json::object& record, const char* name) {
    return std::string(record.at(name).as_string());
}

std::size_t count_of(const std::vector<json::object>& records, const char* type) {
    return static_cast<std::size_t>(std::count_if(records.begin(), records.end(),
                                                  [type](const auto& r) { return r.at("type").as_string() == type; }));
}

const json::object& find(const std::vector<json::object>& records, const std::string& code) {
    const auto found =
        std::find_if(records.begin(), records.end(), [&](const auto& r) { return text_of(r, "code") == code; });
    EXPECT_NE(found, records.end()) << code;
    return *found;
}

TEST(CityRecords, the_usual_city_has_what_the_plan_says) {
    const auto records = records_of({});
    EXPECT_EQ(count_of(records, "heat_source"), 3U);
    EXPECT_EQ(count_of(records, "station"), 60U);
    EXPECT_EQ(count_of(records, "building"), 620U);
    EXPECT_EQ(count_of(records, "room_sensor"), 600U);
    EXPECT_EQ(count_of(records, "device"), 60U * 2 + 3 + 1);
    EXPECT_LT(records.size(), 5'000U);
}

TEST(CityRecords, codes_are_unique_and_parents_come_first) {
    std::set<std::string> seen;
    for (const auto& record : records_of({})) {
        const auto code = text_of(record, "code");
        const auto dot = code.rfind('.');
        EXPECT_TRUE(dot == std::string::npos || seen.contains(code.substr(0, dot))) << code;
        EXPECT_TRUE(seen.insert(code).second) << code;
        EXPECT_FALSE(text_of(record, "title").empty()) << code;
    }
}

TEST(CityRecords, links_point_at_records_and_devices_say_how_they_are_reached) {
    const auto records = records_of({});
    std::set<std::string> codes;
    for (const auto& record : records) {
        codes.insert(text_of(record, "code"));
    }
    for (const auto& record : records) {
        if (text_of(record, "type") == "device") {
            EXPECT_TRUE(codes.contains(text_of(record, "gateway")));
            EXPECT_TRUE(codes.contains(text_of(record, "serves")));
        }
    }
    const auto& plc = find(records, "xc.s01.n1.h002.plc1").at("settings").as_object();
    EXPECT_EQ(plc.at("port").as_int64(), 15'021);
    EXPECT_EQ(plc.at("unit").as_int64(), 1);
    const auto& third = find(records, "xc.s03.plc1").at("settings").as_object();
    EXPECT_EQ(third.at("port").as_int64(), 15'500);
    EXPECT_EQ(third.at("unit").as_int64(), 3);
    EXPECT_EQ(find(records, "xc.s01.n1.h002.bm1").at("settings").as_object().at("edge_node").as_string(), "h002");
}

TEST(CityRecords, geometry_lies_in_the_city_and_footprints_are_closed) {
    const auto records = records_of({});
    for (const auto& record : records) {
        if (const auto* geometry = record.if_contains("geometry")) {
            const auto& shape = geometry->as_object();
            const auto type = std::string(shape.at("type").as_string());
            const auto& coordinates = shape.at("coordinates").as_array();
            const auto& line = type == "Polygon" ? coordinates.at(0).as_array() : coordinates;
            const auto& first = type == "Point" ? coordinates : line.at(0).as_array();
            EXPECT_NEAR(first.at(0).as_double(), 123.20, 0.08);
            EXPECT_NEAR(first.at(1).as_double(), 41.95, 0.05);
            if (type == "Polygon") {
                EXPECT_EQ(line.front(), line.back());
                EXPECT_EQ(line.size(), 5U);
            }
        }
    }
}

/// Square metres on the ground, by the shoelace formula; positive when counter-clockwise.
double ring_area_m2(const std::vector<GeoPoint>& ring) {
    const double metre_lat = 6'371'008.8 * M_PI / 180.0, metre_lon = metre_lat * std::cos(41.95 * M_PI / 180.0);
    double twice = 0.0;
    for (std::size_t i = 0; i + 1 < ring.size(); ++i) {
        const double x0 = (ring[i].longitude_deg - 123.2) * metre_lon, y0 = (ring[i].latitude_deg - 41.95) * metre_lat;
        const double x1 = (ring[i + 1].longitude_deg - 123.2) * metre_lon;
        const double y1 = (ring[i + 1].latitude_deg - 41.95) * metre_lat;
        twice += x0 * y1 - x1 * y0;
    }
    return 0.5 * twice;
}

TEST(City, houses_are_as_large_as_their_footprint_times_their_floors) {
    const auto city = value_or_throw(make_city({}));
    for (const auto& station : city.stations) {
        double sum_m2 = 0.0;
        for (const auto& loop : station.loops) {
            for (const auto& house : loop.buildings) {
                const double gross_m2 = ring_area_m2(house.footprint) * house.floors;
                EXPECT_NEAR(house.heated_area_m2, 0.92 * gross_m2, 0.02 * gross_m2) << house.title;
                EXPECT_TRUE(house.heat_index_w_m2 >= 30.0 && house.heat_index_w_m2 <= 60.0);
                sum_m2 += house.heated_area_m2;
            }
        }
        EXPECT_NEAR(sum_m2, station.heated_area_m2, 1.0);
    }
}

TEST(City, stations_have_different_names_and_towers_their_own_zone) {
    const auto city = value_or_throw(make_city({}));
    std::set<std::string> names;
    std::size_t two_loops = 0;
    for (const auto& station : city.stations) {
        names.insert(station.title);
        two_loops += station.loops.size() == 2 ? 1 : 0;
        if (station.loops.size() == 2) {
            EXPECT_EQ(station.loops[1].zone, "high");
        }
    }
    EXPECT_EQ(names.size(), 60U);
    EXPECT_GT(two_loops, 5U);
    EXPECT_LT(two_loops, 40U);
}

TEST(City, about_nine_thousand_points_in_the_usual_city) {
    const auto layout = lay_out_points(value_or_throw(make_city({})));
    EXPECT_GT(layout.codes.size(), 6'000U);
    EXPECT_LT(layout.codes.size(), 10'000U);
    EXPECT_EQ(layout.slots.size(), layout.codes.size()) << "no code twice";
    EXPECT_TRUE(layout.find("xc.s01.n1.h060.b1.makeup1/frequency_setpoint"));
    EXPECT_FALSE(layout.find("xc.s01.n1.h061/primary_flow"));
}

TEST(City, all_households_are_there_when_asked_for) {
    CityParameters parameters{.stations = 3, .buildings = 6, .room_sensors = 12};
    parameters.all_households = true;
    const auto city = value_or_throw(make_city(parameters));
    for (const auto& station : city.stations) {
        for (const auto& loop : station.loops) {
            for (const auto& house : loop.buildings) {
                const int each = house.floors >= 18 ? 4 : 2;
                EXPECT_EQ(house.households.size(), static_cast<std::size_t>(house.units * house.floors * each));
            }
        }
    }
}

TEST(City, parameters_out_of_range_are_named) {
    for (const auto& [parameters, name] :
         std::vector<std::pair<CityParameters, std::string>>{{{.stations = 0}, "stations"},
                                                             {{.stations = 60, .buildings = 59}, "buildings"},
                                                             {{.room_sensors = -1}, "room_sensors"},
                                                             {{.latitude_deg = 89.0}, "latitude_deg"},
                                                             {{.longitude_deg = std::nan("")}, "longitude_deg"},
                                                             {{.code = "X.1"}, "code"}}) {
        const auto city = make_city(parameters);
        ASSERT_FALSE(city);
        EXPECT_NE(city.error().what.find(name), std::string::npos) << city.error().message();
    }
}

TEST(City, the_smallest_and_a_crowded_city_can_be_built) {
    EXPECT_TRUE(make_city({.stations = 1, .buildings = 1, .room_sensors = 0}));
    EXPECT_TRUE(make_city({.stations = 1, .buildings = 40, .room_sensors = 320}));
    EXPECT_TRUE(make_city({.stations = 5'000, .buildings = 5'000, .room_sensors = 10}));
}

}  // namespace
}  // namespace nuanshu::sim

#include "sim/src/plant_city.h"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

namespace nuanshu::sim {
namespace {

City small_city(std::uint64_t seed = 1) {
    CityParameters parameters;
    parameters.stations = 12;
    parameters.buildings = 24;
    parameters.room_sensors = 24;
    parameters.seed = seed;
    return value_or_throw(make_city(parameters));
}

/// A plant whose points are asked for by code.
class Probe {
 public:
    explicit Probe(const City& city) : plant(city) {}

    std::size_t slot(const std::string& code) const {
        const auto found = plant.layout().find(code);
        EXPECT_TRUE(found) << code;
        return found.value_or(0);
    }
    double operator()(const std::string& code) const { return plant.true_value(slot(code)); }
    void write(const std::string& code, double value) { EXPECT_TRUE(plant.write(slot(code), value)) << code; }

    CityPlant plant;
};

const std::string station = "xc.s01.n1.h001";
const std::string loop = station + ".b1";

double mean_room_c(const Probe& probe, const City& city, std::size_t station_number) {
    double sum = 0.0;
    int count = 0;
    for (const auto& one_loop : city.stations[station_number].loops) {
        for (const auto& house : one_loop.buildings) {
            for (const auto& home : house.households) {
                for (const auto& sensor : home.sensors) {
                    sum += probe(sensor.code + "/room_temperature");
                    ++count;
                }
            }
        }
    }
    return sum / count;
}

TEST(CityPlant, the_same_seed_gives_the_same_city_and_day) {
    const auto city = small_city();
    CityPlant one(city), other(small_city());
    ASSERT_EQ(one.points(), other.points());
    one.advance(6 * 3600.0);
    other.advance(6 * 3600.0);
    for (std::size_t slot = 0; slot < one.points().size(); ++slot) {
        ASSERT_EQ(one.true_value(slot), other.true_value(slot)) << one.points()[slot];
    }
    EXPECT_EQ(one.time_ms(), city.parameters.start_ms + 6 * 3'600'000);
}

TEST(CityPlant, another_seed_gives_another_city) {
    EXPECT_NE(small_city(1).stations[0].title, small_city(2).stations[0].title);
    EXPECT_NE(Probe(small_city(1))(station + "/primary_flow"), Probe(small_city(2))(station + "/primary_flow"));
}

TEST(CityPlant, exchangers_give_what_they_take) {
    const auto city = small_city();
    Probe probe(city);
    for (int step = 0; step < 20; ++step) {
        probe.plant.advance(60.0);
        for (const auto& one : city.stations) {
            double secondary_mw = 0.0;
            for (const auto& ring : one.loops) {
                secondary_mw += probe(ring.code + "/secondary_flow") / 3.6 * water_heat_j_kg_k *
                                (probe(ring.code + "/secondary_supply_temperature") -
                                 probe(ring.code + "/secondary_return_temperature")) *
                                1e-6;
            }
            const double primary_mw =
                probe(one.code + "/primary_flow") / 3.6 * water_heat_j_kg_k *
                (probe(one.code + "/primary_supply_temperature") - probe(one.code + "/primary_return_temperature")) *
                1e-6;
            EXPECT_NEAR(primary_mw, probe(one.code + "/heat_power"), 1e-3 * primary_mw);
            // The published return has moved on by one sub-step of the circuit's volume.
            EXPECT_NEAR(secondary_mw, primary_mw, 0.01 * primary_mw) << one.code;
        }
    }
}

TEST(CityPlant, flows_add_up_from_loops_to_stations_to_sources) {
    const auto city = small_city();
    Probe probe(city);
    probe.plant.advance(3600.0);
    double stations = 0.0, sources = 0.0;
    for (const auto& one : city.stations) {
        double loops = 0.0;
        for (const auto& ring : one.loops) {
            loops += probe(ring.code + "/primary_flow");
        }
        EXPECT_NEAR(loops, probe(one.code + "/primary_flow"), 1e-9);
        stations += loops;
    }
    for (const auto& source : city.sources) {
        sources += probe(source.code + "/flow");
    }
    EXPECT_NEAR(stations, sources, 1e-6 * sources);
}

TEST(CityPlant, a_circuits_water_is_shared_by_its_houses) {
    const auto city = small_city();
    Probe probe(city);
    probe.write(city.stations[0].loops[0].buildings[0].code + "/valve_opening_setpoint", 20.0);
    probe.plant.advance(600.0);
    double houses = 0.0;
    for (const auto& house : city.stations[0].loops[0].buildings) {
        houses += probe(house.code + "/flow");
    }
    EXPECT_NEAR(houses, probe(loop + "/secondary_flow"), 1e-6 * houses);
}

TEST(CityPlant, a_closing_valve_takes_water_then_heat_then_warmth) {
    const auto city = small_city();
    Probe probe(city), untouched(city);
    const double flow = probe(station + "/primary_flow"), supply = probe(loop + "/secondary_supply_temperature");
    const double opening = probe(loop + ".valve1/opening");
    for (const auto& ring : city.stations[0].loops) {
        probe.write(ring.code + ".valve1/opening_setpoint", opening - 30.0);
    }
    probe.plant.advance(10.0);
    EXPECT_NEAR(probe(loop + ".valve1/opening"), opening - 11.1, 0.2) << "a stroke takes 90 s";
    probe.plant.advance(290.0);
    EXPECT_LT(probe(station + "/primary_flow"), 0.55 * flow);
    EXPECT_LT(probe(loop + "/secondary_supply_temperature"), supply - 3.0);
    probe.plant.advance(12 * 3600.0);
    untouched.plant.advance(12 * 3600.0 + 300.0);
    EXPECT_LT(mean_room_c(probe, city, 0), mean_room_c(untouched, city, 0) - 0.7);
    EXPECT_GT(mean_room_c(probe, city, 1), mean_room_c(untouched, city, 1) - 0.05) << "the neighbours lose nothing";
}

TEST(CityPlant, an_opening_valve_brings_water_and_warmth) {
    const auto city = small_city();
    Probe probe(city), untouched(city);
    for (const auto& ring : city.stations[0].loops) {
        probe.write(ring.code + ".valve1/opening_setpoint", 95.0);
    }
    probe.plant.advance(6 * 3600.0);
    untouched.plant.advance(6 * 3600.0);
    EXPECT_GT(probe(station + "/primary_flow"), 1.1 * untouched(station + "/primary_flow"));
    EXPECT_GT(mean_room_c(probe, city, 0), mean_room_c(untouched, city, 0) + 0.2);
}

TEST(CityPlant, water_that_one_station_gives_up_goes_to_the_others) {
    const auto city = small_city();
    Probe probe(city);
    probe.plant.advance(60.0);
    const double neighbour = probe("xc.s01.n1.h002/primary_flow");
    for (const auto& ring : city.stations[0].loops) {
        probe.write(ring.code + ".valve1/opening_setpoint", 0.0);
    }
    probe.plant.advance(120.0);
    EXPECT_EQ(probe(station + "/primary_flow"), 0.0);
    EXPECT_EQ(probe(station + "/heat_power"), 0.0);
    EXPECT_GT(probe("xc.s01.n1.h002/primary_flow"), neighbour);
}

TEST(CityPlant, a_stopped_pump_ends_the_circulation_and_the_heat) {
    Probe probe(small_city());
    probe.write(loop + ".pump1/start_command", 0.0);
    probe.plant.advance(60.0);
    EXPECT_EQ(probe(loop + ".pump1/running"), 0.0);
    EXPECT_EQ(probe(loop + "/secondary_flow"), 0.0);
    EXPECT_EQ(probe(loop + ".pump1/current"), 0.0);
    EXPECT_NEAR(probe(station + ".b1.l01/heat_power"), 0.0, 1e-9);
    probe.write(loop + ".pump1/start_command", 1.0);
    probe.plant.advance(60.0);
    EXPECT_GT(probe(loop + "/secondary_flow"), 1.0);
}

TEST(CityPlant, the_circulation_follows_the_frequency) {
    Probe probe(small_city());
    const double flow = probe(loop + "/secondary_flow"), hz = probe(loop + ".pump1/frequency");
    probe.write(loop + ".pump1/frequency_setpoint", 30.0);
    probe.plant.advance(60.0);
    EXPECT_NEAR(probe(loop + "/secondary_flow"), flow * 30.0 / hz, 1e-6 * flow) << "affinity";
}

TEST(CityPlant, without_make_up_the_circuit_loses_its_pressure) {
    Probe probe(small_city());
    const double before = probe(loop + "/secondary_return_pressure");
    probe.write(loop + ".makeup1/start_command", 0.0);
    probe.plant.advance(2 * 3600.0);
    EXPECT_LT(probe(loop + "/secondary_return_pressure"), before - 0.05);
    EXPECT_EQ(probe(loop + ".makeup1/running"), 0.0);
}

TEST(CityPlant, the_automatic_controller_holds_the_written_setpoint) {
    Probe probe(small_city());
    probe.write(loop + "/control_mode", 1.0);
    probe.write(loop + "/supply_temperature_setpoint", 44.0);
    probe.plant.advance(4 * 3600.0);
    EXPECT_NEAR(probe(loop + "/secondary_supply_temperature"), 44.0, 0.5);
    EXPECT_EQ(probe(loop + "/supply_temperature_setpoint"), 44.0);
    probe.write(loop + "/control_mode", 1.0);
    probe.plant.advance(10.0);
    EXPECT_NE(probe(loop + "/supply_temperature_setpoint"), 44.0) << "back on the curve";
}

TEST(CityPlant, a_hotter_source_reaches_the_far_station_later_than_the_near_one) {
    const auto city = small_city();
    Probe probe(city);
    const auto layout = probe.plant.layout();
    for (const auto& source : city.sources) {
        probe.write(source.code + "/supply_temperature_setpoint", 120.0);
    }
    std::vector<double> before, arrived(city.stations.size(), -1.0);
    for (const auto& one : city.stations) {
        before.push_back(probe(one.code + "/primary_supply_temperature"));
    }
    for (int minute = 1; minute <= 240; ++minute) {
        probe.plant.advance(60.0);
        for (std::size_t i = 0; i < before.size(); ++i) {
            if (arrived[i] < 0.0 && probe(city.stations[i].code + "/primary_supply_temperature") > before[i] + 3.0) {
                arrived[i] = minute;
            }
        }
    }
    const auto [first, last] = std::minmax_element(arrived.begin(), arrived.end());
    EXPECT_GT(*first, 1.0) << "nobody gets it at once";
    EXPECT_GT(*last, *first + 3.0);
}

TEST(CityPlant, the_heat_counter_is_the_integral_of_the_power) {
    Probe probe(small_city());
    const double begin = probe(station + "/heat_energy");
    double sum_gj = 0.0, last = begin;
    for (int step = 0; step < 600; ++step) {
        probe.plant.advance(CityPlant::longest_step_s);
        sum_gj += probe(station + "/heat_power") * CityPlant::longest_step_s / 1000.0;
        EXPECT_GE(probe(station + "/heat_energy"), last);
        last = probe(station + "/heat_energy");
    }
    EXPECT_GT(sum_gj, 1.0);
    EXPECT_NEAR(last - begin, sum_gj, 1e-6 * sum_gj);
}

TEST(CityPlant, the_colder_it_is_the_more_heat_the_city_takes) {
    CityParameters january = small_city().parameters, april = january;
    april.start_ms += 80LL * 86'400'000;
    const auto heat = [](const CityParameters& parameters) {
        Probe probe(value_or_throw(make_city(parameters)));
        double sum = 0.0, outdoor = 0.0;
        for (int hour = 0; hour < 48; ++hour) {
            probe.plant.advance(3600.0);
            outdoor += probe("xc.s01/outdoor_temperature") / 48.0;
            for (const char* source : {"xc.s01", "xc.s02", "xc.s03"}) {
                sum += probe(std::string(source) + "/heat_power") / 48.0;
            }
        }
        return std::pair(outdoor, sum);
    };
    const auto cold = heat(january), mild = heat(april);
    ASSERT_LT(cold.first, mild.first - 5.0);
    EXPECT_GT(cold.second, 1.4 * mild.second);
}

TEST(CityPlant, sources_share_the_load_within_their_capacity) {
    const auto city = small_city();
    Probe probe(city);
    for (int day = 0; day < 4; ++day) {
        probe.plant.advance(86'400.0);
        for (const auto& source : city.sources) {
            EXPECT_LE(probe(source.code + "/heat_power"), source.capacity_mw * 1.0001);
            EXPECT_GE(probe(source.code + "/heat_power"), 0.0);
        }
    }
    EXPECT_GT(probe("xc.s01/heat_power"), probe("xc.s02/heat_power")) << "the base load plant carries most";
}

TEST(CityPlant, houses_stay_near_twenty_degrees_through_cold_days) {
    const auto city = small_city();
    Probe probe(city);
    for (int day = 0; day < 8; ++day) {
        probe.plant.advance(86'400.0);
        for (std::size_t i = 0; i < city.stations.size(); ++i) {
            const double room_c = mean_room_c(probe, city, i);
            ASSERT_TRUE(room_c > 14.0 && room_c < 27.0) << city.stations[i].title << " day " << day << ": " << room_c;
        }
    }
}

TEST(CityPlant, long_steps_stay_finite_and_near_the_short_ones) {
    const auto city = small_city();
    Probe coarse(city), fine(city);
    coarse.plant.advance(3600.0);
    for (int i = 0; i < 3600; ++i) {
        fine.plant.advance(1.0);
    }
    for (std::size_t slot = 0; slot < coarse.plant.points().size(); ++slot) {
        ASSERT_TRUE(std::isfinite(coarse.plant.true_value(slot)));
    }
    EXPECT_NEAR(coarse(loop + "/secondary_supply_temperature"), fine(loop + "/secondary_supply_temperature"), 0.1);
    EXPECT_NEAR(mean_room_c(coarse, city, 0), mean_room_c(fine, city, 0), 0.05);
}

TEST(CityPlant, only_setpoints_can_be_written_and_only_with_numbers) {
    Probe probe(small_city());
    EXPECT_FALSE(probe.plant.write(probe.slot(station + "/primary_flow"), 1.0));
    EXPECT_FALSE(probe.plant.write(probe.slot(loop + ".valve1/opening_setpoint"), std::nan("")));
    EXPECT_FALSE(probe.plant.write(1'000'000, 1.0));
    probe.write(loop + ".valve1/opening_setpoint", 1e9);
    probe.plant.advance(300.0);
    EXPECT_EQ(probe(loop + ".valve1/opening"), 100.0);
}

TEST(CityPlant, six_hundred_stations_work) {
    CityParameters parameters;
    parameters.stations = 600;
    parameters.buildings = 1'200;
    parameters.room_sensors = 600;
    const auto city = value_or_throw(make_city(parameters));
    Probe probe(city);
    probe.plant.advance(600.0);
    double worst_mpa = 9.0;
    for (const auto& one : city.stations) {
        worst_mpa = std::min(
            worst_mpa, probe(one.code + "/primary_supply_pressure") - probe(one.code + "/primary_return_pressure"));
        ASSERT_TRUE(probe(one.code + "/heat_power") > 0.0) << one.code;
    }
    EXPECT_GT(worst_mpa, 0.03);
}

}  // namespace
}  // namespace nuanshu::sim

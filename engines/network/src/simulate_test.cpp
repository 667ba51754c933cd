#include "engines/network/simulate.h"

#include <cmath>
#include <numbers>
#include <random>

#include <gtest/gtest.h>

#include "engines/network/src/fluid.h"
#include "engines/network/src/net_for_tests.h"

namespace nuanshu::network {
namespace {

constexpr double length_m = 3000.0, diameter_m = 0.2;

/// A source, two pipes and one consumer 3 km away.
Network long_line() {
    TestNet net;
    net.node("r0").held(3e5).side(Side::return_side);
    net.node("r1").side(Side::return_side);
    net.node("s0").side(Side::supply);
    net.node("s1").side(Side::supply);
    auto& source = net.source("plant", "r0", "s0", 4e5);
    source.supply_temperature_c = 90.0;
    net.pipe("supply", "s0", "s1", length_m, diameter_m);
    net.pipe("back", "r1", "r0", length_m, diameter_m);
    for (auto& pipe : net.network().pipes) {
        pipe.insulation.u_value_w_mk = 0.4;
    }
    auto& consumer = net.consumer("house", "s1", "r1", 0.0);
    consumer.control = ConsumerControl::flow;
    consumer.mass_flow_kg_s = 20.0;
    return net.take();
}

Series series(ScenarioField field, std::int32_t index, std::vector<double> time_s, std::vector<double> value,
              Series::Course course = Series::Course::hold) {
    return {field, index, course, std::move(time_s), std::move(value)};
}

Simulation start(const Network& network, Scenario scenario, SimulationSettings settings = {}) {
    EXPECT_EQ(to_string(validate(network)), "");
    return value_or_throw(Simulation::create(network, std::move(scenario), settings));
}

void run_to_end(Simulation& simulation) {
    while (!simulation.done()) {
        value_or_throw(simulation.step());
    }
}

/// The mean temperature that counts for a pipe's mass is the one hydraulics start from.
double water_kg(double temperature_c) {
    return FluidProperties(Fluid{}).density_kg_m3(temperature_c) * std::numbers::pi / 4.0 * diameter_m * diameter_m *
           length_m;
}

TEST(Simulation, what_is_steady_stays_steady) {
    auto simulation = start(long_line(), {.duration_s = 6 * 3600.0});
    const double begin_c = simulation.value({Quantity::consumer_supply_temperature_c, 0});
    const double loss_w = simulation.value({Quantity::network_heat_loss_w, 0});
    run_to_end(simulation);
    EXPECT_NEAR(simulation.value({Quantity::consumer_supply_temperature_c, 0}), begin_c, 0.01);
    EXPECT_NEAR(simulation.value({Quantity::network_heat_loss_w, 0}), loss_w, 2e-3 * loss_w);
    EXPECT_LT(std::abs(simulation.account().error()), 1e-9);
    EXPECT_LT(begin_c, 90.0);
}

TEST(Simulation, a_change_of_supply_temperature_arrives_after_volume_over_flow) {
    Scenario scenario{.duration_s = 4 * 3600.0};
    scenario.series = {series(ScenarioField::source_supply_temperature_c, 0, {0.0, 3600.0}, {90.0, 105.0})};
    auto simulation = start(long_line(), scenario);
    const double begin_c = simulation.value({Quantity::consumer_supply_temperature_c, 0});
    double arrived_s = 0.0;
    while (!simulation.done()) {
        value_or_throw(simulation.step());
        if (arrived_s == 0.0 && simulation.value({Quantity::consumer_supply_temperature_c, 0}) > begin_c + 7.0) {
            arrived_s = simulation.time_s();
        }
    }
    EXPECT_NEAR(arrived_s, 3600.0 + water_kg(60.0) / 20.0, 60.0);
    EXPECT_NEAR(simulation.value({Quantity::consumer_supply_temperature_c, 0}),
                begin_c + 15.0 * std::exp(-0.4 * length_m / (20.0 * 4200.0)), 0.02);
    EXPECT_LT(std::abs(simulation.account().error()), 1e-9);
}

TEST(Simulation, the_pipe_wall_delays_what_arrives) {
    auto network = long_line();
    const double per_m = water_kg(60.0) / length_m * 4185.0;
    network.pipes[0].wall_heat_capacity_j_mk = 0.3 * per_m;
    Scenario scenario{.duration_s = 4 * 3600.0};
    scenario.series = {series(ScenarioField::source_supply_temperature_c, 0, {0.0, 3600.0}, {90.0, 105.0})};
    auto simulation = start(network, scenario);
    double arrived_s = 0.0;
    while (!simulation.done() && arrived_s == 0.0) {
        value_or_throw(simulation.step());
        if (simulation.value({Quantity::consumer_supply_temperature_c, 0}) > 91.0) {
            arrived_s = simulation.time_s();
        }
    }
    EXPECT_NEAR(arrived_s, 3600.0 + 1.3 * water_kg(60.0) / 20.0, 62.0);
}

TEST(Simulation, a_consumer_of_heat_takes_less_water_when_it_arrives_hotter) {
    auto network = long_line();
    network.consumers[0].control = ConsumerControl::heat_and_return;
    network.consumers[0].heat_w = 3e6;
    Scenario scenario{.duration_s = 10 * 3600.0};
    scenario.series = {series(ScenarioField::source_supply_temperature_c, 0, {0.0, 3600.0}, {85.0, 105.0})};
    auto simulation = start(network, scenario);
    const double flow = simulation.value({Quantity::consumer_mass_flow_kg_s, 0});
    run_to_end(simulation);
    EXPECT_NEAR(simulation.value({Quantity::consumer_heat_w, 0}), 3e6, 3e3);
    EXPECT_LT(simulation.value({Quantity::consumer_mass_flow_kg_s, 0}), 0.75 * flow);
    EXPECT_NEAR(simulation.value({Quantity::consumer_return_temperature_c, 0}), 45.0, 1e-6);
    EXPECT_LT(std::abs(simulation.account().error()), 1e-9);
}

TEST(Simulation, when_the_plant_stops_water_cools_where_it_stands_and_moves_on_afterwards) {
    Scenario scenario{.duration_s = 5 * 3600.0};
    scenario.series = {series(ScenarioField::source_running, 0, {0.0, 3600.0, 3 * 3600.0}, {1.0, 0.0, 1.0})};
    scenario.outputs = {{Quantity::pipe_to_temperature_c, 0}, {Quantity::source_mass_flow_kg_s, 0}};
    auto simulation = start(long_line(), scenario);
    std::vector<double> end_c;
    value_or_throw(run_scenario(simulation, [&](double time_s, std::span<const double> values) {
        end_c.push_back(values[0]);
        const bool stopped = time_s > 3600.0 && time_s <= 3 * 3600.0;
        EXPECT_NEAR(values[1], stopped ? 0.0 : 20.0, 1e-6) << time_s;
    }));
    const double ambient_c = 5.0;
    const double k = 0.4 * length_m / (water_kg(60.0) * 4195.0);
    EXPECT_NEAR(end_c[180], ambient_c + (end_c[60] - ambient_c) * std::exp(-k * 7200.0), 0.02);
    EXPECT_NEAR(end_c.back(), end_c[60], 0.05);
    EXPECT_LT(std::abs(simulation.account().error()), 1e-9);
}

TEST(Simulation, a_leak_on_a_pipe_draws_make_up_and_its_heat_is_booked) {
    auto network = long_line();
    network.leaks.push_back({.id = "hole", .pipe = 0, .position = 0.5, .area_m2 = 0.0});
    network.leaks.push_back({.id = "second", .pipe = 0, .position = 0.25, .area_m2 = 0.0});
    Scenario scenario{.duration_s = 4 * 3600.0};
    scenario.series = {series(ScenarioField::leak_area_m2, 0, {0.0, 1800.0}, {0.0, 2e-4}),
                       series(ScenarioField::leak_area_m2, 1, {0.0, 7200.0}, {0.0, 1e-4})};
    auto simulation = start(network, scenario);
    EXPECT_NEAR(simulation.value({Quantity::network_make_up_kg_s, 0}), 0.0, 1e-9);
    run_to_end(simulation);
    const double leaked =
        simulation.value({Quantity::leak_mass_flow_kg_s, 0}) + simulation.value({Quantity::leak_mass_flow_kg_s, 1});
    EXPECT_GT(leaked, 1.0);
    EXPECT_NEAR(simulation.value({Quantity::network_make_up_kg_s, 0}), leaked, 1e-6);
    EXPECT_NEAR(simulation.value({Quantity::source_mass_flow_kg_s, 0}), 20.0 + leaked, 1e-6);
    EXPECT_GT(simulation.account().outflow_j, 0.0);
    EXPECT_LT(std::abs(simulation.account().error()), 1e-9);
    const auto solution = simulation.solution();
    EXPECT_EQ(solution.pipes.mass_flow_kg_s.size(), 2U);
    EXPECT_EQ(solution.node_temperature_c.size(), 4U);
    EXPECT_NEAR(solution.pipes.to_temperature_c[0], solution.node_temperature_c[3], 0.1);
}

TEST(Simulation, a_tank_gives_back_the_heat_it_was_charged_with) {
    auto network = long_line();
    network.tanks.push_back({.id = "store",
                             .from = 2,
                             .to = 0,
                             .volume_m3 = 100.0,
                             .top_temperature_c = 90.0,
                             .bottom_temperature_c = 45.0,
                             .hot_fraction = 0.0});
    network.tanks[0].from = network.sources[0].to;
    network.tanks[0].to = network.sources[0].from;
    Scenario scenario{.duration_s = 6 * 3600.0};
    scenario.series = {series(ScenarioField::tank_charge_mass_flow_kg_s, 0, {0.0, 600.0, 7800.0, 10800.0, 18000.0},
                              {0.0, 10.0, 0.0, -10.0, 0.0})};
    auto simulation = start(network, scenario);
    double hottest_c = 0.0;
    const double begin_c = simulation.value({Quantity::tank_mean_temperature_c, 0});
    EXPECT_NEAR(begin_c, 45.0, 1e-6);
    while (!simulation.done()) {
        value_or_throw(simulation.step());
        hottest_c = std::max(hottest_c, simulation.value({Quantity::tank_mean_temperature_c, 0}));
    }
    EXPECT_NEAR(hottest_c, 45.0 + 45.0 * 72000.0 / (100.0 * 978.0), 0.8);
    EXPECT_NEAR(simulation.value({Quantity::tank_mean_temperature_c, 0}), begin_c, 0.8);
    EXPECT_LT(std::abs(simulation.account().error()), 1e-9);
}

TEST(Simulation, an_exchanger_cools_the_water_by_its_effectiveness) {
    auto network = long_line();
    auto& house = network.consumers[0];
    house.return_temperature_c.reset();
    house.exchanger = {.ua_w_k = 2e5, .secondary_mass_flow_kg_s = 25.0, .secondary_inlet_temperature_c = 40.0};
    Scenario scenario{.duration_s = 3 * 3600.0};
    scenario.series = {series(ScenarioField::consumer_secondary_inlet_temperature_c, 0, {0.0, 3600.0}, {40.0, 35.0})};
    auto simulation = start(network, scenario);
    const double before_w = simulation.value({Quantity::consumer_heat_w, 0});
    run_to_end(simulation);
    const double supply_c = simulation.value({Quantity::consumer_supply_temperature_c, 0});
    EXPECT_NEAR(simulation.value({Quantity::consumer_heat_w, 0}) / before_w, (supply_c - 35.0) / (supply_c - 40.0),
                2e-3);
    EXPECT_LT(std::abs(simulation.account().error()), 1e-9);
}

TEST(Simulation, goes_on_from_a_snapshot_as_if_it_had_not_stopped) {
    auto network = long_line();
    network.consumers[0].control = ConsumerControl::heat_and_return;
    network.consumers[0].heat_w = 3e6;
    Scenario scenario{.duration_s = 6 * 3600.0};
    scenario.series = {series(ScenarioField::source_supply_temperature_c, 0, {0.0, 3600.0, 9000.0}, {85.0, 105.0, 80.0},
                              Series::Course::linear)};
    auto first = start(network, scenario);
    for (int step = 0; step < 100; ++step) {
        value_or_throw(first.step());
    }
    auto second = start(network, scenario);
    value_or_throw(second.restore(first.snapshot()));
    EXPECT_EQ(second.time_s(), 6000.0);
    run_to_end(first);
    run_to_end(second);
    for (const auto quantity : {Quantity::consumer_supply_temperature_c, Quantity::consumer_mass_flow_kg_s,
                                Quantity::source_return_temperature_c, Quantity::network_heat_loss_w}) {
        const double value = first.value({quantity, 0});
        EXPECT_NEAR(second.value({quantity, 0}), value, 1e-5 * value) << to_string(quantity);
    }
    EXPECT_NEAR(second.account().sources_j, first.account().sources_j, 1e-6 * first.account().sources_j);
    EXPECT_LT(std::abs(second.account().error()), 1e-9);
}

TEST(Simulation, refuses_a_damaged_or_foreign_snapshot_and_stays_as_it_was) {
    auto simulation = start(long_line(), {.duration_s = 3600.0});
    value_or_throw(simulation.step());
    const auto good = simulation.snapshot();
    for (std::size_t at = 0; at < good.size(); at += 7) {
        auto bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 0x20);
        const auto result = simulation.restore(bad);
        ASSERT_FALSE(result) << at;
        EXPECT_EQ(result.error().code, ErrorCode::corrupt);
        ASSERT_FALSE(simulation.restore(good.substr(0, at)));
    }
    auto other = long_line();
    other.pipes[0].id = "another";
    const auto result = start(other, {.duration_s = 3600.0}).restore(good);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::conflict);
    EXPECT_EQ(simulation.snapshot(), good);
}

TEST(Simulation, says_why_when_nothing_can_be_solved) {
    const auto result = Simulation::create(long_line(), {.duration_s = 10.0, .step_s = 60.0});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::invalid);
    EXPECT_EQ(result.error().where, "duration_s");
}

TEST(Simulation, stops_when_asked) {
    auto simulation = start(long_line(), {.duration_s = 3600.0});
    std::stop_source stop;
    int rows = 0;
    const auto result = run_scenario(
        simulation, [&](double, std::span<const double>) { rows += 1; }, [&](double) { stop.request_stop(); },
        stop.get_token());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::cancelled);
    EXPECT_LE(rows, 3);
}

/// A comb of streets with houses of every kind, two of them joined to a ring.
Network random_city(unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> share(0.0, 1.0);
    TestNet net;
    net.node("r0").held(3e5).side(Side::return_side);
    auto& plant = net.source("plant", "r0", "s0", 5e5);
    plant.supply_temperature_c = 80.0 + 20.0 * share(random);
    const int houses = 3 + static_cast<int>(12.0 * share(random));
    for (int i = 1; i <= houses; ++i) {
        const int before = static_cast<int>(share(random) * i);
        const auto at = std::to_string(i), from = std::to_string(before);
        const double metres = 5.0 + 800.0 * share(random) * share(random);
        net.pipe("s" + at, "s" + from, "s" + at, metres, 0.15);
        net.pipe("r" + at, share(random) < 0.5 ? "r" + from : "r" + at, share(random) < 0.5 ? "r" + at : "r" + from,
                 metres, 0.15);
        auto& back = net.network().pipes.back();
        if (back.from == back.to) {
            net.network().pipes.pop_back();
            net.pipe("r" + at, "r" + at, "r" + from, metres, 0.15);
        }
        auto& house = net.consumer("c" + at, "s" + at, "r" + at, 5e4 + 2e5 * share(random));
        house.control = static_cast<ConsumerControl>(std::min(3.0, 4.0 * share(random)));
        house.mass_flow_kg_s = 1.0;
        house.temperature_drop_k = 30.0;
        house.throttle.kvs_m3_h = 5.0;
    }
    net.pipe("ring", "s1", "s" + std::to_string(houses), 300.0, 0.1);
    for (auto& pipe : net.network().pipes) {
        pipe.insulation.u_value_w_mk = 0.5 * share(random);
        pipe.wall_heat_capacity_j_mk = 2e4 * share(random);
    }
    for (auto& node : net.network().nodes) {
        node.side = node.id[0] == 's' ? Side::supply : Side::return_side;
    }
    return net.take();
}

TEST(Simulation, at_standing_stations_the_supply_keeps_the_temperature_of_its_water) {
    auto network = random_city(7);
    Scenario scenario{.duration_s = 7200.0};
    scenario.series = {series(ScenarioField::source_running, 0, {0.0, 3600.0}, {1.0, 0.0})};
    auto simulation = start(network, scenario);
    while (simulation.time_s() < 3600.0) {
        value_or_throw(simulation.step());
    }
    const auto before = simulation.solution();
    run_to_end(simulation);
    const auto after = simulation.solution();
    for (const auto& consumer : network.consumers) {
        const auto node = static_cast<std::size_t>(consumer.from);
        // Where a ring's cooler end meets the house's pipe, either may be shown; never the return's 45 °C.
        EXPECT_NEAR(after.node_temperature_c[node], before.node_temperature_c[node], 15.0) << consumer.id;
    }
}

TEST(Simulation, keeps_its_heat_balance_through_anything) {
    for (unsigned seed = 0; seed < 60; ++seed) {
        const auto network = random_city(seed);
        ASSERT_EQ(to_string(validate(network)), "") << seed;
        std::mt19937 random(seed);
        std::uniform_real_distribution<double> time_s(0.0, 1e4), share(0.0, 1.0);
        Scenario scenario{.duration_s = 12000.0, .step_s = seed % 3 == 0 ? 300.0 : 20.0};
        const double stop_s = time_s(random);
        scenario.series = {
            series(ScenarioField::source_supply_temperature_c, 0, {0.0, 1e4}, {70.0 + 30.0 * share(random), 100.0},
                   Series::Course::linear),
            series(ScenarioField::source_running, 0, {0.0, stop_s, stop_s + 900.0}, {1.0, 0.0, 1.0}),
            series(ScenarioField::network_consumer_heat_factor, 0, {0.0, time_s(random) + 1.0},
                   {1.0, 1.4 * share(random)}),
            series(ScenarioField::pipe_open, static_cast<std::int32_t>(network.pipes.size()) - 1,
                   {0.0, time_s(random) + 1.0}, {1.0, 0.0}),
            series(ScenarioField::network_ambient_temperature_c, 0, {0.0, 1e4}, {5.0, -20.0}, Series::Course::linear)};
        auto simulation = start(network, scenario);
        run_to_end(simulation);
        EXPECT_LT(std::abs(simulation.account().error()), 1e-6) << seed;
        for (std::size_t node = 0; node < network.nodes.size(); ++node) {
            const double here_c = simulation.value({Quantity::node_temperature_c, static_cast<std::int32_t>(node)});
            ASSERT_TRUE(here_c > -20.0 && here_c < 101.0) << seed << " " << network.nodes[node].id << " " << here_c;
        }
    }
}

}  // namespace
}  // namespace nuanshu::network

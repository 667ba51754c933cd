#include "engines/network/balance.h"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engines/network/src/net_for_tests.h"

namespace nuanshu::network {
namespace {

using testing::ElementsAre;

/// A street of stations on 200 m of pipe each, all with the same valve wide open: the near ones take too much.
Network street(int stations, double pressure_rise_pa, double kvs_m3_h = 20.0) {
    TestNet net;
    net.node("plant_r").held(2e5);
    net.source("plant", "plant_r", "s0", pressure_rise_pa).supply_temperature_c = 90.0;
    std::string before_s = "s0", before_r = "plant_r";
    for (int i = 1; i <= stations; ++i) {
        const auto number = std::to_string(i);
        net.pipe("ps" + number, before_s, "s" + number, 200.0, 0.1);
        net.pipe("pr" + number, "r" + number, before_r, 200.0, 0.1);
        auto& consumer = net.consumer("c" + number, "s" + number, "r" + number, 0.0);
        consumer.control = ConsumerControl::valve;
        consumer.throttle = {.kvs_m3_h = kvs_m3_h, .opening = 1.0};
        consumer.return_temperature_c = 50.0;
        consumer.design_mass_flow_kg_s = 1.5;
        consumer.required_differential_pressure_pa = 3e4;
        consumer.loss_coefficient_pa_s2_kg2 = 2000.0;
        before_s = "s" + number;
        before_r = "r" + number;
    }
    return net.take();
}

std::vector<std::string> ids(const Network& network, const std::vector<StationBalance>& stations) {
    std::vector<std::string> list;
    for (const auto& station : stations) {
        list.push_back(network.consumers[station.consumer].id);
    }
    return list;
}

TEST(Balance, lists_the_far_end_of_a_street_as_worst_off) {
    const auto network = street(4, 2e5);
    const auto balance = assess_balance(network, solve(network));
    EXPECT_THAT(ids(network, balance.stations), ElementsAre("c4", "c3", "c2", "c1"));
    ASSERT_TRUE(balance.worst);
    EXPECT_EQ(network.consumers[*balance.worst].id, "c4");
    EXPECT_GT(balance.stations[3].imbalance, balance.stations[0].imbalance);
}

TEST(Balance, counts_who_gets_too_little_and_too_much) {
    auto network = street(4, 2e5);
    Solution solution;
    solution.node_pressure_pa.assign(network.nodes.size(), 3e5);
    solution.node_temperature_c.assign(network.nodes.size(), 90.0);
    solution.consumers.mass_flow_kg_s = {1.2, 1.5, 1.8, 3.0};  // of 1.5 each
    const auto statistics = assess_balance(network, solution).imbalance;
    EXPECT_EQ(statistics.stations, 4u);
    EXPECT_EQ(statistics.under, 1u);
    EXPECT_EQ(statistics.good, 2u);
    EXPECT_EQ(statistics.over, 1u);
    EXPECT_DOUBLE_EQ(statistics.min, 0.8);
    EXPECT_DOUBLE_EQ(statistics.max, 2.0);
    EXPECT_DOUBLE_EQ(statistics.mean, 1.25);
    EXPECT_NEAR(statistics.deviation, std::sqrt((0.45 * 0.45 + 0.25 * 0.25 + 0.05 * 0.05 + 0.75 * 0.75) / 4.0), 1e-12);
}

TEST(Balance, a_station_without_design_flow_is_judged_by_its_heat) {
    auto network = street(1, 2e5);
    auto& consumer = network.consumers[0];
    consumer.design_mass_flow_kg_s = 0.0;
    consumer.heat_w = 2e5;
    network.fluid.constant = true;
    EXPECT_NEAR(design_flow_kg_s(network, consumer, 90.0), 2e5 / (4186.8 * 40.0), 1e-9);
    consumer.heat_w = 0.0;
    EXPECT_EQ(design_flow_kg_s(network, consumer, 90.0), 0.0);
}

TEST(Balance, openings_give_every_station_its_design_flow) {
    const auto network = street(5, 3e5);
    const auto result = value_or_throw(balance_openings(network));
    EXPECT_EQ(result.short_of_flow, 0u);
    const auto again = solve(result.balanced);  // from scratch, by openings alone
    for (const auto& station : result.stations) {
        EXPECT_EQ(station.outcome, OpeningOutcome::set);
        EXPECT_NEAR(again.consumers.mass_flow_kg_s[station.consumer], 1.5, 1.5e-3);
        EXPECT_LT(station.opening, 1.0);
    }
    EXPECT_NEAR(assess_balance(result.balanced, again).imbalance.deviation, 0.0, 1e-3);
}

TEST(Balance, nearer_stations_are_throttled_more) {
    const auto result = value_or_throw(balance_openings(street(5, 3e5)));
    std::vector<double> openings(5);
    for (const auto& station : result.stations) {
        openings[station.consumer] = station.opening;
    }
    EXPECT_TRUE(std::is_sorted(openings.begin(), openings.end()));
}

TEST(Balance, every_characteristic_is_inverted) {
    for (const auto characteristic :
         {Characteristic::linear, Characteristic::equal_percentage, Characteristic::quick_opening}) {
        auto network = street(3, 3e5);
        for (auto& consumer : network.consumers) {
            consumer.throttle.characteristic = characteristic;
        }
        const auto result = value_or_throw(balance_openings(network));
        EXPECT_LE(result.largest_miss, 1e-4);
        EXPECT_EQ(result.short_of_flow, 0u);
    }
}

TEST(Balance, names_who_gets_less_even_fully_open_and_how_much) {
    const auto network = street(6, 1.2e5);
    const auto result = value_or_throw(balance_openings(network));
    ASSERT_GT(result.short_of_flow, 0u);
    const auto& first = result.stations.front();
    EXPECT_EQ(first.outcome, OpeningOutcome::fully_open);
    EXPECT_EQ(first.opening, 1.0);
    EXPECT_LT(first.mass_flow_kg_s, first.design_mass_flow_kg_s);
    EXPECT_GT(first.mass_flow_kg_s, 0.0);
    for (const auto& station : result.stations) {
        const double share = station.mass_flow_kg_s / station.design_mass_flow_kg_s;
        EXPECT_NEAR(share, 1.0, station.outcome == OpeningOutcome::set ? 1e-4 : 1.0);
    }
}

TEST(Balance, without_a_throttle_the_needed_kv_is_told) {
    auto network = street(2, 3e5);
    network.consumers[0].throttle.kvs_m3_h = 0.0;
    network.consumers[0].control = ConsumerControl::flow;
    network.consumers[0].mass_flow_kg_s = 1.5;
    const auto result = value_or_throw(balance_openings(network));
    for (const auto& station : result.stations) {
        if (station.consumer == 0) {
            EXPECT_EQ(station.outcome, OpeningOutcome::no_throttle);
            EXPECT_GT(station.kv_m3_h, 1.0);
            EXPECT_LT(station.kv_m3_h, 20.0);
        }
    }
}

TEST(Balance, can_be_stopped) {
    const auto stopped = balance_openings(street(2, 3e5), {.cancelled = [] { return true; }});
    EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace nuanshu::network

#include "sim/src/thermal.h"

#include <cmath>

#include <gtest/gtest.h>

#include "sim/src/hydraulics.h"
#include "sim/src/weather.h"

namespace nuanshu::sim {
namespace {

TEST(Exchange, heat_taken_is_heat_given) {
    for (const double hot : {0.5, 5.0, 20.0}) {
        for (const double cold : {0.5, 5.0, 20.0}) {
            const auto result = exchange({hot, cold, 95.0, 40.0}, 150'000.0);
            EXPECT_NEAR(hot * water_heat_j_kg_k * (95.0 - result.hot_out_c), result.heat_w, 1e-6 * result.heat_w);
            EXPECT_NEAR(cold * water_heat_j_kg_k * (result.cold_out_c - 40.0), result.heat_w, 1e-6 * result.heat_w);
            EXPECT_LE(result.cold_out_c, 95.0);
            EXPECT_GE(result.hot_out_c, 40.0);
        }
    }
}

TEST(Exchange, heat_is_transfer_times_logarithmic_mean_difference) {
    const auto result = exchange({8.0, 20.0, 95.0, 40.0}, 180'000.0);
    const double mean_k = log_mean_difference_k(95.0 - result.cold_out_c, result.hot_out_c - 40.0);
    EXPECT_NEAR(result.heat_w, 180'000.0 * mean_k, 1.0);
}

TEST(Exchange, equal_flows_join_smoothly_with_nearly_equal_ones) {
    const auto equal = exchange({10.0, 10.0, 95.0, 40.0}, 100'000.0);
    const auto nearly = exchange({10.0, 10.0001, 95.0, 40.0}, 100'000.0);
    EXPECT_NEAR(equal.heat_w, nearly.heat_w, 1e-4 * equal.heat_w);
}

TEST(Exchange, without_flow_on_one_side_nothing_passes) {
    EXPECT_EQ(exchange({0.0, 10.0, 95.0, 40.0}, 1e5).heat_w, 0.0);
    EXPECT_EQ(exchange({10.0, 0.0, 95.0, 40.0}, 1e5).hot_out_c, 95.0);
}

TEST(PlateTransfer, is_the_designs_at_design_flows_and_falls_with_either_flow) {
    EXPECT_NEAR(plate_transfer_w_k(1e5, 1.0, 1.0), 1e5, 1e-6);
    EXPECT_LT(plate_transfer_w_k(1e5, 0.5, 1.0), 0.8e5);
    EXPECT_NEAR(plate_transfer_w_k(1e5, 0.5, 0.5), 1e5 * std::pow(0.5, 0.7), 1.0);
}

TEST(Radiate, water_gives_what_the_radiators_take) {
    const Radiator radiator{.design_w = 200'000.0, .design_excess_k = 29.5, .exponent = 1.3};
    for (const double flow : {0.2, 1.0, 4.0, 20.0}) {
        auto result = radiate(radiator, flow, 52.0, 20.0, 40.0);
        result = radiate(radiator, flow, 52.0, 20.0, result.return_c);
        EXPECT_NEAR(result.heat_w, flow * water_heat_j_kg_k * (52.0 - result.return_c), 1e-6 * result.heat_w);
        if (result.return_c > 20.0) {
            const double excess = 0.5 * (52.0 + result.return_c) - 20.0;
            EXPECT_NEAR(result.heat_w, 200'000.0 * std::pow(excess / 29.5, 1.3), 0.002 * result.heat_w) << flow;
        }
    }
}

TEST(Radiate, cold_water_and_no_water_give_nothing) {
    const Radiator radiator{.design_w = 200'000.0, .design_excess_k = 29.5, .exponent = 1.3};
    EXPECT_EQ(radiate(radiator, 5.0, 15.0, 20.0, 15.0).heat_w, 0.0);
    EXPECT_EQ(radiate(radiator, 0.0, 50.0, 20.0, 30.0).heat_w, 0.0);
}

TEST(Curve, reaches_the_design_temperatures_on_the_design_day) {
    EXPECT_NEAR(secondary_curve_c(55.0, 40.0, 1.3, design_indoor_c, design_outdoor_c), 55.0, 1e-9);
    EXPECT_NEAR(primary_curve_c(design_indoor_c, design_outdoor_c), primary_design_supply_c, 1e-9);
}

TEST(Curve, falls_to_the_rooms_temperature_when_it_is_as_warm_outside) {
    EXPECT_NEAR(secondary_curve_c(55.0, 40.0, 1.3, 20.0, 20.0), 20.0, 1e-9);
    EXPECT_GT(secondary_curve_c(55.0, 40.0, 1.3, 20.0, -10.0), secondary_curve_c(55.0, 40.0, 1.3, 20.0, -5.0));
}

TEST(StepBuilding, cools_exponentially_to_the_outdoor_temperature) {
    // One node in effect: the coupling is so strong that both temperatures go together. C/H is 50 h.
    const BuildingMass building{
        .air_j_k = 9e8, .mass_j_k = 9e8, .air_mass_w_k = 1e9, .air_outdoor_w_k = 5'000.0, .mass_outdoor_w_k = 5'000.0};
    BuildingTemperatures now{20.0, 20.0};
    for (int i = 0; i < 50 * 3600 / 10; ++i) {
        now = step_building(building, now, 0.0, -10.0, 10.0);
    }
    EXPECT_NEAR(now.air_c, -10.0 + 30.0 * std::exp(-1.0), 0.01);
}

TEST(StepBuilding, settles_where_loss_is_gain) {
    const BuildingMass building{.air_j_k = 6e7,
                                .mass_j_k = 4e8,
                                .air_mass_w_k = 5'000.0,
                                .air_outdoor_w_k = 500.0,
                                .mass_outdoor_w_k = 1'000.0};
    BuildingTemperatures now{10.0, 10.0};
    for (int i = 0; i < 2'000; ++i) {
        now = step_building(building, now, 40'000.0, -10.0, 3600.0);
    }
    const double loss_w_k = 500.0 + 1.0 / (1.0 / 5'000.0 + 1.0 / 1'000.0);
    EXPECT_NEAR(now.air_c, -10.0 + 40'000.0 / loss_w_k, 1e-6);
}

TEST(Friction, agrees_with_darcy_and_weisbach_in_a_fully_rough_pipe) {
    for (const double diameter_m : {0.1, 0.3, 0.8}) {
        const double kg_s = 1'500.0 * diameter_m * diameter_m;
        const double factor = 0.11 * std::pow(0.0005 / diameter_m, 0.25);
        const double speed_m_s = kg_s / 965.0 / (M_PI / 4.0 * diameter_m * diameter_m);
        const double expected = factor / diameter_m * 965.0 * speed_m_s * speed_m_s / 2.0;
        EXPECT_NEAR(friction_pa_m(kg_s * 3.6, diameter_m), expected, 0.01 * expected);
    }
}

TEST(Valve, passes_its_kv_at_one_bar_and_gains_equally_with_each_step) {
    EXPECT_NEAR(valve_conductance(36.0) * std::sqrt(1e5), 10.0, 1e-9) << "36 m³/h are 10 kg/s";
    EXPECT_NEAR(equal_percentage(100.0), 1.0, 1e-12);
    EXPECT_NEAR(equal_percentage(60.0) / equal_percentage(50.0), equal_percentage(90.0) / equal_percentage(80.0),
                1e-12);
    EXPECT_EQ(equal_percentage(0.0), 0.0);
    EXPECT_NEAR(opening_for_share(equal_percentage(37.0)), 37.0, 1e-9);
}

/// A trunk of two pipes with a branch at each end.
NetworkTree small_tree() {
    return {.parent = {0, 1, 1}, .resistance = {20.0, 50.0, 10.0}, .volume_m3 = {10.0, 5.0, 2.0}};
}

TEST(SolveTree, keeps_mass_at_nodes_and_pressure_along_pipes) {
    const auto tree = small_tree();
    const std::vector<double> conductance = {0.0, 0.0, 0.02, 0.05};
    NetworkFlow flow;
    solve_tree(tree, conductance, 300'000.0, flow);
    EXPECT_NEAR(flow.pipe_kg_s[0], flow.pipe_kg_s[1] + flow.pipe_kg_s[2], 1e-9);
    for (std::size_t pipe = 0; pipe < 3; ++pipe) {
        const double lost = tree.resistance[pipe] * flow.pipe_kg_s[pipe] * flow.pipe_kg_s[pipe];
        EXPECT_NEAR(flow.difference_pa[tree.parent[pipe]] - flow.difference_pa[pipe + 1], lost, 1e-6);
    }
    for (const std::size_t node : {2U, 3U}) {
        EXPECT_NEAR(conductance[node] * std::sqrt(flow.difference_pa[node]), flow.pipe_kg_s[node - 1], 1e-9);
    }
}

TEST(SolveTree, four_times_the_difference_drives_twice_the_flow) {
    const std::vector<double> conductance = {0.0, 0.01, 0.02, 0.05};
    NetworkFlow low, high;
    solve_tree(small_tree(), conductance, 100'000.0, low);
    solve_tree(small_tree(), conductance, 400'000.0, high);
    for (std::size_t pipe = 0; pipe < 3; ++pipe) {
        EXPECT_NEAR(high.pipe_kg_s[pipe], 2.0 * low.pipe_kg_s[pipe], 1e-9);
        EXPECT_NEAR(high.travel_s[pipe + 1], 0.5 * low.travel_s[pipe + 1], 1e-6);
    }
}

TEST(SolveTree, a_shut_branch_takes_nothing_and_leaves_more_for_the_other) {
    NetworkFlow open, shut;
    solve_tree(small_tree(), std::vector<double>{0.0, 0.0, 0.02, 0.05}, 300'000.0, open);
    solve_tree(small_tree(), std::vector<double>{0.0, 0.0, 0.0, 0.05}, 300'000.0, shut);
    EXPECT_EQ(shut.pipe_kg_s[1], 0.0);
    EXPECT_GT(shut.pipe_kg_s[2], open.pipe_kg_s[2]);
    NetworkFlow all_shut;
    solve_tree(small_tree(), std::vector<double>{0.0, 0.0, 0.0, 0.0}, 300'000.0, all_shut);
    EXPECT_EQ(all_shut.pipe_kg_s[0], 0.0);
    EXPECT_EQ(all_shut.difference_pa[3], 300'000.0);
}

}  // namespace
}  // namespace nuanshu::sim

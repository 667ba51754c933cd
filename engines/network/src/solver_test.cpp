#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <random>

#include <gtest/gtest.h>

#include "engines/network/solve.h"
#include "engines/network/src/fluid.h"
#include "engines/network/src/friction.h"
#include "engines/network/src/net_for_tests.h"

namespace nuanshu::network {
namespace {

constexpr double density = 1000.0;
constexpr double gravity = 9.80665;
constexpr double viscosity_m2_s = 1e-6;
constexpr double heat_capacity = 4186.8;

TestNet constant_water() {
    TestNet net;
    net.network().fluid = {.constant = true,
                           .density_kg_m3 = density,
                           .kinematic_viscosity_m2_s = viscosity_m2_s,
                           .specific_heat_j_kgk = heat_capacity};
    return net;
}

double area(double diameter) {
    return std::numbers::pi / 4.0 * diameter * diameter;
}

/// Darcy–Weisbach written out once more.
double pipe_drop_pa(const Pipe& pipe, double mass_flow) {
    const double velocity = mass_flow / density / area(pipe.inner_diameter_m);
    const double reynolds = std::fabs(velocity) * pipe.inner_diameter_m / viscosity_m2_s;
    const double lambda =
        friction_factor(Friction::colebrook_white, reynolds, pipe.roughness_m / pipe.inner_diameter_m).lambda;
    return (lambda * pipe.length_m / pipe.inner_diameter_m + pipe.minor_loss) * density / 2.0 * velocity *
           std::fabs(velocity);
}

bool has(const Solution& solution, FindingKind kind, Element element) {
    return std::ranges::any_of(solution.findings,
                               [&](const Finding& f) { return f.kind == kind && f.element == element; });
}

TEST(Solver, one_pipe_loses_what_darcy_and_weisbach_say_and_the_weight_of_its_rise) {
    auto net = constant_water();
    net.node("source").held(5e5);
    net.node("user").demand(20.0).at(0, 0, 10.0);
    auto& pipe = net.pipe("p", "source", "user", 800.0, 0.15);
    pipe.minor_loss = 4.0;
    const auto& network = net.network();
    const auto solution = solve(network);
    ASSERT_TRUE(solution.converged);
    EXPECT_NEAR(solution.pipes.mass_flow_kg_s[0], 20.0, 1e-9);
    EXPECT_NEAR(solution.node_pressure_pa[1], 5e5 - pipe_drop_pa(network.pipes[0], 20.0) - density * gravity * 10.0,
                0.01);
    EXPECT_NEAR(solution.node_inflow_kg_s[0], 20.0, 1e-9);
}

TEST(Solver, reversing_a_pipe_changes_the_sign_of_its_flow_only) {
    auto net = constant_water();
    net.node("a").held(5e5);
    net.node("b").demand(3.0);
    net.node("c").demand(7.0);
    net.pipe("ab", "a", "b", 300, 0.1);
    net.pipe("bc", "b", "c", 200, 0.08);
    net.pipe("ca", "c", "a", 400, 0.1);
    auto network = net.take();
    const auto before = solve(network);
    std::swap(network.pipes[1].from, network.pipes[1].to);
    const auto after = solve(network);
    EXPECT_NEAR(after.pipes.mass_flow_kg_s[1], -before.pipes.mass_flow_kg_s[1], 1e-7);
    for (std::size_t node = 0; node < 3; ++node) {
        EXPECT_NEAR(after.node_pressure_pa[node], before.node_pressure_pa[node], 0.01);
    }
}

TEST(Solver, around_a_ring_the_drops_sum_up_to_nothing) {
    auto net = constant_water();
    net.node("a").held(5e5);
    net.node("b").demand(3.0);
    net.node("c").demand(7.0);
    net.pipe("ab", "a", "b", 300, 0.1);
    net.pipe("bc", "b", "c", 200, 0.08);
    net.pipe("ca", "c", "a", 400, 0.1);
    const auto network = net.take();
    const auto solution = solve(network);
    double around = 0.0;
    for (std::size_t i = 0; i < 3; ++i) {
        around += pipe_drop_pa(network.pipes[i], solution.pipes.mass_flow_kg_s[i]);
    }
    EXPECT_NEAR(around, 0.0, 0.05);
    EXPECT_NEAR(solution.pipes.mass_flow_kg_s[0] - solution.pipes.mass_flow_kg_s[2], 10.0, 1e-8);
}

TEST(Solver, two_equal_pipes_side_by_side_carry_half_each) {
    auto net = constant_water();
    net.node("a").held(5e5);
    net.node("b").demand(10.0);
    net.pipe("one", "a", "b", 300, 0.1);
    net.pipe("other", "b", "a", 300, 0.1);
    const auto network = net.take();
    const auto solution = solve(network);
    EXPECT_NEAR(solution.pipes.mass_flow_kg_s[0], 5.0, 1e-8);
    EXPECT_NEAR(solution.pipes.mass_flow_kg_s[1], -5.0, 1e-8);
}

TEST(Solver, the_order_of_nodes_and_pipes_does_not_matter) {
    auto net = constant_water();
    std::mt19937 random(7);
    net.node("n0").held(8e5);
    for (int i = 1; i < 30; ++i) {
        net.node("n" + std::to_string(i)).demand(0.2 * i);
        net.pipe("p" + std::to_string(i), "n" + std::to_string(i / 2), "n" + std::to_string(i), 100.0 + i, 0.1);
        net.pipe("q" + std::to_string(i), "n" + std::to_string(i),
                 "n" + std::to_string((7 * i) % 29 == i ? 29 : (7 * i) % 29), 150.0, 0.08);
    }
    const auto network = net.take();
    std::vector<NodeIndex> place(network.nodes.size());
    std::iota(place.begin(), place.end(), 0);
    std::ranges::shuffle(place, random);
    auto shuffled = network;
    for (std::size_t i = 0; i < place.size(); ++i) {
        shuffled.nodes[static_cast<std::size_t>(place[i])] = network.nodes[i];
    }
    for (auto& pipe : shuffled.pipes) {
        pipe.from = place[static_cast<std::size_t>(pipe.from)];
        pipe.to = place[static_cast<std::size_t>(pipe.to)];
    }
    std::ranges::shuffle(shuffled.pipes, random);
    const auto a = solve(network), b = solve(shuffled);
    ASSERT_TRUE(a.converged && b.converged);
    for (std::size_t i = 0; i < place.size(); ++i) {
        EXPECT_NEAR(a.node_pressure_pa[i], b.node_pressure_pa[static_cast<std::size_t>(place[i])], 0.5) << i;
    }
}

TEST(Solver, a_pump_works_where_its_curve_meets_the_pipe) {
    auto net = constant_water();
    net.node("suction").held(1e5);
    net.node("pressure");
    net.node("end").held(1e5);
    auto& pump = net.pump("pump", "suction", "pressure");
    pump.curve = {.form = PumpCurve::Form::polynomial, .coefficients = {40.0, 0.0, -8000.0}};
    pump.speed = 0.9;
    net.pipe("p", "pressure", "end", 500, 0.12);
    const auto network = net.take();
    const auto solution = solve(network);
    const double flow = solution.pumps.mass_flow_kg_s[0];
    const double volume_flow = flow / density;
    EXPECT_NEAR(density * gravity * (0.81 * 40.0 - 8000.0 * volume_flow * volume_flow),
                pipe_drop_pa(network.pipes[0], flow), 1.0);
}

TEST(Solver, water_does_not_run_backward_through_a_check_valve) {
    auto net = constant_water();
    net.node("high").held(5e5);
    net.node("low").held(3e5);
    net.node("middle");
    net.pipe("in", "high", "middle", 100, 0.1);
    net.valve("check", "low", "middle").kind = ValveKind::check;
    const auto solution = solve(net.network());
    ASSERT_TRUE(solution.converged);
    EXPECT_NEAR(solution.valves.mass_flow_kg_s[0], 0.0, 1e-6);
    EXPECT_NEAR(solution.node_pressure_pa[2], 5e5, 1.0);
    EXPECT_EQ(solution.valve_status[0], ValveStatus::closed);
}

TEST(Solver, a_reducing_valve_holds_its_downstream_pressure_and_opens_when_it_cannot) {
    auto net = constant_water();
    net.node("in").held(8e5);
    net.node("a");
    net.node("b");
    net.node("end").demand(5.0);
    net.pipe("first", "in", "a", 100, 0.1);
    auto& valve = net.valve("prv", "a", "b");
    valve.kind = ValveKind::pressure_reducing;
    valve.set_pressure_pa = 4e5;
    net.pipe("second", "b", "end", 100, 0.1);
    auto network = net.take();
    auto solution = solve(network);
    ASSERT_TRUE(solution.converged);
    EXPECT_NEAR(solution.node_pressure_pa[2], 4e5, 1.0);
    EXPECT_NEAR(solution.valves.mass_flow_kg_s[0], 5.0, 1e-6);
    EXPECT_EQ(solution.valve_status[0], ValveStatus::active);
    network.valves[0].set_pressure_pa = 9e5;
    solution = solve(network);
    EXPECT_EQ(solution.valve_status[0], ValveStatus::open);
    EXPECT_NEAR(solution.valves.mass_flow_kg_s[0], 5.0, 1e-6);
}

TEST(Solver, a_sustaining_valve_holds_its_upstream_pressure) {
    auto net = constant_water();
    net.node("in").held(6e5);
    net.node("a");
    net.node("out").held(1e5);
    net.pipe("first", "in", "a", 400, 0.08);
    auto& valve = net.valve("psv", "a", "out");
    valve.kind = ValveKind::pressure_sustaining;
    valve.set_pressure_pa = 4e5;
    const auto network = net.take();
    const auto solution = solve(network);
    ASSERT_TRUE(solution.converged);
    EXPECT_NEAR(solution.node_pressure_pa[1], 4e5, 1.0);
    EXPECT_NEAR(pipe_drop_pa(network.pipes[0], solution.valves.mass_flow_kg_s[0]), 2e5, 5.0);
}

TEST(Solver, a_differential_pressure_valve_holds_what_it_measures) {
    auto net = constant_water();
    net.node("in").held(6e5);
    net.node("a");
    net.node("b");
    net.node("out").held(1e5);
    net.pipe("load", "a", "b", 100, 0.05);
    auto& valve = net.valve("dp", "in", "a");
    valve.kind = ValveKind::differential_pressure;
    valve.set_pressure_pa = 8e4;
    valve.sense_high = 1;
    valve.sense_low = 2;
    net.pipe("back", "b", "out", 50, 0.1);
    const auto solution = solve(net.network());
    ASSERT_TRUE(solution.converged);
    EXPECT_NEAR(solution.node_pressure_pa[1] - solution.node_pressure_pa[2], 8e4, 5.0);
}

TEST(Solver, a_flow_controller_lets_no_more_through_than_it_is_set_to) {
    auto net = constant_water();
    net.node("in").held(6e5);
    net.node("a");
    net.node("out").held(1e5);
    net.pipe("p", "in", "a", 100, 0.1);
    auto& valve = net.valve("fcv", "a", "out");
    valve.kind = ValveKind::flow_control;
    valve.set_mass_flow_kg_s = 4.0;
    const auto solution = solve(net.network());
    ASSERT_TRUE(solution.converged);
    EXPECT_NEAR(solution.valves.mass_flow_kg_s[0], 4.0, 1e-7);
    EXPECT_EQ(solution.valve_status[0], ValveStatus::active);
}

TEST(Solver, a_leak_runs_out_by_the_root_of_the_pressure_there) {
    auto net = constant_water();
    net.node("a").held(5e5);
    net.node("b").held(5e5);
    net.pipe("p", "a", "b", 1000, 0.2);
    net.network().leaks.push_back({.id = "l", .pipe = 0, .position = 0.5, .area_m2 = 1e-4});
    const auto network = net.take();
    const auto solution = solve(network);
    ASSERT_TRUE(solution.converged);
    const double leak = solution.leak_mass_flow_kg_s[0];
    EXPECT_NEAR(solution.node_inflow_kg_s[0] + solution.node_inflow_kg_s[1], leak, 1e-7);
    auto half = network.pipes[0];
    half.length_m /= 2.0;
    const double pressure = 5e5 - pipe_drop_pa(half, leak / 2.0);
    EXPECT_NEAR(leak, 0.6 * 1e-4 * std::sqrt(2.0 * density * pressure), 1e-5);
}

/// Two sources of heat, mains and three stations; the return is shorter than the supply.
Network small_city() {
    TestNet net;
    net.node("r0").held(3e5).side(Side::return_side);
    net.node("s0").side(Side::supply);
    auto& source = net.source("plant", "r0", "s0", 3e5);
    source.supply_temperature_c = 105.0;
    const auto insulated = [](Pipe& pipe) { pipe.insulation.u_value_w_mk = 0.3; };
    insulated(net.pipe("s01", "s0", "s1", 800, 0.2));
    insulated(net.pipe("s12", "s1", "s2", 500, 0.15));
    insulated(net.pipe("s23", "s2", "s3", 400, 0.1));
    insulated(net.pipe("s13", "s1", "s3", 700, 0.1));
    insulated(net.pipe("r10", "r1", "r0", 700, 0.2));
    insulated(net.pipe("r21", "r2", "r1", 450, 0.15));
    insulated(net.pipe("r32", "r3", "r2", 400, 0.1));
    for (int i = 1; i <= 3; ++i) {
        net.consumer("c" + std::to_string(i), "s" + std::to_string(i), "r" + std::to_string(i), 8e5 + 2e5 * i);
    }
    return net.take();
}

TEST(SolverHeat, water_in_a_pipe_cools_exponentially_towards_its_surroundings) {
    auto net = constant_water();
    net.node("a").held(5e5);
    net.node("a").node.inflow_temperature_c = 90.0;
    net.node("b").demand(2.0);
    auto& pipe = net.pipe("p", "a", "b", 3000, 0.1);
    pipe.insulation.u_value_w_mk = 0.8;
    pipe.ambient_temperature_c = 8.0;
    const auto solution = solve(net.network());
    const double expected = 8.0 + 82.0 * std::exp(-0.8 * 3000.0 / (2.0 * heat_capacity));
    EXPECT_NEAR(solution.node_temperature_c[1], expected, 1e-9);
    EXPECT_NEAR(solution.pipe_heat_loss_w[0], 2.0 * heat_capacity * (90.0 - expected), 1e-5);
}

TEST(SolverHeat, streams_that_meet_mix_by_their_enthalpy) {
    TestNet net;
    net.node("hot").held(5e5);
    net.node("hot").node.inflow_temperature_c = 120.0;
    net.node("cold").demand(-3.0);
    net.node("cold").node.inflow_temperature_c = 20.0;
    net.node("mixed");
    net.node("end").demand(10.0);
    net.pipe("h", "hot", "mixed", 100, 0.1);
    net.pipe("c", "cold", "mixed", 100, 0.1);
    net.pipe("m", "mixed", "end", 100, 0.15);
    const auto network = net.take();
    const auto solution = solve(network);
    const FluidProperties water(network.fluid);
    EXPECT_NEAR(water.enthalpy_j_kg(solution.node_temperature_c[3]),
                0.7 * water.enthalpy_j_kg(120.0) + 0.3 * water.enthalpy_j_kg(20.0), 0.1);
}

TEST(SolverHeat, every_consumer_gets_its_heat_and_the_balance_closes) {
    const auto network = small_city();
    const auto solution = solve(network);
    ASSERT_TRUE(solution.converged);
    for (std::size_t i = 0; i < network.consumers.size(); ++i) {
        EXPECT_NEAR(solution.consumer_heat_w[i] / network.consumers[i].heat_w, 1.0, 1e-6);
        EXPECT_NEAR(solution.consumers.to_temperature_c[i], 45.0, 1e-9);
    }
    EXPECT_LT(std::fabs(solution.heat_balance_error), 1e-9);
    const double lost = std::accumulate(solution.pipe_heat_loss_w.begin(), solution.pipe_heat_loss_w.end(), 0.0);
    EXPECT_NEAR(solution.source_heat_w[0], 3.6e6 + lost, 10.0);
    EXPECT_GT(lost, 0.0);
}

TEST(SolverHeat, a_source_of_fixed_heat_settles_where_its_heat_is_used_up) {
    auto network = small_city();
    const auto held = solve(network);
    network.sources[0].heat_control = HeatControl::heat;
    network.sources[0].heat_w = held.source_heat_w[0];
    for (std::size_t i = 0; i < network.consumers.size(); ++i) {
        network.consumers[i].control = ConsumerControl::flow;
        network.consumers[i].mass_flow_kg_s = held.consumers.mass_flow_kg_s[i];
        network.consumers[i].return_temperature_c.reset();
        network.consumers[i].exchanger = {
            .ua_w_k = 4e4, .secondary_mass_flow_kg_s = 10.0, .secondary_inlet_temperature_c = 35.0};
    }
    const auto solution = solve(network);
    ASSERT_TRUE(solution.converged);
    const double used = std::accumulate(solution.consumer_heat_w.begin(), solution.consumer_heat_w.end(), 0.0);
    const double lost = std::accumulate(solution.pipe_heat_loss_w.begin(), solution.pipe_heat_loss_w.end(), 0.0);
    EXPECT_NEAR(used + lost, held.source_heat_w[0], 1e-6 * held.source_heat_w[0]);
    EXPECT_LT(std::fabs(solution.heat_balance_error), 1e-6);
}

TEST(SolverHeat, a_counterflow_exchanger_returns_what_its_effectiveness_says) {
    auto net = constant_water();
    net.node("s").held(6e5);
    net.node("s").node.inflow_temperature_c = 100.0;
    net.node("r").held(3e5);
    auto& consumer = net.consumer("c", "s", "r", 0.0);
    consumer.control = ConsumerControl::valve;
    consumer.throttle = {.kvs_m3_h = 10.0, .opening = 0.5};
    consumer.return_temperature_c.reset();
    consumer.exchanger = {.ua_w_k = 5e4, .secondary_mass_flow_kg_s = 4.0, .secondary_inlet_temperature_c = 40.0};
    const auto solution = solve(net.network());
    const double flow = solution.consumers.mass_flow_kg_s[0];
    EXPECT_NEAR(flow, 5.0 * std::sqrt(3.0) / 3.6, 1e-6);  // Kv 5, 3 bar
    const double smaller = flow * heat_capacity, larger = 4.0 * heat_capacity;
    const double ratio = smaller / larger, decay = std::exp(-5e4 / smaller * (1.0 - ratio));
    const double effectiveness = (1.0 - decay) / (1.0 - ratio * decay);
    EXPECT_NEAR(solution.consumers.to_temperature_c[0], 100.0 - effectiveness * 60.0, 1e-6);
}

TEST(SolverFindings, consumers_behind_a_shut_valve_are_named_and_get_nothing) {
    auto network = small_city();
    network.pipes[2].open = false;  // s23
    network.pipes[3].open = false;  // s13
    const auto solution = solve(network);
    ASSERT_TRUE(solution.converged);
    EXPECT_TRUE(has(solution, FindingKind::cut_off, {ElementKind::consumer, 2}));
    EXPECT_EQ(solution.consumers.mass_flow_kg_s[2], 0.0);
    EXPECT_GT(solution.consumers.mass_flow_kg_s[1], 1.0);
}

TEST(SolverFindings, where_nothing_holds_the_pressure_it_is_said) {
    auto network = small_city();
    network.nodes[0].held_pressure_pa.reset();
    const auto solution = solve(network);
    ASSERT_TRUE(solution.converged);
    EXPECT_EQ(solution.findings.front().kind, FindingKind::no_pressure_held);
    EXPECT_NEAR(solution.consumer_heat_w[0], network.consumers[0].heat_w, 10.0);
}

TEST(SolverFindings, what_a_weak_pump_cannot_deliver_is_said_and_pressure_driven_shares_what_there_is) {
    auto network = small_city();
    network.sources[0].pressure_rise_pa = 6e4;
    for (auto& consumer : network.consumers) {
        consumer.required_differential_pressure_pa = 5e4;
    }
    const auto asked = solve(network);
    EXPECT_TRUE(has(asked, FindingKind::low_pressure, {ElementKind::consumer, 2}));
    const auto driven = solve(network, {.demand = SolveSettings::Demand::pressure_driven});
    ASSERT_TRUE(driven.converged);
    EXPECT_TRUE(has(driven, FindingKind::not_served, {ElementKind::consumer, 2}));
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_LE(driven.consumers.mass_flow_kg_s[i], asked.consumers.mass_flow_kg_s[i] * 1.01);
        EXPECT_GT(driven.consumers.mass_flow_kg_s[i], 0.0);
        const double pressure = driven.consumers.pressure_drop_pa[i];
        EXPECT_GT(pressure, 0.0);
        EXPECT_LT(pressure, 6e4);
    }
}

TEST(SolverFindings, water_above_its_boiling_point_is_named) {
    auto network = small_city();
    network.nodes[0].held_pressure_pa = -2.9e5;
    const auto solution = solve(network);
    EXPECT_TRUE(
        std::ranges::any_of(solution.findings, [](const Finding& f) { return f.kind == FindingKind::below_vapour; }));
}

TEST(Solver, solved_again_after_a_change_it_gives_what_a_new_solver_gives) {
    auto network = small_city();
    Solver solver;
    static_cast<void>(solver.solve(network));
    network.consumers[1].heat_w *= 1.4;
    network.sources[0].supply_temperature_c = 98.0;
    const auto again = solver.solve(network), anew = solve(network);
    ASSERT_TRUE(again.converged);
    for (std::size_t i = 0; i < network.nodes.size(); ++i) {
        EXPECT_NEAR(again.node_pressure_pa[i], anew.node_pressure_pa[i], 1.0);
        EXPECT_NEAR(again.node_temperature_c[i], anew.node_temperature_c[i], 1e-4);
    }
    network.pipes[3].open = false;
    const auto cut = solver.solve(network), cut_anew = solve(network);
    EXPECT_NEAR(cut.node_pressure_pa[3], cut_anew.node_pressure_pa[3], 1.0);
}

TEST(Solver, told_which_valve_has_moved_it_gives_what_a_new_solver_gives) {
    auto network = small_city();
    for (auto& consumer : network.consumers) {
        consumer.control = ConsumerControl::valve;
        consumer.throttle = {.kvs_m3_h = 20.0, .opening = 0.5};
    }
    for (const bool with_heat : {false, true}) {
        Solver solver;
        const SolveSettings settings{.with_heat = with_heat};
        static_cast<void>(solver.solve(network, settings));
        const Element moved{ElementKind::consumer, 1};
        for (const double opening : {0.2, 0.9, 0.0, 0.4}) {
            network.consumers[1].throttle.opening = opening;
            const auto again = solver.solve_changed(network, {&moved, 1}, settings), anew = solve(network, settings);
            ASSERT_TRUE(again.converged);
            for (std::size_t i = 0; i < network.nodes.size(); ++i) {
                EXPECT_NEAR(again.node_pressure_pa[i], anew.node_pressure_pa[i], 2.0) << opening;
            }
        }
    }
}

TEST(FrictionFactor, solves_colebrook_and_white_to_ten_digits) {
    for (double reynolds = 4001.0; reynolds < 1e9; reynolds *= 1.3) {
        for (const double roughness : {0.0, 1e-6, 1e-4, 1e-2, 0.07}) {
            const double x = 1.0 / std::sqrt(friction_factor(Friction::colebrook_white, reynolds, roughness).lambda);
            EXPECT_NEAR(x, -2.0 * std::log10(roughness / 3.71 + 2.51 / reynolds * x), 1e-10 * x);
        }
    }
}

TEST(FrictionFactor, is_continuous_where_laminar_flow_ends_and_turbulent_flow_begins) {
    for (const double border : {2000.0, 4000.0}) {
        const auto before = friction_factor(Friction::colebrook_white, border * (1.0 - 1e-9), 1e-3);
        const auto after = friction_factor(Friction::colebrook_white, border * (1.0 + 1e-9), 1e-3);
        EXPECT_NEAR(before.lambda, after.lambda, 1e-8);
        EXPECT_NEAR(before.slope, after.slope, 1e-6);
    }
}

TEST(FrictionFactor, the_vector_loop_says_what_the_formula_says_at_any_flow) {
    for (const auto friction : {Friction::colebrook_white, Friction::swamee_jain}) {
        Resistances resistances;
        resistances.resize(400);
        std::vector<double> flows(400), drops(400), derivatives(400);
        for (std::size_t i = 0; i < 400; ++i) {
            resistances.reynolds_per_flow[i] = 1e4;
            resistances.relative_roughness[i] = 1e-3;
            resistances.friction_scale[i] = 2.0;
            resistances.minor_scale[i] = 0.1;
            flows[i] = (i % 2 == 0 ? 1.0 : -1.0) * std::pow(10.0, -4.0 + 0.02 * static_cast<double>(i));
        }
        evaluate(friction, resistances, 0, flows, drops, derivatives);
        for (std::size_t i = 0; i < 400; ++i) {
            const auto factor = friction_factor(friction, 1e4 * std::fabs(flows[i]), 1e-3);
            const double expected = (2.0 * factor.lambda + 0.1) * flows[i] * std::fabs(flows[i]);
            EXPECT_NEAR(drops[i], expected, 1e-9 * std::fabs(expected));
            const double slope =
                std::fabs(flows[i]) * (2.0 * (2.0 * factor.lambda + 0.1) + 2.0 * factor.lambda * factor.slope);
            EXPECT_NEAR(derivatives[i], slope, 1e-9 * slope);
        }
    }
}

}  // namespace
}  // namespace nuanshu::network

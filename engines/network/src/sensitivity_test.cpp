#include "engines/network/sensitivity.h"

#include <array>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engines/network/src/linearised.h"
#include "engines/network/src/link_equations.h"
#include "engines/network/src/net_for_tests.h"

namespace nuanshu::network {
namespace {

/// A ring of mains with heat loss, a pump on its curve, a valve that throttles, and three consumers of three kinds.
Network ring() {
    TestNet net;
    net.node("plant_r").held(2.5e5);
    net.source("plant", "plant_r", "plant_s", 3e5);
    const auto main = [&](const std::string& id, const std::string& from, const std::string& to, double length) {
        net.pipe(id, from, to, length, 0.15).insulation.u_value_w_mk = 0.4;
    };
    main("s1", "plant_s", "a_s", 400.0);
    main("s2", "a_s", "b_s", 300.0);
    main("s3", "b_s", "c_s", 350.0);
    main("s4", "plant_s", "c_s", 700.0);
    main("r1", "a_r", "plant_r", 400.0);
    main("r2", "b_r", "a_r", 300.0);
    main("r3", "c_r", "b_r", 350.0);
    auto& valve = net.valve("v", "c_r", "d_r");
    valve.kind = ValveKind::throttle;
    valve.inner_diameter_m = 0.15;
    valve.throttle = {.kvs_m3_h = 150.0, .opening = 0.6, .characteristic = Characteristic::equal_percentage};
    main("r4", "d_r", "plant_r", 700.0);
    net.consumer("a", "a_s", "a_r", 1.2e6);
    auto& fixed = net.consumer("b", "b_s", "b_r", 8e5);
    fixed.control = ConsumerControl::flow;
    fixed.mass_flow_kg_s = 5.0;
    auto& free = net.consumer("c", "c_s", "c_r", 0.0);
    free.control = ConsumerControl::valve;
    free.throttle = {.kvs_m3_h = 30.0, .opening = 0.5};
    free.exchanger = {.ua_w_k = 3e4, .secondary_mass_flow_kg_s = 8.0, .secondary_inlet_temperature_c = 40.0};
    net.node("b_s").node.elevation_m = 12.0;
    net.node("b_r").node.elevation_m = 12.0;
    net.node("a_s").demand(0.2);
    auto network = net.take();
    network.leaks.push_back({.id = "leak", .node = find_element(network, "c_s").index, .area_m2 = 2e-5});
    return network;
}

SolveSettings tight() {
    return {.tolerance = 1e-10, .heat_tolerance_k = 1e-9, .heat_rounds_max = 200};
}

double value_of(const Network& network, const Solution& solution, const Output& output) {
    const auto at = output.element.index;
    switch (output.kind) {
        case OutputKind::pressure_pa:
            return solution.node_pressure_pa[at];
        case OutputKind::temperature_c:
            return solution.node_temperature_c[at];
        case OutputKind::mass_flow_kg_s:
            break;
    }
    switch (output.element.kind) {
        case ElementKind::node:
            return solution.node_inflow_kg_s[at] + (network.nodes[at].demand_kg_s);
        case ElementKind::pipe:
            return solution.pipes.mass_flow_kg_s[at];
        case ElementKind::source:
            return solution.sources.mass_flow_kg_s[at];
        default:
            return solution.consumers.mass_flow_kg_s[at];
    }
}

/// The value that a boundary stands for, in a network; and a step for it that is small and not too small.
struct Handle {
    double* value;
    double step;
};

Handle handle(Network& network, BoundaryValue boundary) {
    const auto at = boundary.index;
    switch (boundary.kind) {
        case BoundaryKind::node_demand_kg_s:
            return {&network.nodes[at].demand_kg_s, 1e-3};
        case BoundaryKind::held_pressure_pa:
            return {&*network.nodes[at].held_pressure_pa, 10.0};
        case BoundaryKind::inflow_temperature_c:
            return {&network.nodes[at].inflow_temperature_c, 0.1};
        case BoundaryKind::pipe_roughness_m:
            return {&network.pipes[at].roughness_m, 1e-6};
        case BoundaryKind::pipe_u_value_w_mk:
            return {&network.pipes[at].insulation.u_value_w_mk, 1e-3};
        case BoundaryKind::ambient_c:
            return {&network.ambient_temperature_c, 0.05};
        case BoundaryKind::valve_opening:
            return {&network.valves[at].throttle.opening, 1e-4};
        case BoundaryKind::source_pressure_rise_pa:
            return {&network.sources[at].pressure_rise_pa, 20.0};
        case BoundaryKind::source_speed:
            return {&network.sources[at].speed, 1e-4};
        case BoundaryKind::source_supply_temperature_c:
            return {&network.sources[at].supply_temperature_c, 0.02};
        case BoundaryKind::consumer_heat_w:
            return {&network.consumers[at].heat_w, 200.0};
        case BoundaryKind::consumer_mass_flow_kg_s:
            return {&network.consumers[at].mass_flow_kg_s, 1e-3};
        case BoundaryKind::consumer_return_temperature_c:
            return {&*network.consumers[at].return_temperature_c, 0.02};
        case BoundaryKind::consumer_opening:
            return {&network.consumers[at].throttle.opening, 1e-4};
        case BoundaryKind::leak_area_m2:
            return {&network.leaks[at].area_m2, 2e-8};
        default:
            return {nullptr, 0.0};
    }
}

/// Central differences of solving the whole network again.
double difference(const Network& network, const Output& output, BoundaryValue boundary) {
    auto above = network, below = network;
    const auto up = handle(above, boundary), down = handle(below, boundary);
    *up.value += up.step;
    *down.value -= down.step;
    return (value_of(above, solve(above, tight()), output) - value_of(below, solve(below, tight()), output)) /
           (2.0 * up.step);
}

Element at(const Network& network, const std::string& id) {
    return find_element(network, id);
}

std::vector<Output> all_outputs(const Network& network) {
    std::vector<Output> outputs;
    for (const std::string id : {"a_s", "c_s", "b_r", "d_r"}) {
        outputs.push_back({OutputKind::pressure_pa, at(network, id)});
        outputs.push_back({OutputKind::temperature_c, at(network, id)});
    }
    for (const std::string id : {"s2", "r4", "plant", "a", "c"}) {
        outputs.push_back({OutputKind::mass_flow_kg_s, at(network, id)});
    }
    outputs.push_back({OutputKind::mass_flow_kg_s, at(network, "plant_r")});
    return outputs;
}

std::vector<BoundaryValue> all_boundaries(const Network& network) {
    const auto of = [&](BoundaryKind kind, const std::string& id) {
        return BoundaryValue{kind, find_element(network, id).index};
    };
    return {of(BoundaryKind::node_demand_kg_s, "b_s"),
            of(BoundaryKind::node_demand_kg_s, "plant_r"),
            of(BoundaryKind::held_pressure_pa, "plant_r"),
            of(BoundaryKind::inflow_temperature_c, "plant_r"),
            of(BoundaryKind::pipe_roughness_m, "s3"),
            of(BoundaryKind::pipe_u_value_w_mk, "s4"),
            {BoundaryKind::ambient_c, 0},
            of(BoundaryKind::valve_opening, "v"),
            of(BoundaryKind::source_pressure_rise_pa, "plant"),
            of(BoundaryKind::source_supply_temperature_c, "plant"),
            of(BoundaryKind::consumer_heat_w, "a"),
            of(BoundaryKind::consumer_mass_flow_kg_s, "b"),
            of(BoundaryKind::consumer_return_temperature_c, "a"),
            of(BoundaryKind::consumer_opening, "c"),
            {BoundaryKind::leak_area_m2, 0}};
}

/// Each derivative agrees with differences to a share of the largest effect that the boundary has on such an output.
void check_against_differences(const Network& network, const std::vector<Output>& outputs,
                               const std::vector<BoundaryValue>& boundaries, double tolerance) {
    const auto solution = solve(network, tight());
    ASSERT_TRUE(solution.converged);
    const auto table = value_or_throw(sensitivities(network, solution, outputs, boundaries));
    for (std::size_t column = 0; column < boundaries.size(); ++column) {
        std::array<double, 3> largest{};
        std::vector<double> expected;
        for (const auto& output : outputs) {
            expected.push_back(difference(network, output, boundaries[column]));
            auto& size = largest[static_cast<std::size_t>(output.kind)];
            size = std::max(size, std::abs(expected.back()));
        }
        for (std::size_t row = 0; row < outputs.size(); ++row) {
            const double size = largest[static_cast<std::size_t>(outputs[row].kind)];
            EXPECT_NEAR(table.at(row, column), expected[row], tolerance * size + 1e-12)
                << to_string(boundaries[column].kind) << ", output " << row << " "
                << id_of(network, outputs[row].element);
        }
    }
}

TEST(Sensitivities, agree_with_solving_again_in_a_ring_of_cooling_water) {
    const auto network = ring();
    check_against_differences(network, all_outputs(network), all_boundaries(network), 2e-4);
}

TEST(Sensitivities, agree_with_solving_again_for_constant_water) {
    auto network = ring();
    network.fluid.constant = true;
    check_against_differences(network, all_outputs(network), all_boundaries(network), 2e-4);
}

TEST(Sensitivities, follow_a_pump_on_its_curve) {
    auto network = ring();
    auto& source = network.sources[0];
    source.control = SourceControl::pump_curve;
    source.curve = {.form = PumpCurve::Form::polynomial, .points = {}, .coefficients = {40.0, -100.0, -5000.0}};
    source.speed = 0.95;
    const std::vector<BoundaryValue> boundaries = {{BoundaryKind::source_speed, 0},
                                                   {BoundaryKind::consumer_mass_flow_kg_s, 1}};
    check_against_differences(network, all_outputs(network), boundaries, 2e-4);
}

TEST(Sensitivities, few_outputs_by_adjoints_are_the_same_as_many_directly) {
    const auto network = ring();
    const auto solution = solve(network, tight());
    const auto outputs = all_outputs(network);
    const auto boundaries = all_boundaries(network);
    const std::vector<BoundaryValue> few(boundaries.begin() + 7, boundaries.begin() + 9);
    const auto direct = value_or_throw(sensitivities(network, solution, outputs, few));
    const auto adjoint = value_or_throw(sensitivities(network, solution, std::span(outputs).subspan(2, 1), boundaries));
    EXPECT_NEAR(direct.at(2, 0), adjoint.at(0, 7), 1e-9 * std::abs(direct.at(2, 0)));
    EXPECT_NEAR(direct.at(2, 1), adjoint.at(0, 8), 1e-9 * std::abs(direct.at(2, 1)));
}

TEST(Sensitivities, of_a_pressure_at_a_held_node_is_one_by_that_pressure) {
    const auto network = ring();
    const std::vector<Output> outputs = {{OutputKind::pressure_pa, at(network, "plant_r")}};
    const std::vector<BoundaryValue> boundaries = {{BoundaryKind::held_pressure_pa, at(network, "plant_r").index}};
    EXPECT_NEAR(value_or_throw(sensitivities(network, solve(network, tight()), outputs, boundaries)).at(0, 0), 1.0,
                1e-12);
}

TEST(Sensitivities, a_boundary_that_does_not_act_changes_nothing) {
    auto network = ring();
    const std::vector<Output> outputs = {{OutputKind::pressure_pa, at(network, "c_s")}};
    const std::vector<BoundaryValue> boundaries = {{BoundaryKind::consumer_opening, at(network, "b").index},
                                                   {BoundaryKind::source_heat_w, 0}};
    const auto table = value_or_throw(sensitivities(network, solve(network, tight()), outputs, boundaries));
    EXPECT_EQ(table.at(0, 0), 0.0);
    EXPECT_EQ(table.at(0, 1), 0.0);
}

TEST(Sensitivities, refuse_what_does_not_exist_and_what_is_no_solution) {
    const auto network = ring();
    auto solution = solve(network);
    const std::vector<Output> outputs = {{OutputKind::pressure_pa, {ElementKind::pipe, 0}}};
    const std::vector<BoundaryValue> boundaries = {{BoundaryKind::pipe_roughness_m, 99}};
    EXPECT_EQ(sensitivities(network, solution, outputs, {}).error().code, ErrorCode::invalid);
    EXPECT_EQ(sensitivities(network, solution, {}, boundaries).error().code, ErrorCode::invalid);
    solution.converged = false;
    EXPECT_EQ(sensitivities(network, solution, {}, {}).error().code, ErrorCode::unsupported);
}

TEST(LinkEquations, hold_at_what_the_solver_found) {
    const auto network = ring();
    const auto solution = solve(network, tight());
    const LinkEquations equations(network);
    for (std::int32_t pipe = 0; pipe < static_cast<std::int32_t>(network.pipes.size()); ++pipe) {
        const auto& ends = network.pipes[pipe];
        const bool forward = solution.pipes.mass_flow_kg_s[pipe] >= 0.0;
        const double from = solution.pipes.from_temperature_c[pipe], to = solution.pipes.to_temperature_c[pipe];
        const LinkState state{.mass_flow_kg_s = solution.pipes.mass_flow_kg_s[pipe],
                              .from_pressure_pa = solution.node_pressure_pa[ends.from],
                              .to_pressure_pa = solution.node_pressure_pa[ends.to],
                              .inlet_c = forward ? from : to,
                              .outlet_c = forward ? to : from};
        EXPECT_NEAR(equations.law(pipe, LinkForm::drop, state), 0.0, 1e-3) << ends.id;
        EXPECT_NEAR(equations.outlet_c(pipe, state), state.outlet_c, 1e-8) << ends.id;
    }
}

}  // namespace
}  // namespace nuanshu::network

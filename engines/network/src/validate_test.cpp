#include <limits>

#include <gtest/gtest.h>

#include "engines/network/network.h"

namespace nuanshu::network {
namespace {

/// A source, a supply and a return pipe, a consumer; the return is held at the source.
Network small_heating() {
    Network network;
    network.nodes = {{.id = "s0"}, {.id = "s1"}, {.id = "r1"}, {.id = "r0", .held_pressure_pa = 3e5}};
    network.pipes = {{.id = "ps", .from = 0, .to = 1, .length_m = 100, .inner_diameter_m = 0.1},
                     {.id = "pr", .from = 2, .to = 3, .length_m = 100, .inner_diameter_m = 0.1}};
    network.sources = {{.id = "q", .from = 3, .to = 0, .pressure_rise_pa = 2e5}};
    network.consumers = {{.id = "c", .from = 1, .to = 2, .heat_w = 1e5, .return_temperature_c = 45}};
    return network;
}

/// Changes a good network and expects exactly one fault with this text.
template <class Change>
void check_fault(std::string_view expected, const Change& change) {
    auto network = small_heating();
    change(network);
    const auto text = to_string(validate(network));
    EXPECT_NE(text.find(expected), std::string::npos) << "expected: " << expected << "\ngot: " << text;
}

TEST(ValidateNetwork, a_good_one_has_no_fault) {
    EXPECT_EQ(to_string(validate(small_heating())), "");
}

TEST(ValidateNetwork, values_out_of_range_say_what_would_be_right) {
    check_fault("pipes.ps.length_m: -5 is not above 0", [](Network& n) { n.pipes[0].length_m = -5; });
    check_fault("pipes.ps.inner_diameter_m: 0 is not above 0", [](Network& n) { n.pipes[0].inner_diameter_m = 0; });
    check_fault("pipes.ps.inner_diameter_m: 100 is above 20; is it in millimetres?",
                [](Network& n) { n.pipes[0].inner_diameter_m = 100; });
    check_fault("pipes.ps.roughness_m: 0.5 is above 0.1; is it in millimetres?",
                [](Network& n) { n.pipes[0].roughness_m = 0.5; });
    check_fault("pipes.ps.length_m: is no finite number",
                [](Network& n) { n.pipes[0].length_m = std::numeric_limits<double>::quiet_NaN(); });
    check_fault("sources.q.supply_temperature_c: 900 is above 200",
                [](Network& n) { n.sources[0].supply_temperature_c = 900; });
    check_fault("consumers.c.return_temperature_c: is missing",
                [](Network& n) { n.consumers[0].return_temperature_c.reset(); });
    check_fault("consumers.c.throttle.opening: 40 is above 1; it is a share, not per cent",
                [](Network& n) { n.consumers[0].throttle.opening = 40; });
    check_fault("pipes.ps.hazen_williams: 0 is not above 0", [](Network& n) { n.friction = Friction::hazen_williams; });
    check_fault("nodes.s0.y: is missing", [](Network& n) { n.nodes[0].x = 3; });
    check_fault("insulation.burial_depth_m: 0.04 m is not below the pipe's own radius",
                [](Network& n) { n.pipes[0].insulation.burial_depth_m = 0.04; });
}

TEST(ValidateNetwork, ends_and_ids) {
    check_fault("pipes.ps.to: there is no node at position 9; the positions are 0 to 3",
                [](Network& n) { n.pipes[0].to = 9; });
    check_fault("pipes.ps.to: begins and ends at the same node", [](Network& n) { n.pipes[0].to = 0; });
    check_fault("nodes.s0.id: is given twice: to elements 0 and 1", [](Network& n) { n.nodes[1].id = "s0"; });
    check_fault("pipes.0.id: is empty", [](Network& n) { n.pipes[0].id = ""; });
}

TEST(ValidateNetwork, one_zone_has_one_node_that_holds_its_pressure) {
    check_fault("nodes.r0.held_pressure_pa: node s1 holds the pressure of the same zone",
                [](Network& n) { n.nodes[1].held_pressure_pa = 5e5; });
    check_fault("no node holds the pressure of the 4 nodes", [](Network& n) { n.nodes[3].held_pressure_pa.reset(); });
    check_fault("no node holds the pressure of the 2 nodes", [](Network& n) {
        n.nodes.push_back({.id = "a"});
        n.nodes.push_back({.id = "b"});
        n.pipes.push_back({.id = "ab", .from = 4, .to = 5, .length_m = 1, .inner_diameter_m = 0.1});
    });
}

TEST(ValidateNetwork, a_water_net_may_have_several_reservoirs) {
    auto network = small_heating();
    network.consumers.clear();
    network.sources.clear();
    network.nodes[0].held_pressure_pa = 5e5;
    network.nodes[1].held_pressure_pa = 4e5;
    EXPECT_EQ(to_string(validate(network)), "");
}

TEST(ValidateNetwork, a_shut_valve_separates_zones) {
    auto network = small_heating();
    network.nodes.push_back({.id = "z", .held_pressure_pa = 8e5});
    network.valves = {{.id = "v", .from = 0, .to = 4, .open = false}};
    EXPECT_EQ(to_string(validate(network)), "");
    network.valves[0].open = true;
    EXPECT_NE(to_string(validate(network)), "");
}

TEST(ValidateNetwork, controls_that_sense_themselves_or_fight) {
    const auto reducing = [](const char* id, double pressure_pa) {
        return Valve{
            .id = id, .from = 0, .to = 1, .kind = ValveKind::pressure_reducing, .set_pressure_pa = pressure_pa};
    };
    check_fault("valves.b.set_pressure_pa: valve a holds another pressure at the same node s1", [&](Network& n) {
        n.valves = {reducing("a", 4e5), reducing("b", 5e5)};
    });
    check_fault("valves.d.sense_high: the valve measures over itself", [](Network& n) {
        n.valves = {
            {.id = "d", .from = 0, .to = 1, .kind = ValveKind::differential_pressure, .sense_high = 0, .sense_low = 1}};
    });
    check_fault("valves.d.sense_high: there is no node at position -1", [](Network& n) {
        n.valves = {{.id = "d", .from = 0, .to = 1, .kind = ValveKind::differential_pressure}};
    });
    check_fault("valves.s.set_pressure_pa: node r0 has a held pressure already", [](Network& n) {
        n.valves = {{.id = "s", .from = 3, .to = 2, .kind = ValveKind::pressure_sustaining, .set_pressure_pa = 1e5}};
    });
}

TEST(ValidateNetwork, pump_curves_fall) {
    check_fault("pumps.u.curve.points: point 2 does not have more flow and less head", [](Network& n) {
        n.pumps = {{.id = "u", .from = 0, .to = 1, .curve = {.points = {{0, 30}, {0.1, 40}}}}};
    });
    check_fault("pumps.u.curve.points: at least two are wanted",
                [](Network& n) { n.pumps = {{.id = "u", .from = 0, .to = 1}}; });
    check_fault("a power curve goes through three points", [](Network& n) {
        n.pumps = {
            {.id = "u", .from = 0, .to = 1, .curve = {.form = PumpCurve::Form::power, .points = {{0, 3}, {1, 2}}}}};
    });
}

TEST(ValidateNetwork, a_leak_is_at_one_place) {
    check_fault("leaks.k.node: a leak is at a node or on a pipe",
                [](Network& n) { n.leaks = {{.id = "k", .area_m2 = 1e-4}}; });
    check_fault("leaks.k.pipe: there is no pipe at position 7",
                [](Network& n) { n.leaks = {{.id = "k", .pipe = 7, .area_m2 = 1e-4}}; });
}

TEST(ValidateNetwork, all_faults_are_found_at_once) {
    auto network = small_heating();
    network.pipes[0].length_m = -1;
    network.pipes[1].inner_diameter_m = 0;
    network.nodes[3].held_pressure_pa.reset();
    EXPECT_EQ(validate(network).size(), 3u) << to_string(validate(network));
}

}  // namespace
}  // namespace nuanshu::network

#include <cmath>

#include <gtest/gtest.h>

#include "engines/network/read.h"

namespace nuanshu::network {
namespace {

constexpr std::string_view small_net = R"([TITLE]
a small net ; with a comment

[JUNCTIONS]
;id elev demand
J1 10 5
J2 12 3 P
[RESERVOIRS]
R 60
[TANKS]
T 40 3 0 5 20 0
[PIPES]
P1 R J1 100 200 0.5 1.5
P2 J1 J2 50 150 0.5 0 Closed
P3 J1 J2 50 150 0.5 CV
P4 J2 T 500 150 0.5 0 Open ;
[PUMPS]
U R J1 HEAD C SPEED 0.9
[VALVES]
V1 J1 J2 100 PRV 30 2
V2 J1 J2 100 TCV 7 2
V3 J1 J2 100 FCV 4
[STATUS]
V2 Open
V3 Closed
[DEMANDS]
J1 2
J1 1
[EMITTERS]
J2 0.5
[PATTERNS]
P 0.5 1 2
[CURVES]
C 20 30
[CONTROLS]
LINK P1 CLOSED IF NODE T ABOVE 4
[COORDINATES]
J1 1.5 -2
[OPTIONS]
Units LPS
Headloss D-W
Viscosity 0.5
Specific Gravity 0.98
Demand Multiplier 2
[END]
)";

Reading read_small() {
    return read_epanet(small_net, "small.inp");
}

TEST(ReadEpanet, a_small_net_has_its_parts_in_our_units) {
    const auto reading = read_small();
    ASSERT_EQ(to_string(reading.faults), "");
    EXPECT_EQ(to_string(validate(reading.network)), "");
    const auto& net = reading.network;
    EXPECT_EQ(net.title, "a small net");
    EXPECT_EQ(net.friction, Friction::swamee_jain);
    EXPECT_DOUBLE_EQ(net.fluid.density_kg_m3, 980);
    EXPECT_NEAR(net.fluid.kinematic_viscosity_m2_s, 0.5 * 1.1e-5 * 0.3048 * 0.3048, 1e-15);
    EXPECT_NEAR(net.gravity_m_s2, 32.2 * 0.3048, 1e-12);
    ASSERT_EQ(net.nodes.size(), 4u);
    EXPECT_EQ(net.nodes[0].x, 1.5);
    EXPECT_DOUBLE_EQ(net.nodes[2].elevation_m, 60);
    EXPECT_EQ(net.nodes[2].held_pressure_pa, 0.0);
    EXPECT_NEAR(*net.nodes[3].held_pressure_pa, 980 * net.gravity_m_s2 * 3, 1e-6);
}

TEST(ReadEpanet, demands_add_up_and_are_multiplied) {
    const auto net = read_small().network;
    EXPECT_NEAR(net.nodes[0].demand_kg_s, (2 + 1) * 0.98 * 2, 1e-12);  // [DEMANDS] takes the place of [JUNCTIONS]
    EXPECT_NEAR(net.nodes[1].demand_kg_s, 3 * 0.98 * 2 * 0.5, 1e-12);  // the pattern begins with 0.5
}

TEST(ReadEpanet, pipes_have_their_status) {
    const auto pipes = read_small().network.pipes;
    ASSERT_EQ(pipes.size(), 4u);
    EXPECT_NEAR(pipes[0].minor_loss, 1.5, 2e-4);  // EPANET's rounded constant
    EXPECT_DOUBLE_EQ(pipes[0].inner_diameter_m, 0.2);
    EXPECT_DOUBLE_EQ(pipes[0].roughness_m, 5e-4);
    EXPECT_FALSE(pipes[1].open);
    EXPECT_TRUE(pipes[2].check_valve);
    EXPECT_EQ(pipes[2].minor_loss, 0.0);
    EXPECT_TRUE(pipes[3].open);
}

TEST(ReadEpanet, a_curve_of_one_point_is_completed) {
    const auto pump = read_small().network.pumps.at(0);
    EXPECT_EQ(pump.curve.form, PumpCurve::Form::power);
    EXPECT_EQ(pump.speed, 0.9);
    ASSERT_EQ(pump.curve.points.size(), 3u);
    EXPECT_DOUBLE_EQ(pump.curve.points[0].head_m, 40);
    EXPECT_DOUBLE_EQ(pump.curve.points[2].volume_flow_m3_s, 0.04);
}

TEST(ReadEpanet, valves_have_their_kind_setting_and_status) {
    const auto valves = read_small().network.valves;
    EXPECT_EQ(valves[0].kind, ValveKind::pressure_reducing);
    EXPECT_NEAR(valves[0].set_pressure_pa, 30 * 1000 * 32.2 * 0.3048, 1e-6);
    EXPECT_EQ(valves[1].kind, ValveKind::throttle);
    EXPECT_NEAR(valves[1].loss_coefficient, 2, 3e-4);  // it stands open: its minor loss counts, not its setting
    EXPECT_EQ(valves[2].kind, ValveKind::flow_control);
    EXPECT_NEAR(valves[2].set_mass_flow_kg_s, 4 * 0.98, 1e-12);
    EXPECT_FALSE(valves[2].open);
}

TEST(ReadEpanet, an_emitter_is_a_leak_that_gives_as_much) {
    const auto net = read_small().network;
    const auto& leak = net.leaks.at(0);
    const double pressure_pa = 25 * 1000 * net.gravity_m_s2;  // 25 m on EPANET's gauge
    const double flow_kg_s = leak.discharge_coefficient * leak.area_m2 * std::sqrt(2 * 980 * pressure_pa);
    EXPECT_NEAR(flow_kg_s, 0.5 * std::sqrt(25) * 0.98, 1e-9);
}

TEST(ReadEpanet, what_is_left_out_is_noted) {
    const auto notes = to_string(read_small().notes);
    EXPECT_NE(notes.find("CONTROLS"), std::string::npos) << notes;
    EXPECT_NE(notes.find("PATTERNS"), std::string::npos) << notes;
    EXPECT_NE(notes.find("TANKS"), std::string::npos) << notes;
}

TEST(ReadEpanet, american_units) {
    const auto net = read_epanet(
                         "[JUNCTIONS]\nA 100 10\n[RESERVOIRS]\nR 200\n[PIPES]\nP R A 1000 12 100\n"
                         "[VALVES]\n[OPTIONS]\nUnits GPM\n",
                         "us.inp")
                         .network;
    EXPECT_EQ(net.friction, Friction::hazen_williams);
    EXPECT_NEAR(net.nodes[0].elevation_m, 30.48, 1e-12);
    EXPECT_NEAR(net.nodes[0].demand_kg_s, 10 * 3.785411784 / 60, 1e-9);
    EXPECT_NEAR(net.pipes[0].inner_diameter_m, 0.3048, 1e-12);
    EXPECT_EQ(net.pipes[0].hazen_williams, 100);
}

TEST(ReadEpanet, constant_power_gives_head_that_falls_with_flow) {
    const auto net =
        read_epanet("[JUNCTIONS]\nA 0\n[RESERVOIRS]\nR 0\n[PUMPS]\nU R A POWER 10\n[OPTIONS]\nUnits LPS\n", "n")
            .network;
    const auto& points = net.pumps.at(0).curve.points;
    for (const auto& point : points) {
        // 10 kW over the weight of 62.4 lb/ft³
        EXPECT_NEAR(point.head_m * point.volume_flow_m3_s, 10e3 / 9802.2, 2e-4);
    }
}

void check_fault(std::string_view text, std::string_view expected) {
    const auto faults = to_string(read_epanet(text, "net.inp").faults);
    EXPECT_NE(faults.find(expected), std::string::npos) << "expected " << expected << "\ngot " << faults;
}

TEST(ReadEpanet, faults_carry_the_line) {
    check_fault("[JUNCTIONS]\nA x\n", "net.inp:2 A: elevation: `x` is no number");
    check_fault("[JUNCTIONS]\nA 1\nA 2\n", "net.inp:3 A: is given twice");
    check_fault("[JUNCTIONS]\nA 1\nB 1\n[PIPES]\nP A C 1 1 1\n", "net.inp:5 C: there is no such node");
    check_fault("[JUNCTIONS]\nA 1\nB 1\n[PIPES]\nP A B -5 1 1\n", "net.inp:5 P: length: -5 is not above 0");
    check_fault("[JUNCTIONS]\nA 1\nB 1\n[PIPES]\nP A B 5 0 1\n", "net.inp:5 P: diameter: 0 is not above 0");
    check_fault("[JUNCTIONS]\nA 1\nB 1\n[PIPES]\nP A A 5 1 1\n", "begins and ends at node A");
    check_fault("[JUNCTIONS]\nA 1\nB 1\n[PIPES]\nP A\n", "net.inp:5 P: has 2 words; at least 6 are wanted");
    check_fault("[JUNCTIONS]\nA 1\nB 1\n[VALVES]\nV A B 10 GPV C\n",
                "net.inp:5 V: a valve of type `GPV` is not done here");
    check_fault("[JUNCTIONS]\nA 1\nB 1\n[PUMPS]\nU A B HEAD C\n", "there is no curve `C` in [CURVES]");
    check_fault("[FOO]\n", "net.inp:1: [FOO] is no section of EPANET");
    check_fault("hello\n", "net.inp:1: is neither JSON nor EPANET");
    check_fault("[OPTIONS]\nUnits LPX\n", "net.inp:2 UNITS: `LPX` is no unit of flow");
    check_fault("[OPTIONS]\nHeadloss C-M\n", "net.inp:2 HEADLOSS: `C-M` is not done here");
    check_fault("[JUNCTIONS]\nA 1\n[EMITTERS]\nA 1\n[OPTIONS]\nEmitter Exponent 0.6\n",
                "exponent 0.6 is not done here");
    check_fault("[JUNCTIONS]\nA 1\n[PIPES]\nP A C 1 1 1\n[STATUS]\nP Open\n", "net.inp:4 C: there is no such node");
    check_fault("[STATUS]\nX Open\n", "net.inp:2 X: there is no such pipe, pump or valve");
}

}  // namespace
}  // namespace nuanshu::network

#include <cmath>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "engines/network/generate.h"
#include "engines/network/read.h"
#include "engines/network/solve.h"
#include "engines/network/src/fluid.h"
#include "engines/network/write.h"

namespace nuanshu::network {
namespace {

std::string collection(std::string_view features) {
    return R"({"type":"FeatureCollection","features":[)" + std::string(features) + "]}";
}
std::string line(std::string_view id, std::string_view coordinates) {
    return fmt::format(
        R"({{"type":"Feature","properties":{{"id":"{}"}},"geometry":{{"type":"LineString","coordinates":{}}}}})", id,
        coordinates);
}

void expect_note(const Reading& reading, std::string_view expected) {
    const auto notes = to_string(reading.notes);
    EXPECT_NE(notes.find(expected), std::string::npos) << "expected " << expected << "\ngot " << notes;
}

TEST(ReadGeoJson, lines_are_joined_within_the_snapping_distance) {
    const auto text = collection(line("a", "[[0,0],[300,0],[300,400]]") + "," + line("b", "[[300.3,400],[1000,400]]"));
    const auto joined = read_geojson(text, "map.geojson", {.snap_m = 0.5});
    EXPECT_EQ(to_string(joined.faults), "");
    EXPECT_EQ(joined.network.nodes.size(), 3u);
    EXPECT_NEAR(joined.network.pipes.at(0).length_m, 700, 1e-9);
    EXPECT_EQ(joined.network.pipes.at(0).to, joined.network.pipes.at(1).from);
    const auto apart = read_geojson(text, "map.geojson", {.snap_m = 0.1});
    EXPECT_EQ(apart.network.nodes.size(), 4u);
    expect_note(apart, "2 nodes hang together here and not with the other parts");
}

TEST(ReadGeoJson, degrees_become_metres) {
    const auto reading = read_geojson(collection(line("a", "[[116.40,39.90],[116.41,39.90]]")), "map.geojson");
    EXPECT_NEAR(reading.network.pipes.at(0).length_m, 111195 * 0.01 * std::cos(39.9 * 3.14159265358979 / 180), 1.0);
    EXPECT_NEAR(*reading.network.nodes.at(1).x, 116.41, 1e-9);
}

TEST(ReadGeoJson, crossings_are_joined_when_asked) {
    const auto text = collection(line("a", "[[-200,0],[200,0]]") + "," + line("b", "[[0,-300],[0,300]]"));
    const auto over = read_geojson(text, "map.geojson");
    EXPECT_EQ(over.network.pipes.size(), 2u);
    expect_note(over, "1 crossings of lines are not joined");
    const auto joined = read_geojson(text, "map.geojson", {.split_crossings = true});
    EXPECT_EQ(joined.network.pipes.size(), 4u);
    EXPECT_EQ(joined.network.nodes.size(), 5u);
    EXPECT_EQ(joined.network.pipes.at(0).id, "a-1");
    EXPECT_NEAR(joined.network.pipes.at(3).length_m, 300, 1e-9);
}

TEST(ReadGeoJson, an_end_beside_a_line_is_reported_or_joined) {
    const auto text = collection(line("main", "[[-200,0],[200,0]]") + "," + line("branch", "[[0,0.4],[0,300]]"));
    expect_note(read_geojson(text, "map.geojson"), "branch: ends beside line main at [0, 0] and is not joined with it");
    const auto joined = read_geojson(text, "map.geojson", {.split_crossings = true});
    EXPECT_EQ(joined.network.pipes.size(), 3u);
    EXPECT_EQ(joined.network.nodes.size(), 4u);
}

TEST(ReadGeoJson, duplicates_are_reported) {
    const auto text = collection(line("a", "[[0,0],[300,0]]") + "," + line("b", "[[300,0],[0,0]]"));
    expect_note(read_geojson(text, "map.geojson"), "b: lies on pipe a");
}

TEST(ReadGeoJson, fields_are_mapped) {
    const auto text = collection(
        R"({"type":"Feature","properties":{"CODE":"GD-1","DN":300},"geometry":{"type":"LineString","coordinates":[[0,0],[500,0]]}},)"
        R"({"type":"Feature","properties":{"CODE":"J1","H":7.5},"geometry":{"type":"Point","coordinates":[500,0]}})");
    const auto network =
        read_geojson(text, "map.geojson",
                     {.id_field = "CODE", .diameter_field = "DN", .elevation_field = "H", .diameter_unit_m = 1e-3})
            .network;
    EXPECT_EQ(network.pipes.at(0).id, "GD-1");
    EXPECT_DOUBLE_EQ(network.pipes.at(0).inner_diameter_m, 0.3);
    EXPECT_EQ(network.nodes.at(1).id, "J1");
    EXPECT_EQ(network.nodes.at(1).elevation_m, 7.5);
}

TEST(ReadGeoJson, faults_name_the_feature) {
    const auto faults = [](const std::string& text) { return to_string(read_geojson(text, "map.geojson").faults); };
    EXPECT_EQ(faults("{}"), "map.geojson features: is missing; a FeatureCollection has it\n");
    EXPECT_EQ(faults(collection(line("a", "[[0,0],[\"x\",0]]"))),
              "map.geojson features.0.geometry.coordinates: a position is [x, y]\n");
    EXPECT_NE(faults(collection("")), "");
    EXPECT_NE(faults("{"), "");
}

TEST(WriteGeoJson, a_city_comes_back_with_its_pipes) {
    const auto city = generate({.consumers = 40, .loops = 2});
    const auto reading = read_geojson(write_geojson(city), "city.geojson", {.snap_m = 0.01});
    EXPECT_EQ(to_string(reading.faults), "");
    EXPECT_EQ(reading.network.nodes.size(), city.nodes.size());
    EXPECT_GE(reading.network.pipes.size(), city.pipes.size());
}

TEST(WriteEpanet, is_read_again_as_the_same_net) {
    const auto city = generate({.consumers = 60, .seed = 5, .loops = 3, .consumers_as = ConsumersAs::valve});
    Diagnostics notes;
    const auto reading = read_epanet(write_epanet(city, notes), "city.inp");
    ASSERT_EQ(to_string(reading.faults), "");
    ASSERT_EQ(to_string(validate(reading.network)), "");
    EXPECT_EQ(reading.network.nodes.size(), city.nodes.size());
    ASSERT_EQ(reading.network.pipes.size(), city.pipes.size());
    EXPECT_EQ(reading.network.valves.size(), city.valves.size() + city.consumers.size());
    for (std::size_t i = 0; i < city.pipes.size(); ++i) {
        EXPECT_NEAR(reading.network.pipes[i].length_m, city.pipes[i].length_m, 1e-9);
        EXPECT_NEAR(reading.network.pipes[i].inner_diameter_m, city.pipes[i].inner_diameter_m, 1e-12);
        EXPECT_NEAR(reading.network.pipes[i].minor_loss, city.pipes[i].minor_loss, 1e-12);
    }
}

/// Both forms of one net, solved, must carry the same water.
void check_same_flows(ConsumersAs as) {
    auto city = generate({.consumers = 60, .seed = 5, .loops = 3, .consumers_as = as});
    city.friction = Friction::swamee_jain;
    const FluidProperties water{Fluid{}};
    city.fluid = {.constant = true,
                  .density_kg_m3 = water.density_kg_m3(60),
                  .kinematic_viscosity_m2_s = water.dynamic_viscosity_pa_s(60) / water.density_kg_m3(60)};
    Diagnostics notes;
    const auto epanet = read_epanet(write_epanet(city, notes), "city.inp").network;
    const auto ours = solve(city, {.with_heat = false});
    const auto theirs = solve(epanet, {.with_heat = false});
    ASSERT_TRUE(ours.converged && theirs.converged);
    double largest = 0.0;
    for (const double flow : ours.pipes.mass_flow_kg_s) {
        largest = std::max(largest, std::abs(flow));
    }
    for (std::size_t i = 0; i < city.pipes.size(); ++i) {
        EXPECT_NEAR(theirs.pipes.mass_flow_kg_s[i], ours.pipes.mass_flow_kg_s[i], 2e-3 * largest) << city.pipes[i].id;
    }
}

TEST(WriteEpanet, the_same_water_flows_with_fixed_flows) {
    check_same_flows(ConsumersAs::flow);
}
TEST(WriteEpanet, the_same_water_flows_through_valves) {
    check_same_flows(ConsumersAs::valve);
}

}  // namespace
}  // namespace nuanshu::network

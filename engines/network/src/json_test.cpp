#include <cstdlib>
#include <fstream>
#include <sstream>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "engines/network/read.h"
#include "engines/network/write.h"

namespace nuanshu::network {
namespace {

/// Every kind of element with its fields away from their defaults; consistent, though nobody would build it.
Network whole_network() {
    const PumpCurve curve{
        .form = PumpCurve::Form::points,
        .points = {{.volume_flow_m3_s = 0.0, .head_m = 50.0}, {.volume_flow_m3_s = 0.1, .head_m = 30.0}},
        .coefficients = {50, -1.0 / 3.0}};
    const Throttle throttle{
        .kvs_m3_h = 6.3, .opening = 0.4, .characteristic = Characteristic::equal_percentage, .rangeability = 30};
    return {
        .title = "two \"lines\"\nand 汉字",
        .fluid = {.constant = true,
                  .density_kg_m3 = 970,
                  .kinematic_viscosity_m2_s = 3e-7,
                  .specific_heat_j_kgk = 4190},
        .friction = Friction::nikuradse,
        .gravity_m_s2 = 9.81,
        .ambient_temperature_c = -3.5,
        .nodes = {{.id = "s", .elevation_m = 12.5, .x = 1.5, .y = -2.5, .side = Side::supply, .demand_kg_s = 0.1},
                  {.id = "r", .side = Side::return_side, .held_pressure_pa = 3e5, .inflow_temperature_c = 12}},
        .pipes = {{.id = "p",
                   .from = 0,
                   .to = 1,
                   .length_m = 100,
                   .inner_diameter_m = 0.1,
                   .roughness_m = 1e-4,
                   .hazen_williams = 120,
                   .minor_loss = 2.5,
                   .insulation = {.u_value_w_mk = 0.2,
                                  .layers = {{.thickness_m = 0.04, .conductivity_w_mk = 0.027}},
                                  .burial_depth_m = 1.1,
                                  .ground_conductivity_w_mk = 1.2},
                   .ambient_temperature_c = 8,
                   .wall_heat_capacity_j_mk = 5000,
                   .open = false,
                   .check_valve = true}},
        .pumps = {{.id = "u",
                   .from = 1,
                   .to = 0,
                   .control = PumpControl::flow,
                   .curve = curve,
                   .speed = 0.9,
                   .pressure_rise_pa = 1e5,
                   .mass_flow_kg_s = 3,
                   .efficiency = 0.6,
                   .running = false}},
        .valves = {{.id = "v",
                    .from = 0,
                    .to = 1,
                    .kind = ValveKind::differential_pressure,
                    .inner_diameter_m = 0.1,
                    .loss_coefficient = 3,
                    .throttle = throttle,
                    .set_pressure_pa = 5e4,
                    .set_mass_flow_kg_s = 2,
                    .sense_high = 0,
                    .sense_low = 1,
                    .open = false,
                    .operable = false}},
        .sources = {{.id = "q",
                     .from = 1,
                     .to = 0,
                     .control = SourceControl::pump_curve,
                     .pressure_rise_pa = 4e5,
                     .curve = curve,
                     .speed = 1.1,
                     .mass_flow_kg_s = 5,
                     .loss_coefficient_pa_s2_kg2 = 10,
                     .heat_control = HeatControl::heat,
                     .supply_temperature_c = 110,
                     .heat_w = 1e6,
                     .running = false}},
        .consumers = {{.id = "c",
                       .from = 0,
                       .to = 1,
                       .control = ConsumerControl::valve,
                       .heat_w = 1e5,
                       .return_temperature_c = 45,
                       .temperature_drop_k = 30,
                       .mass_flow_kg_s = 1,
                       .throttle = throttle,
                       .loss_coefficient_pa_s2_kg2 = 7,
                       .exchanger = {.ua_w_k = 1e4, .secondary_mass_flow_kg_s = 2, .secondary_inlet_temperature_c = 35},
                       .differential_pressure_limit_pa = 1e5,
                       .required_differential_pressure_pa = 5e4,
                       .design_mass_flow_kg_s = 1.2,
                       .open = false}},
        .leaks = {{.id = "k", .pipe = 0, .position = 0.25, .area_m2 = 1e-4, .discharge_coefficient = 0.7},
                  {.id = "l", .node = 1, .area_m2 = 1e-5}},
        .tanks = {{.id = "t",
                   .from = 0,
                   .to = 1,
                   .volume_m3 = 1000,
                   .height_m = 20,
                   .charge_mass_flow_kg_s = -2,
                   .top_temperature_c = 95,
                   .bottom_temperature_c = 45,
                   .hot_fraction = 0.5,
                   .heat_loss_w_k = 100,
                   .ambient_temperature_c = -3}}};
}

std::string faults_of(std::string_view text) {
    return to_string(read_json(text, "net.json").faults);
}

void expect_fault(std::string_view text, std::string_view expected) {
    const auto faults = faults_of(text);
    EXPECT_NE(faults.find(expected), std::string::npos) << faults;
}

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

TEST(NetworkJson, what_is_written_is_read_again) {
    const auto text = write_json(whole_network());
    const auto reading = read_json(text, "net.json");
    EXPECT_EQ(to_string(reading.faults), "");
    EXPECT_EQ(write_json(reading.network), text);
    EXPECT_EQ(reading.network.title, whole_network().title);
    EXPECT_EQ(reading.network.sources.at(0).curve.coefficients.at(1), -1.0 / 3.0);
    EXPECT_EQ(reading.network.valves.at(0).sense_low, 1);
}

TEST(NetworkJson, no_field_is_left_out) {
    const auto schema = json_schema();
    const auto text = write_json(whole_network());
    for (auto at = schema.find("\": {\"type\""); at != std::string::npos; at = schema.find("\": {\"type\"", at + 1)) {
        const auto begin = schema.rfind('"', at - 1);
        const auto name = schema.substr(begin, at + 1 - begin);
        EXPECT_TRUE(name == "\"items\"" || text.find(name + ":") != std::string::npos) << name << " is never written";
    }
}

TEST(NetworkJson, defaults_are_not_written) {
    Network network;
    network.nodes = {{.id = "a"}, {.id = "b"}};
    network.pipes = {{.id = "p", .from = 0, .to = 1, .length_m = 5, .inner_diameter_m = 0.1}};
    EXPECT_EQ(write_json(network),
              "{\n\"nodes\":[\n{\"id\":\"a\"},\n{\"id\":\"b\"}],\n"
              "\"pipes\":[\n{\"id\":\"p\",\"from\":\"a\",\"to\":\"b\",\"length_m\":5,\"inner_diameter_m\":0.1}]}\n");
}

TEST(NetworkJson, the_published_schema_is_the_readers) {
    const std::string path = NUANSHU_SOURCE_DIR "/engines/network/network.schema.json";
    if (std::getenv("NUANSHU_UPDATE_CASES") != nullptr) {
        std::ofstream(path) << json_schema();
    }
    EXPECT_EQ(text_of(path), json_schema()) << "NUANSHU_UPDATE_CASES=1 writes it anew";
}

bool follows_schema(const std::string& text) {
    const auto schema_json = boost::json::parse(json_schema());
    valijson::Schema schema;
    valijson::SchemaParser().populateSchema(valijson::adapters::BoostJsonAdapter(schema_json), schema);
    const auto value = boost::json::parse(text);
    return valijson::Validator().validate(schema, valijson::adapters::BoostJsonAdapter(value), nullptr);
}

TEST(NetworkJson, the_writer_follows_the_schema) {
    EXPECT_TRUE(follows_schema(write_json(whole_network())));
    EXPECT_TRUE(follows_schema(write_json(Network{})));
    EXPECT_FALSE(follows_schema(R"({"nodes":[{"id":"a","elevation":3}]})"));
    EXPECT_FALSE(follows_schema(R"({"nodes":[{"elevation_m":3}]})"));
}

TEST(NetworkJson, faults_name_file_element_field_and_what_would_be_right) {
    expect_fault(
        R"({"nodes":[{"id":"a"}],"pipes":[{"id":"p1","from":"a","to":"b","length_m":1,"inner_diameter_m":1}]})",
        "net.json pipes.p1.to: there is no node `b` in nodes");
    expect_fault(R"({"nodes":[{"id":"a","elevation":3}]})", "nodes.a.elevation: is no field of it; elevation_m?");
    expect_fault(R"({"nodes":[{"id":"a"}],"pipes":[{"id":"p1","from":"a","to":"a","inner_diameter_m":1}]})",
                 "pipes.p1.length_m: is missing");
    expect_fault(R"({"nodes":[{"id":"a","elevation_m":"3"}]})", "nodes.a.elevation_m: is a text; a number is wanted");
    expect_fault(R"({"nodes":[{"id":"a"},{"elevation_m":3}]})", "nodes.1.id: is missing");
    expect_fault(R"({"nodes":[],"friction":"colebrok_white"})",
                 "friction: `colebrok_white` is not known; colebrook_white?");
    expect_fault(R"({"nodes":[7]})", "nodes.0: is a number; an object is wanted");
    expect_fault(R"({"nodes":{}})", "nodes: is an object; a list is wanted");
    expect_fault(R"({"pipes":[]})", "nodes: is missing");
    expect_fault(R"({"nodes":[{"id":"a"}],"consumers":[{"id":"c","from":"a","to":"a","throttle":{"kv":1}}]})",
                 "consumers.c.throttle.kv: is no field of it; kvs_m3_h?");
    expect_fault("[]", "net.json:1: is a list; a network is an object");
}

TEST(NetworkJson, broken_text_is_told_with_its_line) {
    expect_fault("{\n\"nodes\":[\n{\"id\":}]}", "net.json:3");
    expect_fault("{\"nodes\":[]}\n}", "net.json:2: something follows the end");
    expect_fault("{\"nodes\":[", "is no JSON: incomplete JSON");
    expect_fault("", "is no JSON");
}

TEST(NetworkJson, all_faults_are_found_at_once) {
    const auto faults = read_json(R"({"nodes":[{"idd":"a"},{"id":4}],"pipe":[]})", "n").faults;
    EXPECT_EQ(faults.size(), 4u) << to_string(faults);
}

}  // namespace
}  // namespace nuanshu::network

#include <gtest/gtest.h>

#include "engines/network/simulate.h"
#include "engines/network/src/net_for_tests.h"
#include "engines/network/src/quantities.h"
#include "engines/network/src/scenario_fields.h"

namespace nuanshu::network {
namespace {

Network two_houses() {
    TestNet net;
    net.node("r0").held(3e5);
    net.source("plant", "r0", "s0");
    net.pipe("p1", "s0", "s1", 100.0, 0.1);
    net.pipe("p2", "r1", "r0", 100.0, 0.1);
    net.consumer("c1", "s1", "r1", 1e5);
    net.consumer("c2", "s1", "r1", 2e5);
    return net.take();
}

ScenarioReading read(const std::string& text) {
    static const Network network = two_houses();
    return read_scenario(text, "day.json", network);
}

TEST(Scenario, reads_series_and_outputs_by_the_ids_of_elements) {
    const auto reading = read(R"({"title": "a day", "duration_s": 7200, "step_s": 30, "output_every_steps": 4,
        "series": [{"set": "consumer.heat_w", "id": ["c2", "c1"], "course": "linear", "time_s": [0, 60], "value": [1, 2e5]},
                   {"set": "network.ambient_temperature_c", "time_s": [0], "value": [-8]},
                   {"set": "consumer.open", "time_s": [0], "value": [1]}],
        "outputs": [{"quantity": "consumer.supply_temperature_c"}, {"quantity": "network.heat_loss_w"},
                    {"quantity": "source.heat_w", "id": "plant"}]})");
    ASSERT_EQ(to_string(reading.faults), "");
    const auto& scenario = reading.scenario;
    EXPECT_EQ(scenario.title, "a day");
    EXPECT_EQ(scenario.step_s, 30.0);
    EXPECT_EQ(scenario.output_every_steps, 4);
    ASSERT_EQ(scenario.series.size(), 4U);
    EXPECT_EQ(scenario.series[0].index, 1);
    EXPECT_EQ(scenario.series[1].index, 0);
    EXPECT_EQ(scenario.series[1].course, Series::Course::linear);
    EXPECT_EQ(scenario.series[3].index, Series::every);
    ASSERT_EQ(scenario.outputs.size(), 4U);
    EXPECT_EQ(name_of(two_houses(), scenario.outputs[1]), "consumer.c2.supply_temperature_c");
    EXPECT_EQ(name_of(two_houses(), scenario.outputs[2]), "network.heat_loss_w");
}

/// The first fault of a scenario with this one series.
std::string fault_of_series(const std::string& series) {
    const auto reading = read("{\"series\": [" + series + "]}");
    return reading.faults.empty() ? "" : to_string(reading.faults.front());
}

TEST(Scenario, names_what_is_wrong_and_what_would_be_right) {
    EXPECT_NE(fault_of_series(R"({"set": "source.suply_temperature_c", "time_s": [0], "value": [90]})")
                  .find("source.supply_temperature_c?"),
              std::string::npos);
    EXPECT_NE(fault_of_series(R"({"set": "source.heat_w", "id": "boiler", "time_s": [0], "value": [90]})")
                  .find("no source `boiler`"),
              std::string::npos);
    EXPECT_NE(fault_of_series(R"({"set": "source.heat_w", "time_s": [0, 0], "value": [1, 2]})").find("must rise"),
              std::string::npos);
    EXPECT_NE(
        fault_of_series(R"({"set": "source.heat_w", "time_s": [0], "value": [1, 2]})").find("2 values for 1 times"),
        std::string::npos);
    EXPECT_NE(fault_of_series(R"({"set": "valve.opening", "time_s": [0], "value": [40]})").find("outside 0 … 1"),
              std::string::npos);
    EXPECT_NE(fault_of_series(R"({"set": "node.held_pressure_pa", "id": "s0", "time_s": [0], "value": [1e5]})")
                  .find("no pressure is held"),
              std::string::npos);
    EXPECT_NE(fault_of_series(R"({"set": "network.ambient_temperature_c", "id": "x", "time_s": [0], "value": [1]})")
                  .find("have no id"),
              std::string::npos);
    EXPECT_NE(fault_of_series(R"({"set": "source.heat_w", "course": "bent", "time_s": [0], "value": [1]})")
                  .find("neither hold nor linear"),
              std::string::npos);
    EXPECT_EQ(read("{\"step_s\": -1}").faults.front().field, "step_s");
    EXPECT_EQ(read("{\"steps\": 1}").faults.front().field, "steps");
    EXPECT_EQ(read("{\n\"step_s\": 60,,}").faults.front().line, 2);
    EXPECT_FALSE(read("[]").faults.empty());
    EXPECT_FALSE(read(R"({"outputs": [{"quantity": "house.heat_w"}]})").faults.empty());
}

TEST(Scenario, every_boundary_and_quantity_has_a_name_of_its_own_kind) {
    EXPECT_EQ(to_string(ScenarioField::tank_charge_mass_flow_kg_s), "tank.charge_mass_flow_kg_s");
    EXPECT_EQ(to_string(ScenarioField::consumer_heat_factor), "consumer.heat_factor");
    EXPECT_EQ(to_string(Quantity::tank_mean_temperature_c), "tank.mean_temperature_c");
    EXPECT_EQ(to_string(Quantity::node_temperature_c), "node.temperature_c");
    for (const auto name : field_names()) {
        EXPECT_EQ(to_string(*field_of(name)), name);
    }
}

TEST(Scenario, a_series_holds_or_runs_straight_between_its_values) {
    Series series{.time_s = {10.0, 20.0}, .value = {1.0, 3.0}};
    EXPECT_EQ(value_at(series, 0.0), 1.0);
    EXPECT_EQ(value_at(series, 19.0), 1.0);
    EXPECT_EQ(value_at(series, 20.0), 3.0);
    series.course = Series::Course::linear;
    EXPECT_EQ(value_at(series, 15.0), 2.0);
    EXPECT_EQ(value_at(series, 99.0), 3.0);
}

TEST(Scenario, what_holds_one_element_outlives_a_change_of_all) {
    auto network = two_houses();
    Scenario scenario;
    scenario.series = {
        {ScenarioField::consumer_heat_factor, Series::every, Series::Course::linear, {0.0, 100.0}, {0.0, 1.0}},
        {ScenarioField::consumer_heat_w, 1, Series::Course::hold, {0.0}, {7e4}}};
    ScenarioCourse course(network);
    for (const double time_s : {0.0, 50.0, 100.0}) {
        course.apply(scenario, time_s, network);
        EXPECT_EQ(network.consumers[0].heat_w, 1e5 * time_s / 100.0);
        EXPECT_EQ(network.consumers[1].heat_w, 7e4);
    }
    EXPECT_EQ(course.apply(scenario, 200.0, network), 0U);
}

}  // namespace
}  // namespace nuanshu::network

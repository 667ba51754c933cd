#include "sim/src/city_desk.h"

#include <cmath>
#include <fstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "sim/src/running_city_test.h"
#include "tests/support/process.h"

namespace nuanshu::sim {
namespace {

const std::string flow = "xc.s01.n1.h001/primary_flow";

TEST(CityDesk, a_frozen_sensor_departs_from_the_truth_and_comes_back) {
    auto options = small_city_options();
    options.speed = 60.0;
    const RunningCity city(options);
    ASSERT_TRUE(city.ask("fault add frozen " + flow).starts_with("frozen"));
    const double held = city.ask_number("measured " + flow);
    ASSERT_EQ(city.ask("write xc.s01.n1.h001.b1.valve1/opening_setpoint 5"), "");
    EXPECT_TRUE(becomes_true([&] { return city.ask_number("truth " + flow) < 0.6 * held; }));
    EXPECT_EQ(city.ask_number("measured " + flow), held);
    EXPECT_NE(city.ask("fault list").find(flow), std::string::npos);
    ASSERT_EQ(city.ask("fault clear " + flow), "");
    EXPECT_LT(city.ask_number("measured " + flow), 0.7 * held);
}

TEST(CityDesk, an_offset_of_a_given_size_is_seen) {
    const RunningCity city;
    ASSERT_FALSE(city.ask("fault add offset " + flow + " 100").starts_with("error"));
    EXPECT_NEAR(city.ask_number("measured " + flow), city.ask_number("truth " + flow) + 100.0, 2.0);
    ASSERT_EQ(city.ask("fault clear all"), "");
    EXPECT_NEAR(city.ask_number("measured " + flow), city.ask_number("truth " + flow), 2.0);
}

TEST(CityDesk, status_tells_time_and_speed_and_speed_changes_it) {
    const RunningCity city;
    const auto status = [&city] { return boost::json::parse(city.ask("status")).as_object(); };
    EXPECT_EQ(status().at("stations").as_int64(), 12);
    ASSERT_EQ(city.ask("speed 600"), "600");
    EXPECT_EQ(status().at("speed").to_number<double>(), 600.0);
    const auto begin = std::string(status().at("plant_time").as_string());
    EXPECT_TRUE(becomes_true(
        [&] { return std::string(status().at("plant_time").as_string()).substr(0, 16) > begin.substr(0, 16); }));
}

TEST(CityDesk, what_it_does_not_understand_it_says) {
    const RunningCity city;
    for (const char* line :
         {"", "dance", "fault",
          "fault add tired "
          "xc.s01/flow",
          "fault add frozen xc.nowhere/flow", "fault add offset xc.s01/flow lots", "silent xc.nowhere on",
          "silent xc.s01.plc1 perhaps", "speed 0", "speed 601", "speed nan", "write xc.s01/flow 1",
          "write xc.s01/supply_temperature_setpoint inf", "truth", "cut", "fault clear"}) {
        EXPECT_TRUE(city.ask(line).starts_with("error")) << line;
    }
    EXPECT_TRUE(city.ask("help").starts_with("fault add"));
}

TEST(CityDesk, an_endless_line_is_hung_up_on) {
    const RunningCity city;
    EXPECT_TRUE(city.ask(std::string(5'000, 'x')).starts_with("error"));
    EXPECT_FALSE(city.ask("status").starts_with("error"));
}

TEST(AskCity, says_when_nobody_is_there) {
    const auto answer = ask_city(support::free_port(), "status");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
}

TEST(RunCity, writes_its_records_with_the_ports_it_has) {
    const support::TemporaryDirectory folder;
    auto options = small_city_options();
    options.records_path = folder.path() + "/city.jsonl";
    const RunningCity city(options);
    std::ifstream in(options.records_path);
    bool found = false;
    for (std::string line; std::getline(in, line);) {
        const auto record = boost::json::parse(line).as_object();
        if (record.at("code").as_string() == "xc.s01.n1.h002.plc1") {
            found = true;
            EXPECT_EQ(record.at("settings").as_object().at("port").as_int64(), city.station_port(1));
        }
    }
    EXPECT_TRUE(found);
}

TEST(RunCity, a_folder_that_is_not_there_is_an_error) {
    auto options = small_city_options();
    options.records_path = "/no/such/folder/city.jsonl";
    const auto result = run_city(options, nullptr, {});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::unavailable);
}

TEST(RunCity, options_out_of_range_are_refused_before_anything_runs) {
    for (const double speed : {0.0, 601.0, std::nan("")}) {
        auto options = small_city_options();
        options.speed = speed;
        EXPECT_FALSE(run_city(options, nullptr, {})) << speed;
    }
    auto periods = small_city_options();
    periods.room_period_ms = 0;
    EXPECT_FALSE(run_city(periods, nullptr, {}));
    auto group = small_city_options();
    group.mqtt_group = "a/b";
    EXPECT_FALSE(run_city(group, nullptr, {}));
}

TEST(RunCity, two_cities_find_their_own_ports_from_the_same_start) {
    auto options = small_city_options();
    options.modbus_port = support::free_port();
    const RunningCity one(options), other(options);
    EXPECT_NE(one.station_port(0), other.station_port(0));
}

TEST(RunCity, six_hundred_times_faster_it_still_answers) {
    auto options = small_city_options();
    options.speed = 600.0;
    const RunningCity city(options);
    const auto time = [&city] {
        return std::string(boost::json::parse(city.ask("status")).at("plant_time").as_string());
    };
    const auto begin = time();
    EXPECT_TRUE(becomes_true([&] { return time().substr(0, 13) > begin.substr(0, 13); }));
    EXPECT_TRUE(std::isfinite(city.ask_number("measured " + flow)));
}

}  // namespace
}  // namespace nuanshu::sim

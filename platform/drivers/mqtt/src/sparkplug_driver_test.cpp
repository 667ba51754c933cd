#include <algorithm>

#include <gtest/gtest.h>

#include "platform/drivers/mqtt/src/driver_fixture_for_tests.h"
#include "platform/drivers/mqtt/src/sparkplug_host.h"
#include "tests/support/process.h"

namespace nuanshu::drivers::mqtt {
namespace {

using testing::by_alias;
using testing::eventually;
using testing::metric;
using testing::MqttDriver;
using testing::payload_of;
using testing::Peer;
using testing::WatchedIntake;
using Type = SparkplugType;

constexpr PointId flow{1};
constexpr PointId valve{2};
constexpr PointId uptime{3};

DeviceConfig sparkplug_device() {
    return {.code = "plc",
            .driver = "mqtt",
            .settings = R"({"format":"sparkplug","group":"xc","edge_node":"h001"})",
            .points = {{.point = flow, .code = "h001/flow", .address = "plc1#Flow"},
                       {.point = valve, .code = "h001/valve", .address = "plc1#Valve", .writable = true},
                       {.point = uptime, .code = "h001/uptime", .address = "Uptime"}}};
}

std::string node_birth(std::uint64_t birth_number = 7) {
    return payload_of(
        {metric("bdSeq", Type::int64, static_cast<double>(birth_number)), metric("Uptime", Type::uint32, 12)}, 0);
}

std::string device_birth(std::uint64_t sequence = 1) {
    auto first = metric("Flow", Type::float64, 30.5);
    auto second = metric("Valve", Type::int16, 40);
    auto third = metric("Serial number", Type::uint32, 4711);
    first.has_alias = second.has_alias = third.has_alias = true;
    first.alias = 10;
    second.alias = 11;
    third.alias = 12;
    return payload_of({first, second, third}, sequence);
}

class Sparkplug : public MqttDriver {
 protected:
    void be_born(Peer& edge) {
        edge.publish("spBv1.0/xc/NBIRTH/h001", node_birth(), 0);
        edge.publish("spBv1.0/xc/DBIRTH/h001/plc1", device_birth(), 0);
    }
    static constexpr const char* commands = "spBv1.0/xc/NCMD/h001";
    static constexpr const char* data = "spBv1.0/xc/DDATA/h001/plc1";
};

TEST_F(Sparkplug, asks_an_edge_node_it_knows_no_birth_of_to_be_born_again) {
    Peer edge(port_, "spBv1.0/xc/NCMD/h001");
    start_driver({sparkplug_device()});
    const auto request = edge.take(commands);
    SparkplugPayload payload;
    ASSERT_TRUE(decode_sparkplug(
        {reinterpret_cast<const std::uint8_t*>(request.payload.data()), request.payload.size()}, payload));
    ASSERT_EQ(payload.metrics.size(), 1U);
    EXPECT_EQ(payload.metrics[0].name, "Node Control/Rebirth");
    EXPECT_EQ(metric_value(payload.metrics[0], 0), 1.0);
}

TEST_F(Sparkplug, takes_births_and_data_by_alias) {
    Peer edge(port_, "spBv1.0/xc/NCMD/h001");
    start_driver({sparkplug_device()});
    edge.take(commands);
    be_born(edge);
    edge.publish(data, payload_of({by_alias(10, Type::float64, 31.5), by_alias(11, Type::int16, -3),
                                   by_alias(12, Type::uint32, 1)},
                                  2));
    ASSERT_TRUE(intake_.wait_for_samples(5));
    EXPECT_EQ(intake_.value_of(flow), 31.5);
    EXPECT_EQ(intake_.value_of(valve), -3.0);
    EXPECT_EQ(intake_.value_of(uptime), 12.0);
    EXPECT_TRUE(wait_for_state(DeviceState::online));
    EXPECT_EQ(status().errors, 0U) << status().last_error;
    EXPECT_TRUE(intake_.wait(
        [](const auto& intake) { return intake.communication.size() == 3 && intake.communication.at(flow); }));
}

TEST_F(Sparkplug, keeps_what_is_marked_historical_apart) {
    Peer edge(port_, commands);
    start_driver({sparkplug_device()});
    edge.take(commands);
    be_born(edge);
    auto buffered = by_alias(10, Type::float64, 29.0);
    buffered.historical = true;
    buffered.timestamp_ms = 1'600'000'000'000;
    edge.publish(data, payload_of({buffered, by_alias(11, Type::int16, 41)}, 2));
    ASSERT_TRUE(intake_.wait([](const auto& intake) { return intake.historical.size() == 1; }));
    EXPECT_EQ(intake_.all().back().time_ms, 1'600'000'000'000);
    EXPECT_EQ(intake_.value_of(flow), 30.5);
}

TEST_F(Sparkplug, asks_for_a_rebirth_when_a_number_of_the_sequence_is_missing) {
    Peer edge(port_, commands);
    start_driver({sparkplug_device()});
    edge.take(commands);
    be_born(edge);
    edge.publish(data, payload_of({by_alias(10, Type::float64, 31.0)}, 5));
    ASSERT_TRUE(intake_.wait_for_samples(4));
    EXPECT_TRUE(eventually([&] { return status().last_error.find("sequence 5 where 2 was due") != std::string::npos; }))
        << status().last_error;
    EXPECT_EQ(intake_.value_of(flow), 31.0);
    clock_.advance_ms(EdgeNode::ask_again_ms);  // it was asked once already, at the start
    EXPECT_FALSE(edge.take(commands).payload.empty());
}

TEST_F(Sparkplug, a_vanished_edge_node_is_offline_and_its_points_lose_communication) {
    Peer commander(port_, commands);
    start_driver({sparkplug_device()});
    commander.take(commands);
    {
        Peer edge(port_, "", {"spBv1.0/xc/NDEATH/h001", payload_of({metric("bdSeq", Type::int64, 7)}, std::nullopt)});
        be_born(edge);
        ASSERT_TRUE(wait_for_state(DeviceState::online));
        edge.vanish();
    }
    EXPECT_TRUE(wait_for_state(DeviceState::offline));
    EXPECT_TRUE(intake_.wait([](const auto& intake) {
        return !intake.communication.at(flow) && !intake.communication.at(valve) && !intake.communication.at(uptime);
    }));
    Peer edge(port_);
    be_born(edge);
    EXPECT_TRUE(wait_for_state(DeviceState::online));
    EXPECT_TRUE(intake_.wait([](const auto& intake) { return intake.communication.at(flow); }));
}

TEST_F(Sparkplug, a_dead_device_takes_only_its_own_points_along) {
    Peer edge(port_, commands);
    start_driver({sparkplug_device()});
    edge.take(commands);
    be_born(edge);
    edge.publish("spBv1.0/xc/DDEATH/h001/plc1", payload_of({}, 2));
    EXPECT_TRUE(wait_for_state(DeviceState::degraded));
    EXPECT_TRUE(intake_.wait(
        [](const auto& intake) { return !intake.communication.at(flow) && intake.communication.at(uptime); }));
}

TEST_F(Sparkplug, writes_in_the_birth_s_type_and_alias) {
    Peer edge(port_, "spBv1.0/xc/DCMD/h001/#");
    Peer listener(port_, commands);
    start_driver({sparkplug_device()});
    listener.take(commands);
    EXPECT_EQ(write(valve, 55).error().code, ErrorCode::unavailable) << "nothing is known of the type before the birth";
    be_born(edge);
    ASSERT_TRUE(wait_for_state(DeviceState::online));
    const auto written = write(valve, 55);
    ASSERT_TRUE(written) << written.error().message();
    const auto command = edge.take("spBv1.0/xc/DCMD/h001/plc1").payload;
    SparkplugPayload payload;
    ASSERT_TRUE(decode_sparkplug({reinterpret_cast<const std::uint8_t*>(command.data()), command.size()}, payload));
    ASSERT_EQ(payload.metrics.size(), 1U);
    EXPECT_EQ(payload.metrics[0].alias, 11U);
    EXPECT_EQ(payload.metrics[0].type, static_cast<std::uint32_t>(Type::int16));
    EXPECT_EQ(metric_value(payload.metrics[0], 0), 55.0);
    EXPECT_EQ(write(valve, 40'000).error().code, ErrorCode::invalid);
    EXPECT_EQ(write(flow, 1).error().code, ErrorCode::refused);
    EXPECT_EQ(write(PointId{99}, 1).error().code, ErrorCode::not_found);
}

TEST_F(Sparkplug, a_write_nobody_listens_to_fails) {
    Peer listener(port_, commands);
    start_driver({sparkplug_device()});
    listener.take(commands);
    be_born(listener);
    ASSERT_TRUE(wait_for_state(DeviceState::online));
    const auto written = write(valve, 55);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ErrorCode::unavailable);
    EXPECT_NE(written.error().what.find("nobody is subscribed"), std::string::npos) << written.error().what;
}

// The aliases of what the broker kept are unknown to the new process: it has to learn the births before it reads on.
TEST_F(Sparkplug, data_that_a_stopped_platform_has_not_stored_come_again_and_are_understood) {
    Peer edge(port_, commands);
    start_driver({sparkplug_device()});
    edge.take(commands);
    be_born(edge);
    ASSERT_TRUE(intake_.wait_for_samples(3));
    intake_.keeps_stored_back = true;
    edge.publish(data, payload_of({by_alias(10, Type::float64, 31.0)}, 2));
    ASSERT_TRUE(intake_.wait_for_samples(4));
    driver_.reset();
    edge.publish(data, payload_of({by_alias(10, Type::float64, 32.0)}, 3));

    WatchedIntake second;
    driver_ = make_mqtt_driver({second, clock_, metrics_, url()});
    ASSERT_TRUE(driver_->configure({sparkplug_device()}).empty());
    ASSERT_FALSE(edge.take(commands).payload.empty());
    be_born(edge);
    const auto values = [&] {
        std::vector<double> flows;
        for (const auto& sample : second.all()) {
            if (sample.point == flow) {
                flows.push_back(sample.value);
            }
        }
        return flows;
    };
    EXPECT_TRUE(eventually([&] {
        const auto flows = values();
        return std::find(flows.begin(), flows.end(), 31.0) != flows.end() &&
               std::find(flows.begin(), flows.end(), 32.0) != flows.end();
    })) << values().size();
}

TEST_F(Sparkplug, broken_payloads_are_counted_and_hold_nothing_up) {
    Peer edge(port_, commands);
    start_driver({sparkplug_device()});
    edge.take(commands);
    be_born(edge);
    edge.publish(data, "\x12\xff\xff\xff\xff\x0f");
    edge.publish(data, payload_of({by_alias(10, Type::float64, 33.0)}, 2));
    ASSERT_TRUE(eventually([&] { return intake_.value_of(flow) == 33.0; }));
    EXPECT_EQ(status().errors, 1U);
    EXPECT_NE(status().last_error.find("xc/h001/plc1"), std::string::npos) << status().last_error;
}

TEST_F(Sparkplug, tells_that_it_is_online_as_a_primary_host) {
    Peer watcher(port_, "spBv1.0/STATE/platform");
    start_driver({sparkplug_device()});
    EXPECT_NE(watcher.take("spBv1.0/STATE/platform").payload.find(R"("online":true)"), std::string::npos);
    driver_->stop();
    EXPECT_NE(watcher.take("spBv1.0/STATE/platform").payload.find(R"("online":false)"), std::string::npos);
}

}  // namespace
}  // namespace nuanshu::drivers::mqtt

#include <gtest/gtest.h>

#include "platform/drivers/mqtt/src/driver_fixture_for_tests.h"
#include "tests/support/process.h"

namespace nuanshu::drivers::mqtt {
namespace {

using testing::eventually;
using testing::MqttDriver;
using testing::Peer;
using testing::room_sensors;
using testing::WatchedIntake;

class Json : public MqttDriver {
 protected:
    /// Returns when the broker has the driver's subscription: a message that is published now arrives.
    void start(std::vector<DeviceConfig> devices) {
        start_driver(std::move(devices));
        ASSERT_TRUE(broker_->wait_for_output("Sending SUBACK to platform", 10'000)) << broker_->output();
    }
    void SetUp() override { start_broker({"log_type all", "max_queued_messages 0"}); }
};

TEST_F(Json, one_device_takes_many_topics_and_arrays) {
    start({room_sensors()});
    Peer sensor(port_);
    sensor.publish("city/rooms/a/up", R"({"ts":1700000000,"temperature":21.5,"battery":3.1})");
    sensor.publish(
        "city/rooms/b/up",
        R"([{"ts":1700000000000,"temperature":"19.25"},{"ts":"2023-11-14T22:13:21Z","settings":{"target":true}}])");
    ASSERT_TRUE(intake_.wait_for_samples(3));
    EXPECT_EQ(intake_.value_of(PointId{11}), 21.5);
    EXPECT_EQ(intake_.value_of(PointId{12}), 19.25);
    EXPECT_EQ(intake_.value_of(PointId{13}), 1.0);
    EXPECT_EQ(intake_.all()[0].time_ms, 1'700'000'000'000);
    EXPECT_EQ(intake_.all()[2].time_ms, 1'700'000'001'000);
    EXPECT_TRUE(wait_for_state(DeviceState::online, "rooms"));
}

TEST_F(Json, writes_the_last_name_of_the_path) {
    start({room_sensors()});
    Peer sensor(port_, "city/rooms/b/down");
    const auto written = write(PointId{13}, 20.5);
    ASSERT_TRUE(written) << written.error().message();
    EXPECT_EQ(sensor.take("city/rooms/b/down").payload, R"({"target":20.5})");
}

TEST_F(Json, thingsboard_gateways_send_many_devices_at_once) {
    start({{.code = "gateway",
            .driver = "mqtt",
            .settings = R"({"format":"thingsboard"})",
            .points = {{.point = PointId{21}, .code = "a/energy", .address = "Meter A#energy"},
                       {.point = PointId{22}, .code = "b/energy", .address = "Meter B#energy"}}}});
    Peer gateway(port_);
    gateway.publish(
        "v1/gateway/telemetry",
        R"({"Meter A":[{"ts":1700000000000,"values":{"energy":10.5,"mode":"auto"}}],"Meter B":[{"energy":7}],"Other":[{"energy":1}]})");
    ASSERT_TRUE(intake_.wait_for_samples(2));
    EXPECT_EQ(intake_.value_of(PointId{21}), 10.5);
    EXPECT_EQ(intake_.value_of(PointId{22}), 7.0);
    EXPECT_EQ(intake_.all()[0].time_ms, 1'700'000'000'000);
    EXPECT_EQ(intake_.all()[1].time_ms, 0);
    EXPECT_EQ(status("gateway").errors, 0U) << status("gateway").last_error;
}

TEST_F(Json, a_message_is_acknowledged_only_when_it_is_stored) {
    start({room_sensors()});
    Peer sensor(port_);
    intake_.keeps_stored_back = true;
    sensor.publish("city/rooms/a/up", R"({"temperature":1})");
    sensor.publish("city/rooms/a/up", R"({"temperature":2})");
    ASSERT_TRUE(intake_.wait_for_samples(2));
    driver_.reset();

    WatchedIntake second;
    driver_ = make_mqtt_driver({second, clock_, metrics_, url()});
    ASSERT_TRUE(driver_->configure({room_sensors()}).empty());
    ASSERT_TRUE(second.wait_for_samples(2)) << "neither was acknowledged, so both come again";
    EXPECT_EQ(second.all()[0].value, 1.0);
    EXPECT_EQ(second.all()[1].value, 2.0);
    EXPECT_TRUE(broker_->wait_for_output("Received PUBACK from platform (Mid: 2", 10'000));
    driver_.reset();

    WatchedIntake third;
    driver_ = make_mqtt_driver({third, clock_, metrics_, url()});
    ASSERT_TRUE(driver_->configure({room_sensors()}).empty());
    sensor.publish("city/rooms/a/up", R"({"temperature":3})");
    ASSERT_TRUE(third.wait_for_samples(1));
    EXPECT_EQ(third.all()[0].value, 3.0) << "what was stored does not come again";
}

TEST_F(Json, messages_are_acknowledged_in_the_order_in_which_they_came) {
    start({room_sensors()});
    Peer sensor(port_);
    intake_.keeps_stored_back = true;
    sensor.publish("city/rooms/a/up", R"({"temperature":1})");
    ASSERT_TRUE(intake_.wait_for_samples(1));
    sensor.publish("city/rooms/a/up", "no JSON at all");  // nothing to store: but the one before is not stored yet
    ASSERT_TRUE(eventually([&] { return status("rooms").last_error.find("no JSON") != std::string::npos; }));
    EXPECT_EQ(broker_->output().find("Received PUBACK from platform"), std::string::npos);
    intake_.release_stored();
    EXPECT_TRUE(broker_->wait_for_output("Received PUBACK from platform (Mid: 2", 10'000)) << broker_->output();
    const auto log = broker_->output();
    EXPECT_LT(log.find("Received PUBACK from platform (Mid: 1"), log.find("Received PUBACK from platform (Mid: 2"));
}

// A broker's own limit (mosquitto: 20 in flight) would make one message wait for another's disk write.
TEST_F(Json, messages_go_on_coming_while_hundreds_wait_to_be_stored) {
    start({room_sensors()});
    Peer sensor(port_);
    intake_.keeps_stored_back = true;
    for (int i = 0; i < 300; ++i) {
        sensor.publish("city/rooms/a/up", fmt::format(R"({{"ts":1700000000,"temperature":{}}})", i));
    }
    EXPECT_TRUE(intake_.wait_for_samples(300)) << intake_.all().size();
    intake_.release_stored();
}

TEST_F(Json, a_full_intake_makes_the_broker_wait_and_nothing_is_lost) {
    start({room_sensors()});
    Peer sensor(port_);
    intake_.refuses = true;
    constexpr int count = 3'000;
    for (int i = 0; i < count; ++i) {
        sensor.publish("city/rooms/a/up", fmt::format(R"({{"temperature":{}}})", i));
    }
    ASSERT_TRUE(intake_.wait([](const auto& intake) { return intake.refusals > 3; }));
    EXPECT_TRUE(intake_.all().empty());
    intake_.refuses = false;
    ASSERT_TRUE(intake_.wait_for_samples(count));
    const auto samples = intake_.all();
    for (int i = 0; i < count; ++i) {
        ASSERT_EQ(samples[static_cast<std::size_t>(i)].value, i);
    }
}

TEST_F(Json, malformed_messages_name_topic_and_reason_and_are_acknowledged) {
    start({room_sensors()});
    Peer sensor(port_);
    const auto shows = [&](std::string_view words) {
        return eventually([&] { return status("rooms").last_error.find(words) != std::string::npos; });
    };
    sensor.publish("city/rooms/a/up", "{\"temperature\":");
    EXPECT_TRUE(shows("city/rooms/a/up")) << status("rooms").last_error;
    EXPECT_TRUE(shows("no JSON"));
    sensor.publish("city/rooms/a/up", R"({"temperature":"warm"})");
    EXPECT_TRUE(shows("`temperature` is no number"));
    sensor.publish("city/rooms/a/up", R"({"humidity":50})");
    EXPECT_TRUE(shows("none of the 1 bound fields"));
    sensor.publish("city/rooms/a/up", std::string(200, '['));
    EXPECT_TRUE(shows("200 bytes are no JSON"));
    EXPECT_TRUE(broker_->wait_for_output("Received PUBACK from platform (Mid: 4", 10'000));
    EXPECT_TRUE(intake_.all().empty());
}

TEST_F(Json, a_restarted_broker_is_found_again) {
    start({room_sensors()});
    {
        Peer sensor(port_);
        sensor.publish("city/rooms/a/up", R"({"temperature":1})");
        ASSERT_TRUE(intake_.wait_for_samples(1));
    }
    broker_->stop();
    ASSERT_TRUE(wait_for_state(DeviceState::offline, "rooms"));
    EXPECT_TRUE(intake_.wait([](const auto& intake) { return !intake.communication.at(PointId{11}); }));
    start_broker({"log_type all"});
    ASSERT_TRUE(broker_->wait_for_output("Sending SUBACK to platform", 10'000));
    Peer sensor(port_);
    sensor.publish("city/rooms/a/up", R"({"temperature":2})");
    ASSERT_TRUE(intake_.wait_for_samples(2));
    EXPECT_TRUE(wait_for_state(DeviceState::online, "rooms"));
    EXPECT_EQ(status("rooms").reconnects, 1U);
}

TEST_F(Json, configuring_again_disturbs_only_what_changed) {
    auto other = room_sensors();
    other.code = "others";
    other.settings = R"({"format":"json","topic":"city/halls/{code}/up"})";
    for (auto& binding : other.points) {
        binding.point.value += 100;
    }
    start({room_sensors(), other});
    Peer sensor(port_);
    sensor.publish("city/rooms/a/up", R"({"temperature":1})");
    ASSERT_TRUE(intake_.wait_for_samples(1));
    other.settings = R"({"format":"json","topic":"city/offices/{code}/up"})";
    start_driver({room_sensors(), other});
    ASSERT_TRUE(broker_->wait_for_output("Received UNSUBSCRIBE from platform", 10'000)) << broker_->output();
    EXPECT_EQ(status("rooms").samples, 1U) << "it went on with its counters";
    start_driver({room_sensors()});
    EXPECT_EQ(driver_->statuses().size(), 1U);
    sensor.publish("city/rooms/a/up", R"({"temperature":2})");
    EXPECT_TRUE(intake_.wait_for_samples(2));
    EXPECT_EQ(status("rooms").reconnects, 0U);
}

TEST_F(Json, faults_in_settings_and_addresses_are_all_told) {
    driver_ = make_mqtt_driver({intake_, clock_, metrics_, url()});
    auto wrong = room_sensors();
    wrong.settings = R"({"format":"json","topic":"city/rooms/{code}/up","write_topic":"a/+/b","tme":"ts"})";
    wrong.points[0].address = "temperature";
    wrong.points[1].address = "b#..";
    auto right = room_sensors();
    right.code = "right";
    const auto faults = driver_->configure({wrong, right});
    EXPECT_EQ(faults.size(), 4U) << to_string(faults);
    EXPECT_EQ(status("rooms").state, DeviceState::misconfigured);
    ASSERT_TRUE(broker_->wait_for_output("Sending SUBACK to platform", 10'000));
    Peer sensor(port_);
    sensor.publish("city/rooms/a/up", R"({"temperature":1})");
    EXPECT_TRUE(intake_.wait_for_samples(1)) << "the right one runs";
    EXPECT_EQ(driver_->configure({wrong, right}).size(), 4U) << "unchanged faults are told again";
}

TEST_F(Json, nothing_is_offered_after_stop) {
    start({room_sensors()});
    driver_->stop();
    Peer sensor(port_);
    sensor.publish("city/rooms/a/up", R"({"temperature":1})");
    EXPECT_TRUE(intake_.all().empty());
    EXPECT_EQ(write(PointId{13}, 1).error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace nuanshu::drivers::mqtt

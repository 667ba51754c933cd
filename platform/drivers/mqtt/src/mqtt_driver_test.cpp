#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "base/metrics.h"
#include "base/time.h"
#include "platform/drivers/driver.h"
#include "platform/drivers/mqtt/src/sparkplug_host.h"
#include "platform/drivers/mqtt/src/testing.h"
#include "tests/support/process.h"

namespace nuanshu::drivers {

std::unique_ptr<Driver> make_mqtt_driver(const DriverContext& context);

namespace mqtt {
namespace {

using testing::by_alias;
using testing::metric;
using testing::payload_of;
using testing::Peer;
using testing::WatchedIntake;
using Type = SparkplugType;

constexpr PointId flow{1};
constexpr PointId valve{2};
constexpr PointId uptime{3};

/// Waits, 10 s at most, until a status is as wanted.
template <class Condition>
bool eventually(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

/// A real broker, a driver on it, and an intake that looks on.
class MqttDriver : public ::testing::Test {
 protected:
    void SetUp() override { start_broker({}); }

    void start_broker(const std::vector<std::string>& extra_lines) {
        port_ = support::free_port();
        broker_ = std::make_unique<support::Process>(value_or_throw(support::start_mosquitto(port_, extra_lines)));
    }

    void start_driver(std::vector<DeviceConfig> devices) {
        if (!driver_) {
            driver_ = make_mqtt_driver({intake_, clock_, metrics_, url()});
        }
        const auto faults = driver_->configure(std::move(devices));
        EXPECT_TRUE(faults.empty()) << to_string(faults);
    }

    std::string url() const { return fmt::format("mqtt://127.0.0.1:{}?client_id=platform", port_); }

    DeviceStatus status(const std::string& code = "plc") const {
        for (auto& status : driver_->statuses()) {
            if (status.code == code) {
                return status;
            }
        }
        return {};
    }

    bool wait_for_state(DeviceState state, const std::string& code = "plc") const {
        return eventually([&] { return status(code).state == state; });
    }

    Result<> write(PointId point, double value) {
        std::promise<Result<>> done;
        driver_->write(point, value, [&](Result<> result) { done.set_value(std::move(result)); });
        return done.get_future().get();
    }

    ManualClock clock_{1'700'000'000'000};
    Metrics metrics_;
    WatchedIntake intake_;
    int port_ = 0;
    std::unique_ptr<support::Process> broker_;
    std::unique_ptr<Driver> driver_;
};

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
    clock_.advance_ms(SparkplugHost::ask_again_ms);  // it was asked once already, at the start
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

DeviceConfig room_sensors() {
    return {
        .code = "rooms",
        .driver = "mqtt",
        .settings =
            R"({"format":"json","topic":"city/rooms/{code}/up","time":"ts","write_topic":"city/rooms/{code}/down"})",
        .points = {{.point = PointId{11}, .code = "a/temperature", .address = "a#temperature"},
                   {.point = PointId{12}, .code = "b/temperature", .address = "b#temperature"},
                   {.point = PointId{13}, .code = "b/target", .address = "b#settings.target", .writable = true}}};
}

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
    broker_ = std::make_unique<support::Process>(value_or_throw(support::start_mosquitto(port_, {"log_type all"})));
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

/// A broker behind TLS that wants a password, with a certificate made for the occasion.
class Secured : public MqttDriver {
 protected:
    void SetUp() override {
        make_certificate();
        run({"mosquitto_passwd", "-b", "-c", file("passwords"), "heat", "secret"});
        tls_port_ = support::free_port();
        start_broker({"password_file " + file("passwords"), fmt::format("listener {} 127.0.0.1", tls_port_),
                      "certfile " + file("cert.pem"), "keyfile " + file("key.pem")});
    }

    void make_certificate() {
        run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
             "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", file("key.pem"),
             "-out", file("cert.pem")});
        std::filesystem::permissions(directory_.path(), std::filesystem::perms::all);
        std::filesystem::permissions(file("key.pem"), std::filesystem::perms::all);
    }

    static void run(std::vector<std::string> command) {
        auto process = value_or_throw(support::Process::start(std::move(command)));
        ASSERT_EQ(process.wait_exit(20'000), 0) << process.output();
    }

    std::string file(const std::string& name) const { return directory_.path() + "/" + name; }

    void start_with(const std::string& broker) {
        auto device = room_sensors();
        device.settings = fmt::format(R"({{"format":"json","topic":"city/rooms/{{code}}/up","broker":"{}"}})", broker);
        start_driver({device});
    }

    bool shows(std::string_view words) {
        return eventually([&] { return status("rooms").last_error.find(words) != std::string::npos; });
    }

    support::TemporaryDirectory directory_;
    int tls_port_ = 0;
};

TEST_F(Secured, a_trusted_certificate_and_the_right_password_let_in) {
    start_with(fmt::format("mqtts://heat:secret@localhost:{}?ca_file={}", tls_port_, file("cert.pem")));
    Peer sensor(port_);
    EXPECT_TRUE(eventually([&] {
        sensor.publish("city/rooms/a/up", R"({"temperature":21.5})");
        return !intake_.all().empty();
    })) << status("rooms").last_error;
    EXPECT_EQ(status("rooms").endpoint.find("secret"), std::string::npos);
}

TEST_F(Secured, a_certificate_nobody_vouches_for_keeps_out) {
    start_with(fmt::format("mqtts://heat:secret@localhost:{}", tls_port_));
    EXPECT_TRUE(shows("certificate verify failed")) << status("rooms").last_error;
}

TEST_F(Secured, a_certificate_for_another_host_keeps_out) {
    start_with(fmt::format("mqtts://heat:secret@127.0.0.1:{}?ca_file={}", tls_port_, file("cert.pem")));
    EXPECT_TRUE(shows("certificate verify failed")) << status("rooms").last_error;
}

TEST_F(Secured, a_wrong_password_is_told_without_repeating_it) {
    start_with(fmt::format("mqtts://heat:guessed@localhost:{}?ca_file={}", tls_port_, file("cert.pem")));
    EXPECT_TRUE(shows("ot authorized")) << status("rooms").last_error;
    EXPECT_EQ(status("rooms").last_error.find("guessed"), std::string::npos);
    EXPECT_EQ(status("rooms").state, DeviceState::offline);
}

}  // namespace
}  // namespace mqtt
}  // namespace nuanshu::drivers

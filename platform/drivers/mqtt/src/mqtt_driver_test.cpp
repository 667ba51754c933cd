#include <chrono>
#include <future>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "base/metrics.h"
#include "base/time.h"
#include "platform/drivers/driver.h"
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

    SystemClock clock_;
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

TEST_F(Sparkplug, tells_that_it_is_online_as_a_primary_host) {
    Peer watcher(port_, "spBv1.0/STATE/platform");
    start_driver({sparkplug_device()});
    EXPECT_NE(watcher.take("spBv1.0/STATE/platform").payload.find(R"("online":true)"), std::string::npos);
    driver_->stop();
    EXPECT_NE(watcher.take("spBv1.0/STATE/platform").payload.find(R"("online":false)"), std::string::npos);
}

}  // namespace
}  // namespace mqtt
}  // namespace nuanshu::drivers

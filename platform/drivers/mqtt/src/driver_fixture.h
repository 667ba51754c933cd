#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/metrics.h"
#include "base/time.h"
#include "platform/drivers/driver.h"
#include "platform/drivers/mqtt/src/testing.h"
#include "tests/support/process.h"

namespace nuanshu::drivers {

std::unique_ptr<Driver> make_mqtt_driver(const DriverContext& context);

namespace mqtt::testing {

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

/// One device record for many rooms, each with a topic of its own.
inline DeviceConfig room_sensors() {
    return {
        .code = "rooms",
        .driver = "mqtt",
        .settings =
            R"({"format":"json","topic":"city/rooms/{code}/up","time":"ts","write_topic":"city/rooms/{code}/down"})",
        .points = {{.point = PointId{11}, .code = "a/temperature", .address = "a#temperature"},
                   {.point = PointId{12}, .code = "b/temperature", .address = "b#temperature"},
                   {.point = PointId{13}, .code = "b/target", .address = "b#settings.target", .writable = true}}};
}

}  // namespace mqtt::testing
}  // namespace nuanshu::drivers

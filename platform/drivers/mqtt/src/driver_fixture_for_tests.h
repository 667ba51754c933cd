#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/metrics.h"
#include "base/time.h"
#include "platform/drivers/driver.h"
#include "platform/drivers/mqtt/src/peer_for_tests.h"

namespace nuanshu::support {
class Process;
}

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
    MqttDriver();
    ~MqttDriver() override;
    void SetUp() override { start_broker({}); }

    /// Extra lines of mosquitto's configuration. Started again, it has the same port and has forgotten everything.
    void start_broker(const std::vector<std::string>& extra_lines);
    void start_driver(std::vector<DeviceConfig> devices);
    std::string url() const { return fmt::format("mqtt://127.0.0.1:{}?client_id=platform", port_); }

    DeviceStatus status(const std::string& code = "plc") const;
    bool wait_for_state(DeviceState state, const std::string& code = "plc") const;
    Result<> write(PointId point, double value);

    ManualClock clock_{1'700'000'000'000};
    Metrics metrics_;
    WatchedIntake intake_;
    int port_;
    std::unique_ptr<support::Process> broker_;
    std::unique_ptr<Driver> driver_;
};

/// One device record for many rooms, each with a topic of its own.
DeviceConfig room_sensors();

}  // namespace mqtt::testing
}  // namespace nuanshu::drivers

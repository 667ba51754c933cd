#include "platform/drivers/mqtt/src/driver_fixture_for_tests.h"

#include <future>

#include <gtest/gtest.h>

#include "tests/support/process.h"

namespace nuanshu::drivers::mqtt::testing {

MqttDriver::MqttDriver() : port_(support::free_port()) {}
MqttDriver::~MqttDriver() = default;

void MqttDriver::start_broker(const std::vector<std::string>& extra_lines) {
    broker_ = std::make_unique<support::Process>(value_or_throw(support::start_mosquitto(port_, extra_lines)));
}

void MqttDriver::start_driver(std::vector<DeviceConfig> devices) {
    if (!driver_) {
        driver_ = make_mqtt_driver({intake_, clock_, metrics_, url()});
    }
    const auto faults = driver_->configure(std::move(devices));
    EXPECT_TRUE(faults.empty()) << to_string(faults);
}

DeviceStatus MqttDriver::status(const std::string& code) const {
    for (auto& one : driver_->statuses()) {
        if (one.code == code) {
            return one;
        }
    }
    return {};
}

bool MqttDriver::wait_for_state(DeviceState state, const std::string& code) const {
    return eventually([&] { return status(code).state == state; });
}

Result<> MqttDriver::write(PointId point, double value) {
    std::promise<Result<>> done;
    driver_->write(point, value, [&](Result<> result) { done.set_value(std::move(result)); });
    return done.get_future().get();
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

}  // namespace nuanshu::drivers::mqtt::testing

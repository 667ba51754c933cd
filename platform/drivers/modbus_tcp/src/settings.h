#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "platform/drivers/driver.h"
#include "platform/drivers/modbus_tcp/src/plan.h"

namespace nuanshu::modbus_tcp {

/// A device's settings; what each means is in driver.yaml.
struct Settings {
    std::string host;
    std::uint16_t port = 502;
    std::uint8_t unit = 1;
    std::chrono::milliseconds poll{5'000};
    std::chrono::milliseconds timeout{1'000};
    std::chrono::milliseconds connect_timeout{3'000};
    std::chrono::milliseconds retry_min{1'000};
    std::chrono::milliseconds retry_max{60'000};
    PlanLimits limits;
    std::size_t in_flight_max = 1;
};

/// A device as configured, understood and free of faults.
struct DeviceSetup {
    std::string code;
    Settings settings;
    std::map<std::uint8_t, std::vector<PolledPoint>> units;  ///< the points of each unit id
    std::map<PointId, std::string> point_codes;              ///< for messages
};

/// Devices with the same link share one connection: "127.0.0.1:1502".
std::string link_of(const Settings& settings);

/// "127.0.0.1:1502 unit 1"
std::string endpoint_of(const Settings& settings);

/// Nothing when anything is wrong; then `faults` has grown by all that is, with the device's code as their file.
std::optional<DeviceSetup> read_device(const drivers::DeviceConfig& config, Diagnostics& faults);

}  // namespace nuanshu::modbus_tcp

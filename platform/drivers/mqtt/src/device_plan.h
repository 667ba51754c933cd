#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/diagnostic.h"
#include "platform/drivers/driver.h"
#include "platform/drivers/mqtt/src/broker_url.h"
#include "platform/drivers/mqtt/src/json_routes.h"
#include "platform/drivers/mqtt/src/sparkplug_host.h"

namespace nuanshu::drivers::mqtt {

/// A device's settings and addresses, understood.
struct DevicePlan {
    BrokerUrl broker;
    std::variant<SparkplugPlan, JsonPlan, ThingsBoardPlan> format;
    std::vector<std::string> filters;  ///< what to subscribe to
    std::string endpoint;              ///< "spBv1.0/xc/h001 at mqtt://127.0.0.1:1883"
};

/// Reads the settings (see driver.yaml) and every address. All faults go to `faults`, with the device's code as file
/// and `settings.<key>` or `points.<code>` as field; nothing is returned when there is one.
std::optional<DevicePlan> plan_device(const DeviceConfig& config, const std::string& platform_broker,
                                      Diagnostics& faults);

/// `<left>#<right>`, split at the first #; without one, everything is right.
struct Address {
    std::optional<std::string_view> left;
    std::string_view right;
};
Address split_address(std::string_view address);

}  // namespace nuanshu::drivers::mqtt

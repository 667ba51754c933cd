#include "platform/drivers/driver.h"

#include <tuple>

namespace nuanshu::drivers {

bool operator==(const PointBinding& a, const PointBinding& b) {
    return std::tie(a.point, a.code, a.address, a.writable, a.poll_ms) ==
           std::tie(b.point, b.code, b.address, b.writable, b.poll_ms);
}

bool operator==(const DeviceConfig& a, const DeviceConfig& b) {
    return std::tie(a.code, a.driver, a.settings, a.points) == std::tie(b.code, b.driver, b.settings, b.points);
}

std::string_view to_string(DeviceState state) {
    switch (state) {
        case DeviceState::starting:
            return "starting";
        case DeviceState::online:
            return "online";
        case DeviceState::degraded:
            return "degraded";
        case DeviceState::offline:
            return "offline";
        case DeviceState::misconfigured:
            return "misconfigured";
    }
    return "unknown";
}

}  // namespace nuanshu::drivers

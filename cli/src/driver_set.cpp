#include "cli/src/driver_set.h"

#include <algorithm>

namespace nuanshu::cli {

DriverSet::DriverSet(const drivers::DriverContext& context) {
    for (const auto& kind : drivers::registered_drivers()) {
        drivers_.emplace(std::string(kind.id), kind.make(context));
    }
}

DriverSet::~DriverSet() {
    stop();
}

Diagnostics DriverSet::configure(const std::vector<drivers::DeviceConfig>& devices) {
    Diagnostics faults;
    std::map<std::string, std::vector<drivers::DeviceConfig>, std::less<>> dealt;
    std::map<std::string, drivers::Driver*, std::less<>> holders;
    for (const auto& device : devices) {
        const auto driver = drivers_.find(device.driver);
        if (driver == drivers_.end()) {
            faults.push_back({"", 0, device.code, fmt::format("there is no driver `{}` in this build", device.driver)});
            continue;
        }
        dealt[device.driver].push_back(device);
        holders[device.code] = driver->second.get();
    }
    for (const auto& [id, driver] : drivers_) {
        const auto more = driver->configure(std::move(dealt[id]));
        faults.insert(faults.end(), more.begin(), more.end());
    }
    const std::scoped_lock guard(lock_);
    driver_of_device_ = std::move(holders);
    return faults;
}

drivers::Driver* DriverSet::driver_of(std::string_view device) const {
    const std::scoped_lock guard(lock_);
    const auto found = driver_of_device_.find(device);
    return found != driver_of_device_.end() ? found->second : nullptr;
}

std::vector<drivers::DeviceStatus> DriverSet::statuses() const {
    std::vector<drivers::DeviceStatus> all;
    for (const auto& [id, driver] : drivers_) {
        auto some = driver->statuses();
        std::move(some.begin(), some.end(), std::back_inserter(all));
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.code < b.code; });
    return all;
}

void DriverSet::stop() {
    for (const auto& [id, driver] : drivers_) {
        driver->stop();
    }
}

}  // namespace nuanshu::cli

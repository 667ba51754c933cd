#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "platform/drivers/driver.h"

namespace nuanshu::cli {

/// One running driver of each kind, and which of them holds which device. Thread-safe.
class DriverSet {
 public:
    explicit DriverSet(const drivers::DriverContext& context);
    ~DriverSet();
    DriverSet(const DriverSet&) = delete;
    DriverSet& operator=(const DriverSet&) = delete;

    /// Deals the devices to their drivers. A device of an unknown driver is a fault.
    Diagnostics configure(const std::vector<drivers::DeviceConfig>& devices);
    /// Null when no driver holds such a device.
    drivers::Driver* driver_of(std::string_view device) const;
    std::vector<drivers::DeviceStatus> statuses() const;
    void stop();

 private:
    std::map<std::string, std::unique_ptr<drivers::Driver>, std::less<>> drivers_;
    mutable std::mutex lock_;
    std::map<std::string, drivers::Driver*, std::less<>> driver_of_device_;
};

}  // namespace nuanshu::cli

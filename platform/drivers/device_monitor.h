#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "base/metrics.h"
#include "base/time.h"
#include "platform/drivers/driver.h"

namespace nuanshu::drivers {

/// What /metrics shows of one driver, summed over its devices: `nuanshu_drivers_…{driver="modbus_tcp"}`. Made once per
/// driver.
struct DriverFigures {
    DriverFigures(Metrics& metrics, std::string_view driver);

    Counter& requests;
    Counter& answers;
    Counter& timeouts;
    Counter& errors;
    Counter& samples;
    Counter& reconnects;
    Histogram& round_trip;
    std::array<Gauge*, 5> devices;  ///< how many are in each DeviceState
};

/// Keeps one device's DeviceStatus and logs its changes of state, so that all drivers look alike on the gateway page.
/// Thread-safe.
class DeviceMonitor {
 public:
    /// Starts in DeviceState::starting. `clock` and `figures` outlive it.
    DeviceMonitor(const Clock& clock, DriverFigures& figures, const DeviceConfig& config, std::string_view endpoint);
    ~DeviceMonitor();
    DeviceMonitor(const DeviceMonitor&) = delete;
    DeviceMonitor& operator=(const DeviceMonitor&) = delete;

    void request_sent();
    /// A good answer, with how long it took; a message nobody asked for has no round trip: pass 0.
    void answered(double round_trip_ms = 0.0);
    void samples_taken(std::size_t count);
    void reconnected();
    /// `what` is a sentence for people: which register or topic, what was wrong.
    void timed_out(std::string what);
    void failed(std::string what);

    /// Returns whether the state changed.
    bool set_state(DeviceState state);
    /// As failed(), and the state is misconfigured from now on.
    void misconfigured(std::string what);

    DeviceState state() const;
    DeviceStatus status() const;

 private:
    void keep_error(std::string what);

    const Clock& clock_;
    DriverFigures& figures_;
    mutable std::mutex mutex_;
    DeviceStatus status_;
};

}  // namespace nuanshu::drivers

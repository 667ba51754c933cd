#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/sample.h"
#include "base/time.h"
#include "platform/telemetry/intake.h"

namespace nuanshu::drivers {

/// Where one point is found in a device.
struct PointBinding {
    PointId point;
    std::string code;     ///< the point's code, for messages
    std::string address;  ///< in the driver's own syntax, described in its driver.yaml
    bool writable = false;
    std::int64_t poll_ms = 0;  ///< 0: the device's own period

    friend bool operator==(const PointBinding&, const PointBinding&);
};

/// One device to talk to.
struct DeviceConfig {
    std::string code;      ///< the device record's code: `xc.s01.n1.h023.plc1`
    std::string driver;    ///< which driver: `modbus_tcp`, `mqtt`
    std::string settings;  ///< JSON by the driver's own schema: host, port, unit …
    std::vector<PointBinding> points;

    friend bool operator==(const DeviceConfig&, const DeviceConfig&);
};

enum class DeviceState {
    starting,      ///< not yet connected
    online,        ///< answers
    degraded,      ///< answers, but some points fail: see last_error
    offline,       ///< does not answer; the driver tries again with back-off
    misconfigured  ///< settings or addresses are wrong: nothing is tried until they change
};
std::string_view to_string(DeviceState state);

/// How a device is doing, for the gateway page and metrics.
struct DeviceStatus {
    std::string code;
    std::string driver;
    std::string endpoint;  ///< "127.0.0.1:1502 unit 1", "spBv1.0/city/edge1"
    DeviceState state = DeviceState::starting;
    std::int64_t state_since_ms = 0;
    std::int64_t last_answer_ms = 0;  ///< 0: never
    std::uint64_t requests = 0;       ///< sent: polls, writes, subscriptions
    std::uint64_t answers = 0;        ///< good answers or messages taken
    std::uint64_t timeouts = 0;
    std::uint64_t errors = 0;  ///< exceptions, malformed frames, unknown names
    std::uint64_t samples = 0;
    std::uint64_t reconnects = 0;
    double round_trip_ms = 0.0;  ///< of late; 0 where there is none
    std::string last_error;      ///< a sentence; empty when there was none since the start
    std::int64_t last_error_ms = 0;
    std::size_t points = 0;
};

/// One protocol's conversation with all its devices. Each driver has its own thread, and each of its devices its own
/// deadlines: a device that is silent, slow or talks nonsense holds up no other, and a driver that is stuck holds up no
/// other driver. All members are thread-safe and return at once.
class Driver {
 public:
    virtual ~Driver() = default;

    /// Makes the set of devices be exactly this: new ones start, missing ones stop, changed ones restart, the others go
    /// on undisturbed. Faults in settings and addresses are returned, all of them; the devices concerned are
    /// `misconfigured`, the rest run.
    virtual Diagnostics configure(std::vector<DeviceConfig> devices) = 0;

    /// Writes a raw number (device units, scale undone) to a bound, writable point. `done` is called once, from the
    /// driver's thread: ok when the device has confirmed. Errors: not_found, refused (not writable), unavailable,
    /// timeout, invalid (does not fit).
    virtual void write(PointId point, double raw_value, std::function<void(Result<>)> done) = 0;

    /// Asks for a point's value soon, ahead of its period: after a write, to read back. It arrives as any other sample
    /// does.
    virtual void read_soon(PointId point) = 0;

    virtual std::vector<DeviceStatus> statuses() const = 0;

    /// Closes connections and ends the thread; nothing is offered to the intake afterwards.
    virtual void stop() = 0;
};

/// What a driver is given when it is made; all outlive it.
struct DriverContext {
    telemetry::Intake& intake;
    const Clock& clock;
    Metrics& metrics;
    std::string mqtt_url;  ///< the platform's broker, for devices that name none
};

/// A protocol the build knows. `id` is the folder's name.
struct DriverKind {
    std::string_view id;
    std::unique_ptr<Driver> (*make)(const DriverContext& context);
    std::string_view manifest_yaml;  ///< its driver.yaml: titles, schema of settings, address syntax, abilities, grade
};

/// Every driver in platform/drivers/, written by CMake from the folder list.
std::span<const DriverKind> registered_drivers();

}  // namespace nuanshu::drivers

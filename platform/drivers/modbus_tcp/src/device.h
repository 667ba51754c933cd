#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "platform/drivers/delivery.h"
#include "platform/drivers/device_monitor.h"
#include "platform/drivers/modbus_tcp/src/frame.h"
#include "platform/drivers/modbus_tcp/src/settings.h"
#include "platform/drivers/modbus_tcp/src/unit_poller.h"
#include "platform/telemetry/intake.h"

namespace nuanshu::modbus_tcp {

/// A write on its way. Some devices know only the form for several registers: it is tried when they refuse the one for
/// a single one.
struct Write {
    std::string place;
    Request request;
    std::optional<Request> otherwise;
    std::function<void(Result<>)> done;
};

/// One unit id of a device.
struct Unit {
    Unit(std::uint8_t unit_id, UnitPoller unit_poller) : id(unit_id), poller(std::move(unit_poller)) {}

    std::uint8_t id;
    UnitPoller poller;
    std::deque<Write> writes;
    bool writing = false;
    std::optional<bool> communicates;  ///< as telemetry was told; nothing: not yet told
};

/// One configured device: turns answers into samples and keeps its status. Lives in the driver's thread; knows no
/// socket.
class Device {
 public:
    struct Surroundings {
        telemetry::Intake& intake;
        drivers::Delivery& delivery;
        const Clock& clock;
    };

    Device(DeviceSetup setup, std::shared_ptr<drivers::DeviceMonitor> monitor, Surroundings surroundings, Time now);

    const std::string& code() const { return setup_.code; }
    const Settings& settings() const { return setup_.settings; }
    std::vector<std::unique_ptr<Unit>>& units() { return units_; }

    /// Queues a write, or calls `done` at once with why not.
    void write(PointId point, double raw_value, std::function<void(Result<>)> done);
    void read_soon(PointId point);

    void request_sent() { monitor_->request_sent(); }
    void poll_ended(Unit& unit, PolledBlock& block, Result<Reply> answer, double round_trip_ms, Time now);
    void write_ended(Write& write, const Result<Reply>& answer, double round_trip_ms);

    void connected(bool again);
    /// The connection was lost. @param unreachable  it could not even be made
    void link_down(const std::string& what, bool unreachable);

    /// Not configured any more: open writes fail, answers still to come are ignored.
    void close();

 private:
    struct Place {
        Unit* unit;
        std::size_t index;
    };

    Result<Write> prepare_write(const Place& place, double raw_value) const;
    void poll_failed(Unit& unit, PolledBlock& block, const Error& error, Time now);
    void poll_refused(Unit& unit, PolledBlock& block, std::uint8_t code, Time now);
    void take_values(Unit& unit, const Block& block, const Reply& reply);
    void mark_faulty(Unit& unit, const Block& block);
    void deliver(std::vector<telemetry::RawSample> samples);
    void fail_writes(ErrorCode code, const std::string& what);
    void say_silent(Unit& unit);
    void set_communication(Unit& unit, bool communicates);
    void update_state();
    std::string text_of(const Unit& unit, const Block& block) const;

    DeviceSetup setup_;
    std::shared_ptr<drivers::DeviceMonitor> monitor_;
    Surroundings surroundings_;
    std::vector<std::unique_ptr<Unit>> units_;
    std::map<PointId, Place> places_;
    bool connected_ = false;
    bool closed_ = false;
    std::string down_reason_ = "the connection is not made yet";
};

}  // namespace nuanshu::modbus_tcp

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/metrics.h"
#include "base/time.h"
#include "platform/drivers/device_monitor.h"
#include "platform/drivers/mqtt/src/acknowledgements.h"
#include "platform/drivers/mqtt/src/birth_lesson.h"
#include "platform/drivers/mqtt/src/client.h"
#include "platform/drivers/mqtt/src/device_plan.h"
#include "platform/drivers/mqtt/src/json_routes.h"
#include "platform/drivers/mqtt/src/sparkplug_host.h"
#include "platform/drivers/mqtt/src/thread_door.h"
#include "platform/telemetry/intake.h"

namespace nuanshu::drivers::mqtt {

/// What all broker links of a driver share; outlives them.
struct LinkContext {
    net::io_context& io;
    telemetry::Intake& intake;
    const Clock& clock;
    std::shared_ptr<ThreadDoor> door;
    Counter& messages;
    Counter& unrouted;
    Counter& waits;
};

/// One broker with all devices behind it: one connection, one persistent session.
///
/// Messages become samples in `taken_` and leave in batches. A batch that the intake has no room for is offered again
/// and again while the socket is not read, so that the broker waits too. Messages are acknowledged when the historian
/// has their samples. All members in the io_context's thread.
class BrokerLink final : public ClientEvents, public std::enable_shared_from_this<BrokerLink> {
 public:
    using Done = std::function<void(Result<>)>;

    BrokerLink(const LinkContext& context, BrokerUrl url);

    void start();
    void add(DeviceKey key, DevicePlan plan, std::shared_ptr<DeviceMonitor> monitor);
    void remove(DeviceKey key);
    bool empty() const { return devices_.empty(); }
    const BrokerUrl& url() const { return settings_.url; }
    void write(DeviceKey key, PointId point, double value, Done done);
    void stop();

    std::optional<Will> will() override;
    net::awaitable<void> prepare(bool session_present) override;
    void connected(bool session_present) override;
    void disconnected(const Error& why) override;
    void subscription_refused(const std::string& filter, const std::string& why) override;
    Next received(const Publish& message) override;
    bool unsettled() const override;
    net::awaitable<void> settle() override;
    void tick() override;

 private:
    struct Device {
        DevicePlan plan;
        std::shared_ptr<DeviceMonitor> monitor;
        std::vector<PointId> points;
        bool answered = false;
        bool online = false;

        bool sparkplug() const { return std::holds_alternative<SparkplugPlan>(plan.format); }
    };

    bool route(const Publish& message);
    void tell_devices();
    bool take_own_state(const Publish& message);
    void publish_state(bool online);
    std::string state_topic() const;
    std::string state_payload(bool online) const;
    std::vector<Filter> filters_of(const DevicePlan& plan) const;
    bool has_sparkplug() const;
    void ask_for_rebirths();
    std::vector<telemetry::RawBatch> close_batches();
    std::function<void()> when_stored(std::uint64_t group);
    void stored(std::uint64_t group);
    void acknowledge_ready();
    void silence_all(const Error& why);
    Result<Outgoing> command(const Device& device, PointId point, double value) const;
    std::int64_t steady_ms() const { return context_.clock.steady_ns() / 1'000'000; }

    LinkContext context_;
    ClientSettings settings_;
    Client client_;
    std::shared_ptr<BirthLesson> lesson_;
    SparkplugHost sparkplug_;
    JsonRoutes json_;
    std::map<DeviceKey, Device> devices_;
    std::map<std::string, int> filter_uses_;

    Taken taken_;
    std::vector<std::uint16_t> open_ids_;
    std::vector<Taken::Communication> silenced_;
    std::size_t open_messages_ = 0;
    Acknowledgements acknowledgements_;
    net::steady_timer retry_timer_;

    std::int64_t state_time_ms_ = 0;
    std::string last_failure_;
    bool was_connected_ = false;
    bool stopping_ = false;
};

}  // namespace nuanshu::drivers::mqtt

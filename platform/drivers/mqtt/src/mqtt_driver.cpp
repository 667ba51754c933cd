#include <algorithm>
#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "base/log.h"
#include "platform/drivers/device_monitor.h"
#include "platform/drivers/driver.h"
#include "platform/drivers/mqtt/src/broker_link.h"
#include "platform/drivers/mqtt/src/device_plan.h"

namespace nuanshu::drivers {
namespace mqtt {
namespace {

constexpr std::chrono::seconds goodbye_within{3};

/// A device that is to start, with its settings understood.
struct Start {
    DeviceKey key;
    DevicePlan plan;
    std::shared_ptr<DeviceMonitor> monitor;
    std::vector<PointBinding> points;
};

struct Changes {
    std::vector<DeviceKey> stops;
    std::vector<Start> starts;
};

/// What the driver's thread knows: the broker links, and where each point is written.
class Links {
 public:
    explicit Links(const LinkContext& context) : context_(context) {}

    void apply(Changes changes) {
        for (const auto key : changes.stops) {
            stop_device(key);
        }
        for (auto& start : changes.starts) {
            start_device(std::move(start));
        }
        std::erase_if(links_, [](const auto& link) {
            if (link->empty()) {
                link->stop();
            }
            return link->empty();
        });
    }

    void write(PointId point, double value, BrokerLink::Done done) {
        const auto found = places_.find(point);
        if (found == places_.end()) {
            return done(fail(ErrorCode::not_found, "mqtt", "point {} is bound to no device", point.value));
        }
        if (!found->second.writable) {
            return done(fail(ErrorCode::refused, "mqtt", "point {} is not writable", point.value));
        }
        devices_.at(found->second.device)->write(found->second.device, point, value, std::move(done));
    }

    void stop() {
        for (const auto& link : links_) {
            link->stop();
        }
    }

 private:
    struct Place {
        DeviceKey device;
        bool writable;
    };

    std::shared_ptr<BrokerLink> link_to(const BrokerUrl& url) {
        const auto known =
            std::find_if(links_.begin(), links_.end(), [&](const auto& link) { return link->url() == url; });
        if (known != links_.end()) {
            return *known;
        }
        links_.push_back(std::make_shared<BrokerLink>(context_, url));
        links_.back()->start();
        return links_.back();
    }

    void start_device(Start start) {
        auto link = link_to(start.plan.broker);
        for (const auto& binding : start.points) {
            places_[binding.point] = {start.key, binding.writable};
        }
        devices_[start.key] = link;
        link->add(start.key, std::move(start.plan), std::move(start.monitor));
    }

    void stop_device(DeviceKey key) {
        const auto found = devices_.find(key);
        if (found != devices_.end()) {
            found->second->remove(key);
            devices_.erase(found);
            std::erase_if(places_, [&](const auto& place) { return place.second.device == key; });
        }
    }

    LinkContext context_;
    std::vector<std::shared_ptr<BrokerLink>> links_;
    std::unordered_map<DeviceKey, std::shared_ptr<BrokerLink>> devices_;
    std::unordered_map<PointId, Place> places_;
};

class MqttDriver final : public Driver {
 public:
    explicit MqttDriver(const DriverContext& context)
        : context_(context),
          figures_(context.metrics, "mqtt"),
          door_(std::make_shared<ThreadDoor>(io_)),
          links_(link_context()),
          work_(io_.get_executor()),
          thread_([this] { run(); }) {}

    ~MqttDriver() override { stop(); }

    Diagnostics configure(std::vector<DeviceConfig> devices) override;
    void write(PointId point, double raw_value, std::function<void(Result<>)> done) override;
    void read_soon(PointId) override {}  // devices that push send a value when it changes
    std::vector<DeviceStatus> statuses() const override;
    void stop() override;

 private:
    struct Known {
        DeviceConfig config;
        DeviceKey key = 0;
        std::shared_ptr<DeviceMonitor> monitor;
        Diagnostics faults;
    };

    LinkContext link_context();
    void run();
    void start_device(DeviceConfig config, Changes& changes);

    DriverContext context_;
    DriverFigures figures_;
    net::io_context io_{1};
    std::shared_ptr<ThreadDoor> door_;
    Links links_;
    net::executor_work_guard<net::io_context::executor_type> work_;
    mutable std::mutex mutex_;
    std::map<std::string, Known> known_;
    DeviceKey last_key_ = 0;
    std::promise<void> finished_;
    std::thread thread_;
};

LinkContext MqttDriver::link_context() {
    auto& metrics = context_.metrics;
    return {.io = io_,
            .intake = context_.intake,
            .clock = context_.clock,
            .door = door_,
            .messages = metrics.counter("nuanshu_mqtt_messages_total", "Messages received from brokers"),
            .unrouted = metrics.counter("nuanshu_mqtt_unrouted_total", "Messages whose topic no device wants"),
            .waits = metrics.counter("nuanshu_mqtt_intake_waits_total", "How often a batch found the intake full")};
}

void MqttDriver::run() {
    while (true) {
        try {
            io_.run();
            finished_.set_value();
            return;
        } catch (const std::exception& error) {
            log_error("drivers/mqtt", "{}", error.what());
        }
    }
}

void MqttDriver::start_device(DeviceConfig config, Changes& changes) {
    Known known{.config = std::move(config), .key = ++last_key_, .monitor = nullptr, .faults = {}};
    auto plan = plan_device(known.config, context_.mqtt_url, known.faults);
    known.monitor = std::make_shared<DeviceMonitor>(context_.clock, figures_, known.config, plan ? plan->endpoint : "");
    if (plan) {
        changes.starts.push_back({known.key, std::move(*plan), known.monitor, known.config.points});
    } else {
        known.monitor->misconfigured(fmt::format("{}: {}", known.faults[0].field, known.faults[0].text));
    }
    const auto code = known.config.code;
    known_[code] = std::move(known);
}

Diagnostics MqttDriver::configure(std::vector<DeviceConfig> devices) {
    Diagnostics faults;
    Changes changes;
    const std::scoped_lock lock(mutex_);
    std::map<std::string, Known> kept;
    std::map<std::string, DeviceConfig> changed;
    for (auto& config : devices) {
        const auto found = known_.find(config.code);
        if (kept.contains(config.code) || changed.contains(config.code)) {
            faults.push_back({.file = config.code, .line = 0, .field = "code", .text = "is the code of two devices"});
        } else if (found != known_.end() && found->second.config == config) {
            kept.insert(known_.extract(found));
        } else {
            changed.emplace(config.code, std::move(config));
        }
    }
    for (const auto& [code, known] : known_) {
        changes.stops.push_back(known.key);
    }
    known_ = std::move(kept);
    for (auto& [code, config] : changed) {
        start_device(std::move(config), changes);
    }
    for (const auto& [code, known] : known_) {
        faults.insert(faults.end(), known.faults.begin(), known.faults.end());
    }
    door_->post([this, changes = std::move(changes)]() mutable { links_.apply(std::move(changes)); });
    return faults;
}

void MqttDriver::write(PointId point, double raw_value, std::function<void(Result<>)> done) {
    const bool posted = door_->post([this, point, raw_value, done] { links_.write(point, raw_value, done); });
    if (!posted) {
        done(fail(ErrorCode::cancelled, "mqtt", "the driver has stopped"));
    }
}

std::vector<DeviceStatus> MqttDriver::statuses() const {
    const std::scoped_lock lock(mutex_);
    std::vector<DeviceStatus> statuses;
    for (const auto& [code, known] : known_) {
        statuses.push_back(known.monitor->status());
    }
    return statuses;
}

void MqttDriver::stop() {
    if (!thread_.joinable()) {
        return;
    }
    door_->post([this] {
        links_.stop();
        work_.reset();
    });
    door_->close();
    if (finished_.get_future().wait_for(goodbye_within) != std::future_status::ready) {
        io_.stop();
    }
    thread_.join();
}

}  // namespace
}  // namespace mqtt

std::unique_ptr<Driver> make_mqtt_driver(const DriverContext& context) {
    return std::make_unique<mqtt::MqttDriver>(context);
}

}  // namespace nuanshu::drivers

#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "base/log.h"
#include "platform/drivers/delivery.h"
#include "platform/drivers/device_monitor.h"
#include "platform/drivers/driver.h"
#include "platform/drivers/modbus_tcp/src/device.h"
#include "platform/drivers/modbus_tcp/src/link.h"
#include "platform/drivers/modbus_tcp/src/settings.h"

namespace nuanshu::modbus_tcp {

namespace {

using drivers::DeviceConfig;
using drivers::DeviceMonitor;
using drivers::DeviceStatus;

constexpr std::string_view driver_id = "modbus_tcp";
constexpr std::size_t held_samples_max = 200'000;

/// What configure() has found to do.
struct Changes {
    std::vector<std::string> removed;
    std::vector<std::pair<DeviceSetup, std::shared_ptr<DeviceMonitor>>> added;
    std::vector<PointId> out_of_reach;  ///< points of devices that cannot be talked to as they are configured
};

/// The devices that are talked to, and their links. Lives in the driver's thread.
class Field {
 public:
    Field(boost::asio::io_context& context, Device::Surroundings surroundings)
        : context_(context), surroundings_(surroundings) {}

    void apply(Changes changes) {
        for (const auto& code : changes.removed) {
            remove(code);
        }
        for (auto& [setup, monitor] : changes.added) {
            add(std::move(setup), std::move(monitor));
        }
        std::erase_if(links_, [](const auto& link) { return link.second->empty(); });
        if (!changes.out_of_reach.empty()) {
            surroundings_.intake.set_communication(changes.out_of_reach, false);
        }
    }

    void write(PointId point, double raw_value, std::function<void(Result<>)> done) {
        const auto found = by_point_.find(point);
        if (found == by_point_.end()) {
            return done(fail(ErrorCode::not_found, "modbus_tcp", "point {} is bound in no device that can be talked to",
                             point.value));
        }
        found->second->write(point, raw_value, std::move(done));
        link(*found->second).wake();
    }

    void read_soon(PointId point) {
        if (const auto found = by_point_.find(point); found != by_point_.end()) {
            found->second->read_soon(point);
            link(*found->second).wake();
        }
    }

    void close() {
        for (const auto& [code, device] : devices_) {
            device->close();
        }
        links_.clear();
        devices_.clear();
        by_point_.clear();
    }

 private:
    Link& link(const Device& device) { return *links_.at(link_of(device.settings())); }

    void add(DeviceSetup setup, std::shared_ptr<DeviceMonitor> monitor) {
        std::vector<PointId> points;
        for (const auto& [point, code] : setup.point_codes) {
            points.push_back(point);
        }
        const auto device = std::make_shared<Device>(std::move(setup), std::move(monitor), surroundings_,
                                                     std::chrono::steady_clock::now());
        const auto& settings = device->settings();
        auto& link = links_[link_of(settings)];
        if (link == nullptr) {
            link = std::make_unique<Link>(context_, settings.host, settings.port, surroundings_.delivery);
        }
        link->add(device);
        devices_[device->code()] = device;
        for (const auto point : points) {
            by_point_[point] = device;
        }
    }

    void remove(const std::string& code) {
        const auto found = devices_.find(code);
        if (found == devices_.end()) {
            return;
        }
        const auto device = found->second;
        device->close();
        link(*device).remove(*device);
        std::erase_if(by_point_, [&](const auto& entry) { return entry.second == device; });
        devices_.erase(found);
    }

    boost::asio::io_context& context_;
    Device::Surroundings surroundings_;
    std::map<std::string, std::shared_ptr<Device>> devices_;
    std::map<std::string, std::unique_ptr<Link>> links_;
    std::map<PointId, std::shared_ptr<Device>> by_point_;
};

class ModbusTcpDriver final : public drivers::Driver {
 public:
    explicit ModbusTcpDriver(const drivers::DriverContext& context)
        : clock_(context.clock),
          figures_(context.metrics, driver_id),
          delivery_(context.intake, held_samples_max),
          field_(io_context_, {context.intake, delivery_, context.clock}),
          work_(boost::asio::make_work_guard(io_context_)),
          thread_([this] { run(); }) {}

    ~ModbusTcpDriver() override { stop(); }

    Diagnostics configure(std::vector<DeviceConfig> devices) override;

    void write(PointId point, double raw_value, std::function<void(Result<>)> done) override {
        std::unique_lock lock(mutex_);
        if (stopped_) {
            lock.unlock();
            return done(fail(ErrorCode::cancelled, "modbus_tcp", "the driver is stopping"));
        }
        boost::asio::post(io_context_, [this, point, raw_value, done = std::move(done)]() mutable {
            field_.write(point, raw_value, std::move(done));
        });
    }

    void read_soon(PointId point) override {
        const std::scoped_lock lock(mutex_);
        if (!stopped_) {
            boost::asio::post(io_context_, [this, point] { field_.read_soon(point); });
        }
    }

    std::vector<DeviceStatus> statuses() const override {
        const std::scoped_lock lock(mutex_);
        std::vector<DeviceStatus> statuses;
        for (const auto& [code, known] : known_) {
            statuses.push_back(known.monitor->status());
        }
        return statuses;
    }

    void stop() override;

 private:
    /// A device as it was last configured.
    struct Known {
        DeviceConfig config;
        std::shared_ptr<DeviceMonitor> monitor;
        std::string faults;
    };

    void run();
    std::optional<DeviceSetup> read(const DeviceConfig& config, std::map<PointId, std::string>& owners,
                                    Diagnostics& faults) const;
    void take_up(DeviceConfig config, std::optional<DeviceSetup> setup, std::string faults, Changes& changes);
    std::shared_ptr<DeviceMonitor> make_monitor(const DeviceConfig& config, std::string_view endpoint);

    const Clock& clock_;
    drivers::DriverFigures figures_;
    drivers::Delivery delivery_;
    boost::asio::io_context io_context_{1};
    Field field_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    mutable std::mutex mutex_;
    std::map<std::string, Known> known_;
    bool stopped_ = false;
    std::thread thread_;
};

Diagnostics ModbusTcpDriver::configure(std::vector<DeviceConfig> devices) {
    const std::scoped_lock lock(mutex_);
    if (stopped_) {
        return {};
    }
    Diagnostics all_faults;
    Changes changes;
    std::map<PointId, std::string> owners;
    std::map<std::string, Known> before = std::exchange(known_, {});
    for (auto& config : devices) {
        Diagnostics faults;
        auto setup = read(config, owners, faults);
        const std::string text = to_string(faults);
        all_faults.insert(all_faults.end(), faults.begin(), faults.end());
        const auto old = before.find(config.code);
        if (known_.contains(config.code)) {
            continue;
        }
        if (old != before.end() && old->second.config == config && old->second.faults == text) {
            known_.insert(before.extract(old));
            continue;
        }
        take_up(std::move(config), std::move(setup), text, changes);
    }
    for (const auto& [code, known] : before) {
        changes.removed.push_back(code);
    }
    boost::asio::post(io_context_,
                      [this, changes = std::move(changes)]() mutable { field_.apply(std::move(changes)); });
    return all_faults;
}

std::optional<DeviceSetup> ModbusTcpDriver::read(const DeviceConfig& config, std::map<PointId, std::string>& owners,
                                                 Diagnostics& faults) const {
    if (known_.contains(config.code)) {
        faults.push_back({config.code, 0, "code", "is given to two devices; the second one is left out"});
        return std::nullopt;
    }
    auto setup = read_device(config, faults);
    for (const auto& binding : config.points) {
        const auto [owner, is_new] = owners.emplace(binding.point, config.code);
        if (!is_new && owner->second != config.code) {
            faults.push_back({config.code, 0, binding.code, fmt::format("is bound in {} already", owner->second)});
        }
    }
    return faults.empty() ? std::move(setup) : std::nullopt;
}

void ModbusTcpDriver::take_up(DeviceConfig config, std::optional<DeviceSetup> setup, std::string faults,
                              Changes& changes) {
    auto monitor = make_monitor(config, setup ? endpoint_of(setup->settings) : "");
    if (setup) {
        changes.added.emplace_back(std::move(*setup), monitor);
    } else {
        monitor->misconfigured(faults);
        for (const auto& binding : config.points) {
            changes.out_of_reach.push_back(binding.point);
        }
    }
    const std::string code = config.code;
    known_[code] = {std::move(config), std::move(monitor), std::move(faults)};
}

std::shared_ptr<DeviceMonitor> ModbusTcpDriver::make_monitor(const DeviceConfig& config, std::string_view endpoint) {
    return std::make_shared<DeviceMonitor>(clock_, figures_, config, endpoint);
}

void ModbusTcpDriver::stop() {
    {
        const std::scoped_lock lock(mutex_);
        if (!std::exchange(stopped_, true)) {
            boost::asio::post(io_context_, [this] {
                field_.close();
                work_.reset();
            });
        }
    }
    if (thread_.joinable()) {
        thread_.join();
    }
    delivery_.close();
}

void ModbusTcpDriver::run() {
    for (;;) {
        try {
            io_context_.run();
            return;
        } catch (const std::exception& error) {
            log_error("drivers/modbus_tcp", "{}", error.what());
        }
    }
}

}  // namespace

}  // namespace nuanshu::modbus_tcp

namespace nuanshu::drivers {

std::unique_ptr<Driver> make_modbus_tcp_driver(const DriverContext& context);

std::unique_ptr<Driver> make_modbus_tcp_driver(const DriverContext& context) {
    return std::make_unique<modbus_tcp::ModbusTcpDriver>(context);
}

}  // namespace nuanshu::drivers

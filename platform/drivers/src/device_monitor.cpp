#include "platform/drivers/device_monitor.h"

#include <utility>

#include "base/log.h"

namespace nuanshu::drivers {

namespace {

constexpr double newest_round_trip_share = 0.125;
constexpr std::size_t error_length_max = 500;

std::string bounded(std::string text) {
    if (text.size() > error_length_max) {
        text.resize(error_length_max);
        text += "…";
    }
    return text;
}

std::array<Gauge*, 5> device_gauges(Metrics& metrics, const std::string& driver) {
    std::array<Gauge*, 5> gauges{};
    for (std::size_t i = 0; i < gauges.size(); ++i) {
        const MetricLabels labels = {{"driver", driver},
                                     {"state", std::string(to_string(static_cast<DeviceState>(i)))}};
        gauges[i] = &metrics.gauge("nuanshu_drivers_devices", "Devices in each state", labels);
    }
    return gauges;
}

void log_change(const DeviceStatus& status, DeviceState before) {
    const auto room = fmt::format("drivers/{}", status.driver);
    const bool bad = status.state == DeviceState::offline || status.state == DeviceState::misconfigured;
    if (bad) {
        log_warn(room, "{} ({}): {}, was {}: {}", status.code, status.endpoint, to_string(status.state),
                 to_string(before), status.last_error);
    } else {
        log_info(room, "{} ({}): {}, was {}", status.code, status.endpoint, to_string(status.state), to_string(before));
    }
}

}  // namespace

DriverFigures::DriverFigures(Metrics& metrics, std::string_view driver)
    : requests(metrics.counter("nuanshu_drivers_requests_total", "Polls, writes and subscriptions sent",
                               {{"driver", std::string(driver)}})),
      answers(metrics.counter("nuanshu_drivers_answers_total", "Good answers and messages taken",
                              {{"driver", std::string(driver)}})),
      timeouts(metrics.counter("nuanshu_drivers_timeouts_total", "Requests without an answer in time",
                               {{"driver", std::string(driver)}})),
      errors(metrics.counter("nuanshu_drivers_errors_total", "Exceptions, malformed frames and messages",
                             {{"driver", std::string(driver)}})),
      samples(metrics.counter("nuanshu_drivers_samples_total", "Values read from devices",
                              {{"driver", std::string(driver)}})),
      reconnects(metrics.counter("nuanshu_drivers_reconnects_total", "Connections made again after they were lost",
                                 {{"driver", std::string(driver)}})),
      round_trip(metrics.histogram("nuanshu_drivers_round_trip_seconds", "From request to answer",
                                   {{"driver", std::string(driver)}})),
      devices(device_gauges(metrics, std::string(driver))) {}

DeviceMonitor::DeviceMonitor(const Clock& clock, DriverFigures& figures, const DeviceConfig& config,
                             std::string_view endpoint)
    : clock_(clock), figures_(figures) {
    status_.code = config.code;
    status_.driver = config.driver;
    status_.endpoint = endpoint;
    status_.points = config.points.size();
    status_.state_since_ms = clock.now_ms();
    figures_.devices[static_cast<std::size_t>(status_.state)]->add(1);
}

DeviceMonitor::~DeviceMonitor() {
    figures_.devices[static_cast<std::size_t>(status_.state)]->add(-1);
}

void DeviceMonitor::request_sent() {
    figures_.requests.add();
    const std::scoped_lock lock(mutex_);
    ++status_.requests;
}

void DeviceMonitor::answered(double round_trip_ms) {
    figures_.answers.add();
    if (round_trip_ms > 0) {
        figures_.round_trip.observe(round_trip_ms / 1000);
    }
    const std::scoped_lock lock(mutex_);
    ++status_.answers;
    status_.last_answer_ms = clock_.now_ms();
    if (round_trip_ms > 0) {
        const double share = status_.round_trip_ms > 0 ? newest_round_trip_share : 1.0;
        status_.round_trip_ms += share * (round_trip_ms - status_.round_trip_ms);
    }
}

void DeviceMonitor::samples_taken(std::size_t count) {
    figures_.samples.add(count);
    const std::scoped_lock lock(mutex_);
    status_.samples += count;
}

void DeviceMonitor::reconnected() {
    figures_.reconnects.add();
    const std::scoped_lock lock(mutex_);
    ++status_.reconnects;
}

void DeviceMonitor::timed_out(std::string what) {
    figures_.timeouts.add();
    const std::scoped_lock lock(mutex_);
    ++status_.timeouts;
    keep_error(std::move(what));
}

void DeviceMonitor::failed(std::string what) {
    figures_.errors.add();
    const std::scoped_lock lock(mutex_);
    ++status_.errors;
    keep_error(std::move(what));
}

bool DeviceMonitor::set_state(DeviceState state) {
    const std::scoped_lock lock(mutex_);
    const auto before = std::exchange(status_.state, state);
    if (before == state) {
        return false;
    }
    status_.state_since_ms = clock_.now_ms();
    figures_.devices[static_cast<std::size_t>(before)]->add(-1);
    figures_.devices[static_cast<std::size_t>(state)]->add(1);
    log_change(status_, before);
    return true;
}

void DeviceMonitor::misconfigured(std::string what) {
    failed(std::move(what));
    set_state(DeviceState::misconfigured);
}

DeviceState DeviceMonitor::state() const {
    const std::scoped_lock lock(mutex_);
    return status_.state;
}

DeviceStatus DeviceMonitor::status() const {
    const std::scoped_lock lock(mutex_);
    return status_;
}

void DeviceMonitor::keep_error(std::string what) {
    status_.last_error = bounded(std::move(what));
    status_.last_error_ms = clock_.now_ms();
}

}  // namespace nuanshu::drivers

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace nuanshu {

/// Labels of one series, e.g. {{"driver", "modbus"}}. Keep their number bounded: never a point or a user.
using MetricLabels = std::vector<std::pair<std::string, std::string>>;

/// Only goes up. Thread-safe, lock-free.
class Counter {
 public:
    void add(std::uint64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
    std::atomic<std::uint64_t> value_{0};
};

/// Goes up and down. Thread-safe, lock-free.
class Gauge {
 public:
    void set(double value) { value_.store(value, std::memory_order_relaxed); }
    void add(double by) { value_.fetch_add(by, std::memory_order_relaxed); }
    double value() const { return value_.load(std::memory_order_relaxed); }

 private:
    std::atomic<double> value_{0.0};
};

/// Durations in seconds, in fixed buckets from 0.5 ms to 10 s. Thread-safe, lock-free.
class Histogram {
 public:
    static constexpr std::array<double, 14> bounds_s = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                        0.1,    0.25,  0.5,    1.0,   2.5,  5.0,   10.0};
    void observe(double seconds);
    std::uint64_t count() const;
    double sum_s() const { return sum_s_.load(std::memory_order_relaxed); }
    /// How many observations fell at or below bounds_s[i] (cumulative, as Prometheus wants).
    std::uint64_t cumulative(std::size_t i) const;

 private:
    std::array<std::atomic<std::uint64_t>, bounds_s.size() + 1> buckets_{};
    std::atomic<double> sum_s_{0.0};
};

/// All figures a process shows at /metrics. Made once in cli/ and handed to each room; a room asks for its figures when
/// it is built and keeps the references, which stay valid as long as the registry. Names are
/// `nuanshu_<room>_<what>_<unit>`. Thread-safe.
class Metrics {
 public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    /// The same name and labels give the same figure.
    Counter& counter(const std::string& name, const std::string& help, const MetricLabels& labels = {});
    Gauge& gauge(const std::string& name, const std::string& help, const MetricLabels& labels = {});
    Histogram& histogram(const std::string& name, const std::string& help, const MetricLabels& labels = {});
    /// A gauge read when somebody looks; `read` must be thread-safe and outlive the registry's last render().
    void gauge_from(const std::string& name, const std::string& help, const MetricLabels& labels,
                    std::function<double()> read);

    /// Prometheus text format 0.0.4.
    std::string render() const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace nuanshu

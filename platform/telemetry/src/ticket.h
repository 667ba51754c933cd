#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

namespace nuanshu::telemetry {

/// A raw batch that was dealt to several shards: its `stored` is called when the last part is in the historian's log.
class Ticket {
 public:
    Ticket(std::size_t parts, std::function<void()> stored) : parts_(parts), stored_(std::move(stored)) {}

    void part_stored() {
        if (parts_.fetch_sub(1, std::memory_order_acq_rel) == 1 && stored_) {
            stored_();
        }
    }

 private:
    std::atomic<std::size_t> parts_;
    std::function<void()> stored_;
};

/// Samples taken in by a shard and not yet stored, against their bound.
class QueueBound {
 public:
    explicit QueueBound(std::size_t samples_max) : samples_max_(samples_max) {}

    /// Takes room for `samples`. A batch larger than the bound gets in when nothing else is there, else it would wait
    /// for ever.
    bool try_reserve(std::size_t samples) {
        auto held = held_.load(std::memory_order_relaxed);
        do {
            if (held > 0 && held + samples > samples_max_) {
                return false;
            }
        } while (!held_.compare_exchange_weak(held, held + samples, std::memory_order_acq_rel));
        return true;
    }

    void release(std::size_t samples) { held_.fetch_sub(samples, std::memory_order_acq_rel); }
    std::size_t held() const { return held_.load(std::memory_order_relaxed); }

 private:
    const std::size_t samples_max_;
    std::atomic<std::size_t> held_{0};
};

}  // namespace nuanshu::telemetry

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>

#include "platform/telemetry/intake.h"

namespace nuanshu::drivers {

enum class Delivered {
    taken,   ///< the intake has it
    held,    ///< kept here in order: stop reading from the source until retry() says true
    dropped  ///< too much is held already: the batch is gone, and its `stored` will never be called
};

/// Hands batches to the intake in the order they come, and keeps what the intake has no room for. A driver stops
/// polling or reading while blocked() and calls retry() every retry_ms. Thread-safe; never blocks.
class Delivery {
 public:
    static constexpr std::int64_t retry_ms = 20;

    /// @param held_samples_max  what is kept at most; an empty queue takes one batch of any size
    Delivery(telemetry::Intake& intake, std::size_t held_samples_max);

    /// An empty batch without `stored` is taken at once.
    Delivered deliver(telemetry::RawBatch batch);

    /// Offers again what is held. True when nothing is held any more.
    bool retry();

    bool blocked() const;
    std::size_t held_samples() const;
    std::uint64_t dropped_samples() const;

    /// Forgets what is held, for the end: nothing is offered afterwards.
    void close();

 private:
    bool offer_held();

    telemetry::Intake& intake_;
    const std::size_t held_samples_max_;
    mutable std::mutex mutex_;
    std::deque<telemetry::RawBatch> held_;
    std::size_t held_samples_ = 0;
    std::uint64_t dropped_samples_ = 0;
    bool closed_ = false;
};

}  // namespace nuanshu::drivers

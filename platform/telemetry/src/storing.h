#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "platform/historian/store.h"
#include "platform/telemetry/src/figures.h"
#include "platform/telemetry/src/ticket.h"

namespace nuanshu::telemetry {

/// What a shard hands over for storing.
struct Portion {
    std::vector<Sample> samples;
    std::vector<std::shared_ptr<Ticket>>
        tickets;  ///< of raw batches whose last sample of that shard is in here or in an earlier portion
    QueueBound* bound = nullptr;  ///< the shard's, and what of it is given back once this is stored
    std::size_t reserved = 0;
};

/// The one thread that writes to the historian. While it waits for the disk, the shards go on judging; what they hand
/// over meanwhile is merged into the next append, so the number of flushes follows the disk's speed, not the number of
/// messages (group commit).
class Storing {
 public:
    Storing(historian::SampleStore& store, const Clock& clock, Figures& figures, std::size_t batch_samples);
    ~Storing();
    Storing(const Storing&) = delete;
    Storing& operator=(const Storing&) = delete;

    /// Bounded by the shards' own bounds. Any thread.
    void put(Portion portion);

    /// Stores what was put; a historian that refuses gets one more try. Ends the thread.
    void finish();

    std::uint64_t stored_samples() const { return stored_samples_.load(std::memory_order_relaxed); }
    std::optional<Error> trouble() const;

 private:
    void run();
    bool wait_for_work(std::vector<Portion>& taken);
    void store_all(std::span<Portion> portions);
    bool store_group(std::span<Portion> group);
    bool append_until_taken(std::span<const Sample> samples);
    Result<> append(std::span<const Sample> samples);
    void note(const Result<>& result);
    bool wait_before_retry();
    void acknowledge(Portion& portion);

    historian::SampleStore& store_;
    const Clock& clock_;
    Figures& figures_;
    const std::size_t batch_samples_;

    mutable std::mutex lock_;
    std::condition_variable changed_;
    std::vector<Portion> waiting_;
    bool ending_ = false;
    std::optional<Error> trouble_;

    std::vector<Sample> merged_;  ///< only the thread's
    std::atomic<std::uint64_t> stored_samples_{0};
    std::thread thread_;
};

}  // namespace nuanshu::telemetry

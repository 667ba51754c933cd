#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <vector>

#include "base/sample.h"
#include "platform/historian/src/columns.h"
#include "platform/historian/src/sample_chain.h"

namespace nuanshu::historian {

/// When samples in memory are sealed into chunks.
struct HeadLimits {
    std::size_t samples_per_point = 1'024;  ///< a point with so many is sealed
    std::size_t nodes =
        1792 * 1024;  ///< more taken than this (of 18 samples and 256 bytes): those that wait longest are
    std::size_t log_bytes = 512 * 1024 * 1024;  ///< a longer log than this: likewise
};

/// The newest samples of each point, in memory until they are sealed into chunks. What is here is also in the log.
///
/// A point is in one of these states; `pending` and `sealing` may both hold samples, and pending is the newer.
///   empty ──apply──▶ pending ──take──▶ sealing (being written; readers still see it) ──sealed──▶ empty
/// Points with pending samples stand in a list in the order in which they got their first one, so the front of the list
/// says from where on the log is needed. Thread-safe; the one lock is held for some thousand samples at most.
class Heads {
 public:
    explicit Heads(const HeadLimits& limits) : limits_(limits) { points_.resize(1); }

    /// Points 1 … count exist from now on.
    void grow(std::size_t count);
    std::size_t point_count() const;

    /// Takes one log entry's samples. Called in the order of sequences, by one thread at a time. @pre the points exist
    void apply(std::uint64_t sequence, std::size_t log_bytes, std::span<const Sample> samples);

    /// The point's unsealed samples with from_ms ≤ time ≤ last_ms, by time without repeats.
    Columns copy(PointId point, std::int64_t from_ms, std::int64_t last_ms) const;

    struct Job {
        PointId point;
        SampleChain samples;  ///< as they came, not sorted; theirs until sealed()
    };
    struct Taken {
        std::vector<Job> jobs;
        std::vector<std::uint64_t> done_log;  ///< log entries that nothing needs once the jobs are written
    };
    enum class Which { due, all };
    /// Moves up to about `max_samples` from pending to sealing. @pre what was taken before has been given back by
    /// sealed()
    Taken take(Which which, std::size_t max_samples);
    /// Moves all of one point to sealing: one job, or none. @pre as take()
    Taken take_point(PointId point);
    /// Drops the point's pending samples with first_ms ≤ time ≤ last_ms.
    void forget(PointId point, std::int64_t first_ms, std::int64_t last_ms);
    /// The jobs are in chunks now.
    void sealed(std::span<const Job> jobs);

    /// Waits until something is due, stop() was called, or the time is over. @return whether something is due
    bool wait_until_due(std::chrono::milliseconds at_most);
    /// Waits while memory or log are over one and a half times their limit. @return false when they still are after the
    /// time
    bool wait_for_room(std::chrono::milliseconds at_most);
    /// Ends all waiting.
    void stop();

    struct Load {
        std::size_t samples = 0;  ///< pending and sealing
        std::size_t log_bytes = 0;
    };
    Load load() const;
    /// Points with pending or sealing samples.
    std::vector<PointId> points_with_samples() const;

 private:
    /// One cache line: an append touches this and the place of the sample.
    struct alignas(64) Head {
        SampleChain pending;
        SampleChain sealing;
        std::uint64_t first_sequence = 0;  ///< of the oldest pending sample
        std::uint32_t before = 0, after = 0;
    };
    struct LogEntry {
        std::uint64_t sequence;
        std::size_t bytes;
    };

    void apply_some(std::uint64_t sequence, std::span<const Sample> samples);
    void prefetch(std::span<const Sample> samples, std::size_t ahead_of) const;
    void apply_one(std::uint64_t sequence, const Sample& sample);
    void link(std::uint32_t point, std::uint64_t sequence);
    void unlink(std::uint32_t point);
    void take_point(std::uint32_t point, Taken& taken);
    bool over_limit(std::size_t percent) const;
    bool due() const { return !full_.empty() || over_limit(100); }
    void drop_done_log(Taken& taken);

    const HeadLimits limits_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    NodePool nodes_;
    std::vector<Head> points_;  ///< by point id; [0] is none
    std::uint32_t oldest_ = 0, newest_ = 0;
    std::vector<std::uint32_t> full_;
    std::deque<LogEntry> log_;
    std::size_t log_bytes_ = 0;
    std::uint64_t applied_sequence_ = 0;
    std::size_t pending_samples_ = 0;
    std::size_t sealing_samples_ = 0;
    std::size_t sealing_nodes_ = 0;
    bool stopped_ = false;
};

}  // namespace nuanshu::historian

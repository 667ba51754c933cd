#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "platform/historian/src/gate.h"
#include "platform/historian/src/heads.h"
#include "platform/historian/src/rollup_stale.h"
#include "platform/historian/src/sample_files.h"
#include "platform/historian/src/seal_pass.h"

namespace nuanshu::historian {

/// Moves samples from the heads into chunks: in a thread of its own when they are due, and at once when asked.
/// Thread-safe.
class Sealer {
 public:
    Sealer(SampleFiles& files, Heads& heads, StaleRollups& stale, Metrics& metrics);
    ~Sealer();

    /// Reads how much is sealed; called once, before anything else.
    Result<> load();
    /// Starts the thread.
    void start();

    /// Seals everything that is in the heads now.
    Result<> seal_all();

    /// Lets `build` replace chunks of one point in one write, while nothing else writes chunks and nobody is inside
    /// `appends`. Samples of the point that wait in memory with a time in [first_ms, last_ms] are sealed before;
    /// `written` is called, if anything was, before others go on.
    struct Rewrite {
        rocksdb::WriteBatch* batch = nullptr;
        std::int64_t samples_added = 0;    ///< less those that go
        std::vector<TouchedSpan> touched;  ///< where hours and days become stale
        bool wanted = true;                ///< false: nothing is written
    };
    Result<> rewrite(PointId point, std::int64_t first_ms, std::int64_t last_ms, const Gate& appends,
                     const std::function<Result<>(Rewrite&)>& build, const std::function<void()>& written,
                     SampleFiles::Durability durability);

    /// While it is held, no chunks are written.
    [[nodiscard]] std::unique_lock<std::mutex> hold() { return std::unique_lock(sealing_); }

    /// Samples held, each time of a point counted once, be it sealed, waiting, or both.
    std::uint64_t count_samples();

    /// Why the last pass failed, if it did.
    Result<> state() const;

 private:
    void run();
    Result<bool> pass(Heads::Which which);
    Result<bool> prepare(Heads::Which which);
    Result<> write_prepared();
    Result<> write_total(rocksdb::WriteBatch& batch, std::int64_t added, std::span<const TouchedSpan> touched,
                         SampleFiles::Durability durability);
    Result<> seal_point(PointId point);
    std::uint64_t count_unsealed(PointId point);
    void remember(const Result<>& result);

    SampleFiles& files_;
    Heads& heads_;
    StaleRollups& stale_;
    Counter& chunks_;
    Counter& damaged_;
    Counter& damaged_files_;
    Gauge& waiting_;
    Gauge& log_bytes_;

    std::mutex sealing_;  ///< one pass at a time; guards what follows
    std::vector<ChunkTail> tails_;
    std::unique_ptr<SealPass> prepared_;  ///< built, and not yet written: tried again after a failure
    std::uint64_t sealed_samples_ = 0;

    mutable std::mutex state_mutex_;
    std::condition_variable state_changed_;
    Result<> state_;
    bool stopped_ = false;
    std::thread thread_;
};

}  // namespace nuanshu::historian

#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "platform/historian/src/heads.h"
#include "platform/historian/src/sample_files.h"
#include "platform/historian/src/seal_pass.h"

namespace nuanshu::historian {

/// Moves samples from the heads into chunks: in a thread of its own when they are due, and at once when asked.
/// Thread-safe.
class Sealer {
 public:
    Sealer(SampleFiles& files, Heads& heads, Metrics& metrics);
    ~Sealer();

    /// Reads how much is sealed and starts the thread.
    Result<> start();

    /// Seals everything that is in the heads now.
    Result<> seal_all();

    /// Samples held, each time of a point counted once, be it sealed, waiting, or both.
    std::uint64_t count_samples();

    /// Why the last pass failed, if it did.
    Result<> state() const;

 private:
    void run();
    Result<bool> pass(Heads::Which which);
    Result<bool> prepare(Heads::Which which);
    Result<> write_prepared();
    std::uint64_t count_unsealed(PointId point);
    void remember(const Result<>& result);

    SampleFiles& files_;
    Heads& heads_;
    Counter& chunks_;
    Counter& damaged_;
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

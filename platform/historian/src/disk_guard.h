#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "base/result.h"
#include "platform/historian/life.h"
#include "platform/historian/src/sample_files.h"

namespace nuanshu::historian {

/// How much was free at a time.
struct FreeSpace {
    std::int64_t time_ms = 0;
    std::uint64_t free_bytes = 0;
};

/// Bytes a day that free space shrinks by: the slope of the least-squares line. 0 for less than an hour of history.
double shrinking_per_day(std::span<const FreeSpace> history);

/// Watches the file system that the store stands on. Thread-safe.
class DiskGuard {
 public:
    explicit DiskGuard(SampleFiles& files) : files_(files) {}

    /// Reads what it remembered before the last end.
    Result<> load();

    Result<DiskForecast> check(const DiskLimits& limits, std::int64_t now_ms);
    DiskForecast last() const;

    /// Errors: exhausted, when the last check found too little room.
    Result<> check_room() const;

 private:
    Result<> remember(const FreeSpace& now);

    SampleFiles& files_;
    std::atomic<bool> refusing_{false};
    mutable std::mutex mutex_;
    DiskForecast last_;
    std::uint64_t refuse_below_bytes_ = 0;
    std::vector<FreeSpace> history_;  ///< a value every 10 minutes at most, over 7 days
};

}  // namespace nuanshu::historian

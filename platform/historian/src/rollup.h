#pragma once

#include <cstdint>
#include <vector>

#include "platform/historian/life.h"
#include "platform/historian/src/bytes.h"
#include "platform/historian/src/scan.h"

namespace nuanshu::historian {

/// Times that belong to hours and days: years 1 … 9999, with a day to spare for the plant's clocks.
constexpr std::int64_t rolled_first_ms = -62'135'596'800'000 + 86'400'000;
constexpr std::int64_t rolled_last_ms = 253'402'300'799'999 - 86'400'000;

constexpr std::int64_t width_ms(Bucket bucket) {
    return bucket == Bucket::hour ? 3'600'000 : 86'400'000;
}

/// What one entry of `hours` (a day) or `days` (32 days) spans.
constexpr std::int64_t block_width_ms(Bucket bucket) {
    return bucket == Bucket::hour ? 86'400'000 : 32LL * 86'400'000;
}

/// How time is divided into hours, days and their blocks. All times in the range above.
struct Grid {
    std::int64_t day_offset_ms = 0;  ///< 0 … less than a day

    std::int64_t start_of(std::int64_t time_ms, std::int64_t width) const {
        const std::int64_t local = time_ms + day_offset_ms;
        const std::int64_t rest = local % width;
        return time_ms - (rest < 0 ? rest + width : rest);
    }
    std::int64_t start_of(std::int64_t time_ms, Bucket bucket) const { return start_of(time_ms, width_ms(bucket)); }
    std::int64_t block_of(std::int64_t time_ms, Bucket bucket) const {
        return start_of(time_ms, block_width_ms(bucket));
    }
    /// The range made whole: from the start of its first piece of `width` to the end of its last, inside the times that
    /// are rolled up. Empty (from = to) when nothing of it is.
    TimeRange whole(TimeRange range, std::int64_t width) const;
};

/// Takes samples in. @pre by time, and not before those taken in already
void add_samples(Rollup& rollup, ColumnsView samples);

/// Sums samples up by buckets.
class RollupSink final : public SampleSink {
 public:
    RollupSink(const Grid& grid, Bucket bucket) : grid_(grid), bucket_(bucket) {}
    bool take(ColumnsView samples) override;
    std::vector<Rollup> result() { return std::move(buckets_); }

 private:
    const Grid grid_;
    const Bucket bucket_;
    std::vector<Rollup> buckets_;
};

}  // namespace nuanshu::historian

#include "platform/historian/src/retirement.h"

#include <algorithm>

#include <rocksdb/db.h>

#include "platform/historian/src/chunk_cursor.h"
#include "platform/historian/src/chunk_rewrite.h"

namespace nuanshu::historian {
namespace {

/// One point. Days are changed in memory first and written once.
class Retiring {
 public:
    Retiring(const SampleFiles& files, const RollupFiles& rollups, Sealer::Rewrite& rewrite, PointId point)
        : files_(files), rollups_(rollups), rewrite_(rewrite), point_(point) {}

    Result<> raw(std::int64_t cutoff_ms);
    Result<> hours(std::int64_t cutoff_ms);
    Result<> days(std::int64_t cutoff_ms);
    Result<PointRetired> finish();

 private:
    Result<> retire_hours(TimeRange range);
    Result<> retire_day(std::int64_t day);
    Result<RollupBlock*> load_days(std::int64_t start_ms);

    const SampleFiles& files_;
    const RollupFiles& rollups_;
    Sealer::Rewrite& rewrite_;
    const PointId point_;
    PointRetired retired_;
    RollupBlocks hours_, days_;  ///< blocks changed
};

Result<> Retiring::raw(std::int64_t cutoff_ms) {
    if (cutoff_ms <= rolled_first_ms) {
        return {};
    }
    NUANSHU_TRY(const auto cut, replace_samples(files_, rewrite_, point_, rolled_first_ms, cutoff_ms - 1, {}, {},
                                                std::numeric_limits<std::uint64_t>::max()));
    retired_.samples = cut.samples;
    for (const auto& span : cut.touched) {
        const TimeRange days = rollups_.grid().whole({span.first_ms, span.last_ms + 1}, width_ms(Bucket::day));
        NUANSHU_TRY_VOID(retire_hours({days.from_ms, std::min(days.to_ms, cutoff_ms)}));
    }
    return {};
}

/// @pre the range is whole days, all their raw samples go
Result<> Retiring::retire_hours(TimeRange range) {
    return rollups_.for_each_block(Bucket::hour, point_, range, [&](std::int64_t start_ms, RollupBlock& block) {
        for (auto& stored : block) {
            stored.retired = stored.total;
        }
        hours_[start_ms] = std::move(block);
        return Result<bool>(true);
    });
}

Result<> Retiring::hours(std::int64_t cutoff_ms) {
    if (cutoff_ms <= rolled_first_ms) {
        return {};
    }
    const TimeRange range{std::numeric_limits<std::int64_t>::min(), cutoff_ms};
    return rollups_.for_each_block(Bucket::hour, point_, range,
                                   [&](std::int64_t start_ms, RollupBlock& block) -> Result<bool> {
                                       retired_.hours += block.size();
                                       hours_[start_ms].clear();
                                       NUANSHU_TRY_VOID(retire_day(start_ms));
                                       return true;
                                   });
}

Result<RollupBlock*> Retiring::load_days(std::int64_t start_ms) {
    auto found = days_.find(start_ms);
    if (found == days_.end()) {
        found = days_.emplace(start_ms, RollupBlock()).first;
        NUANSHU_TRY_VOID(rollups_.for_each_block(Bucket::day, point_, {start_ms, start_ms + 1},
                                                 [&](std::int64_t, RollupBlock& block) {
                                                     found->second = std::move(block);
                                                     return Result<bool>(true);
                                                 }));
    }
    return &found->second;
}

Result<> Retiring::retire_day(std::int64_t day) {
    NUANSHU_TRY(auto* block, load_days(rollups_.grid().block_of(day, Bucket::day)));
    for (auto& stored : *block) {
        if (stored.total.from_ms == day) {
            stored.retired = stored.total;
        }
    }
    return {};
}

Result<> Retiring::days(std::int64_t cutoff_ms) {
    if (cutoff_ms <= rolled_first_ms) {
        return {};
    }
    const TimeRange range{std::numeric_limits<std::int64_t>::min(), cutoff_ms};
    std::vector<std::int64_t> starts;
    NUANSHU_TRY_VOID(rollups_.for_each_block(Bucket::day, point_, range, [&](std::int64_t start_ms, RollupBlock&) {
        starts.push_back(start_ms);
        return Result<bool>(true);
    }));
    for (const auto start_ms : starts) {
        NUANSHU_TRY(auto* block, load_days(start_ms));
        retired_.days += std::erase_if(*block, [&](const auto& stored) { return stored.total.from_ms < cutoff_ms; });
    }
    return {};
}

Result<PointRetired> Retiring::finish() {
    for (const auto& [start_ms, block] : hours_) {
        rollups_.put(*rewrite_.batch, Bucket::hour, point_, start_ms, block);
    }
    for (const auto& [start_ms, block] : days_) {
        rollups_.put(*rewrite_.batch, Bucket::day, point_, start_ms, block);
    }
    return retired_;
}

}  // namespace

bool holds_older(const SampleFiles& files, const RollupFiles& rollups, PointId point, const Cutoffs& cutoffs) {
    ChunkCursor cursor(files, point);
    cursor.seek(rolled_first_ms);
    bool older = !cursor.fault() || (cursor.valid() && cursor.first_ms() < cutoffs.raw_ms);
    const auto look = [&](Bucket bucket, std::int64_t cutoff_ms) {
        const TimeRange range{std::numeric_limits<std::int64_t>::min(), cutoff_ms};
        const auto looked = rollups.for_each_block(bucket, point, range, [&](std::int64_t, RollupBlock&) {
            older = true;
            return Result<bool>(false);
        });
        older = older || !looked;
    };
    if (!older) {
        look(Bucket::hour, cutoffs.hourly_ms);
        look(Bucket::day, cutoffs.daily_ms);
    }
    return older;
}

Result<PointRetired> retire_point(const SampleFiles& files, const RollupFiles& rollups, Sealer::Rewrite& rewrite,
                                  PointId point, const Cutoffs& cutoffs) {
    Retiring retiring(files, rollups, rewrite, point);
    NUANSHU_TRY_VOID(retiring.raw(cutoffs.raw_ms));
    NUANSHU_TRY_VOID(retiring.hours(cutoffs.hourly_ms));
    NUANSHU_TRY_VOID(retiring.days(cutoffs.daily_ms));
    return retiring.finish();
}

}  // namespace nuanshu::historian

#include "platform/historian/src/rollup_reader.h"

#include <algorithm>

namespace nuanshu::historian {
namespace {

/// One question. First it is asked what waits in memory, then what is stale, then the files: a sample that moves on
/// meanwhile is met at one of these places at least.
class RollupReader {
 public:
    RollupReader(const SampleFiles& files, const Heads& heads, const RollupFiles& rollups, PointId point)
        : files_(files), heads_(heads), rollups_(rollups), point_(point) {}

    void find_unsettled(const StaleRollups& stale, TimeRange range);
    Result<RollupBlock> hours(TimeRange range) const;
    Result<RollupBlock> days(TimeRange range) const;

 private:
    std::vector<TimeRange> unsettled(TimeRange range, Bucket bucket) const;
    Result<std::vector<Rollup>> live_hours(TimeRange range) const;
    Result<std::vector<Rollup>> live_days(TimeRange range) const;

    const SampleFiles& files_;
    const Heads& heads_;
    const RollupFiles& rollups_;
    const PointId point_;
    std::vector<TouchedSpan> touched_;
};

void RollupReader::find_unsettled(const StaleRollups& stale, TimeRange range) {
    add_touched(touched_, point_, heads_.copy(point_, range.from_ms, range.to_ms - 1).time_ms);
    const auto spans = stale.of(point_).spans;
    touched_.insert(touched_.end(), spans.begin(), spans.end());
}

/// Ranges of whole buckets, by time, apart from each other.
std::vector<TimeRange> RollupReader::unsettled(TimeRange range, Bucket bucket) const {
    std::vector<TimeRange> ranges;
    for (const auto& span : touched_) {
        if (span.last_ms < range.from_ms || span.first_ms >= range.to_ms) {
            continue;
        }
        const TimeRange inside{std::max(span.first_ms, range.from_ms), std::min(span.last_ms, range.to_ms - 1) + 1};
        ranges.push_back(rollups_.grid().whole(inside, width_ms(bucket)));
    }
    std::sort(ranges.begin(), ranges.end(), [](auto a, auto b) { return a.from_ms < b.from_ms; });
    std::vector<TimeRange> apart;
    for (const auto& next : ranges) {
        if (!apart.empty() && next.from_ms <= apart.back().to_ms) {
            apart.back().to_ms = std::max(apart.back().to_ms, next.to_ms);
        } else {
            apart.push_back(next);
        }
    }
    return apart;
}

Result<std::vector<Rollup>> RollupReader::live_hours(TimeRange range) const {
    RollupSink sink(rollups_.grid(), Bucket::hour);
    NUANSHU_TRY_VOID(scan(files_, heads_, point_, range, sink));
    return sink.result();
}

Result<RollupBlock> RollupReader::hours(TimeRange range) const {
    NUANSHU_TRY(auto buckets, rollups_.read(Bucket::hour, point_, range));
    for (const TimeRange part : unsettled(range, Bucket::hour)) {
        NUANSHU_TRY(const auto fresh, live_hours(part));
        replace_live(buckets, part, fresh);
    }
    return buckets;
}

/// Days as the hours make them that there are.
Result<std::vector<Rollup>> RollupReader::live_days(TimeRange range) const {
    NUANSHU_TRY(const auto hours_of_days, hours(range));
    std::vector<Rollup> days;
    for (const auto& stored : hours_of_days) {
        const std::int64_t day = rollups_.grid().start_of(stored.total.from_ms, Bucket::day);
        if (days.empty() || days.back().from_ms != day) {
            days.push_back({.from_ms = day});
        }
        days.back() = join(days.back(), stored.total);
    }
    return days;
}

Result<RollupBlock> RollupReader::days(TimeRange range) const {
    NUANSHU_TRY(auto buckets, rollups_.read(Bucket::day, point_, range));
    for (const TimeRange part : unsettled(range, Bucket::day)) {
        NUANSHU_TRY(const auto fresh, live_days(part));
        replace_live(buckets, part, fresh);
    }
    return buckets;
}

}  // namespace

Result<std::vector<Rollup>> read_rollups(const SampleFiles& files, const Heads& heads, const StaleRollups& stale,
                                         const RollupFiles& rollups, PointId point, TimeRange range, Bucket bucket) {
    const TimeRange whole = rollups.grid().whole(range, width_ms(bucket));
    if (whole.from_ms == whole.to_ms) {
        return std::vector<Rollup>();
    }
    RollupReader reader(files, heads, rollups, point);
    reader.find_unsettled(stale, whole);
    NUANSHU_TRY(const auto buckets, bucket == Bucket::hour ? reader.hours(whole) : reader.days(whole));
    if (buckets.size() > rollups_max) {
        return fail(ErrorCode::exhausted, "roll-ups", "{} in the range; ask for {} at most", buckets.size(),
                    rollups_max);
    }
    std::vector<Rollup> totals(buckets.size());
    std::transform(buckets.begin(), buckets.end(), totals.begin(), [](const auto& stored) { return stored.total; });
    return totals;
}

}  // namespace nuanshu::historian

#include "platform/historian/src/rollup_figures.h"

#include <algorithm>
#include <optional>

#include "platform/historian/src/meters_of_time.h"

namespace nuanshu::historian {
namespace {

/// How far before the first window a counter's newest value is looked for.
constexpr std::int64_t look_back_ms = 7 * 86'400'000LL;

/// Hours, and days where their hours are gone too, by time.
Result<std::vector<Rollup>> buckets_of(const Life& life, PointId point, TimeRange range) {
    NUANSHU_TRY(const auto hours, life.rollups(point, range, Bucket::hour));
    NUANSHU_TRY(auto buckets, life.rollups(point, range, Bucket::day));
    const std::int64_t hours_from_ms =
        hours.empty() ? range.to_ms : life.bucket_start_ms(hours.front().from_ms, Bucket::day);
    const auto covered =
        std::find_if(buckets.begin(), buckets.end(), [&](const Rollup& day) { return day.from_ms >= hours_from_ms; });
    buckets.erase(covered, buckets.end());
    buckets.insert(buckets.end(), hours.begin(), hours.end());
    return buckets;
}

/// One window's buckets joined, and a counter's increase over them.
class JoinedWindow {
 public:
    /// @param before  the newest bucket before the window
    explicit JoinedWindow(const Rollup* before) : before_(before) {}

    void add(const Rollup& bucket) {
        all_ = all_ ? join(*all_, bucket) : bucket;
        if (bucket.count == 0) {
            return;
        }
        if (before_ != nullptr && before_->count > 0) {
            since_ms_ = since_ms_ ? since_ms_ : before_->last_ms;
            increase_ += rise(before_->last, bucket.first);
        }
        since_ms_ = since_ms_ ? since_ms_ : bucket.first_ms;
        increase_ += bucket.last >= bucket.first ? bucket.last - bucket.first : bucket.max - bucket.first + bucket.last;
        before_ = &bucket;
    }

    double figure(Figure figure) const {
        if (!all_) {
            return figure_of({}, figure);
        }
        switch (figure) {
            case Figure::time_weighted_mean:
                return all_->covered_ms > 0 ? all_->integral / static_cast<double>(all_->covered_ms) : none;
            case Figure::integral:
                return all_->covered_ms > 0 ? all_->integral / 1000 : none;
            case Figure::covered_s:
                return static_cast<double>(all_->covered_ms) / 1000;
            case Figure::delta:
                return all_->count > 0 ? increase_ : none;
            case Figure::rate:
                return all_->count > 0 && all_->last_ms > *since_ms_
                           ? increase_ * 1000 / static_cast<double>(all_->last_ms - *since_ms_)
                           : none;
            default:
                return figure_of(as_aggregate(), figure);
        }
    }

    WindowFigures::Seen seen() const {
        if (!all_ || all_->empty()) {
            return WindowFigures::Seen::nothing;
        }
        return all_->count > 0 ? WindowFigures::Seen::usable : WindowFigures::Seen::only_bad;
    }

 private:
    static double rise(double from, double to) { return to >= from ? to - from : to; }

    Aggregate as_aggregate() const {
        return {.from_ms = all_->from_ms,
                .count = all_->count,
                .bad_count = all_->bad_count,
                .min = all_->min,
                .max = all_->max,
                .sum = all_->sum,
                .first_ms = all_->first_ms,
                .last_ms = all_->last_ms,
                .first = all_->first,
                .last = all_->last};
    }

    const Rollup* before_;
    std::optional<Rollup> all_;
    std::optional<std::int64_t> since_ms_;  ///< what the increase counts from
    double increase_ = 0;
};

}  // namespace

Result<std::optional<StoredSample>> newest_retired_sample(const Life& life, PointId point, std::int64_t before_ms) {
    if (life.raw_kept_from_ms(point) < before_ms - look_back_ms) {
        return std::nullopt;
    }
    NUANSHU_TRY(const auto buckets, buckets_of(life, point, {before_ms - look_back_ms, before_ms}));
    for (auto bucket = buckets.rbegin(); bucket != buckets.rend(); ++bucket) {
        if (bucket->end_ms < before_ms && !bucket->empty()) {
            const bool usable = bucket->count > 0 && bucket->last_ms == bucket->end_ms;
            return StoredSample{bucket->end_ms, usable ? bucket->last : none};
        }
        if (bucket->count > 0 && bucket->last_ms < before_ms) {
            return StoredSample{bucket->last_ms, bucket->last};
        }
    }
    return std::nullopt;
}

Result<WindowFigures> figures_of_rollups(const Life& life, PointId point, std::span<const std::int64_t> borders,
                                         std::span<const Aggregation> aggregations) {
    const std::int64_t from_ms = std::max(borders.front(), widest_range.from_ms + look_back_ms) - look_back_ms;
    NUANSHU_TRY(const auto buckets, buckets_of(life, point, {from_ms, borders.back()}));
    WindowFigures answer{.figures = FigureColumns(aggregations.size(), std::vector<double>(borders.size() - 1, none))};
    auto bucket =
        std::find_if(buckets.begin(), buckets.end(), [&](const Rollup& one) { return one.from_ms >= borders.front(); });
    for (std::size_t row = 0; row + 1 < borders.size(); ++row) {
        JoinedWindow window(bucket == buckets.begin() ? nullptr : &*(bucket - 1));
        for (; bucket != buckets.end() && bucket->from_ms < borders[row + 1]; ++bucket) {
            window.add(*bucket);
        }
        answer.seen.push_back(window.seen());
        for (std::size_t i = 0; i < aggregations.size(); ++i) {
            answer.figures[i][row] = window.figure(aggregations[i].figure);
        }
    }
    return answer;
}

}  // namespace nuanshu::historian

#include "platform/http/src/retired_drawing.h"

#include <algorithm>

namespace nuanshu::http {
namespace {

using historian::Rollup;
using historian::StoredSample;

constexpr std::int64_t day_ms = 86'400'000;

/// What is left of one column: its samples by time, none twice.
void append_column(std::vector<StoredSample>& drawn, const Rollup& column) {
    if (column.count == 0) {
        drawn.push_back({column.begin_ms, 0.0, Quality::gap});
        return;
    }
    StoredSample samples[] = {{column.first_ms, column.first, Quality::good},
                              {column.min_ms, column.min, Quality::good},
                              {column.max_ms, column.max, Quality::good},
                              {column.last_ms, column.last, Quality::good}};
    std::sort(std::begin(samples), std::end(samples),
              [](const StoredSample& a, const StoredSample& b) { return a.time_ms < b.time_ms; });
    for (const auto& sample : samples) {
        if (drawn.empty() || drawn.back().time_ms != sample.time_ms) {
            drawn.push_back(sample);
        }
    }
}

/// The widest bucket that no column is narrower than; hours at least.
historian::Bucket bucket_for(historian::TimeRange range, std::size_t columns) {
    const auto column_ms = (range.to_ms - range.from_ms) / static_cast<std::int64_t>(columns);
    return column_ms >= day_ms ? historian::Bucket::day : historian::Bucket::hour;
}

/// How many of the range's columns lie in its first part.
std::size_t columns_of(historian::TimeRange part, historian::TimeRange range, std::size_t columns) {
    const double share =
        static_cast<double>(part.to_ms - part.from_ms) / static_cast<double>(range.to_ms - range.from_ms);
    return std::clamp<std::size_t>(static_cast<std::size_t>(share * static_cast<double>(columns) + 0.5), 1, columns);
}

Result<std::vector<StoredSample>> draw_retired(const historian::Life& life, PointId point, historian::TimeRange range,
                                               std::size_t columns) {
    NUANSHU_TRY(const auto rollups, life.rollups(point, range, bucket_for(range, columns)));
    auto drawn = draw_rollups(rollups, range, columns);
    std::erase_if(drawn, [&](const StoredSample& sample) {
        return sample.time_ms < range.from_ms || sample.time_ms >= range.to_ms;
    });
    return drawn;
}

}  // namespace

std::vector<StoredSample> draw_rollups(std::span<const Rollup> rollups, historian::TimeRange range,
                                       std::size_t columns) {
    const double column_ms = static_cast<double>(range.to_ms - range.from_ms) / static_cast<double>(columns);
    const auto column_of = [&](const Rollup& rollup) {
        const auto behind_ms = std::max<std::int64_t>(rollup.from_ms - range.from_ms, 0);
        return static_cast<std::int64_t>(static_cast<double>(behind_ms) / column_ms);
    };
    std::vector<StoredSample> drawn;
    for (std::size_t i = 0; i < rollups.size();) {
        const auto column = column_of(rollups[i]);
        auto whole = rollups[i];
        for (++i; i < rollups.size() && column_of(rollups[i]) == column; ++i) {
            whole = historian::join(whole, rollups[i]);
        }
        append_column(drawn, whole);
    }
    return drawn;
}

Result<std::vector<StoredSample>> read_drawing(const historian::SampleStore& store, const historian::Life* life,
                                               PointId point, historian::TimeRange range, std::size_t columns) {
    const auto kept_from_ms = life == nullptr ? range.from_ms : life->raw_kept_from_ms(point);
    if (kept_from_ms <= range.from_ms) {
        return store.read_for_drawing(point, range, columns);
    }
    const historian::TimeRange retired{range.from_ms, std::min(kept_from_ms, range.to_ms)};
    const auto retired_columns = columns_of(retired, range, columns);
    NUANSHU_TRY(auto drawn, draw_retired(*life, point, retired, retired_columns));
    if (kept_from_ms < range.to_ms) {
        const auto left = std::max<std::size_t>(columns - retired_columns, 1);
        NUANSHU_TRY(const auto raw, store.read_for_drawing(point, {kept_from_ms, range.to_ms}, left));
        drawn.insert(drawn.end(), raw.begin(), raw.end());
    }
    return drawn;
}

}  // namespace nuanshu::http

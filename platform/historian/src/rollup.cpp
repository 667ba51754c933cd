#include "platform/historian/src/rollup.h"

#include <algorithm>

namespace nuanshu::historian {
namespace {

/// The value held at the end, if the last sample has one.
bool holds(const Rollup& rollup) {
    return rollup.count > 0 && rollup.last_ms == rollup.end_ms;
}

void hold_until(Rollup& rollup, std::int64_t time_ms) {
    if (holds(rollup)) {
        const std::int64_t length_ms = time_ms - rollup.end_ms;
        rollup.covered_ms += length_ms;
        rollup.integral += rollup.last * static_cast<double>(length_ms);
    }
}

void add_usable(Rollup& rollup, std::int64_t time_ms, double value) {
    if (rollup.count == 0) {
        rollup.first = rollup.min = rollup.max = value;
        rollup.first_ms = rollup.min_ms = rollup.max_ms = time_ms;
    }
    if (value < rollup.min) {
        rollup.min = value;
        rollup.min_ms = time_ms;
    }
    if (value > rollup.max) {
        rollup.max = value;
        rollup.max_ms = time_ms;
    }
    ++rollup.count;
    rollup.last = value;
    rollup.last_ms = time_ms;
    rollup.sum += value;
}

void add_sample(Rollup& rollup, std::int64_t time_ms, double value, Quality quality) {
    if (rollup.empty()) {
        rollup.begin_ms = time_ms;
    } else {
        hold_until(rollup, time_ms);
    }
    if (is_usable(value, quality)) {
        add_usable(rollup, time_ms, value);
    } else {
        ++rollup.bad_count;
    }
    rollup.end_ms = time_ms;
}

/// Figures of usable samples, in any order of time; of equal extremes the earlier is named.
void join_usable(Rollup& a, const Rollup& b) {
    if (b.count == 0) {
        return;
    }
    if (a.count == 0 || b.first_ms < a.first_ms) {
        a.first = b.first;
        a.first_ms = b.first_ms;
    }
    if (a.count == 0 || b.last_ms >= a.last_ms) {
        a.last = b.last;
        a.last_ms = b.last_ms;
    }
    if (a.count == 0 || b.min < a.min || (b.min == a.min && b.min_ms < a.min_ms)) {
        a.min = b.min;
        a.min_ms = b.min_ms;
    }
    if (a.count == 0 || b.max > a.max || (b.max == a.max && b.max_ms < a.max_ms)) {
        a.max = b.max;
        a.max_ms = b.max_ms;
    }
    a.count += b.count;
    a.sum += b.sum;
}

double covered_mean(const Rollup& rollup) {
    return rollup.covered_ms > 0 ? rollup.integral / static_cast<double>(rollup.covered_ms)
           : rollup.count > 0    ? rollup.mean()
                                 : 0.0;
}

/// What two interleaved buckets cover can only be estimated.
void estimate_cover(Rollup& joined, const Rollup& a, const Rollup& b) {
    if (a.count == 0 || b.count == 0) {
        joined.covered_ms = a.covered_ms + b.covered_ms;
        joined.integral = a.integral + b.integral;
        return;
    }
    const auto weight_a = static_cast<double>(a.count), weight_b = static_cast<double>(b.count);
    const double mean = (covered_mean(a) * weight_a + covered_mean(b) * weight_b) / (weight_a + weight_b);
    joined.covered_ms = std::max(a.last_ms, b.last_ms) - std::min(a.first_ms, b.first_ms);
    joined.integral = mean * static_cast<double>(joined.covered_ms);
}

}  // namespace

Rollup join(const Rollup& a, const Rollup& b) {
    Rollup joined = a.empty() ? b : a;
    if (!a.empty() && !b.empty()) {
        if (b.end_ms < a.begin_ms) {
            joined = join(b, a);
        } else {
            const bool apart = a.end_ms <= b.begin_ms;
            hold_until(joined, apart ? b.begin_ms : a.end_ms);
            join_usable(joined, b);
            joined.bad_count += b.bad_count;
            joined.begin_ms = std::min(a.begin_ms, b.begin_ms);
            joined.end_ms = std::max(a.end_ms, b.end_ms);
            joined.covered_ms += b.covered_ms;
            joined.integral += b.integral;
            if (!apart) {
                estimate_cover(joined, a, b);
            }
        }
    }
    joined.from_ms = a.from_ms;
    return joined;
}

TimeRange Grid::whole(TimeRange range, std::int64_t width) const {
    if (range.to_ms <= range.from_ms || range.to_ms <= rolled_first_ms || range.from_ms > rolled_last_ms) {
        return {};
    }
    const std::int64_t first_ms = std::max(range.from_ms, rolled_first_ms);
    const std::int64_t last_ms = std::min(range.to_ms - 1, rolled_last_ms);
    return {start_of(first_ms, width), start_of(last_ms, width) + width};
}

void add_samples(Rollup& rollup, ColumnsView samples) {
    for (std::size_t i = 0; i < samples.size(); ++i) {
        add_sample(rollup, samples.time_ms[i], samples.value[i], samples.quality[i]);
    }
}

bool RollupSink::take(ColumnsView samples) {
    const auto not_rolled = first_at_or_after(samples, rolled_first_ms);
    samples = samples.part(not_rolled, std::max(not_rolled, first_after(samples, rolled_last_ms)));
    while (!samples.empty()) {
        const std::int64_t start = grid_.start_of(samples.time_ms.front(), bucket_);
        const std::size_t count = first_at_or_after(samples, start + width_ms(bucket_));
        if (buckets_.empty() || buckets_.back().from_ms != start) {
            buckets_.push_back({.from_ms = start});
        }
        add_samples(buckets_.back(), samples.part(0, count));
        samples = samples.part(count, samples.size());
    }
    return true;
}

}  // namespace nuanshu::historian

#include "platform/historian/src/query_oracle.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nuanshu::historian::test {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

}  // namespace

Oracle::Oracle(std::vector<StoredSample> samples, bool good_only, std::int64_t hold_max_ms, std::int64_t now_ms)
    : samples_(std::move(samples)), hold_max_ms_(hold_max_ms), now_ms_(now_ms) {
    for (auto& sample : samples_) {
        if (is_bad(sample.quality) || (good_only && !is_good(sample.quality))) {
            sample.value = nothing;
        }
    }
}

/// Seconds of the window that the i-th sample's value covers.
double Oracle::covered(std::size_t i, std::int64_t from_ms, std::int64_t to_ms) const {
    if (std::isnan(samples_[i].value)) {
        return 0;
    }
    std::int64_t end_ms = i + 1 < samples_.size() ? samples_[i + 1].time_ms : std::numeric_limits<std::int64_t>::max();
    if (hold_max_ms_ < end_ms - samples_[i].time_ms) {
        end_ms = samples_[i].time_ms + hold_max_ms_;
    }
    const std::int64_t begin_ms = std::max(from_ms, samples_[i].time_ms);
    return static_cast<double>(std::max<std::int64_t>(0, std::min({to_ms, end_ms, now_ms_}) - begin_ms)) / 1000;
}

std::vector<StoredSample> Oracle::usable(std::int64_t from_ms, std::int64_t to_ms) const {
    std::vector<StoredSample> inside;
    for (const auto& sample : samples_) {
        if (sample.time_ms >= from_ms && sample.time_ms < to_ms && !std::isnan(sample.value)) {
            inside.push_back(sample);
        }
    }
    return inside;
}

double Oracle::percentile(double percent, std::vector<StoredSample> inside) const {
    std::sort(inside.begin(), inside.end(), [](const auto& a, const auto& b) { return a.value < b.value; });
    const double rank = percent / 100 * static_cast<double>(inside.size() - 1);
    const double below = inside[static_cast<std::size_t>(std::floor(rank))].value;
    const double above = inside[static_cast<std::size_t>(std::ceil(rank))].value;
    return below + (above - below) * (rank - std::floor(rank));
}

double Oracle::delta(std::int64_t from_ms, std::int64_t to_ms, bool per_second) const {
    auto chain = usable(from_ms, to_ms);
    if (chain.empty()) {
        return nothing;
    }
    if (const auto before = usable(std::numeric_limits<std::int64_t>::min(), from_ms); !before.empty()) {
        chain.insert(chain.begin(), before.back());
    }
    double increase = 0;
    for (std::size_t i = 1; i < chain.size(); ++i) {
        increase += chain[i].value < chain[i - 1].value ? chain[i].value : chain[i].value - chain[i - 1].value;
    }
    const double seconds = static_cast<double>(chain.back().time_ms - chain.front().time_ms) / 1000;
    return !per_second ? increase : seconds > 0 ? increase / seconds : nothing;
}

double Oracle::changes(std::int64_t from_ms, std::int64_t to_ms) const {
    auto chain = usable(from_ms, to_ms);
    if (const auto before = usable(std::numeric_limits<std::int64_t>::min(), from_ms); !before.empty()) {
        chain.insert(chain.begin(), before.back());
    }
    double count = 0;
    for (std::size_t i = 1; i < chain.size(); ++i) {
        count += chain[i].value != chain[i - 1].value ? 1 : 0;
    }
    return count;
}

double Oracle::as_of(std::int64_t time_ms) const {
    double value = nothing;
    for (const auto& sample : samples_) {
        if (sample.time_ms <= time_ms) {
            const bool held = sample.time_ms == time_ms || time_ms - sample.time_ms < hold_max_ms_;
            value = held && time_ms < now_ms_ ? sample.value : nothing;
        }
    }
    return value;
}

double Oracle::interpolated(std::int64_t time_ms) const {
    for (std::size_t i = 0; i < samples_.size(); ++i) {
        const auto& next = samples_[i];
        if (next.time_ms == time_ms) {
            return next.value;
        }
        if (next.time_ms > time_ms) {
            if (i == 0 || next.time_ms - samples_[i - 1].time_ms > hold_max_ms_) {
                return nothing;
            }
            const auto& before = samples_[i - 1];
            return before.value + (next.value - before.value) * static_cast<double>(time_ms - before.time_ms) /
                                      static_cast<double>(next.time_ms - before.time_ms);
        }
    }
    return nothing;
}

double Oracle::figure(const Aggregation& aggregation, std::int64_t from_ms, std::int64_t to_ms) const {
    const auto inside = usable(from_ms, to_ms);
    const auto n = static_cast<double>(inside.size());
    double sum = 0, squares = 0, low = nothing, high = nothing;
    for (const auto& sample : inside) {
        sum += sample.value;
        low = std::fmin(low, sample.value);
        high = std::fmax(high, sample.value);
    }
    for (const auto& sample : inside) {
        squares += (sample.value - sum / n) * (sample.value - sum / n);
    }
    double covered_s = 0, integral = 0, duration_s = 0, all = 0;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
        const double seconds = covered(i, from_ms, to_ms);
        covered_s += seconds;
        integral += seconds > 0 ? seconds * samples_[i].value : 0;
        duration_s += samples_[i].value == aggregation.argument ? seconds : 0;
        all += samples_[i].time_ms >= from_ms && samples_[i].time_ms < to_ms ? 1 : 0;
    }
    switch (aggregation.figure) {
        case Figure::count:
            return n;
        case Figure::bad_count:
            return all - n;
        case Figure::min:
            return low;
        case Figure::max:
            return high;
        case Figure::sum:
            return n > 0 ? sum : nothing;
        case Figure::mean:
            return n > 0 ? sum / n : nothing;
        case Figure::time_weighted_mean:
            return covered_s > 0 ? integral / covered_s : nothing;
        case Figure::integral:
            return covered_s > 0 ? integral : nothing;
        case Figure::covered_s:
            return covered_s;
        case Figure::first:
            return n > 0 ? inside.front().value : nothing;
        case Figure::last:
            return n > 0 ? inside.back().value : nothing;
        case Figure::standard_deviation:
            return n > 1 ? std::sqrt(squares / (n - 1)) : nothing;
        case Figure::percentile:
            return n > 0 ? percentile(aggregation.argument, inside) : nothing;
        case Figure::delta:
            return delta(from_ms, to_ms, false);
        case Figure::rate:
            return delta(from_ms, to_ms, true);
        case Figure::duration_s:
            return duration_s;
        case Figure::changes:
            return changes(from_ms, to_ms);
        case Figure::as_of:
            return as_of(from_ms);
        case Figure::interpolated:
            return interpolated(from_ms);
    }
    return nothing;
}

}  // namespace nuanshu::historian::test

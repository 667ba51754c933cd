#include "platform/historian/src/questions.h"

#include <algorithm>

#include "platform/historian/src/bytes.h"

namespace nuanshu::historian {
namespace {

void add_sample(Aggregate& window, std::int64_t time_ms, double value, Quality quality) {
    if (!is_usable(value, quality)) {
        ++window.bad_count;
        return;
    }
    if (window.count == 0) {
        window.min = window.max = window.first = value;
        window.first_ms = time_ms;
    }
    ++window.count;
    window.min = std::min(window.min, value);
    window.max = std::max(window.max, value);
    window.sum += value;
    window.last = value;
    window.last_ms = time_ms;
}

void add_summary(Aggregate& window, const ChunkSummary& summary) {
    window.bad_count += summary.bad_count;
    if (summary.usable_count() == 0) {
        return;
    }
    if (window.count == 0) {
        window.min = summary.min;
        window.max = summary.max;
        window.first = summary.first;
        window.first_ms = summary.first_usable_ms;
    }
    window.count += summary.usable_count();
    window.min = std::min(window.min, summary.min);
    window.max = std::max(window.max, summary.max);
    window.sum += summary.sum;
    window.last = summary.last;
    window.last_ms = summary.last_usable_ms;
}

std::uint64_t offset(std::int64_t from_ms, std::int64_t time_ms) {
    return static_cast<std::uint64_t>(wrapping_subtract(time_ms, from_ms));
}

/// How many samples at the front belong to the part that `part_of` gives for the first one.
template <class PartOf>
std::size_t run_length(ColumnsView samples, PartOf part_of) {
    const auto part = part_of(samples.time_ms.front());
    if (part_of(samples.time_ms.back()) == part) {
        return samples.size();
    }
    const auto end = std::partition_point(samples.time_ms.begin(), samples.time_ms.end(),
                                          [&](std::int64_t time_ms) { return part_of(time_ms) == part; });
    return static_cast<std::size_t>(end - samples.time_ms.begin());
}

}  // namespace

bool ReadSink::take(ColumnsView samples) {
    const std::size_t count = std::min(samples.size(), limit_ - samples_.size());
    for (std::size_t i = 0; i < count; ++i) {
        samples_.push_back(samples[i]);
    }
    return samples_.size() < limit_;
}

std::uint64_t AggregateSink::window_of(std::int64_t time_ms) const {
    return offset(from_ms_, time_ms) / window_ms_;
}

Aggregate& AggregateSink::window(std::uint64_t index) {
    if (windows_.empty() || index != index_) {
        index_ = index;
        windows_.push_back({.from_ms = wrapping_add(from_ms_, static_cast<std::int64_t>(index * window_ms_))});
    }
    return windows_.back();
}

bool AggregateSink::take_summary(const ChunkSummary& summary) {
    const std::uint64_t index = window_of(summary.first_ms);
    if (window_of(summary.last_ms) != index) {
        return false;
    }
    add_summary(window(index), summary);
    return true;
}

bool AggregateSink::take(ColumnsView samples) {
    while (!samples.empty()) {
        const std::size_t count = run_length(samples, [&](std::int64_t time_ms) { return window_of(time_ms); });
        Aggregate& here = window(window_of(samples.time_ms.front()));
        for (std::size_t i = 0; i < count; ++i) {
            add_sample(here, samples.time_ms[i], samples.value[i], samples.quality[i]);
        }
        samples = samples.part(count, samples.size());
    }
    return true;
}

DrawingSink::DrawingSink(TimeRange range, std::size_t columns)
    : from_ms_(range.from_ms), length_ms_(offset(range.from_ms, range.to_ms)), columns_(columns) {}

std::size_t DrawingSink::column_of(std::int64_t time_ms) const {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::size_t>(Wide{offset(from_ms_, time_ms)} * columns_ / length_ms_);
}

bool DrawingSink::take_summary(const ChunkSummary& summary) {
    const std::size_t column = column_of(summary.first_ms);
    if (summary.bad_count > 0 || !summary.quality || column_of(summary.last_ms) != column) {
        return false;
    }
    move_to(column);
    const Quality quality = *summary.quality;
    take_usable({summary.first_usable_ms, summary.first, quality});
    take_usable({summary.min_ms, summary.min, quality});
    take_usable({summary.max_ms, summary.max, quality});
    take_usable({summary.last_usable_ms, summary.last, quality});
    return true;
}

bool DrawingSink::take(ColumnsView samples) {
    while (!samples.empty()) {
        const std::size_t count = run_length(samples, [&](std::int64_t time_ms) { return column_of(time_ms); });
        move_to(column_of(samples.time_ms.front()));
        for (std::size_t i = 0; i < count; ++i) {
            if (is_usable(samples.value[i], samples.quality[i])) {
                take_usable(samples[i]);
            } else if (!column_.bad) {
                column_.bad = samples[i];
            }
        }
        samples = samples.part(count, samples.size());
    }
    return true;
}

void DrawingSink::move_to(std::size_t column) {
    if (column != at_) {
        close();
        at_ = column;
    }
}

void DrawingSink::take_usable(const StoredSample& sample) {
    if (!column_.first) {
        column_.first = column_.min = column_.max = sample;
    }
    if (sample.value < column_.min->value) {
        column_.min = sample;
    }
    if (sample.value > column_.max->value) {
        column_.max = sample;
    }
    column_.last = sample;
}

void DrawingSink::close() {
    std::vector<StoredSample> picked;
    for (const auto& sample : {column_.first, column_.min, column_.max, column_.last, column_.bad}) {
        if (sample) {
            picked.push_back(*sample);
        }
    }
    const auto by_time = [](const StoredSample& a, const StoredSample& b) { return a.time_ms < b.time_ms; };
    const auto same_time = [](const StoredSample& a, const StoredSample& b) { return a.time_ms == b.time_ms; };
    std::sort(picked.begin(), picked.end(), by_time);
    picked.erase(std::unique(picked.begin(), picked.end(), same_time), picked.end());
    samples_.insert(samples_.end(), picked.begin(), picked.end());
    column_ = {};
}

std::vector<StoredSample> DrawingSink::result() {
    close();
    return std::move(samples_);
}

}  // namespace nuanshu::historian

#include "platform/historian/src/questions.h"

#include <algorithm>
#include <array>

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

/// The end of a part, at least one sample on: times that do not rise, which only a damaged chunk can have, end all the
/// same.
std::size_t end_between(std::size_t from, std::size_t end, std::size_t to) {
    return std::clamp(end, from + 1, to);
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

bool AggregateSink::take_part(ChunkReader& chunk, std::size_t from, std::size_t to) {
    if (!chunk.has_sums()) {
        return false;
    }
    const std::uint64_t last_window = window_of(chunk.time_at(to - 1));
    while (from < to) {
        const std::uint64_t index = window_of(chunk.time_at(from));
        const auto end_ms = wrapping_add(from_ms_, static_cast<std::int64_t>((index + 1) * window_ms_));
        const std::size_t end = index == last_window ? to : end_between(from, chunk.first_at_or_after(end_ms), to);
        ChunkSummary part = chunk.part(from, end);
        part.sum = chunk.sum(from, end);
        add_summary(window(index), part);
        from = end;
    }
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

/// The first millisecond behind the column: the least t with t · columns / length > column.
std::uint64_t DrawingSink::end_of(std::uint64_t column) const {
    __extension__ using Wide = unsigned __int128;
    const Wide end = Wide{column + 1} * length_ms_;
    const auto near = static_cast<std::uint64_t>(end);
    return near == end ? (near - 1) / columns_ + 1 : static_cast<std::uint64_t>((end - 1) / columns_ + 1);
}

bool DrawingSink::in_column(std::int64_t time_ms) const {
    return offset(from_ms_, time_ms) < end_;
}

void DrawingSink::move_to_column_of(std::int64_t time_ms) {
    if (!in_column(time_ms)) {
        __extension__ using Wide = unsigned __int128;
        close();
        end_ = end_of(static_cast<std::uint64_t>(Wide{offset(from_ms_, time_ms)} * columns_ / length_ms_));
    }
}

bool DrawingSink::take_summary(const ChunkSummary& summary) {
    if (summary.bad_count > 0 || !summary.quality) {
        return false;
    }
    move_to_column_of(summary.first_ms);
    if (!in_column(summary.last_ms)) {
        return false;
    }
    take_all_usable(summary);
    return true;
}

bool DrawingSink::take_part(ChunkReader& chunk, std::size_t from, std::size_t to) {
    while (from < to) {
        move_to_column_of(chunk.time_at(from));
        const auto end_ms = wrapping_add(from_ms_, static_cast<std::int64_t>(end_));
        const std::size_t end =
            in_column(chunk.time_at(to - 1)) ? to : end_between(from, chunk.first_at_or_after(end_ms), to);
        take_all_usable(chunk.part(from, end));
        from = end;
    }
    return true;
}

bool DrawingSink::take(ColumnsView samples) {
    for (std::size_t i = 0; i < samples.size(); ++i) {
        move_to_column_of(samples.time_ms[i]);
        if (is_usable(samples.value[i], samples.quality[i])) {
            take_usable(samples[i]);
        } else if (!column_.bad) {
            column_.bad = samples[i];
        }
    }
    return true;
}

void DrawingSink::take_all_usable(const ChunkSummary& part) {
    const Quality quality = *part.quality;
    if (!column_.any) {
        column_.any = true;
        column_.first = {part.first_usable_ms, part.first, quality};
        column_.min = {part.min_ms, part.min, quality};
        column_.max = {part.max_ms, part.max, quality};
    }
    if (part.min < column_.min.value) {
        column_.min = {part.min_ms, part.min, quality};
    }
    if (part.max > column_.max.value) {
        column_.max = {part.max_ms, part.max, quality};
    }
    column_.last = {part.last_usable_ms, part.last, quality};
}

void DrawingSink::take_usable(const StoredSample& sample) {
    if (!column_.any) {
        column_.any = true;
        column_.first = column_.min = column_.max = sample;
    }
    if (sample.value < column_.min.value) {
        column_.min = sample;
    }
    if (sample.value > column_.max.value) {
        column_.max = sample;
    }
    column_.last = sample;
}

/// The picked samples by time, each once.
void DrawingSink::close() {
    std::array<StoredSample, 5> picked;
    std::size_t count = 0;
    if (column_.any) {
        const bool falls = column_.max.time_ms < column_.min.time_ms;
        picked = {
            column_.first, falls ? column_.max : column_.min, falls ? column_.min : column_.max, column_.last, {}};
        count = 4;
    }
    if (column_.bad) {
        picked[count++] = *column_.bad;
        std::inplace_merge(picked.begin(), picked.begin() + static_cast<std::ptrdiff_t>(count - 1),
                           picked.begin() + static_cast<std::ptrdiff_t>(count),
                           [](const StoredSample& a, const StoredSample& b) { return a.time_ms < b.time_ms; });
    }
    for (std::size_t i = 0; i < count; ++i) {
        if (i == 0 || picked[i].time_ms != picked[i - 1].time_ms) {
            samples_.push_back(picked[i]);
        }
    }
    column_.any = false;
    column_.bad.reset();
}

std::vector<StoredSample> DrawingSink::result() {
    close();
    return std::move(samples_);
}

}  // namespace nuanshu::historian

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/sample.h"
#include "platform/historian/store.h"

namespace nuanshu::historian {

/// Samples of one point as they are worked on: three arrays of equal length, borrowed.
struct ColumnsView {
    std::span<const std::int64_t> time_ms;
    std::span<const double> value;
    std::span<const Quality> quality;

    std::size_t size() const { return time_ms.size(); }
    bool empty() const { return time_ms.empty(); }
    StoredSample operator[](std::size_t i) const { return {time_ms[i], value[i], quality[i]}; }
    ColumnsView part(std::size_t from, std::size_t to) const {
        return {time_ms.subspan(from, to - from), value.subspan(from, to - from), quality.subspan(from, to - from)};
    }
};

/// The same, owned.
struct Columns {
    std::vector<std::int64_t> time_ms;
    std::vector<double> value;
    std::vector<Quality> quality;

    std::size_t size() const { return time_ms.size(); }
    bool empty() const { return time_ms.empty(); }
    ColumnsView view() const { return {time_ms, value, quality}; }
    void clear();
    void resize(std::size_t count);
    void reserve(std::size_t count);
    void push_back(std::int64_t at_ms, double sample_value, Quality sample_quality);
    void append(ColumnsView more);
};

/// Whether a sample counts for aggregates and drawings: it is not bad, and its value is a number.
inline bool is_usable(double value, Quality quality) {
    return !is_bad(quality) && value == value;
}

/// By time, one sample a time: of equal times the one that stands last is kept.
void sort_keep_last(Columns& columns);

/// Two lists, each by time without repeats, as one; where both have a time, `newer` wins.
Columns merge_newer_wins(ColumnsView older, ColumnsView newer);

/// Index of the first sample at or after / after `time_ms` in a list by time.
std::size_t first_at_or_after(ColumnsView columns, std::int64_t time_ms);
std::size_t first_after(ColumnsView columns, std::int64_t time_ms);

}  // namespace nuanshu::historian

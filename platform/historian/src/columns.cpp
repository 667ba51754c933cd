#include "platform/historian/src/columns.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace nuanshu::historian {

void Columns::clear() {
    time_ms.clear();
    value.clear();
    quality.clear();
}

void Columns::resize(std::size_t count) {
    time_ms.resize(count);
    value.resize(count);
    quality.resize(count);
}

void Columns::reserve(std::size_t count) {
    time_ms.reserve(count);
    value.reserve(count);
    quality.reserve(count);
}

void Columns::push_back(std::int64_t at_ms, double sample_value, Quality sample_quality) {
    time_ms.push_back(at_ms);
    value.push_back(sample_value);
    quality.push_back(sample_quality);
}

void Columns::append(ColumnsView more) {
    time_ms.insert(time_ms.end(), more.time_ms.begin(), more.time_ms.end());
    value.insert(value.end(), more.value.begin(), more.value.end());
    quality.insert(quality.end(), more.quality.begin(), more.quality.end());
}

void sort_keep_last(Columns& columns) {
    const auto& times = columns.time_ms;
    if (std::is_sorted(times.begin(), times.end(), std::less_equal<>())) {
        return;
    }
    std::vector<std::uint32_t> order(times.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(),
              [&](auto a, auto b) { return std::pair(times[a], a) < std::pair(times[b], b); });
    Columns sorted;
    sorted.reserve(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i + 1 == order.size() || times[order[i]] != times[order[i + 1]]) {
            sorted.push_back(times[order[i]], columns.value[order[i]], columns.quality[order[i]]);
        }
    }
    columns = std::move(sorted);
}

Columns merge_newer_wins(ColumnsView older, ColumnsView newer) {
    Columns merged;
    merged.reserve(older.size() + newer.size());
    std::size_t i = 0;
    for (std::size_t k = 0; k < newer.size(); ++k) {
        const std::size_t until = i + first_at_or_after(older.part(i, older.size()), newer.time_ms[k]);
        merged.append(older.part(i, until));
        merged.push_back(newer.time_ms[k], newer.value[k], newer.quality[k]);
        i = until < older.size() && older.time_ms[until] == newer.time_ms[k] ? until + 1 : until;
    }
    merged.append(older.part(i, older.size()));
    return merged;
}

std::size_t first_at_or_after(ColumnsView columns, std::int64_t time_ms) {
    const auto at = std::lower_bound(columns.time_ms.begin(), columns.time_ms.end(), time_ms);
    return static_cast<std::size_t>(at - columns.time_ms.begin());
}

std::size_t first_after(ColumnsView columns, std::int64_t time_ms) {
    const auto at = std::upper_bound(columns.time_ms.begin(), columns.time_ms.end(), time_ms);
    return static_cast<std::size_t>(at - columns.time_ms.begin());
}

}  // namespace nuanshu::historian

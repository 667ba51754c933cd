// A mark: the spans of one write, as zigzag varints, each number as its difference from the same number of the span
// before:
//
//   u8      version, 1
//   varint  count
//   count × point, first_ms in seconds rounded down, length in seconds rounded up

#include "platform/historian/src/rollup_stale.h"

#include <algorithm>
#include <limits>

#include <rocksdb/db.h>

#include "base/check.h"
#include "platform/historian/src/bytes.h"
#include "platform/historian/src/keys.h"
#include "platform/historian/src/sample_files.h"

namespace nuanshu::historian {
namespace {

constexpr char version = 1;
constexpr std::int64_t day_ms = 86'400'000;
constexpr std::size_t spans_per_point_max = 8;

std::int64_t seconds_down(std::int64_t ms) {
    return ms / 1'000 - (ms % 1'000 < 0 ? 1 : 0);
}

std::int64_t milliseconds(std::int64_t seconds) {
    constexpr std::int64_t limit = std::numeric_limits<std::int64_t>::max() / 1'000 - 1;
    return std::clamp(seconds, -limit, limit) * 1'000;
}

std::string encode(std::span<const TouchedSpan> spans) {
    std::string out(1, version);
    put_varint(out, spans.size());
    std::int64_t point = 0, first = 0;
    for (const auto& span : spans) {
        put_varint(out, zigzag(span.point.value - point));
        put_varint(out, zigzag(seconds_down(span.first_ms) - first));
        put_varint(out, static_cast<std::uint64_t>(seconds_down(span.last_ms) - seconds_down(span.first_ms)));
        point = span.point.value;
        first = seconds_down(span.first_ms);
    }
    return out;
}

Result<std::vector<TouchedSpan>> decode(std::string_view bytes) {
    ByteReader in(bytes);
    const unsigned found = in.u8();
    const std::uint64_t count = in.varint();
    if (!in.ok() || found != static_cast<unsigned>(version) || count > in.left() / 3) {
        return fail(ErrorCode::corrupt, "roll-up mark", "version {}, {} spans in {} bytes", found, count, bytes.size());
    }
    std::vector<TouchedSpan> spans(count);
    std::int64_t point = 0, first = 0;
    for (auto& span : spans) {
        point = wrapping_add(point, in.signed_varint());
        first = wrapping_add(first, in.signed_varint());
        const std::int64_t last = wrapping_add(first, static_cast<std::int64_t>(in.varint()));
        span.point = PointId{static_cast<std::uint32_t>(point)};
        span.first_ms = milliseconds(first);
        span.last_ms = milliseconds(last) + 999;
    }
    if (!in.ok() || in.left() != 0) {
        return fail(ErrorCode::corrupt, "roll-up mark", "the bytes do not follow the format of {} spans", count);
    }
    return spans;
}

std::uint64_t distance(std::int64_t from_ms, std::int64_t to_ms) {
    return static_cast<std::uint64_t>(wrapping_subtract(to_ms, from_ms));
}

/// @pre a does not begin after b
bool near(const TouchedSpan& a, const TouchedSpan& b) {
    return b.first_ms <= a.last_ms || distance(a.last_ms, b.first_ms) <= static_cast<std::uint64_t>(day_ms);
}

/// Joins neighbours that touch or nearly do, and then the nearest two until there are few.
void tidy(std::vector<TouchedSpan>& spans) {
    std::sort(spans.begin(), spans.end(), [](const auto& a, const auto& b) { return a.first_ms < b.first_ms; });
    std::vector<TouchedSpan> joined;
    for (const auto& span : spans) {
        if (!joined.empty() && near(joined.back(), span)) {
            joined.back().last_ms = std::max(joined.back().last_ms, span.last_ms);
        } else {
            joined.push_back(span);
        }
    }
    while (joined.size() > spans_per_point_max) {
        std::size_t best = 1;
        for (std::size_t i = 2; i < joined.size(); ++i) {
            const auto gap = [&](std::size_t k) { return distance(joined[k - 1].last_ms, joined[k].first_ms); };
            best = gap(i) < gap(best) ? i : best;
        }
        joined[best - 1].last_ms = joined[best].last_ms;
        joined.erase(joined.begin() + static_cast<std::ptrdiff_t>(best));
    }
    spans = std::move(joined);
}

}  // namespace

void add_touched(std::vector<TouchedSpan>& spans, PointId point, std::span<const std::int64_t> times) {
    if (times.empty()) {
        return;
    }
    spans.push_back({point, times.front(), times.back()});
    if (distance(times.front(), times.back()) <= static_cast<std::uint64_t>(2 * day_ms)) {
        return;
    }
    spans.back().last_ms = times.front();
    for (std::size_t i = 1; i < times.size(); ++i) {
        if (distance(times[i - 1], times[i]) > static_cast<std::uint64_t>(day_ms)) {
            spans.push_back({point, times[i], times[i]});
        }
        spans.back().last_ms = times[i];
    }
}

Result<> StaleRollups::load() {
    return files_.for_each(files_.stale(), [&](std::string_view key, std::string_view value) -> Result<> {
        NUANSHU_TRY(const auto spans, decode(value));
        add(get_big_endian(key), spans);
        return {};
    });
}

std::uint64_t StaleRollups::put_mark(rocksdb::WriteBatch& batch, std::span<const TouchedSpan> spans) const {
    // Every write uses up at least one of the database's sequence numbers, so that this one was no other mark's.
    const std::uint64_t mark = files_.db().GetLatestSequenceNumber() + 1;
    if (!spans.empty()) {
        const auto status = batch.Put(files_.stale(), log_key(mark), encode(spans));
        NUANSHU_CHECK(status.ok(), "{}", status.ToString());
    }
    return mark;
}

void StaleRollups::add(std::uint64_t mark, std::span<const TouchedSpan> spans) {
    const std::lock_guard lock(mutex_);
    ++version_;
    for (const auto& span : spans) {
        add_span(span);
    }
    if (!spans.empty() && (marks_.empty() || marks_.back() != mark)) {
        marks_.push_back(mark);
    }
}

void StaleRollups::add_span(const TouchedSpan& span) {
    auto& [spans, version] = spans_[span.point.value];
    version = version_;
    if (!spans.empty() && span.first_ms >= spans.back().first_ms && near(spans.back(), span)) {
        spans.back().last_ms = std::max(spans.back().last_ms, span.last_ms);
        return;
    }
    spans.push_back(span);
    tidy(spans);
}

StaleRollups::Work StaleRollups::take() {
    const std::lock_guard lock(mutex_);
    Work work;
    work.points.reserve(spans_.size());
    for (const auto& [point, spans] : spans_) {
        work.points.push_back(PointId{point});
    }
    std::sort(work.points.begin(), work.points.end(), [](auto a, auto b) { return a.value < b.value; });
    work.marks = std::exchange(marks_, {});
    return work;
}

Result<> StaleRollups::forget(std::span<const std::uint64_t> marks) {
    rocksdb::WriteBatch batch;
    for (const auto mark : marks) {
        const auto status = batch.Delete(files_.stale(), log_key(mark));
        NUANSHU_CHECK(status.ok(), "{}", status.ToString());
    }
    return files_.write(batch, SampleFiles::Durability::process_end);
}

void StaleRollups::give_back(std::span<const std::uint64_t> marks) {
    const std::lock_guard lock(mutex_);
    marks_.insert(marks_.begin(), marks.begin(), marks.end());
}

StaleRollups::Spans StaleRollups::of(PointId point) const {
    const std::lock_guard lock(mutex_);
    const auto found = spans_.find(point.value);
    return found == spans_.end() ? Spans() : found->second;
}

void StaleRollups::settled(PointId point, std::uint64_t version) {
    const std::lock_guard lock(mutex_);
    if (const auto found = spans_.find(point.value); found != spans_.end() && found->second.version == version) {
        spans_.erase(found);
    }
}

std::size_t StaleRollups::size() const {
    const std::lock_guard lock(mutex_);
    return spans_.size();
}

}  // namespace nuanshu::historian

#include "platform/historian/src/scan.h"

#include <limits>

#include "platform/historian/src/chunk_cursor.h"

namespace nuanshu::historian {
namespace {

ColumnsView clipped(ColumnsView samples, std::int64_t from_ms, std::int64_t last_ms) {
    return samples.part(first_at_or_after(samples, from_ms), first_after(samples, last_ms));
}

/// One scan: the unsealed samples are copied first, so that none is missed while it moves into a chunk.
class Scan {
 public:
    Scan(const Columns& fresh, std::int64_t from_ms, std::int64_t last_ms, SampleSink& sink)
        : fresh_(fresh.view()), from_ms_(from_ms), last_ms_(last_ms), sink_(sink) {}

    Result<bool> take_chunk(const ChunkCursor& cursor) {
        NUANSHU_TRY(ChunkReader * reader, cursor.open());
        const ChunkSummary& summary = reader->summary();
        if (summary.last_ms < from_ms_) {
            return true;
        }
        if (!take_fresh(std::max(at_, first_at_or_after(fresh_, summary.first_ms)))) {
            return false;
        }
        const std::size_t inside = std::max(at_, first_after(fresh_, summary.last_ms));
        if (inside == at_) {
            NUANSHU_TRY(const bool taken, take_sealed(cursor, *reader));
            if (taken) {
                return true;
            }
        }
        NUANSHU_TRY_VOID(cursor.decode(chunk_));
        return take_merged(clipped(chunk_.view(), from_ms_, last_ms_), inside);
    }

    bool take_rest() { return take_fresh(fresh_.size()); }

 private:
    /// Offers a chunk that no fresh sample touches, undecoded. @return whether it was taken
    Result<bool> take_sealed(const ChunkCursor& cursor, ChunkReader& reader) {
        const ChunkSummary& summary = reader.summary();
        const bool whole = summary.first_ms >= from_ms_ && summary.last_ms <= last_ms_;
        if (whole && sink_.take_summary(summary)) {
            return true;
        }
        if (!sink_.takes_parts()) {
            return false;
        }
        NUANSHU_TRY(const bool indexed, cursor.open_index());
        if (!indexed) {
            return false;
        }
        const std::size_t from = reader.first_at_or_after(from_ms_);
        const std::size_t to = summary.last_ms <= last_ms_ ? summary.count : reader.first_at_or_after(last_ms_ + 1);
        return from >= to || sink_.take_part(reader, from, to);
    }

    bool take_fresh(std::size_t until) {
        const ColumnsView part = fresh_.part(at_, until);
        at_ = until;
        return part.empty() || sink_.take(part);
    }

    bool take_merged(ColumnsView sealed, std::size_t until) {
        const ColumnsView part = fresh_.part(at_, until);
        at_ = until;
        return part.empty() ? sink_.take(sealed) : sink_.take(merge_newer_wins(sealed, part).view());
    }

    ColumnsView fresh_;
    std::size_t at_ = 0;
    std::int64_t from_ms_, last_ms_;
    SampleSink& sink_;
    Columns chunk_;
};

}  // namespace

Result<> scan(const SampleFiles& files, const Heads& heads, PointId point, TimeRange range, SampleSink& sink) {
    if (range.to_ms <= range.from_ms) {
        return {};
    }
    const std::int64_t last_ms = range.to_ms - 1;
    const Columns fresh = heads.copy(point, range.from_ms, last_ms);
    Scan scanning(fresh, range.from_ms, last_ms, sink);
    ChunkCursor cursor(files, point);
    for (cursor.seek(range.from_ms); cursor.valid() && cursor.first_ms() <= last_ms; cursor.next()) {
        NUANSHU_TRY(const bool more, scanning.take_chunk(cursor));
        if (!more) {
            return {};
        }
    }
    NUANSHU_TRY_VOID(cursor.fault());
    scanning.take_rest();
    return {};
}

Result<std::optional<StoredSample>> find_at_or_before(const SampleFiles& files, const Heads& heads, PointId point,
                                                      std::int64_t time_ms) {
    std::optional<StoredSample> newest;
    if (const Columns fresh = heads.copy(point, std::numeric_limits<std::int64_t>::min(), time_ms); !fresh.empty()) {
        newest = fresh.view()[fresh.size() - 1];
    }
    ChunkCursor cursor(files, point);
    cursor.seek(time_ms);
    NUANSHU_TRY_VOID(cursor.fault());
    if (!cursor.valid() || cursor.first_ms() > time_ms) {
        return newest;
    }
    NUANSHU_TRY(const ChunkSummary summary, cursor.summary());
    if (newest && newest->time_ms >= summary.last_ms) {
        return newest;
    }
    Columns chunk;
    NUANSHU_TRY_VOID(cursor.decode(chunk));
    const StoredSample sealed = chunk.view()[first_after(chunk.view(), time_ms) - 1];
    return newest && newest->time_ms >= sealed.time_ms ? newest : sealed;
}

}  // namespace nuanshu::historian

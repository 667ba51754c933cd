#include "platform/historian/src/seal_pass.h"

#include <algorithm>

#include <rocksdb/db.h>

#include "base/check.h"
#include "base/log.h"

namespace nuanshu::historian {
namespace {

/// A small chunk is joined with more samples than an eighth of its own: each sample is then rewritten a few times at
/// most.
constexpr std::size_t join_ratio = 8;

bool worth_joining(std::size_t chunk_samples, std::size_t fresh_samples) {
    return chunk_samples < fresh_samples * join_ratio && chunk_samples + fresh_samples <= usual_chunk_samples;
}

void fill(Columns& columns, const SampleChain& samples) {
    columns.clear();
    columns.reserve(samples.count);
    samples.for_each(
        [&](const StoredSample& sample) { columns.push_back(sample.time_ms, sample.value, sample.quality); });
}

/// A write batch only refuses when memory ends or a key is wrong.
void require(const rocksdb::Status& status) {
    NUANSHU_CHECK(status.ok(), "{}", status.ToString());
}

}  // namespace

Result<ChunkTail> find_tail(const SampleFiles& files, PointId point) {
    ChunkCursor cursor(files, point);
    cursor.seek(std::numeric_limits<std::int64_t>::max());
    NUANSHU_TRY_VOID(cursor.fault());
    if (!cursor.valid()) {
        return ChunkTail{.known = true};
    }
    NUANSHU_TRY(const ChunkSummary summary, cursor.summary());
    return ChunkTail{true, summary.count, summary.first_ms, summary.last_ms};
}

SealPass::SealPass(const SampleFiles& files, Heads::Taken taken)
    : files_(files), taken_(std::move(taken)), batch_(std::make_unique<rocksdb::WriteBatch>()) {}

SealPass::~SealPass() = default;

void SealPass::build(std::vector<ChunkTail>& tails) {
    Columns samples;
    for (const auto& job : taken_.jobs) {
        fill(samples, job.samples);
        sort_keep_last(samples);
        seal(job.point, samples.view(), tails[job.point.value]);
        add_touched(touched_, job.point, samples.time_ms);
    }
    for (const auto sequence : taken_.done_log) {
        require(batch_->SingleDelete(files_.log(), log_key(sequence)));
    }
}

void SealPass::seal(PointId point, ColumnsView fresh, ChunkTail& tail) {
    if (!tail.known) {
        if (auto found = find_tail(files_, point)) {
            tail = *found;
        }
    }
    const bool in_order = tail.known && tail.ends_before(fresh.time_ms.front());
    if (in_order && (tail.count == 0 || !worth_joining(tail.count, fresh.size()))) {
        write(point, fresh, tail);
    } else if (!in_order || !extend_tail(point, fresh, tail)) {
        merge(point, fresh, tail);
    }
}

/// Joins the last chunk with samples that all lie behind it: the chunk is read and written under its own key, nothing
/// is looked for. @return false when it cannot be read
bool SealPass::extend_tail(PointId point, ColumnsView fresh, ChunkTail& tail) {
    rocksdb::PinnableSlice bytes;
    const auto status = files_.db().Get({}, files_.chunks(), chunk_key(point, tail.first_ms), &bytes);
    if (!status.ok() || !decode_chunk(bytes.ToStringView(), tail.first_ms, joined_)) {
        return false;
    }
    samples_added_ -= static_cast<std::int64_t>(joined_.size());
    joined_.append(fresh);
    write_chunk(point, joined_.view(), tail);
    return true;
}

void SealPass::merge(PointId point, ColumnsView fresh, ChunkTail& tail) {
    ChunkCursor cursor(files_, point);
    Columns current;
    std::size_t at = 0;
    for (cursor.seek(fresh.time_ms.front()); cursor.valid() && cursor.first_ms() <= fresh.time_ms.back();
         cursor.next()) {
        const auto summary = cursor.summary();
        if (!summary) {
            set_aside(cursor, point, summary.error());
            continue;
        }
        const std::size_t until = std::max(at, first_at_or_after(fresh, summary->first_ms));
        const std::size_t inside = std::max(until, first_after(fresh, summary->last_ms));
        current.append(fresh.part(at, until));
        at = until;
        const std::size_t beside = current.empty() ? fresh.size() - at : current.size();
        if (inside == at && !worth_joining(summary->count, beside)) {
            write(point, current.view(), tail);
            current.clear();
        } else if (Columns old; replace(cursor, point, summary->count, old)) {
            current.append(merge_newer_wins(old.view(), fresh.part(at, inside)).view());
            at = inside;
            if (current.size() >= usual_chunk_samples) {
                write(point, current.view(), tail);
                current.clear();
            }
        }
    }
    if (const auto fault = cursor.fault(); !fault) {
        log_error("historian", "{}: new samples are stored beside what cannot be read", fault.error().message());
    }
    current.append(fresh.part(at, fresh.size()));
    write(point, current.view(), tail);
}

bool SealPass::replace(const ChunkCursor& at, PointId point, std::uint32_t count, Columns& samples) {
    if (const auto decoded = at.decode(samples); !decoded) {
        set_aside(at, point, decoded.error());
        return false;
    }
    samples_added_ -= count;
    require(batch_->Delete(files_.chunks(), chunk_key(point, at.first_ms())));
    return true;
}

void SealPass::set_aside(const ChunkCursor& at, PointId point, const Error& error) {
    log_error("historian", "{}; it is set aside, because new samples fall into its time", error.message());
    const std::string key = chunk_key(point, at.first_ms());
    require(batch_->Put(files_.damaged(), key, rocksdb::Slice(at.bytes().data(), at.bytes().size())));
    require(batch_->Delete(files_.chunks(), key));
    ++chunks_damaged_;
}

void SealPass::write(PointId point, ColumnsView samples, ChunkTail& tail) {
    const std::size_t count =
        std::max<std::size_t>(1, (samples.size() + usual_chunk_samples / 2) / usual_chunk_samples);
    for (std::size_t i = 0; i < count && !samples.empty(); ++i) {
        const std::size_t from = samples.size() * i / count;
        write_chunk(point, samples.part(from, samples.size() * (i + 1) / count), tail);
    }
}

void SealPass::write_chunk(PointId point, ColumnsView samples, ChunkTail& tail) {
    require(batch_->Put(files_.chunks(), chunk_key(point, samples.time_ms.front()), encode_chunk(samples)));
    samples_added_ += static_cast<std::int64_t>(samples.size());
    ++chunks_written_;
    if (tail.known && (tail.count == 0 || samples.time_ms.back() >= tail.last_ms)) {
        tail = {true, static_cast<std::uint32_t>(samples.size()), samples.time_ms.front(), samples.time_ms.back()};
    }
}

}  // namespace nuanshu::historian

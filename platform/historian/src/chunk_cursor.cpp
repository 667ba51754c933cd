#include "platform/historian/src/chunk_cursor.h"

#include <rocksdb/db.h>

namespace nuanshu::historian {
namespace {

std::string key_behind(PointId point) {
    std::string key;
    put_big_endian(key, std::uint64_t{point.value} + 1, 4);
    return point.value == 0xFFFF'FFFF ? std::string(chunk_key_bytes + 1, '\xff') : key;
}

rocksdb::ReadOptions reading_between(const rocksdb::Slice* lower, const rocksdb::Slice* upper) {
    rocksdb::ReadOptions options;
    options.iterate_lower_bound = lower;
    options.iterate_upper_bound = upper;
    return options;
}

}  // namespace

/// An iterator with the bounds it points to.
struct ChunkCursor::Bounded {
    Bounded(const SampleFiles& files, PointId point)
        : lower_key(series_key(point)), upper_key(key_behind(point)), lower(lower_key), upper(upper_key) {
        at.reset(files.db().NewIterator(reading_between(&lower, &upper), files.chunks()));
    }

    std::string lower_key, upper_key;
    rocksdb::Slice lower, upper;
    std::unique_ptr<rocksdb::Iterator> at;
};

ChunkCursor::ChunkCursor(const SampleFiles& files, PointId point)
    : files_(files), point_(point), bounded_(std::make_unique<Bounded>(files, point)) {}

ChunkCursor::~ChunkCursor() = default;

void ChunkCursor::seek(std::int64_t time_ms) {
    auto& at = *bounded_->at;
    opened_ = false;
    at.SeekForPrev(chunk_key(point_, time_ms));
    if (!at.Valid() && at.status().ok()) {
        at.SeekToFirst();
    }
}

void ChunkCursor::next() {
    opened_ = false;
    bounded_->at->Next();
}

bool ChunkCursor::valid() const {
    return bounded_->at->Valid();
}

Result<> ChunkCursor::fault() const {
    if (const auto status = bounded_->at->status(); !status.ok()) {
        return within(fmt::format("point {}", point_.value), files_.error_of(status));
    }
    return {};
}

std::int64_t ChunkCursor::first_ms() const {
    return parse_chunk_key(bounded_->at->key().ToStringView()).first_ms;
}

std::string_view ChunkCursor::bytes() const {
    return bounded_->at->value().ToStringView();
}

std::string ChunkCursor::place() const {
    return fmt::format("point {}, chunk from {} ms", point_.value, first_ms());
}

Result<ChunkReader*> ChunkCursor::open() const {
    if (!opened_) {
        if (auto opened = reader_.open(bytes(), first_ms()); !opened) {
            return within(place(), std::move(opened.error()));
        }
        opened_ = true;
    }
    return &reader_;
}

Result<bool> ChunkCursor::open_index() const {
    auto indexed = reader_.open_index();
    if (!indexed) {
        return within(place(), std::move(indexed.error()));
    }
    return indexed;
}

Result<ChunkSummary> ChunkCursor::summary() const {
    NUANSHU_TRY(const ChunkReader* reader, open());
    return reader->summary();
}

Result<> ChunkCursor::decode(Columns& samples) const {
    NUANSHU_TRY(ChunkReader * reader, open());
    if (auto decoded = reader->decode(samples); !decoded) {
        return within(place(), std::move(decoded.error()));
    }
    return {};
}

}  // namespace nuanshu::historian

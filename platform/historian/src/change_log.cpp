// A change, under its number: u8 version 1; u32 point; i64 range.from, range.to, at; varints samples before, samples
// after, roll-ups removed; then twice a varint and so many bytes: who, why. RocksDB guards it with its own checksums.

#include "platform/historian/src/change_log.h"

#include <rocksdb/db.h>

#include "base/check.h"
#include "platform/historian/src/bytes.h"
#include "platform/historian/src/chunk.h"

namespace nuanshu::historian {
namespace {

constexpr char version = 1;
constexpr std::size_t id_bytes = 8;

void require(const rocksdb::Status& status) {
    NUANSHU_CHECK(status.ok(), "{}", status.ToString());
}

std::string old_key(std::uint64_t id, std::int64_t first_ms) {
    std::string key = log_key(id);
    put_big_endian(key, static_cast<std::uint64_t>(first_ms) ^ sign_bit, 8);
    return key;
}

std::int64_t first_ms_of(std::string_view key) {
    return static_cast<std::int64_t>(get_big_endian(key.substr(id_bytes)) ^ sign_bit);
}

std::uint64_t id_of(std::string_view key) {
    return get_big_endian(key.substr(0, id_bytes));
}

void put_text(std::string& out, std::string_view text) {
    put_varint(out, text.size());
    out.append(text);
}

std::string take_text(ByteReader& in) {
    const auto bytes = in.take(in.varint());
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string encode(const ChangeEntry& entry) {
    std::string out(1, version);
    put_fixed(out, entry.point.value);
    put_fixed(out, entry.range.from_ms);
    put_fixed(out, entry.range.to_ms);
    put_fixed(out, entry.at_ms);
    put_varint(out, entry.samples_before);
    put_varint(out, entry.samples_after);
    put_varint(out, entry.rollups_removed);
    put_text(out, entry.by);
    put_text(out, entry.reason);
    return out;
}

Result<ChangeEntry> decode(std::uint64_t id, std::string_view bytes) {
    ByteReader in(bytes);
    const unsigned found = in.u8();
    ChangeEntry entry{.id = id};
    entry.point = PointId{in.fixed<std::uint32_t>()};
    entry.range.from_ms = in.fixed<std::int64_t>();
    entry.range.to_ms = in.fixed<std::int64_t>();
    entry.at_ms = in.fixed<std::int64_t>();
    entry.samples_before = in.varint();
    entry.samples_after = in.varint();
    entry.rollups_removed = in.varint();
    entry.by = take_text(in);
    entry.reason = take_text(in);
    if (!in.ok() || in.left() != 0 || found != static_cast<unsigned>(version)) {
        return fail(ErrorCode::corrupt, fmt::format("change {}", id), "version {}, {} bytes do not follow the format",
                    found, bytes.size());
    }
    return entry;
}

}  // namespace

Result<> ChangeLog::for_each(
    std::string_view from_key,
    const std::function<Result<bool>(std::string_view key, std::string_view value)>& visit) const {
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> at(files_.db().NewIterator(options, files_.audit()));
    for (at->Seek(rocksdb::Slice(from_key.data(), from_key.size())); at->Valid(); at->Next()) {
        NUANSHU_TRY(const bool more, visit(at->key().ToStringView(), at->value().ToStringView()));
        if (!more) {
            return {};
        }
    }
    if (!at->status().ok()) {
        return within("audit", files_.error_of(at->status()));
    }
    return {};
}

Result<std::uint64_t> ChangeLog::next_id() const {
    const std::unique_ptr<rocksdb::Iterator> at(files_.db().NewIterator({}, files_.audit()));
    at->SeekToLast();
    if (!at->status().ok()) {
        return within("audit", files_.error_of(at->status()));
    }
    return at->Valid() ? id_of(at->key().ToStringView()) + 1 : 1;
}

void ChangeLog::put_old(rocksdb::WriteBatch& batch, std::uint64_t id, std::int64_t first_ms,
                        std::string_view chunk) const {
    require(batch.Put(files_.audit(), old_key(id, first_ms), rocksdb::Slice(chunk.data(), chunk.size())));
}

void ChangeLog::put(rocksdb::WriteBatch& batch, const ChangeEntry& entry) const {
    require(batch.Put(files_.audit(), log_key(entry.id), encode(entry)));
}

Result<std::vector<ChangeEntry>> ChangeLog::list(const ChangeFilter& filter) const {
    std::vector<ChangeEntry> entries;
    const auto visit = [&](std::string_view key, std::string_view value) -> Result<bool> {
        if (key.size() != id_bytes) {
            return true;
        }
        NUANSHU_TRY(auto entry, decode(id_of(key), value));
        if (!filter.point || *filter.point == entry.point) {
            entries.push_back(std::move(entry));
        }
        return entries.size() < filter.limit;
    };
    NUANSHU_TRY_VOID(for_each(log_key(filter.after_id + 1), visit));
    return entries;
}

Result<std::vector<StoredSample>> ChangeLog::old_samples(std::uint64_t id, std::size_t limit) const {
    std::vector<StoredSample> samples;
    bool known = false;
    const auto visit = [&](std::string_view key, std::string_view value) -> Result<bool> {
        if (id_of(key) != id) {
            return false;
        }
        known = true;
        if (key.size() > id_bytes) {
            Columns chunk;
            if (auto decoded = decode_chunk(value, first_ms_of(key), chunk); !decoded) {
                return within(fmt::format("old values of change {}", id), std::move(decoded.error()));
            }
            for (std::size_t i = 0; i < chunk.size() && samples.size() < limit; ++i) {
                samples.push_back(chunk.view()[i]);
            }
        }
        return samples.size() < limit;
    };
    NUANSHU_TRY_VOID(for_each(log_key(id), visit));
    if (!known) {
        return fail(ErrorCode::not_found, "audit", "there is no change {}", id);
    }
    return samples;
}

Result<> ChangeLog::for_each_old(const VisitOld& visit) const {
    return for_each("", [&](std::string_view key, std::string_view value) -> Result<bool> {
        if (key.size() > id_bytes) {
            NUANSHU_TRY_VOID(visit(id_of(key), first_ms_of(key), value));
        }
        return true;
    });
}

Result<std::uint64_t> ChangeLog::drop_old(rocksdb::WriteBatch& batch,
                                          const std::function<std::int64_t(PointId)>& cutoff_of) const {
    std::uint64_t dropped = 0;
    std::int64_t cutoff_ms = 0;
    NUANSHU_TRY_VOID(for_each("", [&](std::string_view key, std::string_view value) -> Result<bool> {
        if (key.size() == id_bytes) {
            NUANSHU_TRY(const auto entry, decode(id_of(key), value));
            cutoff_ms = cutoff_of(entry.point);
            return true;
        }
        const auto summary = read_chunk_summary(value, first_ms_of(key));
        if (summary && summary->last_ms < cutoff_ms) {
            dropped += summary->count;
            require(batch.Delete(files_.audit(), rocksdb::Slice(key.data(), key.size())));
        }
        return true;
    }));
    return dropped;
}

}  // namespace nuanshu::historian

#include "platform/historian/src/rollup_files.h"

#include <algorithm>

#include <rocksdb/db.h>

#include "base/check.h"
#include "base/time.h"
#include "platform/historian/src/keys.h"

namespace nuanshu::historian {
namespace {

/// So much of a stale span is computed and written at once: 256 days.
constexpr std::int64_t piece_ms = 8 * block_width_ms(Bucket::day);

void require(const rocksdb::Status& status) {
    NUANSHU_CHECK(status.ok(), "{}", status.ToString());
}

bool overlaps(const StoredBucket& stored, Bucket bucket, TimeRange range) {
    return stored.total.from_ms < range.to_ms && stored.total.from_ms + width_ms(bucket) > range.from_ms;
}

std::int64_t start_of(const StoredBucket& stored) {
    return stored.total.from_ms;
}

Rollup joined(const std::optional<Rollup>& retired, const Rollup& live) {
    return retired ? join(*retired, live) : live;
}

}  // namespace

Result<std::vector<Rollup>> compute_hours(const SampleFiles& files, const Grid& grid, PointId point, TimeRange range) {
    const Heads nothing_in_memory{HeadLimits()};
    RollupSink sink(grid, Bucket::hour);
    NUANSHU_TRY_VOID(scan(files, nothing_in_memory, point, range, sink));
    return sink.result();
}

void replace_live(RollupBlock& block, TimeRange range, std::span<const Rollup> fresh) {
    const auto inside = [&](const StoredBucket& stored) {
        return start_of(stored) >= range.from_ms && start_of(stored) < range.to_ms;
    };
    for (auto& stored : block) {
        if (inside(stored)) {
            stored.total = stored.retired.value_or(Rollup{.from_ms = start_of(stored)});
        }
    }
    for (const auto& live : fresh) {
        const auto at = std::lower_bound(block.begin(), block.end(), live.from_ms,
                                         [](const StoredBucket& stored, auto ms) { return start_of(stored) < ms; });
        if (at == block.end() || start_of(*at) != live.from_ms) {
            block.insert(at, {.total = live, .retired = std::nullopt});
        } else {
            at->total = joined(at->retired, live);
        }
    }
    std::erase_if(block, [](const StoredBucket& stored) { return stored.total.empty(); });
}

Rollup join_all(const RollupBlock& block, std::int64_t from_ms) {
    Rollup all{.from_ms = from_ms};
    for (const auto& stored : block) {
        all = join(all, stored.total);
    }
    return all;
}

rocksdb::ColumnFamilyHandle* RollupFiles::family(Bucket bucket) const {
    return bucket == Bucket::hour ? files_.hours() : files_.days();
}

Result<> RollupFiles::for_each_block(
    Bucket bucket, PointId point, TimeRange starts,
    const std::function<Result<bool>(std::int64_t start_ms, RollupBlock&)>& visit) const {
    const std::string end_key = chunk_key(point, starts.to_ms);
    const rocksdb::Slice end(end_key);
    rocksdb::ReadOptions options;
    options.iterate_upper_bound = &end;
    const std::unique_ptr<rocksdb::Iterator> at(files_.db().NewIterator(options, family(bucket)));
    for (at->Seek(chunk_key(point, starts.from_ms)); at->Valid(); at->Next()) {
        const std::int64_t start_ms = parse_chunk_key(at->key().ToStringView()).first_ms;
        auto block = decode_block(at->value().ToStringView(), start_ms, bucket);
        if (!block) {
            const auto what = bucket == Bucket::hour ? "hours of" : "days from";
            return within(fmt::format("point {}, {} {}", point.value, what, format_time(start_ms)),
                          std::move(block.error()));
        }
        NUANSHU_TRY(const bool more, visit(start_ms, *block));
        if (!more) {
            return {};
        }
    }
    if (!at->status().ok()) {
        return within(fmt::format("roll-ups of point {}", point.value), files_.error_of(at->status()));
    }
    return {};
}

Result<RollupBlocks> RollupFiles::read_blocks(Bucket bucket, PointId point, TimeRange range) const {
    RollupBlocks blocks;
    const TimeRange starts{grid_.block_of(range.from_ms, bucket), range.to_ms};
    NUANSHU_TRY_VOID(for_each_block(bucket, point, starts, [&](std::int64_t start_ms, RollupBlock& block) {
        blocks.emplace(start_ms, std::move(block));
        return Result<bool>(true);
    }));
    return blocks;
}

Result<RollupBlock> RollupFiles::read(Bucket bucket, PointId point, TimeRange range) const {
    RollupBlock buckets;
    const TimeRange starts{grid_.block_of(range.from_ms, bucket), range.to_ms};
    NUANSHU_TRY_VOID(for_each_block(bucket, point, starts, [&](std::int64_t, RollupBlock& block) {
        std::copy_if(block.begin(), block.end(), std::back_inserter(buckets),
                     [&](const StoredBucket& stored) { return overlaps(stored, bucket, range); });
        return Result<bool>(true);
    }));
    return buckets;
}

void RollupFiles::put(rocksdb::WriteBatch& batch, Bucket bucket, PointId point, std::int64_t start_ms,
                      const RollupBlock& block) const {
    const std::string key = chunk_key(point, start_ms);
    require(block.empty() ? batch.Delete(family(bucket), key)
                          : batch.Put(family(bucket), key, encode_block(block, start_ms, bucket)));
}

Result<> RollupFiles::settle(PointId point) {
    const auto [spans, version] = stale_.of(point);
    for (const auto& span : spans) {
        const std::int64_t to_ms =
            span.last_ms == std::numeric_limits<std::int64_t>::max() ? span.last_ms : span.last_ms + 1;
        NUANSHU_TRY_VOID(settle_span(point, grid_.whole({span.first_ms, to_ms}, width_ms(Bucket::hour))));
    }
    stale_.settled(point, version);
    return {};
}

Result<> RollupFiles::settle_span(PointId point, TimeRange range) {
    for (std::int64_t from_ms = range.from_ms; from_ms < range.to_ms;) {
        const std::int64_t to_ms = std::min(range.to_ms, grid_.start_of(from_ms, piece_ms) + piece_ms);
        NUANSHU_TRY_VOID(settle_piece(point, {from_ms, to_ms}));
        from_ms = to_ms;
    }
    return {};
}

Result<> RollupFiles::settle_piece(PointId point, TimeRange hours) {
    NUANSHU_TRY(const auto fresh, compute_hours(files_, grid_, point, hours));
    NUANSHU_TRY(auto days_of_hours, read_blocks(Bucket::hour, point, hours));
    for (const auto& hour : fresh) {
        days_of_hours[grid_.block_of(hour.from_ms, Bucket::hour)];
    }
    rocksdb::WriteBatch batch;
    std::span<const Rollup> left = fresh;
    for (auto& [start_ms, block] : days_of_hours) {
        const std::int64_t end_ms = start_ms + block_width_ms(Bucket::hour);
        const auto count =
            std::partition_point(left.begin(), left.end(), [&](const Rollup& hour) { return hour.from_ms < end_ms; }) -
            left.begin();
        replace_live(block, hours, left.first(static_cast<std::size_t>(count)));
        left = left.subspan(static_cast<std::size_t>(count));
        put(batch, Bucket::hour, point, start_ms, block);
    }
    const TimeRange days = grid_.whole(hours, width_ms(Bucket::day));
    NUANSHU_TRY_VOID(settle_days(batch, point, days, std::move(days_of_hours)));
    return batch.Count() == 0 ? Result<>() : files_.write(batch, SampleFiles::Durability::process_end);
}

/// @param days_of_hours  the hours of every day in the range that has some
Result<> RollupFiles::settle_days(rocksdb::WriteBatch& batch, PointId point, TimeRange range,
                                  RollupBlocks days_of_hours) {
    NUANSHU_TRY(auto blocks, read_blocks(Bucket::day, point, range));
    for (const auto& [start_ms, block] : blocks) {
        for (const auto& stored : block) {
            if (start_of(stored) >= range.from_ms && start_of(stored) < range.to_ms) {
                days_of_hours[start_of(stored)];
            }
        }
    }
    for (const auto& [day, hours] : days_of_hours) {
        const Rollup live = join_all(hours, day);
        const auto fresh = live.empty() ? std::span<const Rollup>() : std::span(&live, 1);
        replace_live(blocks[grid_.block_of(day, Bucket::day)], {day, day + width_ms(Bucket::day)}, fresh);
    }
    for (const auto& [start_ms, block] : blocks) {
        put(batch, Bucket::day, point, start_ms, block);
    }
    return {};
}

}  // namespace nuanshu::historian

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "base/result.h"
#include "platform/historian/src/rollup_block.h"
#include "platform/historian/src/rollup_stale.h"
#include "platform/historian/src/sample_files.h"

namespace nuanshu::historian {

/// Blocks by their start.
using RollupBlocks = std::map<std::int64_t, RollupBlock>;

/// The hours and days as they are stored, and how they are brought up to date. Reading is thread-safe; what writes is
/// to be called by one thread at a time for a point.
class RollupFiles {
 public:
    RollupFiles(SampleFiles& files, StaleRollups& stale, const Grid& grid)
        : files_(files), stale_(stale), grid_(grid) {}

    const Grid& grid() const { return grid_; }

    /// Shows stored blocks with a start in the range, by time, until `visit` says false. Errors: corrupt, with point
    /// and day.
    Result<> for_each_block(Bucket bucket, PointId point, TimeRange starts,
                            const std::function<Result<bool>(std::int64_t start_ms, RollupBlock&)>& visit) const;
    /// Stored buckets that overlap the range.
    Result<RollupBlock> read(Bucket bucket, PointId point, TimeRange range) const;
    /// Whole blocks that overlap the range.
    Result<RollupBlocks> read_blocks(Bucket bucket, PointId point, TimeRange range) const;

    /// Puts a block into a batch, or deletes it when it is empty.
    void put(rocksdb::WriteBatch& batch, Bucket bucket, PointId point, std::int64_t start_ms,
             const RollupBlock& block) const;

    /// Brings hours and days of the point up to date with its chunks where they are stale.
    Result<> settle(PointId point);

 private:
    rocksdb::ColumnFamilyHandle* family(Bucket bucket) const;
    Result<> settle_span(PointId point, TimeRange range);
    Result<> settle_piece(PointId point, TimeRange hours);
    Result<> settle_days(rocksdb::WriteBatch& batch, PointId point, TimeRange range, RollupBlocks days_of_hours);

    SampleFiles& files_;
    StaleRollups& stale_;
    const Grid grid_;
};

/// Hours of the point's chunks, computed anew. What waits in memory is not in them.
Result<std::vector<Rollup>> compute_hours(const SampleFiles& files, const Grid& grid, PointId point, TimeRange range);

/// Puts fresh figures in place of what the block knows of the range; what is retired stays and is joined. Buckets with
/// nothing left go.
void replace_live(RollupBlock& block, TimeRange range, std::span<const Rollup> fresh);

/// All buckets of a block as one.
Rollup join_all(const RollupBlock& block, std::int64_t from_ms);

}  // namespace nuanshu::historian

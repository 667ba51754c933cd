#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "platform/historian/src/chunk_cursor.h"
#include "platform/historian/src/heads.h"
#include "platform/historian/src/rollup_stale.h"
#include "platform/historian/src/sample_files.h"

namespace nuanshu::historian {

/// The last chunk of a point, remembered so that samples in order need no look at the files.
struct ChunkTail {
    bool known = false;
    std::uint32_t count = 0;  ///< 0: the point has no chunk
    std::int64_t first_ms = 0;
    std::int64_t last_ms = 0;

    /// Whether samples from `time_ms` on lie behind all chunks.
    bool ends_before(std::int64_t time_ms) const { return count == 0 || last_ms < time_ms; }
};

/// Looks the last chunk up.
Result<ChunkTail> find_tail(const SampleFiles& files, PointId point);

/// Turns samples taken from the heads into one write: new chunks, chunks they replace, log entries no longer needed.
///
/// The chunks of a point never overlap. Samples that fall into existing chunks are merged with them; a chunk no new
/// sample falls into stays untouched, unless it is a neighbour and small beside the new samples: then they become one.
class SealPass {
 public:
    SealPass(const SampleFiles& files, Heads::Taken taken);
    ~SealPass();

    /// Builds the write. `tails` is by point id.
    void build(std::vector<ChunkTail>& tails);

    rocksdb::WriteBatch& batch() { return *batch_; }
    /// Where samples came, for the roll-ups.
    std::span<const TouchedSpan> touched() const { return touched_; }
    const Heads::Taken& taken() const { return taken_; }
    std::int64_t samples_added() const { return samples_added_; }  ///< less those replaced
    std::uint64_t chunks_written() const { return chunks_written_; }
    std::uint64_t chunks_damaged() const { return chunks_damaged_; }

 private:
    void seal(PointId point, ColumnsView fresh, ChunkTail& tail);
    bool extend_tail(PointId point, ColumnsView fresh, ChunkTail& tail);
    void merge(PointId point, ColumnsView fresh, ChunkTail& tail);
    void write(PointId point, ColumnsView samples, ChunkTail& tail);
    void write_chunk(PointId point, ColumnsView samples, ChunkTail& tail);
    bool replace(const ChunkCursor& at, PointId point, std::uint32_t count, Columns& samples);
    void set_aside(const ChunkCursor& at, PointId point, const Error& error);

    const SampleFiles& files_;
    Heads::Taken taken_;
    std::unique_ptr<rocksdb::WriteBatch> batch_;
    std::vector<TouchedSpan> touched_;
    Columns joined_;
    std::int64_t samples_added_ = 0;
    std::uint64_t chunks_written_ = 0;
    std::uint64_t chunks_damaged_ = 0;
};

}  // namespace nuanshu::historian

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "platform/historian/src/chunk.h"
#include "platform/historian/src/chunk_reader.h"
#include "platform/historian/src/sample_files.h"

namespace nuanshu::historian {

/// Walks by time over the chunks of one point as they lay when the cursor was made. For one thread.
class ChunkCursor {
 public:
    ChunkCursor(const SampleFiles& files, PointId point);
    ~ChunkCursor();

    /// Moves to the last chunk that begins at or before `time_ms` or, when there is none, to the first of all.
    void seek(std::int64_t time_ms);
    void next();

    /// Whether there is a chunk here. False behind the last one and after a fault.
    bool valid() const;
    /// The reason when the files could not be read.
    Result<> fault() const;

    std::int64_t first_ms() const;
    std::string_view bytes() const;  ///< until the next move
    /// Errors: corrupt, naming the point and the chunk.
    Result<ChunkSummary> summary() const;
    Result<> decode(Columns& samples) const;
    /// The chunk here, opened: until the next move.
    Result<ChunkReader*> open() const;
    /// As ChunkReader::open_index(). @pre open() went well
    Result<bool> open_index() const;

 private:
    struct Bounded;
    std::string place() const;

    const SampleFiles& files_;
    PointId point_;
    std::unique_ptr<Bounded> bounded_;
    mutable ChunkReader reader_;
    mutable bool opened_ = false;  ///< the chunk here is the one in reader_
};

}  // namespace nuanshu::historian

#pragma once

#include "base/result.h"
#include "platform/historian/src/chunk.h"
#include "platform/historian/src/chunk_reader.h"
#include "platform/historian/src/heads.h"
#include "platform/historian/src/sample_files.h"
#include "platform/historian/store.h"

namespace nuanshu::historian {

/// What a question does with the samples it gets to see, by time.
class SampleSink {
 public:
    virtual ~SampleSink() = default;
    /// A chunk that lies wholly in the range and that no unsealed sample touches, undecoded. False: decode it.
    virtual bool take_summary(const ChunkSummary&) { return false; }
    /// The samples [from, to) of a chunk that no unsealed sample touches, open for questions. False: decode it.
    virtual bool take_part(ChunkReader&, std::size_t /*from*/, std::size_t /*to*/) { return false; }
    /// Whether take_part() may be of use.
    virtual bool takes_parts() const { return false; }
    /// The next samples. False: enough.
    virtual bool take(ColumnsView samples) = 0;
};

/// Shows `sink` the point's samples in the range, sealed or not, each time once. Errors: corrupt, unavailable.
Result<> scan(const SampleFiles& files, const Heads& heads, PointId point, TimeRange range, SampleSink& sink);

/// The newest sample at or before `time_ms`, sealed or not.
Result<std::optional<StoredSample>> find_at_or_before(const SampleFiles& files, const Heads& heads, PointId point,
                                                      std::int64_t time_ms);

}  // namespace nuanshu::historian

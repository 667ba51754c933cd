#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/historian/src/columns.h"
#include "platform/historian/src/sample_files.h"
#include "platform/historian/src/sealer.h"

namespace nuanshu::historian {

/// What was cut out of a point's chunks.
struct CutOut {
    std::uint64_t samples = 0;
    std::vector<TouchedSpan> touched;  ///< where they were
};

/// Takes the samples with first_ms ≤ time ≤ last_ms out of the point's chunks and puts `replacement` in their place:
/// deletions and new chunks go into the rewrite's batch. Whole chunks go undecoded. `old`, if any, is shown each piece
/// cut out, as a chunk. Errors: corrupt (a chunk in the range cannot be read), exhausted (more than `samples_max`).
using ShowOld = std::function<void(std::int64_t first_ms, std::string_view chunk)>;
Result<CutOut> replace_samples(const SampleFiles& files, Sealer::Rewrite& rewrite, PointId point, std::int64_t first_ms,
                               std::int64_t last_ms, ColumnsView replacement, const ShowOld& old,
                               std::uint64_t samples_max);

}  // namespace nuanshu::historian

#pragma once

#include <vector>

#include "base/result.h"
#include "platform/historian/src/heads.h"
#include "platform/historian/src/rollup_files.h"

namespace nuanshu::historian {

/// The most buckets that one question gets.
constexpr std::size_t rollups_max = 1'000'000;

/// Hours or days that overlap the range, true to all samples: where stored ones are stale, or samples wait in memory,
/// they are computed. @pre no chunks of the point are being retired or corrected meanwhile (sealed they may be)
Result<std::vector<Rollup>> read_rollups(const SampleFiles& files, const Heads& heads, const StaleRollups& stale,
                                         const RollupFiles& rollups, PointId point, TimeRange range, Bucket bucket);

}  // namespace nuanshu::historian

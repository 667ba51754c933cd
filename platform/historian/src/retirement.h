#pragma once

#include <cstdint>

#include "base/result.h"
#include "platform/historian/life.h"
#include "platform/historian/src/retention_rules.h"
#include "platform/historian/src/rollup_files.h"
#include "platform/historian/src/sealer.h"

namespace nuanshu::historian {

/// What one point loses.
struct PointRetired {
    std::uint64_t samples = 0;
    std::uint64_t hours = 0;
    std::uint64_t days = 0;

    bool anything() const { return samples + hours + days > 0; }
};

/// A quick look: whether chunks, hours or days of the point begin before their cut-offs. True when it cannot be told.
bool holds_older(const SampleFiles& files, const RollupFiles& rollups, PointId point, const Cutoffs& cutoffs);

/// Puts into a rewrite what takes away a point's samples, hours and days before the cut-offs, so that the longer kept
/// ones stay right: hours whose raw samples go become retired, and days whose hours go. Raw samples of times outside
/// the years 1 … 9999, which are in no hour, stay. @pre the point's roll-ups are settled, its samples before the raw
/// cut-off sealed
Result<PointRetired> retire_point(const SampleFiles& files, const RollupFiles& rollups, Sealer::Rewrite& rewrite,
                                  PointId point, const Cutoffs& cutoffs);

}  // namespace nuanshu::historian

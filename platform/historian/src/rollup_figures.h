#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "platform/historian/life.h"
#include "platform/historian/src/window_figures.h"

namespace nuanshu::historian {

/// Windows of the time whose raw samples are retired, from the hours and days that were kept: query.h says which
/// figures they can give.
/// @param borders  n + 1 rising times for n windows
/// Errors: those of Life::rollups().
Result<WindowFigures> figures_of_rollups(const Life& life, PointId point, std::span<const std::int64_t> borders,
                                         std::span<const Aggregation> aggregations);

/// The last sample before the time as its hour or day tells of it: NaN where it was bad. Nothing without one in the
/// week before.
Result<std::optional<StoredSample>> newest_retired_sample(const Life& life, PointId point, std::int64_t before_ms);

}  // namespace nuanshu::historian

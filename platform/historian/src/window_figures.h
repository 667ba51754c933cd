#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "platform/historian/src/meters.h"

namespace nuanshu::historian {

/// The figures of one point, a row for each window.
struct WindowFigures {
    enum class Seen : std::uint8_t { nothing, only_bad, usable };

    FigureColumns figures;
    std::vector<Seen> seen;        ///< the samples in the window itself
    std::size_t from_rollups = 0;  ///< so many rows at the front are from hours and days: their raw samples are retired
};

/// How samples are looked at.
struct FigureRules {
    bool good_only = false;
    HoldRule hold;
};

/// @param borders  n + 1 rising times for n windows
/// Errors: cancelled, exhausted, and the store's.
Result<WindowFigures> figures_of_windows(const SampleStore& store, PointId point, std::span<const std::int64_t> borders,
                                         std::span<const Aggregation> aggregations, const FigureRules& rules,
                                         const std::stop_token& stop);

}  // namespace nuanshu::historian

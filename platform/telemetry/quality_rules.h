#pragma once

#include <cstdint>
#include <optional>

namespace nuanshu::telemetry {

/// How a point's samples are judged. Everything is in the point's unit and is off unless set.
///
/// A true step is no fault: rate_of_change and spike fall away with the third suspected sample in a row that agrees
/// with the ones before it, and the new level is what counts from then on. See README.md.
struct QualityRules {
    std::optional<double> minimum;  ///< what the instrument can measure; outside it: Quality::range
    std::optional<double> maximum;
    std::optional<double> rate_per_s_max;         ///< faster change from the last good sample: Quality::rate_of_change
    std::optional<std::int64_t> frozen_after_ms;  ///< bit-identical for longer: Quality::frozen
    std::optional<double> hampel_threshold;  ///< multiples of 1.4826·MAD over the last 7 usable samples: Quality::spike
    double hampel_floor = 0.0;               ///< a deviation below this is never a spike (the instrument's resolution)
    /// The raw number is a loop current in mA: below 3.6 or above 21 is Quality::wire_break (NAMUR NE 43), before
    /// conversion.
    bool current_loop = false;
};

}  // namespace nuanshu::telemetry

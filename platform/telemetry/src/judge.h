#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/sample.h"
#include "base/units.h"
#include "platform/telemetry/quality_rules.h"

// How one sample is judged. Pure functions: no clock, no lock; time comes in with the sample.
//
// The order is that of the way from the wire to the screen: time mended → raw number checked (NaN, loop current) →
// converted → range → frozen → rate of change and spike. Each finding is a Quality; the worst one is the verdict
// (worse_of).
//
// Rate of change and spike compare with what came before, so a true step (a valve opened, a pump started) would look
// wrong for ever. Hence persistence: three samples in a row that are suspected and agree with each other are a step,
// not a fault. The first two keep their mark, the third is accepted, and the new level is what later samples are
// compared with. Two samples agree when
//   rate of change: the way from one to the other is within the allowed rate (so a ramp that is too fast stays marked),
//   and spike:          they are nearer to each other than half the way back to the old median.

namespace nuanshu::telemetry {

/// The worse of two verdicts. Quality's numbers grow with distrust: good < doubtful < bad.
constexpr Quality worse_of(Quality a, Quality b) {
    return static_cast<std::uint8_t>(a) > static_cast<std::uint8_t>(b) ? a : b;
}

/// What counts as a possible time of measurement.
struct TimeLimits {
    std::int64_t future_tolerance_ms;
    std::int64_t oldest_ms;
};

struct MendedTime {
    std::int64_t time_ms;
    Quality quality;  ///< late when a time was given and could not be true, else good
};

/// The time under which a sample is kept: its own; that of arrival when it gives none (0) or an impossible one.
MendedTime mend_time(std::int64_t time_ms, std::int64_t received_ms, const TimeLimits& limits);

/// A raw number turned into the point's unit.
struct Reading {
    double value;
    Quality quality;
};

/// What the instrument alone tells: not_a_number (value 0), wire_break, range, or what the device said, whichever is
/// worst.
Reading read_instrument(double raw, Quality device_quality, const UnitConversion& conversion,
                        const QualityRules& rules);

/// Median and scale (1.4826 · median absolute deviation, the standard deviation's robust estimate) of seven values.
struct RobustLevel {
    double median;
    double scale;
};
RobustLevel robust_level(const std::array<double, 7>& values);

/// One measurement in the order of time.
struct Measurement {
    std::int64_t time_ms;
    double raw;    ///< as the device sent it: what frozen looks at
    double value;  ///< in the point's unit
};

/// What a point's earlier samples say about its next one. Feed it in the order of time only.
class History {
 public:
    /// Judges the measurement by frozen, rate of change and spike, on top of what is known already, and remembers it.
    Quality judge(const QualityRules& rules, const Measurement& measurement, Quality so_far);

    /// Takes a value as the last good one without judging: the newest sample of before a restart.
    void seed(std::int64_t time_ms, double value);

 private:
    struct Suspicion {
        bool rate = false;
        bool spike = false;
        double distance = 0.0;  ///< from the median; only with spike
        explicit operator bool() const { return rate || spike; }
    };

    bool is_frozen(const QualityRules& rules, const Measurement& measurement);
    Suspicion suspect(const QualityRules& rules, const Measurement& measurement) const;
    bool is_spike(const QualityRules& rules, double value, Suspicion& found) const;
    bool persists(const QualityRules& rules, const Suspicion& found, const Measurement& measurement);
    bool agrees(const QualityRules& rules, const Suspicion& found, const Measurement& measurement) const;
    void remember(double value);
    void restart_window_at_suspects();

    static constexpr std::uint8_t window = 7;
    static constexpr std::uint8_t persistence = 3;

    std::array<double, window> values_{};  ///< the last usable values, a ring
    std::uint8_t count_ = 0;
    std::uint8_t next_ = 0;
    std::uint8_t suspects_ = 0;  ///< in a row, agreeing
    bool has_good_ = false;
    bool has_raw_ = false;
    std::int64_t good_ms_ = 0;
    double good_value_ = 0.0;
    std::int64_t suspect_ms_ = 0;
    double suspect_value_ = 0.0;
    std::uint64_t raw_bits_ = 0;
    std::int64_t raw_since_ms_ = 0;
};

}  // namespace nuanshu::telemetry

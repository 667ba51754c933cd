#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "platform/telemetry/intake.h"
#include "platform/telemetry/pipeline.h"
#include "platform/telemetry/src/judge.h"

namespace nuanshu::telemetry {

/// How a sample came in.
struct Arrival {
    std::int64_t received_ms = 0;
    bool historical = false;
    bool in_point_unit = false;
};

/// What becomes of a sample.
struct Judged {
    Sample sample;               ///< for the historian
    bool moves_current = false;  ///< it is the point's newest: for the screen too
};

/// One point's life between its samples: what it shows, what it measured last, whether it is silent or substituted.
/// Knows no clock and no thread; the shard that owns the point calls it.
///
/// A mark (gap, communication) is a sample made here: the last known value under the present time. It never stands in
/// the way of a measurement: what is newest is decided among measurements only, so a device whose clock lags behind
/// comes back with its next sample.
class LivePoint {
 public:
    /// Never seen before: it is told what the historian holds, if anything. Settings of a point already known are
    /// changed.
    void set(const PointSettings& settings, const std::optional<historian::StoredSample>& last, std::int64_t now_ms);
    bool is_known() const { return known_; }

    Judged take(const RawSample& raw, const Arrival& arrival, const TimeLimits& limits);

    /// The mark to store and show, if there is one to make: only the first of several calls makes one, until a sample
    /// comes again.
    std::optional<Sample> mark_gap(std::int64_t now_ms);
    std::optional<Sample> mark_silent(std::int64_t now_ms);
    /// The device answers again: the mark stays until a sample comes, but gaps are looked for again from now on.
    void mark_answering(std::int64_t now_ms);

    Sample substitute(double value, std::int64_t now_ms);
    /// Nothing when there was no substitution.
    std::optional<Sample> release(std::int64_t now_ms);

    /// When, on the platform's clock, the point has been missing for too long; never when no period is expected of it.
    std::int64_t gap_due_ms() const;
    static constexpr std::int64_t never_due_ms = std::numeric_limits<std::int64_t>::max();

    /// What is shown now: the newest measurement, mark or substitution.
    const CurrentValue& shown() const { return shown_; }

 private:
    Reading read(const RawSample& raw, const Arrival& arrival) const;
    std::optional<Sample> mark(Quality quality, std::int64_t now_ms);
    Sample show(double value, Quality quality, std::int64_t time_ms, std::int64_t received_ms);
    void heard(std::int64_t received_ms);
    Sample move_to(const Reading& reading, std::int64_t time_ms, std::int64_t received_ms);

    PointSettings settings_;
    History history_;
    CurrentValue shown_;
    std::int64_t newest_ms_ = std::numeric_limits<std::int64_t>::min();  ///< of what was measured
    std::int64_t heard_ms_ = 0;  ///< when something last arrived, on the platform's clock
    double measured_value_ = 0.0;
    Quality measured_quality_ = Quality::never;
    std::optional<double> substitute_;
    bool known_ = false;
    bool silent_ = false;
    bool in_gap_ = false;
};

}  // namespace nuanshu::telemetry

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "base/sample.h"
#include "base/time.h"
#include "base/units.h"
#include "platform/historian/store.h"
#include "platform/telemetry/intake.h"
#include "platform/telemetry/quality_rules.h"

namespace nuanshu::telemetry {

/// What the pipeline has to know of a point.
struct PointSettings {
    PointId point;
    UnitConversion
        conversion;  ///< raw number → the point's unit: device scale and offset, then unit, already multiplied out
    QualityRules rules;
    std::int64_t expected_interval_ms = 0;  ///< 0: comes when it comes, no gap is ever declared
};

/// A point's newest value, as subscribers and pages see it.
struct CurrentValue {
    double value = 0.0;
    Quality quality = Quality::never;
    std::int64_t time_ms = 0;      ///< when it was measured
    std::int64_t received_ms = 0;  ///< when the platform got it
    std::uint64_t change =
        0;  ///< grows with each change of this point; 0: never. Comparing two tells whether to send again.
};

struct PipelineSettings {
    std::size_t shards = 0;  ///< 0: one a core, at most 8
    std::size_t queue_samples =
        200'000;  ///< a shard's bound on samples taken in and not yet stored; beyond it offer() says no
    std::size_t store_batch_samples = 20'000;
    std::int64_t future_tolerance_ms = 60'000;  ///< a later time is taken as now, quality late
    std::int64_t oldest_ms =
        946'684'800'000;  ///< 2000-01-01: an earlier time is taken as the time of arrival, quality late
};

/// The live pipeline: convert → judge → current value → historian → subscribers.
///
/// Points are dealt to shards by id. A shard has one thread and owns its points' state; the way from offer() to the
/// current value takes no lock but the hand-over of a batch to the shard's queue. Judged samples are appended to the
/// historian in batches; when all of a RawBatch's samples are there, its `stored` is called. When the historian refuses
/// (disk full), the shard keeps its batch, tries again each second and takes no more in: the queues fill, offer() says
/// no, and the sources wait.
class Pipeline final : public Intake {
 public:
    static Result<std::unique_ptr<Pipeline>> create(const PipelineSettings& settings, historian::SampleStore& store,
                                                    const Clock& clock, Metrics& metrics);
    ~Pipeline() override;

    /// Sets or changes what is known of these points; others stay as they are. The current value of a point seen for
    /// the first time is taken from the historian and is there when this returns. Thread-safe; takes effect before any
    /// batch offered afterwards. Errors: invalid (id 0, a scale that is 0 or no number), not_found (an id the historian
    /// never gave), exhausted (an id above 16 777 215), cancelled (stopped), or why the historian cannot be read. Then
    /// nothing has changed.
    Result<> set_points(std::span<const PointSettings> points);

    bool offer(RawBatch& batch) override;
    void set_communication(std::span<const PointId> points, bool ok) override;

    /// The newest value; Quality::never when there is none. Takes no lock and waits for no writer. Any thread.
    CurrentValue current(PointId point) const;
    /// The same for many; `out` has the length of `points`.
    void current(std::span<const PointId> points, std::span<CurrentValue> out) const;

    /// Puts `value` (in the point's unit) in place of what is measured until released: quality manual (人工置数). Kept
    /// over restarts by whoever owns the record of it, not here. Both show when they return; a point never set is left
    /// alone. @pre value is finite
    void substitute(PointId point, double value);
    void release(PointId point);

    /// How many samples have gone into the historian since the start.
    std::uint64_t stored_samples() const;
    /// Why the historian refuses now; nothing while it takes.
    std::optional<Error> trouble() const;

    /// Takes nothing more in, finishes what is queued, stops the threads. Called by the destructor too.
    void stop();

 private:
    struct Impl;
    explicit Pipeline(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace nuanshu::telemetry

#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/sample.h"

namespace nuanshu::telemetry {

/// A number as a driver read it, before scale, unit and judgement.
struct RawSample {
    PointId point;
    Quality device_quality = Quality::good;  ///< what the device itself says: good, device_fault, estimated
    std::int64_t time_ms = 0;                ///< the device's time; 0 when it gives none: the time of arrival is taken
    double value = 0.0;
};

/// What a driver hands over at once: one poll, one message.
struct RawBatch {
    std::vector<RawSample> samples;
    /// Back-fill (Sparkplug's historical flag, a gateway's buffer): stored and judged by range only; current values are
    /// left alone unless the sample is newer.
    bool historical = false;
    /// The values are in the points' own units already (a person or another system sent them, no device): they are not
    /// converted, and no loop current is looked for.
    bool in_point_unit = false;
    std::int64_t received_ms = 0;
    /// Called once, from a telemetry thread, when every sample is in the historian's log: now a broker may be told. May
    /// be empty.
    std::function<void()> stored;
};

/// Where drivers put what they read. Implemented by Pipeline; drivers know nothing else of telemetry.
class Intake {
 public:
    virtual ~Intake() = default;

    /// Takes the batch (moved from) and returns true, or leaves it untouched and returns false when its queue is full:
    /// then stop reading from the source, and offer again after some milliseconds. Never blocks. Any thread. Samples of
    /// points the pipeline was not told of are dropped and counted; the batch is acknowledged all the same.
    virtual bool offer(RawBatch& batch) = 0;

    /// The device behind these points went silent, or answers again. While it is silent their quality is communication.
    /// Any thread.
    virtual void set_communication(std::span<const PointId> points, bool ok) = 0;
};

}  // namespace nuanshu::telemetry

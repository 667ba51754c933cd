#pragma once

#include <memory>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "platform/points/catalogue.h"
#include "platform/store/database.h"
#include "platform/telemetry/pipeline.h"

namespace nuanshu::points {

/// Values put in by hand in place of measurements (人工置数): told to the pipeline, and kept in the database so that a
/// restart changes nothing. Thread-safe.
class Substitutions {
 public:
    static Result<std::unique_ptr<Substitutions>> open(store::Database& database, const Catalogue& catalogue,
                                                       telemetry::Pipeline& pipeline, const Clock& clock);
    virtual ~Substitutions() = default;

    /// `value` in the point's unit. Replaces an earlier one. Errors: exhausted, unavailable: then nothing has changed.
    virtual Result<> put(const PointDefinition& point, double value, std::string_view user) = 0;
    /// Back to what is measured; nothing happens when nothing was put.
    virtual Result<> release(const PointDefinition& point) = 0;
    /// Tells the pipeline everything that is kept: after a start, when it knows its points.
    virtual Result<> restore() = 0;
};

}  // namespace nuanshu::points

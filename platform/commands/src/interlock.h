#pragma once

#include <string_view>

#include "platform/points/catalogue.h"
#include "platform/telemetry/pipeline.h"

namespace nuanshu::commands {

/// What an interlock expression may look at.
struct Surroundings {
    const points::Catalogue& catalogue;
    const telemetry::Pipeline& pipeline;
};

/// Whether the point's interlock (联锁) allows this value now. Names in it are `value`, a point of the same record, and
/// `parent.` before a name as often as needed for the records above.
///
/// It fails safe: an expression that cannot be worked out, a point that is not there or never came, a bad quality,
/// anything that is not `true` refuses. Errors: refused, with the interlock's reason or with what could not be known.
Result<> check_interlock(const points::PointDefinition& point, double value, const Surroundings& around);

}  // namespace nuanshu::commands

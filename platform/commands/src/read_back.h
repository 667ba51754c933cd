#pragma once

#include <cstdint>
#include <string>

#include "base/units.h"
#include "platform/telemetry/pipeline.h"

namespace nuanshu::commands {

/// What must be seen for a command to be confirmed.
struct Expectation {
    double value = 0.0;
    double deviation_max = 0.0;
    std::int64_t sent_ms =
        0;  ///< when the write went out; a device may report its new value before it confirms the write
    std::uint64_t change_when_sent = 0;  ///< the read-back point's change counter then
};

/// How far the value read back may lie from the one asked: the tolerance, but at least half a raw step, since a
/// register that holds whole numbers can come no closer. (Half, so that a switch read back as 0 never confirms a 1.)
double deviation_max(double tolerance, const UnitConversion& written, const UnitConversion& read);

/// A sample that came after the write went out.
bool is_fresh(const telemetry::CurrentValue& seen, const Expectation& expected);

/// Fresh, near enough, and really measured: not bad, not put in by hand, not estimated. Spike and rate_of_change are
/// allowed, for the jump is ours.
bool confirms(const telemetry::CurrentValue& seen, const Expectation& expected);

/// Why it was not confirmed, for people.
std::string describe_miss(const telemetry::CurrentValue& seen, const Expectation& expected, std::string_view point,
                          std::int64_t within_ms);

}  // namespace nuanshu::commands

#include "platform/commands/src/read_back.h"

#include <algorithm>
#include <cmath>

namespace nuanshu::commands {
namespace {

/// Room for the rounding of value → raw → value in binary.
constexpr double relative_rounding = 1e-9;

bool is_measured(Quality quality) {
    return !is_bad(quality) && quality != Quality::manual && quality != Quality::estimated;
}

}  // namespace

double deviation_max(double tolerance, const UnitConversion& written, const UnitConversion& read) {
    return std::max({tolerance, std::abs(written.scale) / 2, std::abs(read.scale) / 2});
}

bool is_fresh(const telemetry::CurrentValue& seen, const Expectation& expected) {
    return seen.change > expected.change_when_sent && seen.received_ms >= expected.sent_ms;
}

bool confirms(const telemetry::CurrentValue& seen, const Expectation& expected) {
    const auto room = expected.deviation_max + relative_rounding * std::abs(expected.value);
    return is_fresh(seen, expected) && is_measured(seen.quality) && std::abs(seen.value - expected.value) <= room;
}

std::string describe_miss(const telemetry::CurrentValue& seen, const Expectation& expected, std::string_view point,
                          std::int64_t within_ms) {
    const auto wanted = fmt::format("{} ± {}", expected.value, expected.deviation_max);
    if (!is_fresh(seen, expected)) {
        return fmt::format("no new sample of {} came within {} s; {} was to be read back", point,
                           static_cast<double>(within_ms) / 1000.0, wanted);
    }
    return fmt::format("{} reads {} ({}) after {} s, not {}", point, seen.value, to_string(seen.quality),
                       static_cast<double>(within_ms) / 1000.0, wanted);
}

}  // namespace nuanshu::commands

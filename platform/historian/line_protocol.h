#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "base/sample.h"

namespace nuanshu::historian {

// InfluxDB's line protocol, what Telegraf and field tools speak:
//
//   measurement[,tag=value…] field=value[,field=value…] [time]
//
// A backslash takes the meaning from the comma, equals sign or space behind it in measurement, tags and field names.
// Values: 1, 1.5, -2e3 (a number), 12i and 12u (integers), t T true True TRUE f F false … (1 and 0); "strings" are
// refused, because samples are numbers. Times are integers in the request's precision. Empty lines and lines that begin
// with # are passed over. Source: InfluxDB's line protocol reference.

/// What one time stamp of the text counts.
enum class TimePrecision { nanoseconds, microseconds, milliseconds, seconds };
/// "ns", "n", "us", "u", "µ", "ms", "s". Errors: invalid, with these words.
Result<TimePrecision> parse_time_precision(std::string_view text);

/// How lines become points, and what bounds hold.
struct LineProtocolSettings {
    TimePrecision precision = TimePrecision::nanoseconds;
    std::int64_t now_ms = 0;  ///< the time of lines without one
    /// How a field's point code is made: text with {measurement}, {field} and {tag:NAME} in it. A tag that `point_tag`
    /// names wins: it is the whole code, followed by "/" and the field when the code has no slash.
    std::string code_pattern = "{measurement}/{field}";
    std::string point_tag = "point";
    std::size_t faults_max = 100;  ///< more are counted, not kept
};

/// The point of a code, made if need be; called once for each series of a text, not for each line.
using FindPoint = std::function<Result<PointId>(std::string_view code)>;

/// What came of a text.
struct LineProtocolResult {
    std::vector<Sample> samples;  ///< in the order of the text; each field is one
    std::uint64_t lines = 0;      ///< with content
    std::uint64_t bad_lines = 0;  ///< these gave no sample at all: a line is taken whole or not
    Diagnostics faults;           ///< the first `faults_max`: line (from 1), field, text
};

/// Reads a text. Bad lines are told and the rest is taken. Errors: invalid when `settings.code_pattern` has an unknown
/// word in braces; whatever `find_point` fails with other than `invalid` (which is one line's fault).
Result<LineProtocolResult> parse_line_protocol(std::string_view text, const LineProtocolSettings& settings,
                                               const FindPoint& find_point);

}  // namespace nuanshu::historian

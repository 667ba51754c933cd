#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "base/sample.h"
#include "platform/historian/import.h"
#include "platform/historian/store.h"

namespace nuanshu::historian {

// InfluxDB's line protocol, what Telegraf and field tools speak:
//
//   measurement[,tag=value…] field=value[,field=value…] [time]
//
// A backslash takes the meaning from the comma, equals sign or space behind it in measurement, tags and field names.
// Values: 1, 1.5, -2e3 (numbers), 12i and 12u (integers), t T true True TRUE f F false … (1 and 0). "Strings" are
// refused, because samples are numbers; the line's other fields are taken. Times are integers in the request's
// precision; what is finer than a millisecond is cut off. Empty lines and lines that begin with # are passed over.
// Source: InfluxDB's line protocol reference.

/// What one time stamp of the text counts.
enum class TimePrecision { nanoseconds, microseconds, milliseconds, seconds };
/// "ns", "n", "us", "u", "µ", "ms", "s". Errors: invalid, with these words.
Result<TimePrecision> parse_time_precision(std::string_view text);

/// How lines become points, and what bounds hold.
struct LineProtocolSettings {
    TimePrecision precision = TimePrecision::nanoseconds;
    std::int64_t now_ms = 0;  ///< the time of lines without one
    /// How a field's point code is made: text with {measurement}, {field} and {tag:NAME} in it.
    std::string code_pattern = "{measurement}/{field}";
    /// A tag of this name wins over the pattern: a value with a slash is the whole code, and the line may have one
    /// field; one without is the record's code, followed by "/" and the field. "" for no such tag.
    std::string point_tag = "point";
    std::size_t faults_max = 100;  ///< more are counted, not kept
};

/// The point of a code, made if need be; called once for each series of a text, not for each line.
using FindPoint = std::function<Result<PointId>(std::string_view code)>;

/// What came of a text.
struct LineProtocolResult {
    std::vector<Sample> samples;       ///< in the order of the text; each field is one
    std::uint64_t lines = 0;           ///< with content
    std::uint64_t bad_lines = 0;       ///< these gave no sample at all
    std::uint64_t refused_fields = 0;  ///< strings in lines that are otherwise right
    Diagnostics faults;                ///< the first `faults_max` of both: line (from 1), field, text
};

/// Reads a text. Bad lines are told and the rest is taken. Errors: invalid when `settings.code_pattern` has an unknown
/// word in braces; whatever `find_point` fails with other than `invalid` (which is one line's fault).
Result<LineProtocolResult> parse_line_protocol(std::string_view text, const LineProtocolSettings& settings,
                                               const FindPoint& find_point);

/// Reads a file of line protocol ("-": standard input) into the store, piece by piece; codes not known yet become
/// points. What was appended before an error or a stop stays. Errors: as import_csv().
Result<ImportResult> import_line_protocol(const std::string& path, SampleStore& store,
                                          const LineProtocolSettings& protocol, const ImportSettings& settings,
                                          std::stop_token stop = {});

}  // namespace nuanshu::historian

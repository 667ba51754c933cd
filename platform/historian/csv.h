#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/historian/import.h"
#include "platform/historian/store.h"

namespace nuanshu::historian {

// Samples as text, one a line: point,time,value[,quality]
//
//   point    a point's code, or its number in this store; in double quotes when it holds a comma (a quote inside is
//   doubled) time     Unix seconds, also with a fraction (1700000000.25), or RFC 3339 (2026-01-15T08:30:00.250Z, also
//   with +08:00) value    a decimal number; nan, inf and -inf too; empty for none (NaN): then the quality must say why
//   quality  its name (good, wire_break …) or its number; absent: good
//
// Fractions finer than a millisecond are cut off. Lines end with \n or \r\n; the first one may be a header (its second
// field is no time) and may begin with a byte-order mark; empty lines are passed over.

/// Reads a CSV file into the store. Bad lines are counted and told with their numbers; all others go in. Codes not
/// known yet become points; a number must be a known point's. Threads read text while samples are appended; of two
/// lines with the same point and time the later one wins. What was appended before an error or a stop stays, and
/// importing the file again gives the same samples. Errors: not_found, unavailable (the file), cancelled (`stop`), and
/// the store's.
Result<ImportResult> import_csv(const std::string& path, SampleStore& store, const ImportSettings& settings,
                                std::stop_token stop = {});

struct ExportSettings {
    bool header = true;
    bool iso_times = false;  ///< RFC 3339 in place of Unix seconds
    std::function<void(std::uint64_t samples)> progress;
};

/// Writes the points' samples in the range as the lines above, points in the order given, each by time. Values are
/// written so that they read back the same. `write` gets pieces of whole lines of about 64 KiB; its failure ends the
/// export. Errors: cancelled (`stop`), those of `write` and of the store. Returns the number of samples.
Result<std::uint64_t> export_csv(const SampleStore& store, std::span<const PointId> points, TimeRange range,
                                 const ExportSettings& settings, const std::function<Result<>(std::string_view)>& write,
                                 std::stop_token stop = {});

}  // namespace nuanshu::historian

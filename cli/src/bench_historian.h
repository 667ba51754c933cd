#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace nuanshu::cli {

/// The embedded store alone, in this process, with the plant's mix: see plant_mix.h.
struct HistorianBenchOptions {
    std::size_t points = 5'000;
    std::size_t samples = 1'000;  ///< of each
    std::size_t batch = 10'000;   ///< samples an append
    std::string folder;           ///< for the files; "": a temporary one
};

/// Prints {"append_samples_per_s","scan_samples_per_s","query_day_ms","query_year_ms","bytes_per_sample",…}. Append is
/// one thread without fsync a call, until all is sealed and flushed in `append_and_flush_samples_per_s`; scan reads
/// every sample of every point; the queries ask one point with 10 s between samples for a day in 10-minute means and
/// for a year in daily means (medians of several).
Result<> bench_historian(const HistorianBenchOptions& options);

struct SampleTextOptions {
    std::size_t points = 5'000;
    std::size_t samples = 1'000;
    std::string format = "csv";  ///< or "line": InfluxDB's line protocol, times in nanoseconds
};

/// The same mix as text on stdout, moment by moment: what an import is measured with.
Result<> print_plant_text(const SampleTextOptions& options);

}  // namespace nuanshu::cli

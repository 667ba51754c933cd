#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace nuanshu::cli {

/// Years of samples whose every value can be told without reading them: for trying long trends.
struct HistoryOptions {
    std::string directory;  ///< of samples: the platform's state directory with /samples behind it
    std::vector<std::string> points;
    int days = 3'653;
    int every_s = 10;
    std::int64_t until_s = 0;  ///< Unix; 0: the last full hour
};

/// Fills the store and prints {"samples","seconds","samples_per_s","bytes","bytes_per_sample","from_ms","to_ms"}.
///
/// Sample i of point p (from 0) is at from + i · every. With s = i · every its value, in tenths, is
///   200 + 400 · share of the way to midsummer and back (s in a year of 31 557 600 s) + 60 · the same of a day
///   + a digit 0 … 8 of the hash ((i · 2654435761 + p · 40503) mod 2^32) >> 16, + 900 when i mod 1 000 003 = 500 000 +
///   p,
/// where shares are cut to whole tenths. On day 100 + p of each 365 days it is bad (range); on days 200 + p to 202 + p
/// there is none.
Result<> bench_history(const HistoryOptions& options);

}  // namespace nuanshu::cli

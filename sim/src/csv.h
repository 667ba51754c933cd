#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nuanshu::sim {

/// Recorded measurements: one time a row, one column of numbers a name; NaN where the cell is empty or no number.
struct Recording {
    std::vector<std::int64_t> time_ms;
    std::vector<std::string> names;
    std::vector<std::vector<double>> columns;
};

/// The cells of one line; quoted cells may hold commas and doubled quotes.
std::vector<std::string> split_csv_line(std::string_view line);

/// Reads a table with a head line. `names` are the columns wanted; empty for all but the time column. Times are RFC
/// 3339, with a blank for the T if need be; without a zone they are `utc_offset_ms` ahead of UTC. At most 10 million
/// rows. Errors: not_found (file, column), invalid (line number and time that cannot be read, or one before its
/// predecessor), exhausted.
Result<Recording> read_recording(const std::string& path, const std::string& time_column,
                                 const std::vector<std::string>& names, std::int64_t utc_offset_ms);

}  // namespace nuanshu::sim

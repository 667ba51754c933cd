#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"

namespace nuanshu::historian {

/// An entry of the log that is no append(): samples of the point with first_ms ≤ time ≤ last_ms that earlier entries
/// hold are done with. They are in chunks already, or were corrected or retired, and must not come back when the log is
/// read again.
struct LogBarrier {
    PointId point;
    std::int64_t first_ms = 0;
    std::int64_t last_ms = 0;
};

/// u8 2, u32 point, i64 first_ms, i64 last_ms; append() entries begin with 1 (log_record.cpp).
std::string encode_barrier(const LogBarrier& barrier);

bool is_barrier(std::string_view record);
/// Errors: corrupt.
Result<LogBarrier> decode_barrier(std::string_view record);

}  // namespace nuanshu::historian

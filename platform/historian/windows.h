#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/historian/store.h"

namespace nuanshu::historian {

enum class CalendarUnit { hour, day, week, month, year };

/// How a range is cut into windows. Every window is half-open, [start, next start).
struct Window {
    enum class Kind {
        whole,     ///< the range is one window
        fixed,     ///< `length_ms` each, the first from the range's start on, the last one cut by the range's end
        calendar,  ///< hours, days, weeks (from Monday), months, years as the clocks on the wall of `time_zone` show
                   ///< them
    };

    Kind kind = Kind::whole;
    std::int64_t length_ms = 0;  ///< fixed: more than 0
    CalendarUnit unit = CalendarUnit::day;
    int units = 1;  ///< calendar: so many units a window, 1 … 1 000; counted from 1970 (weeks: from 1969-12-29)
    std::string time_zone = "Asia/Shanghai";  ///< calendar: IANA name
};

/// Reads a window as people write it: "600s", "10m", "1h", "1d" (always 24 hours) are fixed; "hour", "day", "week",
/// "month", "year", with a number in front if need be ("3 month", "3month"), are calendar windows in `time_zone`; "all"
/// is the whole range. Errors: invalid, with the forms that are right.
Result<Window> parse_window(std::string_view text, std::string_view time_zone);

/// The windows' borders over the range: n + 1 times, rising, the first range.from_ms, the last range.to_ms. Calendar
/// windows begin and end where their unit does, save the first and the last, which the range cuts. On the day when
/// clocks go forward a day has 23 hours, when they go back 25; an hour is never lost nor doubled. Errors: invalid
/// (range empty, length not above 0, unknown time zone, calendar outside the years 1 … 9999), exhausted (more than
/// `windows_max`).
Result<std::vector<std::int64_t>> window_borders(const Window& window, TimeRange range, std::size_t windows_max);

}  // namespace nuanshu::historian

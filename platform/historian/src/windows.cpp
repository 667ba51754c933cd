#include "platform/historian/windows.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <stdexcept>

#include <date/tz.h>

#include "base/time.h"
#include "platform/historian/src/bytes.h"

namespace nuanshu::historian {
namespace {

using std::chrono::floor;
using std::chrono::milliseconds;
using SysMs = date::sys_time<milliseconds>;

constexpr std::int64_t hour_ms = 3'600'000;
constexpr int units_max = 1'000;
constexpr SysMs first_of_calendar{date::sys_days{date::year{1} / 1 / 1}};
constexpr SysMs end_of_calendar{date::sys_days{date::year{9999} / 12 / 31}};

struct UnitName {
    std::string_view name;
    CalendarUnit unit;
};
constexpr std::array<UnitName, 5> unit_names{{{"hour", CalendarUnit::hour},
                                              {"day", CalendarUnit::day},
                                              {"week", CalendarUnit::week},
                                              {"month", CalendarUnit::month},
                                              {"year", CalendarUnit::year}}};

std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
    return value / by - (value % by < 0 ? 1 : 0);
}

tl::unexpected<Error> no_window(std::string_view text) {
    return fail(ErrorCode::invalid, "window",
                "`{}`; wanted a length like 600s, 10m, 1h, 1d, a calendar unit like day, week, 3 month, year, or all",
                text);
}

Result<const date::time_zone*> find_zone(const std::string& name) {
    try {
        return date::locate_zone(name);
    } catch (const std::runtime_error&) {
        return fail(ErrorCode::invalid, "time zone",
                    "`{}` is unknown here; wanted an IANA name like Asia/Shanghai (package tzdata)", name);
    }
}

/// The borders as they come, with the bound on their number.
class Borders {
 public:
    Borders(TimeRange range, std::size_t windows_max) : range_(range), windows_max_(windows_max) {
        times_.push_back(range.from_ms);
    }

    /// The next border inside the range; borders before its start and repeats are passed over. False: past its end, or
    /// too many.
    bool add(std::int64_t time_ms) {
        if (time_ms >= range_.to_ms || times_.size() > windows_max_) {
            return false;
        }
        if (time_ms > times_.back()) {
            times_.push_back(time_ms);
        }
        return true;
    }

    Result<std::vector<std::int64_t>> finish() {
        if (times_.size() > windows_max_) {
            return fail(ErrorCode::exhausted, "window",
                        "the range has more than {} windows; ask for longer ones, or a shorter range", windows_max_);
        }
        times_.push_back(range_.to_ms);
        return std::move(times_);
    }

 private:
    TimeRange range_;
    std::size_t windows_max_;
    std::vector<std::int64_t> times_;
};

Result<std::vector<std::int64_t>> fixed_borders(std::int64_t length_ms, TimeRange range, std::size_t windows_max) {
    if (length_ms <= 0) {
        return fail(ErrorCode::invalid, "window", "{} ms long; more than 0 is right", length_ms);
    }
    Borders borders(range, windows_max);
    const auto length = static_cast<std::uint64_t>(length_ms);
    const auto span = static_cast<std::uint64_t>(wrapping_subtract(range.to_ms, range.from_ms));
    for (std::uint64_t windows = 1; windows <= (span - 1) / length; ++windows) {
        if (!borders.add(wrapping_add(range.from_ms, static_cast<std::int64_t>(windows * length)))) {
            break;
        }
    }
    return borders.finish();
}

/// Hours: where the clock on the wall shows a whole multiple of them, in each stretch of time between two changes of
/// the offset.
void add_hours(const date::time_zone& zone, TimeRange range, int hours, Borders& borders) {
    const std::int64_t length_ms = hours * hour_ms;
    for (std::int64_t at_ms = range.from_ms; at_ms < range.to_ms;) {
        const auto info = zone.get_info(SysMs(milliseconds(at_ms)));
        const std::int64_t offset_ms = milliseconds(info.offset).count();
        const std::int64_t end_ms = std::min(range.to_ms, milliseconds(info.end.time_since_epoch()).count());
        const std::int64_t first_ms = -floor_divide(-(at_ms + offset_ms), length_ms) * length_ms - offset_ms;
        for (std::int64_t border_ms = first_ms; border_ms < end_ms; border_ms += length_ms) {
            if (!borders.add(border_ms)) {
                return;
            }
        }
        at_ms = end_ms;
    }
}

/// The number of the unit that holds this day, counted from 1970.
std::int64_t unit_of(CalendarUnit unit, date::local_days day) {
    const std::int64_t days = day.time_since_epoch().count();
    const date::year_month_day date(day);
    switch (unit) {
        case CalendarUnit::week:
            return floor_divide(days + 3, 7);
        case CalendarUnit::month:
            return (static_cast<int>(date.year()) - 1970) * 12LL + static_cast<unsigned>(date.month()) - 1;
        case CalendarUnit::year:
            return static_cast<int>(date.year()) - 1970;
        default:
            return days;
    }
}

date::local_days first_day_of(CalendarUnit unit, std::int64_t number) {
    const auto day = [](std::int64_t days) { return date::local_days(date::days(static_cast<int>(days))); };
    switch (unit) {
        case CalendarUnit::week:
            return day(number * 7 - 3);
        case CalendarUnit::month:
            return date::local_days(date::year(static_cast<int>(1970 + floor_divide(number, 12))) /
                                    date::month(static_cast<unsigned>(number - floor_divide(number, 12) * 12 + 1)) / 1);
        case CalendarUnit::year:
            return date::local_days(date::year(static_cast<int>(1970 + number)) / 1 / 1);
        default:
            return day(number);
    }
}

/// Days and longer: the first moment of each unit's first day. Where midnight does not exist, that is when the clocks
/// went forward.
void add_days(const date::time_zone& zone, TimeRange range, const Window& window, Borders& borders) {
    const auto local = zone.to_local(SysMs(milliseconds(range.from_ms)));
    std::int64_t number = floor_divide(unit_of(window.unit, floor<date::days>(local)), window.units);
    while (true) {
        const auto day = first_day_of(window.unit, number++ * window.units);
        const auto start = zone.to_sys(date::local_time<milliseconds>(day), date::choose::earliest);
        const std::int64_t start_ms = start.time_since_epoch().count();
        if (!borders.add(start_ms)) {
            return;
        }
    }
}

Result<std::vector<std::int64_t>> calendar_borders(const Window& window, TimeRange range, std::size_t windows_max) {
    if (window.units < 1 || window.units > units_max) {
        return fail(ErrorCode::invalid, "window", "{} units long; 1 … {} are right", window.units, units_max);
    }
    if (range.from_ms < first_of_calendar.time_since_epoch().count() ||
        range.to_ms > end_of_calendar.time_since_epoch().count()) {
        return fail(ErrorCode::invalid, "range",
                    "calendar windows are there from year 1 to 9999; name the range's start and end");
    }
    NUANSHU_TRY(const auto* zone, find_zone(window.time_zone));
    Borders borders(range, windows_max);
    if (window.unit == CalendarUnit::hour) {
        add_hours(*zone, range, window.units, borders);
    } else {
        add_days(*zone, range, window, borders);
    }
    return borders.finish();
}

}  // namespace

Result<Window> parse_window(std::string_view text, std::string_view time_zone) {
    if (text == "all") {
        return Window();
    }
    if (const auto length_ms = parse_duration_ms(text); length_ms && *length_ms > 0) {
        return Window{.kind = Window::Kind::fixed, .length_ms = *length_ms};
    }
    Window window{.kind = Window::Kind::calendar, .time_zone = std::string(time_zone)};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), window.units);
    std::string_view name = text.substr(static_cast<std::size_t>(end - text.data()));
    name.remove_prefix(name.starts_with(' ') ? 1 : 0);
    name.remove_suffix(name.ends_with('s') ? 1 : 0);
    const auto* known =
        std::find_if(unit_names.begin(), unit_names.end(), [&](const UnitName& unit) { return unit.name == name; });
    if (error == std::errc::result_out_of_range || known == unit_names.end() || window.units < 1 ||
        window.units > units_max) {
        return no_window(text);
    }
    window.unit = known->unit;
    return window;
}

Result<std::vector<std::int64_t>> window_borders(const Window& window, TimeRange range, std::size_t windows_max) {
    if (range.to_ms <= range.from_ms) {
        return fail(ErrorCode::invalid, "range", "it ends at {} and begins at {}; its end must be later",
                    format_time(range.to_ms), format_time(range.from_ms));
    }
    switch (window.kind) {
        case Window::Kind::fixed:
            return fixed_borders(window.length_ms, range, windows_max);
        case Window::Kind::calendar:
            return calendar_borders(window, range, windows_max);
        case Window::Kind::whole:
            break;
    }
    return std::vector<std::int64_t>{range.from_ms, range.to_ms};
}

}  // namespace nuanshu::historian

#include "platform/historian/windows.h"

#include <cstdlib>
#include <ctime>
#include <random>

#include <gtest/gtest.h>

#include "base/time.h"

namespace nuanshu::historian {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t day_ms = 24 * hour_ms;

std::int64_t ms(const std::string& text) {
    return parse_time(text).value();
}

std::vector<std::int64_t> borders(const std::string& window, const std::string& zone, const std::string& from,
                                  const std::string& to) {
    return window_borders(parse_window(window, zone).value(), {ms(from), ms(to)}, 1'000'000).value();
}

std::vector<double> hours_of(const std::vector<std::int64_t>& times) {
    std::vector<double> hours;
    for (std::size_t i = 0; i + 1 < times.size(); ++i) {
        hours.push_back(static_cast<double>(times[i + 1] - times[i]) / hour_ms);
    }
    return hours;
}

/// What glibc's own reading of the time-zone data says, as an independent peer.
class ZoneOfLibc {
 public:
    explicit ZoneOfLibc(const std::string& zone) {
        const char* before = std::getenv("TZ");
        before_ = before == nullptr ? "" : before;
        ::setenv("TZ", zone.c_str(), 1);
        ::tzset();
    }
    ~ZoneOfLibc() {
        before_.empty() ? ::unsetenv("TZ") : ::setenv("TZ", before_.c_str(), 1);
        ::tzset();
    }
    ZoneOfLibc(const ZoneOfLibc&) = delete;
    ZoneOfLibc& operator=(const ZoneOfLibc&) = delete;

    static std::tm local(std::int64_t time_ms) {
        const std::time_t seconds = time_ms / 1000;
        std::tm parts{};
        ::localtime_r(&seconds, &parts);
        return parts;
    }

 private:
    std::string before_;
};

/// Each border is the first moment of its local date: a second before it another date was shown.
void check_days_against_libc(const std::string& zone) {
    const auto times = borders("day", zone, "1970-01-02T00:00:00Z", "2037-12-01T00:00:00Z");
    const ZoneOfLibc peer(zone);
    for (std::size_t i = 1; i + 1 < times.size(); ++i) {
        const auto before = ZoneOfLibc::local(times[i] - 1000);
        const auto at = ZoneOfLibc::local(times[i]);
        ASSERT_NE(before.tm_mday, at.tm_mday) << zone << " " << format_time(times[i]);
        ASSERT_EQ(before.tm_hour * 3600 + before.tm_min * 60 + before.tm_sec, 86'399)
            << zone << " " << format_time(times[i]);
        if (i > 1) {
            ASSERT_LT(times[i] - times[i - 1], 26 * hour_ms);
            ASSERT_GT(times[i] - times[i - 1], 22 * hour_ms);
        }
    }
}

TEST(Windows, days_of_67_years_agree_with_the_c_library_in_zones_of_all_habits) {
    for (const auto* zone : {"Asia/Shanghai", "Europe/Berlin", "America/New_York", "America/Sao_Paulo",
                             "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"}) {
        check_days_against_libc(zone);
    }
}

TEST(Windows, hours_show_whole_hours_on_the_wall_and_none_is_lost_or_doubled) {
    for (const auto* zone : {"Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"}) {
        const auto times = borders("hour", zone, "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z");
        const ZoneOfLibc peer(zone);
        for (std::size_t i = 1; i + 1 < times.size(); ++i) {
            ASSERT_EQ(ZoneOfLibc::local(times[i]).tm_min, 0) << zone << " " << format_time(times[i]);
            ASSERT_LE(times[i] - times[i - 1], 2 * hour_ms);
        }
        EXPECT_EQ(times.back() - times.front(), 366 * day_ms);
    }
}

TEST(Windows, a_day_has_23_hours_when_clocks_go_forward_and_25_when_they_go_back) {
    EXPECT_EQ(hours_of(borders("day", "Europe/Berlin", "2024-03-29T23:00:00Z", "2024-04-01T22:00:00Z")),
              (std::vector<double>{24, 23, 24}));
    EXPECT_EQ(hours_of(borders("day", "Europe/Berlin", "2024-10-25T22:00:00Z", "2024-10-28T23:00:00Z")),
              (std::vector<double>{24, 25, 24}));
    EXPECT_EQ(hours_of(borders("day", "Asia/Shanghai", "2024-03-30T16:00:00Z", "2024-04-02T16:00:00Z")),
              (std::vector<double>{24, 24, 24}));
}

TEST(Windows, months_follow_the_calendar_and_leap_years) {
    const auto months = hours_of(borders("month", "Asia/Shanghai", "2023-12-31T16:00:00Z", "2024-12-31T16:00:00Z"));
    EXPECT_EQ(months, (std::vector<double>{31 * 24, 29 * 24, 31 * 24, 30 * 24, 31 * 24, 30 * 24, 31 * 24, 31 * 24,
                                           30 * 24, 31 * 24, 30 * 24, 31 * 24}));
    const auto february = hours_of(borders("month", "Asia/Shanghai", "1900-01-31T15:54:17Z", "1900-02-28T15:54:17Z"));
    EXPECT_EQ(february, (std::vector<double>{28 * 24})) << "1900 was no leap year";
    EXPECT_EQ(hours_of(borders("year", "UTC", "1999-01-01T00:00:00Z", "2002-01-01T00:00:00Z")),
              (std::vector<double>{8760, 8784, 8760}));
}

TEST(Windows, weeks_begin_on_monday_also_before_1970) {
    for (const std::string from : {"2024-05-01T00:00:00Z", "1969-11-05T00:00:00Z"}) {
        const auto times =
            window_borders(parse_window("week", "UTC").value(), {ms(from), ms(from) + 60 * day_ms}, 100).value();
        const ZoneOfLibc peer("UTC");
        for (std::size_t i = 1; i + 1 < times.size(); ++i) {
            EXPECT_EQ(ZoneOfLibc::local(times[i]).tm_wday, 1);
        }
        EXPECT_GE(times.size(), 9U);
    }
}

TEST(Windows, the_range_cuts_the_first_and_the_last) {
    const auto days = borders("day", "Asia/Shanghai", "2024-05-01T10:00:00Z", "2024-05-03T02:00:00Z");
    EXPECT_EQ(hours_of(days), (std::vector<double>{6, 24, 10}));
    EXPECT_EQ(hours_of(borders("10h", "UTC", "2024-05-01T00:00:00Z", "2024-05-02T01:00:00Z")),
              (std::vector<double>{10, 10, 5}));
    EXPECT_EQ(hours_of(borders("all", "UTC", "2024-05-01T00:00:00Z", "2024-05-02T01:00:00Z")),
              (std::vector<double>{25}));
}

TEST(Windows, several_units_count_from_1970) {
    EXPECT_EQ(borders("3 month", "UTC", "2024-02-10T00:00:00Z", "2024-08-01T00:00:00Z"),
              (std::vector{ms("2024-02-10T00:00:00Z"), ms("2024-04-01T00:00:00Z"), ms("2024-07-01T00:00:00Z"),
                           ms("2024-08-01T00:00:00Z")}));
    EXPECT_EQ(hours_of(borders("6hour", "Europe/Berlin", "2024-03-30T23:00:00Z", "2024-03-31T22:00:00Z")),
              (std::vector<double>{5, 6, 6, 6}));
}

TEST(Windows, words_that_are_none_are_refused_with_what_is_right) {
    for (const std::string text : {"", "600", "0s", "-1 day", "0 day", "1001 day", "fortnight", "day day",
                                   "99999999999 day", "month 3", "1e400s"}) {
        const auto refused = parse_window(text, "UTC");
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().code, ErrorCode::invalid);
        EXPECT_NE(refused.error().what.find("600s"), std::string::npos) << refused.error().what;
    }
}

TEST(Windows, unknown_zones_empty_ranges_and_too_many_windows_are_refused) {
    const TimeRange day{0, day_ms};
    const auto no_zone = window_borders(parse_window("day", "Asia/Peking").value(), day, 10);
    EXPECT_EQ(no_zone.error().code, ErrorCode::invalid);
    EXPECT_NE(no_zone.error().what.find("Asia/Peking"), std::string::npos);
    EXPECT_EQ(window_borders(Window(), {5, 5}, 10).error().code, ErrorCode::invalid);
    EXPECT_EQ(window_borders(parse_window("1h", "").value(), day, 23).error().code, ErrorCode::exhausted);
    EXPECT_EQ(window_borders(parse_window("1h", "").value(), day, 24)->size(), 25U);
    EXPECT_EQ(window_borders(parse_window("hour", "UTC").value(), day, 23).error().code, ErrorCode::exhausted);
    EXPECT_EQ(window_borders(parse_window("day", "UTC").value(), {std::numeric_limits<std::int64_t>::min(), 0}, 10)
                  .error()
                  .code,
              ErrorCode::invalid);
    EXPECT_EQ(window_borders(Window{.kind = Window::Kind::fixed}, day, 10).error().code, ErrorCode::invalid);
    EXPECT_EQ(
        window_borders(Window{.kind = Window::Kind::calendar, .units = 0, .time_zone = "UTC"}, day, 10).error().code,
        ErrorCode::invalid);
}

TEST(Windows, fixed_windows_of_the_widest_range_do_not_overflow) {
    const TimeRange all{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
    const auto halves = window_borders(
        Window{.kind = Window::Kind::fixed, .length_ms = std::numeric_limits<std::int64_t>::max()}, all, 10);
    EXPECT_EQ(halves->size(), 4U);
}

}  // namespace
}  // namespace nuanshu::historian

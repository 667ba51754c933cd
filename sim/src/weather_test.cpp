#include "sim/src/weather.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

namespace nuanshu::sim {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t january_ms = 1'767'225'600'000;  // 2026-01-01
constexpr std::int64_t july_ms = january_ms + 181LL * 24 * hour_ms;

Weather weather(std::uint64_t seed = 1) {
    return {seed, 123.2, 41.95};
}

/// Mean over `days` from a time, and over 12 years of them, so that the seed's luck averages out.
double mean_c(const Weather& sky, std::int64_t from_ms, int days) {
    double sum = 0.0;
    for (int year = 0; year < 12; ++year) {
        for (int hour = 0; hour < days * 24; hour += 3) {
            sum += sky.at(from_ms + hour * hour_ms + year * 31'556'952'000LL).temperature_c;
        }
    }
    return sum / (12.0 * days * 8.0);
}

TEST(Weather, depends_on_seed_and_time_only) {
    EXPECT_EQ(weather().at(january_ms).temperature_c, weather().at(january_ms).temperature_c);
    EXPECT_NE(weather(1).at(january_ms).temperature_c, weather(2).at(january_ms).temperature_c);
}

TEST(Weather, has_the_months_of_the_north_east) {
    EXPECT_NEAR(mean_c(weather(), january_ms, 31), -11.0, 1.5);
    EXPECT_NEAR(mean_c(weather(), july_ms, 31), 24.9, 1.5);
}

TEST(Weather, is_smooth_from_minute_to_minute) {
    const auto sky = weather();
    for (int minute = 0; minute < 60 * 24 * 20; ++minute) {
        const double step = sky.at(january_ms + (minute + 1) * 60'000LL).temperature_c -
                            sky.at(january_ms + minute * 60'000LL).temperature_c;
        ASSERT_LT(std::abs(step), 0.1) << minute;
    }
}

TEST(Weather, is_warmest_in_the_afternoon_and_darkest_at_night) {
    const auto sky = weather();
    double afternoon = 0.0, dawn = 0.0;
    for (int day = 0; day < 60; ++day) {
        // 06:30 UTC is about 14:40 by the sun at this place, 22:00 UTC about 06:15.
        afternoon += sky.at(january_ms + day * 24 * hour_ms + 390 * 60'000LL).temperature_c;
        dawn += sky.at(january_ms + day * 24 * hour_ms + 22 * hour_ms).temperature_c;
        EXPECT_EQ(sky.at(january_ms + day * 24 * hour_ms + 16 * hour_ms).sun_w_m2, 0.0);
        EXPECT_GT(sky.at(january_ms + day * 24 * hour_ms + 4 * hour_ms).sun_w_m2, 40.0);
    }
    EXPECT_GT(afternoon - dawn, 60 * 4.0);
}

TEST(Weather, sends_a_cold_wave_now_and_then) {
    const auto sky = weather();
    int waves = 0;
    for (int day = 0; day < 12 * 60; ++day) {
        const std::int64_t now = january_ms + day * 24 * hour_ms;
        waves += sky.daily_mean_c(now) - sky.daily_mean_c(now + 48 * hour_ms) > 7.0 ? 1 : 0;
    }
    EXPECT_GT(waves, 5);
    EXPECT_LT(waves, 150);
}

TEST(Weather, has_wind_that_never_goes_backwards) {
    const auto sky = weather();
    double strongest = 0.0;
    for (int hour = 0; hour < 24 * 365; ++hour) {
        const double wind = sky.at(january_ms + hour * hour_ms).wind_m_s;
        ASSERT_GT(wind, 0.0);
        strongest = std::max(strongest, wind);
    }
    EXPECT_GT(strongest, 5.0);
    EXPECT_LT(strongest, 20.0);
}

}  // namespace
}  // namespace nuanshu::sim

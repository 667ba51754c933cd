#include "sim/src/weather.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "sim/src/random.h"

namespace nuanshu::sim {

namespace {

constexpr double day_ms = 86'400'000.0;
constexpr double year_days = 365.2425;

/// Monthly means of air temperature, °C, and wind, m/s: near those of Shenyang, and good enough for a city that is not
/// there.
constexpr std::array<double, 12> month_temperature_c = {-11.0, -6.3, 2.0,  10.8, 18.0, 22.4,
                                                        24.9,  23.9, 17.9, 10.0, 0.6,  -8.0};
constexpr std::array<double, 12> month_wind_m_s = {2.5, 2.8, 3.3, 3.6, 3.2, 2.7, 2.4, 2.2, 2.3, 2.6, 2.8, 2.5};

/// Between the middles of two months along a cosine.
double month_value(const std::array<double, 12>& table, double day) {
    const double months = std::fmod(day, year_days) / year_days * 12.0 - 0.5 + 12.0;
    const double whole = std::floor(months);
    const double blend = 0.5 - 0.5 * std::cos((months - whole) * std::numbers::pi);
    const auto month = static_cast<std::size_t>(whole);
    return table[month % 12] * (1.0 - blend) + table[(month + 1) % 12] * blend;
}

/// Smooth noise: a normal number each `period` days, joined by a quintic step.
double smooth_noise(std::uint64_t key, double day, double period) {
    const double position = day / period;
    const double whole = std::floor(position);
    const double t = position - whole;
    const double step = t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
    const auto cell = static_cast<std::uint64_t>(static_cast<std::int64_t>(whole));
    return normal_from(mix(key, cell)) * (1.0 - step) + normal_from(mix(key, cell + 1)) * step;
}

double smooth_step(double t) {
    const double clamped = std::clamp(t, 0.0, 1.0);
    return clamped * clamped * (3.0 - 2.0 * clamped);
}

/// How deep in a cold wave we are, K below the usual. In each span of 9 days one may begin; it falls in a day, stays
/// one, leaves in three.
double cold_wave_of_span(std::uint64_t seed, std::int64_t span, double day) {
    const std::uint64_t key = mix(seed, 0xc01d, static_cast<std::uint64_t>(span));
    const double begin = static_cast<double>(span) * 9.0 + 4.0 * unit_from(mix(key, 1));
    const double winter = 0.5 + 0.5 * std::cos(2.0 * std::numbers::pi * (begin / year_days - 15.0 / year_days));
    if (unit_from(mix(key, 2)) > 0.15 + 0.45 * winter) {
        return 0.0;
    }
    const double depth_k = 5.0 + 8.0 * unit_from(mix(key, 3));
    return depth_k * (smooth_step(day - begin) - smooth_step((day - begin - 2.0) / 3.0));
}

double cold_wave(std::uint64_t seed, double day) {
    const auto span = static_cast<std::int64_t>(std::floor(day / 9.0));
    return cold_wave_of_span(seed, span - 1, day) + cold_wave_of_span(seed, span, day);
}

/// Sine of the sun's height; Cooper's declination formula (Duffie and Beckman, Solar Engineering of Thermal Processes,
/// eq. 1.6.1).
double sun_height(double local_day, double latitude_deg) {
    constexpr double rad = std::numbers::pi / 180.0;
    const double day_of_year = std::fmod(local_day, year_days) + 1.0;
    const double declination = 23.45 * rad * std::sin(2.0 * std::numbers::pi * (284.0 + day_of_year) / 365.0);
    const double hour_angle = (std::fmod(local_day, 1.0) - 0.5) * 2.0 * std::numbers::pi;
    const double latitude = latitude_deg * rad;
    return std::sin(latitude) * std::sin(declination) +
           std::cos(latitude) * std::cos(declination) * std::cos(hour_angle);
}

/// The day's course, −1 … 1: coldest before sunrise, warmest at half past two.
double day_course(double local_day) {
    const double phase = 2.0 * std::numbers::pi * (std::fmod(local_day, 1.0) - 14.5 / 24.0);
    return 0.92 * std::cos(phase) + 0.16 * std::cos(2.0 * phase);
}

}  // namespace

Weather::Weather(std::uint64_t seed, double longitude_deg, double latitude_deg)
    : seed_(mix(seed, 0x3ea7)), longitude_deg_(longitude_deg), latitude_deg_(latitude_deg) {}

/// 0 clear … 1 overcast.
double Weather::cloud(double day) const {
    return smooth_step(0.5 + 0.33 * smooth_noise(mix(seed_, 0xc10d), day, 1.3));
}

WeatherNow Weather::at(std::int64_t time_ms) const {
    const double day = static_cast<double>(time_ms) / day_ms;
    const double local = day + longitude_deg_ / 360.0;
    const double clouds = cloud(day);
    const double wave_k = cold_wave(seed_, day);
    const double spell_k = 2.4 * smooth_noise(mix(seed_, 1), day, 4.7) + 1.4 * smooth_noise(mix(seed_, 2), day, 1.9);
    const double swing_k = (6.2 - 3.4 * clouds) * day_course(local);
    const double gust = std::exp(0.35 * smooth_noise(mix(seed_, 3), day, 0.31) + 0.04 * wave_k);
    const double height = std::max(0.0, sun_height(local, latitude_deg_));
    return {.temperature_c = month_value(month_temperature_c, local) + 0.9 + spell_k + swing_k - wave_k,
            .wind_m_s = month_value(month_wind_m_s, local) * gust,
            .sun_w_m2 = 950.0 * std::pow(height, 1.15) * (1.0 - 0.75 * clouds)};
}

double Weather::daily_mean_c(std::int64_t time_ms) const {
    double sum = 0.0;
    for (int hour = 0; hour < 24; ++hour) {
        sum += at(time_ms - hour * 3'600'000LL).temperature_c;
    }
    return sum / 24.0;
}

}  // namespace nuanshu::sim

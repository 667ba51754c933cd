#pragma once

#include <cstdint>

namespace nuanshu::sim {

struct WeatherNow {
    double temperature_c = 0.0;
    double wind_m_s = 0.0;
    double sun_w_m2 = 0.0;  ///< on the horizontal
};

/// A made-up weather with the character of Shenyang's: monthly means, the day's swing, weeks that are warmer or colder,
/// cold waves (寒潮) that arrive within a day and take three to leave, clouds, wind. A pure function of seed and time,
/// smooth in time.
class Weather {
 public:
    Weather(std::uint64_t seed, double longitude_deg, double latitude_deg);

    WeatherNow at(std::int64_t time_ms) const;
    /// Mean of the day that ends then, from hourly values.
    double daily_mean_c(std::int64_t time_ms) const;

 private:
    double cloud(double day) const;

    std::uint64_t seed_;
    double longitude_deg_, latitude_deg_;
};

/// The temperature heating is designed for in Shenyang: GB 50736-2012, appendix A.
constexpr double design_outdoor_c = -16.9;
constexpr double design_indoor_c = 18.0;

}  // namespace nuanshu::sim

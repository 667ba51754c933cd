#pragma once

#include <cstdint>
#include <string_view>

#include "base/ids.h"

namespace nuanshu {

/// How far a sample can be trusted. Below 32 good, below 128 doubtful but usable, from 128 bad. The numbers are stored
/// on disk and sent to browsers: never renumber.
enum class Quality : std::uint8_t {
    good = 0,
    manual = 16,          ///< put in by hand in place of the measurement (人工置数)
    estimated = 17,       ///< computed in place of a missing measurement
    spike = 32,           ///< far from its neighbours (Hampel test)
    rate_of_change = 33,  ///< moved faster than the quantity can (跳变)
    frozen = 34,          ///< has not moved for longer than a live sensor would (恒定不变)
    late = 35,            ///< arrived long after its time, or its time had to be mended
    range = 128,          ///< outside what the instrument can measure
    wire_break = 129,     ///< 4–20 mA loop below 3.6 mA or above 21 mA (NAMUR NE 43)
    not_a_number = 130,   ///< NaN or infinite; the stored value is 0
    communication = 131,  ///< the device or link does not answer; the value is the last known
    gap = 132,            ///< nothing came for several periods; the value is the last known
    device_fault = 133,   ///< the device itself says its value is bad
    never = 255,          ///< no sample has ever come
};

constexpr bool is_good(Quality quality) {
    return static_cast<std::uint8_t>(quality) < 32;
}
constexpr bool is_bad(Quality quality) {
    return static_cast<std::uint8_t>(quality) >= 128;
}

/// "good", "wire_break" …: the name in JSON, CSV and logs.
std::string_view to_string(Quality quality);

/// One value of one point at one moment. Value is in the point's own unit; states and switches are their number.
struct Sample {
    PointId point;
    Quality quality = Quality::good;
    std::int64_t time_ms = 0;
    double value = 0.0;
};

}  // namespace nuanshu

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/records/type.h"

namespace nuanshu::points {

/// Where a record's point is found in a device of this profile.
struct ProfilePoint {
    /// The record relative to the served one, a slash, the point's name: "/primary_flow", "b1.valve1/opening".
    std::string point;
    /// In the driver's syntax; {code} stands for the record's code, {name} for the point's name.
    std::string address;
    double scale = 1.0;  ///< value = raw · scale + offset, in `unit`
    double offset = 0.0;
    std::string unit;  ///< what the device sends; "" for the point's own unit
    bool current_loop = false;
    bool writable = false;
    std::int64_t poll_ms = 0;
    int line = 0;
};

/// How a kind of device maps the points of a kind of record: an app's profiles/<name>.yaml. One profile serves any
/// number of devices.
struct Profile {
    std::string name;
    std::string app;
    records::Title title;
    std::string driver;
    std::string for_type;      ///< each record of this type at or below the device's `serves` is mapped
    std::int64_t poll_ms = 0;  ///< 0: as the device says
    std::vector<ProfilePoint> points;
    std::string file;
};

}  // namespace nuanshu::points

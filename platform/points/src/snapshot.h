#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "platform/points/catalogue.h"

namespace nuanshu::points {

/// All points of one moment, never changed once made.
struct Snapshot {
    struct Entry {
        std::shared_ptr<const PointDefinition> point;
        std::string haystack;  ///< lower-case code and titles, what search looks through
    };
    std::vector<Entry> by_code;                             ///< in the order of codes
    std::unordered_map<std::string, std::size_t> place_of;  ///< code → place in by_code
    std::unordered_map<PointId, std::size_t> place_of_id;
    std::vector<drivers::DeviceConfig> devices;
};

/// Reads all records with points and all device records, gives every point its id, binds devices.
Result<std::shared_ptr<const Snapshot>> make_snapshot(const records::Records& records,
                                                      const std::vector<Profile>& profiles,
                                                      historian::SampleStore& samples, Diagnostics& faults);

/// The settings telemetry needs of one point.
telemetry::PointSettings settings_of(const PointDefinition& point);

/// Points of the snapshot that the query asks for.
std::vector<std::shared_ptr<const PointDefinition>> find_points(const Snapshot& snapshot, const PointQuery& query);

}  // namespace nuanshu::points

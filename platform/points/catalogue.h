#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/ids.h"
#include "base/result.h"
#include "platform/drivers/driver.h"
#include "platform/historian/store.h"
#include "platform/points/profile.h"
#include "platform/records/records.h"
#include "platform/telemetry/pipeline.h"

namespace nuanshu::points {

/// A point as pages and commands see it. Points at its type stay valid as long as the type registry.
struct PointDefinition {
    PointId id;
    std::string code;  ///< "xc.s01.n1.h023/secondary_supply_temperature"
    std::string record_code;
    std::string record_title;
    std::string record_type;
    const records::PointType* type = nullptr;  ///< name, titles, unit, kind, limits, command rules
    std::string device;                        ///< the device's code; "" when nothing is bound to it
    std::string address;
    UnitConversion conversion;  ///< raw → the point's unit
    bool current_loop = false;
    bool writable = false;  ///< the device can write it and the type has command rules
    std::int64_t expected_interval_ms = 0;
};

struct PointQuery {
    std::string search;  ///< words, each contained in the code or a title (zh or en) of point or record; "" for all
    std::string under;   ///< record code: its points and those of all records below it
    std::string record_type;
    std::string name;  ///< the point's name exactly
    std::string device;
    bool writable_only = false;
    std::size_t limit = 100;  ///< 1 … 10 000
    std::string after;        ///< code of the last one seen
};

/// All points: made from the records, their types and the device profiles. An immutable snapshot is rebuilt when
/// records change; readers hold the snapshot they began with. 100 000 points are searched in milliseconds.
class Catalogue {
 public:
    virtual ~Catalogue() = default;

    /// Nothing when there is no such point.
    virtual std::shared_ptr<const PointDefinition> find(std::string_view code) const = 0;
    virtual std::shared_ptr<const PointDefinition> get(PointId id) const = 0;
    /// In the order of codes.
    virtual std::vector<std::shared_ptr<const PointDefinition>> list(const PointQuery& query) const = 0;
    virtual std::size_t size() const = 0;

    /// What telemetry and drivers need to know, from the present snapshot.
    virtual std::vector<telemetry::PointSettings> point_settings() const = 0;
    virtual std::vector<drivers::DeviceConfig> device_configs() const = 0;

    /// Reads the records again. Faults of devices and profiles (a profile that is not there, a point its type has not,
    /// a unit that cannot be converted) are returned; the points concerned stay unbound.
    virtual Result<Diagnostics> rebuild() = 0;
};

/// The profiles must be free of faults; see platform/apps.
Result<std::unique_ptr<Catalogue>> make_catalogue(records::Records& records, std::vector<Profile> profiles,
                                                  historian::SampleStore& samples);

}  // namespace nuanshu::points

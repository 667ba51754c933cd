#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "platform/drivers/mqtt/src/packet.h"
#include "platform/drivers/mqtt/src/taken.h"
#include "platform/drivers/mqtt/src/topic.h"

namespace nuanshu::drivers::mqtt {

/// A place in a JSON value: names, or indices of arrays, from the outside in. "values.0.temperature".
using JsonPath = std::vector<std::string>;

/// Errors: invalid (empty, or an empty step).
Result<JsonPath> parse_json_path(std::string_view text);

/// Devices that send objects with one field a point (format `json`).
struct JsonPlan {
    struct Field {
        PointId point;
        std::string code;
        JsonPath path;
    };
    TopicTemplate topic;
    JsonPath time;            ///< empty: the time of arrival
    std::string write_topic;  ///< a template; "" for read-only devices
    std::vector<Field> fields;
};

/// Devices behind a gateway that speaks ThingsBoard's gateway telemetry (format `thingsboard`).
struct ThingsBoardPlan {
    struct Field {
        PointId point;
        std::string device;
        std::string key;
    };
    std::string topic;
    std::vector<Field> fields;
};

/// Finds the points in JSON messages, by topic and then by name. Pure; one thread.
///
/// A number is taken as it is, true and false as 1 and 0, text that is a number as that number, null as
/// Quality::device_fault; anything else is a fault of the message. Fields that are not in a message are passed over:
/// devices may send parts.
class JsonRoutes {
 public:
    JsonRoutes();
    ~JsonRoutes();

    /// Points bound to fields that are bound already are left out and returned as sentences.
    std::vector<std::string> add(DeviceKey device, const JsonPlan& plan);
    std::vector<std::string> add(DeviceKey device, const ThingsBoardPlan& plan);
    void remove(DeviceKey device);

    /// False when no device wants this topic.
    bool take(std::string_view topic, Bytes payload, Taken& taken);

    /// {"<last step of the path>": value} for the device's write topic. Errors: not_found, refused (it has none),
    /// invalid (not finite).
    Result<Outgoing> command(PointId point, double value) const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace nuanshu::drivers::mqtt

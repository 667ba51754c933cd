#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/sample.h"

/// The payload of Sparkplug B 3.0: the protobuf message `Payload`, read from its wire format straight into one flat
/// list of metrics. Field numbers are those of the specification's chapter 6.4 (src/sparkplug_b.proto has the same for
/// the tests, which compare the two).
namespace nuanshu::drivers::mqtt {

/// The numbers of the specification's basic data types. Others (text, sets, files, templates, arrays) have no place in
/// a point.
enum class SparkplugType : std::uint32_t {
    unknown = 0,
    int8 = 1,
    int16 = 2,
    int32 = 3,
    int64 = 4,
    uint8 = 5,
    uint16 = 6,
    uint32 = 7,
    uint64 = 8,
    float32 = 9,
    float64 = 10,
    boolean = 11,
    string = 12,
    date_time = 13,
};

/// Which field of the protobuf oneof came: the carrier of the value.
enum class Carrier : std::uint8_t { none, integer, long_integer, single, twofold, truth, other };

/// A metric as it stands on the wire. Views point into the payload.
struct SparkplugMetric {
    std::string_view name = {};
    std::uint64_t alias = 0;
    std::uint64_t timestamp_ms = 0;  ///< 0: none
    std::uint64_t bits = 0;          ///< of the carrier: an integer, a bool, or a float's or double's bit pattern
    std::span<const std::uint8_t> properties = {};
    std::uint32_t type = 0;  ///< a SparkplugType or a higher number; 0: not said
    Carrier carrier = Carrier::none;
    bool has_alias = false;
    bool historical = false;
    bool null = false;
};

struct SparkplugPayload {
    std::uint64_t timestamp_ms = 0;  ///< 0: none
    std::optional<std::uint64_t> sequence = {};
    std::vector<SparkplugMetric> metrics = {};
};

inline constexpr std::size_t metrics_max = 200'000;

/// Reads `bytes` into `payload`, reusing its memory. Unknown fields are passed over. Errors: corrupt (with the byte),
/// exhausted (more than metrics_max).
Result<> decode_sparkplug(std::span<const std::uint8_t> bytes, SparkplugPayload& payload);

/// The number a metric carries; signed types come as two's complement. `type` counts when the metric names none: the
/// birth's. Nothing for text, files and the like, and when there is no value.
std::optional<double> metric_value(const SparkplugMetric& metric, std::uint32_t type);

/// What the device says of its value: device_fault when it is null or its `Quality` property is BAD (0) or STALE (500),
/// else good.
Quality metric_quality(const SparkplugMetric& metric);

/// Puts the number into the metric as its type wants. Errors: invalid (does not fit: not whole, out of range, not
/// finite), unsupported (the type is no number).
Result<> set_metric_value(SparkplugMetric& metric, double value);

/// The wire bytes of a payload with these metrics; properties are not written.
std::vector<std::uint8_t> encode_sparkplug(const SparkplugPayload& payload);

}  // namespace nuanshu::drivers::mqtt

#include "platform/drivers/mqtt/src/sparkplug_payload.h"

#include <bit>
#include <cmath>
#include <limits>

#include "platform/drivers/mqtt/src/protobuf_wire.h"

namespace nuanshu::drivers::mqtt {
namespace {

// A field's number and kind in one word, so that one switch finds both. A known number with another kind is passed
// over, as protobuf's own reader does.
constexpr std::uint64_t tag(std::uint32_t number, WireKind kind) {
    return static_cast<std::uint64_t>(number) << 3 | static_cast<std::uint64_t>(kind);
}

constexpr auto payload_timestamp = tag(1, WireKind::varint);
constexpr auto payload_metrics = tag(2, WireKind::bytes);
constexpr auto payload_sequence = tag(3, WireKind::varint);

constexpr auto metric_name = tag(1, WireKind::bytes);
constexpr auto metric_alias = tag(2, WireKind::varint);
constexpr auto metric_timestamp = tag(3, WireKind::varint);
constexpr auto metric_type = tag(4, WireKind::varint);
constexpr auto metric_historical = tag(5, WireKind::varint);
constexpr auto metric_null = tag(7, WireKind::varint);
constexpr auto metric_properties = tag(9, WireKind::bytes);
constexpr auto metric_integer = tag(10, WireKind::varint);
constexpr auto metric_long = tag(11, WireKind::varint);
constexpr auto metric_float = tag(12, WireKind::fixed_32);
constexpr auto metric_double = tag(13, WireKind::fixed_64);
constexpr auto metric_boolean = tag(14, WireKind::varint);
constexpr std::uint32_t other_values_first = 15;  // text, bytes, data set, template, extension
constexpr std::uint32_t other_values_last = 19;

std::string_view text_of(std::span<const std::uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void take_value(SparkplugMetric& metric, Carrier carrier, std::uint64_t bits) {
    metric.carrier = carrier;
    metric.bits = bits;
}

void take_field(SparkplugMetric& metric, const ProtobufField& field) {
    switch (tag(field.number, field.kind)) {
        case metric_name:
            metric.name = text_of(field.bytes);
            return;
        case metric_alias:
            metric.alias = field.value;
            metric.has_alias = true;
            return;
        case metric_timestamp:
            metric.timestamp_ms = field.value;
            return;
        case metric_type:
            metric.type = static_cast<std::uint32_t>(field.value);
            return;
        case metric_historical:
            metric.historical = field.value != 0;
            return;
        case metric_null:
            metric.null = field.value != 0;
            return;
        case metric_properties:
            metric.properties = field.bytes;
            return;
        case metric_integer:
            return take_value(metric, Carrier::integer, static_cast<std::uint32_t>(field.value));
        case metric_long:
            return take_value(metric, Carrier::long_integer, field.value);
        case metric_float:
            return take_value(metric, Carrier::single, field.value);
        case metric_double:
            return take_value(metric, Carrier::twofold, field.value);
        case metric_boolean:
            return take_value(metric, Carrier::truth, field.value != 0 ? 1 : 0);
        default:
            if (field.kind == WireKind::bytes && field.number >= other_values_first &&
                field.number <= other_values_last) {
                take_value(metric, Carrier::other, 0);
            }
    }
}

bool decode_metric(std::span<const std::uint8_t> bytes, SparkplugMetric& metric) {
    ProtobufReader reader(bytes);
    ProtobufField field;
    while (reader.next(field)) {
        take_field(metric, field);
    }
    return reader.good();
}

double from_integer(std::uint32_t bits, SparkplugType type) {
    switch (type) {
        case SparkplugType::int8:
            return static_cast<std::int8_t>(bits);
        case SparkplugType::int16:
            return static_cast<std::int16_t>(bits);
        case SparkplugType::int32:
            return static_cast<std::int32_t>(bits);
        case SparkplugType::boolean:
            return bits != 0 ? 1.0 : 0.0;
        default:
            return bits;
    }
}

double from_long(std::uint64_t bits, SparkplugType type) {
    if (type == SparkplugType::int64) {
        return static_cast<double>(static_cast<std::int64_t>(bits));
    }
    if (type < SparkplugType::int64) {
        return from_integer(static_cast<std::uint32_t>(bits), type);
    }
    return static_cast<double>(bits);
}

/// The first value of the property list named `Quality`, if there is one.
std::optional<std::uint64_t> quality_property(std::span<const std::uint8_t> properties) {
    constexpr auto keys = tag(1, WireKind::bytes);
    constexpr auto values = tag(2, WireKind::bytes);
    constexpr auto integer = tag(3, WireKind::varint);
    ProtobufReader reader(properties);
    ProtobufField field;
    std::optional<std::size_t> wanted;
    std::size_t key = 0;
    std::size_t value = 0;
    while (reader.next(field)) {
        const auto what = tag(field.number, field.kind);
        if (what == keys && text_of(field.bytes) == "Quality") {
            wanted = key;
        }
        key += what == keys ? 1 : 0;
        if (what == values && wanted == value++) {
            ProtobufReader inner(field.bytes);
            while (inner.next(field)) {
                if (tag(field.number, field.kind) == integer) {
                    return field.value;
                }
            }
        }
    }
    return std::nullopt;
}

template <class Integer>
Result<> set_integer(SparkplugMetric& metric, double value, Carrier carrier) {
    using Limits = std::numeric_limits<Integer>;
    // 2^63 and 2^64 are doubles, the largest 64-bit integers are not: hence "below" with one more.
    const double end = std::ldexp(1.0, Limits::digits);
    if (!(value >= static_cast<double>(Limits::min()) && value < end) || value != std::trunc(value)) {
        return fail(ErrorCode::invalid, "Sparkplug write", "{} does not fit; a whole number from {} to {} does", value,
                    Limits::min(), Limits::max());
    }
    const auto bits = static_cast<std::uint64_t>(static_cast<Integer>(value));
    take_value(metric, carrier, carrier == Carrier::integer ? static_cast<std::uint32_t>(bits) : bits);
    return {};
}

Result<> set_float(SparkplugMetric& metric, double value) {
    const auto narrow = static_cast<float>(value);
    if (!std::isfinite(narrow)) {
        return fail(ErrorCode::invalid, "Sparkplug write", "{} does not fit a float", value);
    }
    take_value(metric, Carrier::single, std::bit_cast<std::uint32_t>(narrow));
    return {};
}

Result<> set_boolean(SparkplugMetric& metric, double value) {
    if (value != 0.0 && value != 1.0) {
        return fail(ErrorCode::invalid, "Sparkplug write", "{} does not fit a boolean; 0 and 1 do", value);
    }
    take_value(metric, Carrier::truth, value != 0.0 ? 1 : 0);
    return {};
}

void write_value(ProtobufWriter& writer, const SparkplugMetric& metric) {
    switch (metric.carrier) {
        case Carrier::integer:
            return writer.varint(10, metric.bits);
        case Carrier::long_integer:
            return writer.varint(11, metric.bits);
        case Carrier::single:
            return writer.fixed(12, static_cast<std::uint32_t>(metric.bits));
        case Carrier::twofold:
            return writer.fixed(13, metric.bits);
        case Carrier::truth:
            return writer.varint(14, metric.bits);
        case Carrier::none:
        case Carrier::other:
            return;
    }
}

std::vector<std::uint8_t> encode_metric(const SparkplugMetric& metric) {
    std::vector<std::uint8_t> out;
    ProtobufWriter writer(out);
    if (!metric.name.empty()) {
        writer.text(1, metric.name);
    }
    if (metric.has_alias) {
        writer.varint(2, metric.alias);
    }
    if (metric.timestamp_ms != 0) {
        writer.varint(3, metric.timestamp_ms);
    }
    if (metric.type != 0) {
        writer.varint(4, metric.type);
    }
    if (metric.historical) {
        writer.varint(5, 1);
    }
    if (metric.null) {
        writer.varint(7, 1);
    }
    write_value(writer, metric);
    return out;
}

}  // namespace

Result<> decode_sparkplug(std::span<const std::uint8_t> bytes, SparkplugPayload& payload) {
    payload.timestamp_ms = 0;
    payload.sequence.reset();
    payload.metrics.clear();
    ProtobufReader reader(bytes);
    ProtobufField field;
    while (reader.next(field)) {
        const auto what = tag(field.number, field.kind);
        if (what == payload_metrics) {
            if (payload.metrics.size() == metrics_max) {
                return fail(ErrorCode::exhausted, "Sparkplug payload", "more than {} metrics", metrics_max);
            }
            if (!decode_metric(field.bytes, payload.metrics.emplace_back())) {
                return fail(ErrorCode::corrupt, "Sparkplug payload",
                            "metric {}, which ends at byte {}, is no protobuf message", payload.metrics.size(),
                            reader.offset());
            }
        } else if (what == payload_timestamp) {
            payload.timestamp_ms = field.value;
        } else if (what == payload_sequence) {
            payload.sequence = field.value;
        }
    }
    if (!reader.good()) {
        return fail(ErrorCode::corrupt, "Sparkplug payload", "no protobuf message from byte {} of {}", reader.offset(),
                    bytes.size());
    }
    return {};
}

std::optional<double> metric_value(const SparkplugMetric& metric, std::uint32_t type) {
    const auto known = static_cast<SparkplugType>(metric.type != 0 ? metric.type : type);
    if (known == SparkplugType::string || known > SparkplugType::date_time) {
        return std::nullopt;
    }
    switch (metric.carrier) {
        case Carrier::integer:
            return from_integer(static_cast<std::uint32_t>(metric.bits), known);
        case Carrier::long_integer:
            return from_long(metric.bits, known);
        case Carrier::single:
            return std::bit_cast<float>(static_cast<std::uint32_t>(metric.bits));
        case Carrier::twofold:
            return std::bit_cast<double>(metric.bits);
        case Carrier::truth:
            return static_cast<double>(metric.bits);
        case Carrier::none:
        case Carrier::other:
            return std::nullopt;
    }
    return std::nullopt;
}

Quality metric_quality(const SparkplugMetric& metric) {
    constexpr std::uint64_t bad = 0;
    constexpr std::uint64_t stale = 500;
    if (metric.null) {
        return Quality::device_fault;
    }
    if (metric.properties.empty()) {
        return Quality::good;
    }
    const auto said = quality_property(metric.properties);
    return said == bad || said == stale ? Quality::device_fault : Quality::good;
}

Result<> set_metric_value(SparkplugMetric& metric, double value) {
    switch (static_cast<SparkplugType>(metric.type)) {
        case SparkplugType::int8:
            return set_integer<std::int8_t>(metric, value, Carrier::integer);
        case SparkplugType::int16:
            return set_integer<std::int16_t>(metric, value, Carrier::integer);
        case SparkplugType::int32:
            return set_integer<std::int32_t>(metric, value, Carrier::integer);
        case SparkplugType::int64:
            return set_integer<std::int64_t>(metric, value, Carrier::long_integer);
        case SparkplugType::uint8:
            return set_integer<std::uint8_t>(metric, value, Carrier::integer);
        case SparkplugType::uint16:
            return set_integer<std::uint16_t>(metric, value, Carrier::integer);
        case SparkplugType::uint32:
            return set_integer<std::uint32_t>(metric, value, Carrier::integer);
        case SparkplugType::uint64:
        case SparkplugType::date_time:
            return set_integer<std::uint64_t>(metric, value, Carrier::long_integer);
        case SparkplugType::float32:
            return set_float(metric, value);
        case SparkplugType::float64:
            take_value(metric, Carrier::twofold, std::bit_cast<std::uint64_t>(value));
            return {};
        case SparkplugType::boolean:
            return set_boolean(metric, value);
        case SparkplugType::unknown:
        case SparkplugType::string:
            break;
    }
    return fail(ErrorCode::unsupported, "Sparkplug write", "data type {} is no number", metric.type);
}

std::vector<std::uint8_t> encode_sparkplug(const SparkplugPayload& payload) {
    std::vector<std::uint8_t> out;
    ProtobufWriter writer(out);
    if (payload.timestamp_ms != 0) {
        writer.varint(1, payload.timestamp_ms);
    }
    for (const auto& metric : payload.metrics) {
        writer.bytes(2, encode_metric(metric));
    }
    if (payload.sequence) {
        writer.varint(3, *payload.sequence);
    }
    return out;
}

}  // namespace nuanshu::drivers::mqtt

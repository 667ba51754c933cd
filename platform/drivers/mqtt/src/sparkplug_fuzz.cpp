#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "platform/drivers/mqtt/src/sparkplug_host.h"
#include "platform/drivers/mqtt/src/sparkplug_payload.h"

using namespace nuanshu::drivers::mqtt;
using nuanshu::PointId;

namespace {

/// What was read is written and must be read as the same, save properties and unknown fields, which are not written.
void check_round_trip(const SparkplugPayload& payload) {
    const auto bytes = encode_sparkplug(payload);
    SparkplugPayload again;
    if (!decode_sparkplug(bytes, again) || again.metrics.size() != payload.metrics.size() ||
        again.timestamp_ms != payload.timestamp_ms || again.sequence != payload.sequence) {
        std::abort();
    }
    for (std::size_t i = 0; i < again.metrics.size(); ++i) {
        const auto& a = again.metrics[i];
        const auto& b = payload.metrics[i];
        if (a.name != b.name || a.has_alias != b.has_alias || a.alias != b.alias || a.type != b.type ||
            a.null != b.null || (b.carrier != Carrier::other && (a.carrier != b.carrier || a.bits != b.bits))) {
            std::abort();
        }
        (void)metric_value(b, 0);
        (void)metric_quality(b);
    }
}

SparkplugHost make_host() {
    SparkplugHost host;
    host.add(1, {.group = "g", .edge_node = "n", .bindings = {{PointId{1}, "", "a"}, {PointId{2}, "d", "b"}}});
    return host;
}

}  // namespace

/// The input is a life of an edge node: a byte says which message comes, two how long it is, then its payload.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto host = make_host();
    Taken taken;
    SparkplugPayload payload;
    Bytes rest(data, size);
    while (rest.size() >= 3) {
        const auto kind = static_cast<SparkplugMessage>(rest[0] % 6);
        const bool duplicate = rest[0] >= 128;
        const auto length = std::min<std::size_t>(static_cast<std::size_t>(rest[1]) << 8 | rest[2], rest.size() - 3);
        const auto message = rest.subspan(3, length);
        rest = rest.subspan(3 + length);
        if (decode_sparkplug(message, payload)) {
            check_round_trip(payload);
        }
        const bool of_device = kind >= SparkplugMessage::device_birth;
        taken.clear_message();
        host.take({.group = "g", .message = kind, .edge_node = "n", .device = of_device ? "d" : ""}, message, duplicate,
                  taken);
        (void)host.rebirth_requests(static_cast<std::int64_t>(rest.size()), 0);
        (void)host.command(PointId{2}, 1.0, 0).has_value();
    }
    return 0;
}

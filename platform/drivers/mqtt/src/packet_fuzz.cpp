#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "platform/drivers/mqtt/src/packet.h"

using namespace nuanshu::drivers::mqtt;

namespace {

constexpr std::size_t packet_bytes_max = 65'536;

/// A message that was understood is written again and must be understood as the same.
void check_round_trip(const Publish& publish) {
    Buffer bytes;
    append_publish(bytes, publish);
    const auto frame = find_frame(bytes, remaining_length_max);
    if (!frame || !*frame) {
        std::abort();
    }
    const auto again = decode_publish(**frame);
    if (!again || again->topic != publish.topic || again->payload.size() != publish.payload.size() ||
        again->packet_id != publish.packet_id || again->qos != publish.qos) {
        std::abort();
    }
}

void take(const Frame& frame) {
    switch (frame.type) {
        case PacketType::publish:
            if (const auto publish = decode_publish(frame)) {
                check_round_trip(*publish);
            }
            break;
        case PacketType::connect_ack:
            (void)decode_connect_ack(frame).has_value();
            break;
        case PacketType::publish_ack:
            (void)decode_publish_ack(frame).has_value();
            break;
        case PacketType::subscribe_ack:
        case PacketType::unsubscribe_ack:
            (void)decode_subscribe_ack(frame).has_value();
            break;
        case PacketType::disconnect:
            (void)decode_disconnect(frame).has_value();
            break;
        default:
            break;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes bytes(data, size);
    while (true) {
        const auto frame = find_frame(bytes, packet_bytes_max);
        if (!frame || !*frame) {
            return 0;
        }
        if ((*frame)->size > bytes.size()) {
            std::abort();
        }
        take(**frame);
        bytes = bytes.subspan((*frame)->size);
    }
}

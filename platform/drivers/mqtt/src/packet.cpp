#include "platform/drivers/mqtt/src/packet.h"

#include <algorithm>

#include "platform/drivers/mqtt/src/wire.h"

namespace nuanshu::drivers::mqtt {
namespace {

constexpr std::uint8_t session_expiry_id = 0x11;
constexpr std::uint8_t assigned_client_id = 0x12;
constexpr std::uint8_t server_keep_alive_id = 0x13;
constexpr std::uint8_t message_expiry_id = 0x02;
constexpr std::uint8_t reason_string_id = 0x1F;
constexpr std::uint8_t receive_maximum_id = 0x21;
constexpr std::uint8_t topic_alias_id = 0x23;
constexpr std::uint8_t packet_bytes_max_id = 0x27;

enum class Shape { byte, two_bytes, four_bytes, variable, text, text_pair, none };

/// How the value of a property is written (section 2.2.2.2); none for an id that does not exist.
Shape shape_of(std::uint32_t id) {
    switch (id) {
        case 0x01:
        case 0x17:
        case 0x19:
        case 0x24:
        case 0x25:
        case 0x28:
        case 0x29:
        case 0x2A:
            return Shape::byte;
        case 0x13:
        case 0x21:
        case 0x22:
        case 0x23:
            return Shape::two_bytes;
        case 0x02:
        case 0x11:
        case 0x18:
        case 0x27:
            return Shape::four_bytes;
        case 0x0B:
            return Shape::variable;
        case 0x03:
        case 0x08:
        case 0x09:
        case 0x12:
        case 0x15:
        case 0x16:
        case 0x1A:
        case 0x1C:
        case 0x1F:
            return Shape::text;
        case 0x26:
            return Shape::text_pair;
        default:
            return Shape::none;
    }
}

struct Property {
    std::uint32_t id = 0;
    std::uint32_t number = 0;
    std::string_view text = {};
};

bool read_property(WireReader& in, Property& property) {
    property = {.id = in.variable()};
    switch (shape_of(property.id)) {
        case Shape::byte:
            property.number = in.u8();
            break;
        case Shape::two_bytes:
            property.number = in.u16();
            break;
        case Shape::four_bytes:
            property.number = in.u32();
            break;
        case Shape::variable:
            property.number = in.variable();
            break;
        case Shape::text_pair:
            in.string();
            [[fallthrough]];
        case Shape::text:
            property.text = in.string();
            break;
        case Shape::none:
            return false;
    }
    return in.good();
}

/// Calls `take` for each property; false when they do not follow the standard.
template <class Take>
bool read_properties(WireReader& in, Take take) {
    WireReader list(in.take(in.variable()));
    if (!in.good()) {
        return false;
    }
    Property property;
    while (!list.empty()) {
        if (!read_property(list, property)) {
            return false;
        }
        take(property);
    }
    return true;
}

bool is_topic_name(std::string_view topic) {
    constexpr std::string_view never("+#\0", 3);
    return !topic.empty() && topic.find_first_of(never) == std::string_view::npos;
}

bool comes_from_broker(unsigned type) {
    switch (static_cast<PacketType>(type)) {
        case PacketType::connect_ack:
        case PacketType::publish:
        case PacketType::publish_ack:
        case PacketType::subscribe_ack:
        case PacketType::unsubscribe_ack:
        case PacketType::ping_answer:
        case PacketType::disconnect:
            return true;
        default:
            return false;
    }
}

tl::unexpected<Error> malformed(std::string_view packet, const Frame& frame) {
    return fail(ErrorCode::corrupt, std::string(packet), "{} bytes do not follow MQTT 5", frame.body.size());
}

/// Writes a packet whose body `write` appends; the length is put in front when it is known.
template <class Write>
void append_packet(Buffer& out, PacketType type, unsigned flags, Write write) {
    Buffer body;
    WireWriter body_writer(body);
    write(body_writer);
    WireWriter writer(out);
    writer.u8(static_cast<unsigned>(type) << 4 | flags);
    writer.variable(body.size());
    writer.raw(body);
}

Buffer connect_properties(const Connect& connect) {
    Buffer out;
    WireWriter writer(out);
    writer.u8(session_expiry_id);
    writer.u32(connect.session_expiry_s);
    writer.u8(receive_maximum_id);
    writer.u16(connect.receive_maximum);
    if (connect.packet_bytes_max > 0) {
        writer.u8(packet_bytes_max_id);
        writer.u32(connect.packet_bytes_max);
    }
    return out;
}

unsigned connect_flags(const Connect& connect) {
    constexpr unsigned will_qos_1_retained = 0x04 | 0x08 | 0x20;
    unsigned flags = connect.clean_start ? 0x02U : 0U;
    flags |= connect.will ? will_qos_1_retained : 0U;
    flags |= connect.password.empty() ? 0U : 0x40U;
    flags |= connect.user.empty() ? 0U : 0x80U;
    return flags;
}

}  // namespace

Result<std::optional<Frame>> find_frame(Bytes bytes, std::size_t packet_bytes_max) {
    if (bytes.size() < 2) {
        return std::optional<Frame>();
    }
    const unsigned type = bytes[0] >> 4;
    if (!comes_from_broker(type)) {
        return fail(ErrorCode::corrupt, "MQTT packet", "type {}; a broker sends 2, 3, 4, 9, 11, 13 or 14", type);
    }
    const std::size_t length_bytes_max = std::min<std::size_t>(4, bytes.size() - 1);
    WireReader in(bytes.subspan(1, length_bytes_max));
    const std::size_t length = in.variable();
    if (!in.good()) {
        if (length_bytes_max < 4) {
            return std::optional<Frame>();
        }
        return fail(ErrorCode::corrupt, "MQTT packet", "its length takes more than 4 bytes");
    }
    const std::size_t header = 1 + length_bytes_max - in.rest().size();
    if (header + length > packet_bytes_max) {
        return fail(ErrorCode::exhausted, "MQTT packet", "{} bytes; {} are taken", header + length, packet_bytes_max);
    }
    if (bytes.size() < header + length) {
        return std::optional<Frame>();
    }
    return Frame{.type = static_cast<PacketType>(type),
                 .flags = static_cast<std::uint8_t>(bytes[0] & 0x0F),
                 .body = bytes.subspan(header, length),
                 .size = header + length};
}

Result<Publish> decode_publish(const Frame& frame) {
    WireReader in(frame.body);
    Publish publish{.topic = in.string(),
                    .qos = static_cast<std::uint8_t>(frame.flags >> 1 & 3),
                    .retain = (frame.flags & 1) != 0,
                    .duplicate = (frame.flags & 8) != 0};
    if (publish.qos > 0) {
        publish.packet_id = in.u16();
    }
    bool alias = false;
    const bool good = read_properties(in, [&](const Property& property) { alias |= property.id == topic_alias_id; });
    if (!good || !is_topic_name(publish.topic) || (publish.qos == 1 && publish.packet_id == 0)) {
        return malformed("MQTT publish", frame);
    }
    if (publish.qos > 1 || alias) {
        return fail(ErrorCode::corrupt, "MQTT publish", "QoS 2 or a topic alias, which was not agreed to");
    }
    publish.payload = in.rest();
    return publish;
}

Result<ConnectAck> decode_connect_ack(const Frame& frame) {
    WireReader in(frame.body);
    ConnectAck ack;
    ack.session_present = (in.u8() & 1) != 0;
    ack.reason = in.u8();
    if (in.good() && in.empty()) {
        return fail(ErrorCode::unsupported, "MQTT connect", "the broker speaks no MQTT 5 (it answered code {})",
                    ack.reason);
    }
    const bool good = read_properties(in, [&](const Property& property) {
        if (property.id == receive_maximum_id) {
            ack.receive_maximum = static_cast<std::uint16_t>(property.number);
        } else if (property.id == packet_bytes_max_id) {
            ack.packet_bytes_max = property.number;
        } else if (property.id == server_keep_alive_id) {
            ack.keep_alive_s = static_cast<std::uint16_t>(property.number);
        } else if (property.id == assigned_client_id) {
            ack.assigned_client_id = property.text;
        } else if (property.id == reason_string_id) {
            ack.reason_text = property.text;
        }
    });
    if (!good || !in.empty() || ack.receive_maximum == 0 || ack.packet_bytes_max == 0) {
        return malformed("MQTT connect answer", frame);
    }
    return ack;
}

Result<PublishAck> decode_publish_ack(const Frame& frame) {
    WireReader in(frame.body);
    PublishAck ack{.packet_id = in.u16()};
    bool good = in.good() && ack.packet_id != 0;
    if (good && !in.empty()) {
        ack.reason = in.u8();
    }
    if (good && !in.empty()) {
        good = read_properties(in, [&](const Property& property) {
            if (property.id == reason_string_id) {
                ack.reason_text = property.text;
            }
        });
    }
    if (!good || !in.empty()) {
        return malformed("MQTT publish answer", frame);
    }
    return ack;
}

Result<SubscribeAck> decode_subscribe_ack(const Frame& frame) {
    WireReader in(frame.body);
    SubscribeAck ack{.packet_id = in.u16()};
    const bool good = read_properties(in, [](const Property&) {});
    ack.reasons.assign(in.rest().begin(), in.rest().end());
    if (!good || ack.packet_id == 0 || ack.reasons.empty()) {
        return malformed("MQTT subscribe answer", frame);
    }
    return ack;
}

Result<Disconnect> decode_disconnect(const Frame& frame) {
    WireReader in(frame.body);
    Disconnect disconnect;
    if (in.empty()) {
        return disconnect;
    }
    disconnect.reason = in.u8();
    const bool good = in.empty() || read_properties(in, [&](const Property& property) {
                          if (property.id == reason_string_id) {
                              disconnect.reason_text = property.text;
                          }
                      });
    if (!good || !in.empty()) {
        return malformed("MQTT disconnect", frame);
    }
    return disconnect;
}

void append_connect(Buffer& out, const Connect& connect) {
    append_packet(out, PacketType::connect, 0, [&](WireWriter& body) {
        body.string("MQTT");
        body.u8(5);
        body.u8(connect_flags(connect));
        body.u16(connect.keep_alive_s);
        const Buffer properties = connect_properties(connect);
        body.variable(properties.size());
        body.raw(properties);
        body.string(connect.client_id);
        if (connect.will) {
            body.variable(0);
            body.string(connect.will->topic);
            body.string(connect.will->payload);
        }
        if (!connect.user.empty()) {
            body.string(connect.user);
        }
        if (!connect.password.empty()) {
            body.string(connect.password);
        }
    });
}

void append_publish(Buffer& out, const Publish& publish) {
    const unsigned flags =
        (publish.duplicate ? 8U : 0U) | static_cast<unsigned>(publish.qos) << 1 | (publish.retain ? 1U : 0U);
    append_packet(out, PacketType::publish, flags, [&](WireWriter& body) {
        body.string(publish.topic);
        if (publish.qos > 0) {
            body.u16(publish.packet_id);
        }
        if (publish.expiry_s > 0) {
            body.variable(5);
            body.u8(message_expiry_id);
            body.u32(publish.expiry_s);
        } else {
            body.variable(0);
        }
        body.raw(publish.payload);
    });
}

void append_publish_ack(Buffer& out, std::uint16_t packet_id) {
    WireWriter writer(out);
    writer.u8(static_cast<unsigned>(PacketType::publish_ack) << 4);
    writer.u8(2);
    writer.u16(packet_id);
}

void append_subscribe(Buffer& out, std::uint16_t packet_id, std::span<const Filter> filters) {
    constexpr unsigned qos_1 = 0x01;
    constexpr unsigned no_own_messages = 0x04;
    constexpr unsigned retained_when_new = 0x10;
    append_packet(out, PacketType::subscribe, 2, [&](WireWriter& body) {
        body.u16(packet_id);
        body.variable(0);
        for (const auto& filter : filters) {
            body.string(filter.topics);
            body.u8(qos_1 | retained_when_new | (filter.own_messages ? 0U : no_own_messages));
        }
    });
}

void append_unsubscribe(Buffer& out, std::uint16_t packet_id, std::span<const std::string> filters) {
    append_packet(out, PacketType::unsubscribe, 2, [&](WireWriter& body) {
        body.u16(packet_id);
        body.variable(0);
        for (const auto& filter : filters) {
            body.string(filter);
        }
    });
}

void append_ping(Buffer& out) {
    append_packet(out, PacketType::ping, 0, [](WireWriter&) {});
}

void append_disconnect(Buffer& out, std::uint8_t reason) {
    append_packet(out, PacketType::disconnect, 0, [&](WireWriter& body) { body.u8(reason); });
}

}  // namespace nuanshu::drivers::mqtt

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

/// The part of MQTT 5.0 (OASIS standard, 7 March 2019) that a client needs which subscribes, publishes with QoS 0 and 1
/// and acknowledges when it wants to. Pure: bytes in, values out. A packet on the wire is
///
///     type and flags (1 byte) | length of the rest (1 to 4 bytes, 7 bits each, lowest first) | the rest
///
/// Strings and binary fields have a 2-byte length in front; properties are a length in bytes, then id-value pairs.
namespace nuanshu::drivers::mqtt {

using Bytes = std::span<const std::uint8_t>;
using Buffer = std::vector<std::uint8_t>;

/// MQTT cannot say more in its four length bytes.
inline constexpr std::size_t remaining_length_max = 268'435'455;

enum class PacketType : std::uint8_t {
    connect = 1,
    connect_ack = 2,
    publish = 3,
    publish_ack = 4,
    subscribe = 8,
    subscribe_ack = 9,
    unsubscribe = 10,
    unsubscribe_ack = 11,
    ping = 12,
    ping_answer = 13,
    disconnect = 14,
};

/// One whole packet at the front of some bytes.
struct Frame {
    PacketType type;
    std::uint8_t flags = 0;
    Bytes body = {};
    std::size_t size = 0;  ///< with its header
};

/// Finds the first packet. Nothing while it is not complete. Errors: corrupt (the length, a packet type that no broker
/// sends), exhausted (it is longer than `packet_bytes_max`).
Result<std::optional<Frame>> find_frame(Bytes bytes, std::size_t packet_bytes_max);

/// A message. The views point into the frame's bytes.
struct Publish {
    std::string_view topic;
    Bytes payload = {};
    std::uint16_t packet_id = 0;  ///< not 0 with QoS 1
    std::uint8_t qos = 0;         ///< 0 or 1
    bool retain = false;
    bool duplicate = false;      ///< sent before, and not acknowledged then
    std::uint32_t expiry_s = 0;  ///< encoding only: the broker forgets it after this time; 0 never
};

struct ConnectAck {
    bool session_present = false;
    std::uint8_t reason = 0;
    std::uint16_t receive_maximum = 65'535;
    std::size_t packet_bytes_max = remaining_length_max;
    std::optional<std::uint16_t> keep_alive_s;  ///< the broker's wish, which counts
    std::string assigned_client_id;
    std::string reason_text;
};

struct PublishAck {
    std::uint16_t packet_id = 0;
    std::uint8_t reason = 0;
    std::string reason_text = {};
};

/// Answers a subscribe or an unsubscribe: one reason for each filter.
struct SubscribeAck {
    std::uint16_t packet_id = 0;
    std::vector<std::uint8_t> reasons = {};
};

struct Disconnect {
    std::uint8_t reason = 0;
    std::string reason_text;
};

/// Each refuses, as corrupt, what does not follow the standard. @pre the frame is of that type
Result<Publish> decode_publish(const Frame& frame);
Result<ConnectAck> decode_connect_ack(const Frame& frame);
Result<PublishAck> decode_publish_ack(const Frame& frame);
Result<SubscribeAck> decode_subscribe_ack(const Frame& frame);
Result<Disconnect> decode_disconnect(const Frame& frame);

/// What the broker publishes for us, retained, when the connection breaks.
struct Will {
    std::string topic;
    std::string payload;
};

struct Connect {
    std::string client_id;
    std::string user = {};  ///< "" for none
    std::string password = {};
    std::uint16_t keep_alive_s = 30;
    bool clean_start = false;
    std::uint32_t session_expiry_s = 0;
    std::uint16_t receive_maximum = 65'535;
    std::uint32_t packet_bytes_max = 0;  ///< of packets to us
    std::optional<Will> will = {};
};

struct Filter {
    std::string topics;
    bool own_messages = false;  ///< also what this client itself publishes
};

/// Each appends one packet. @pre strings are at most 65 535 bytes, a packet at most remaining_length_max
void append_connect(Buffer& out, const Connect& connect);
void append_publish(Buffer& out, const Publish& publish);
void append_publish_ack(Buffer& out, std::uint16_t packet_id);
/// QoS 1; retained messages come only when the subscription is new.
void append_subscribe(Buffer& out, std::uint16_t packet_id, std::span<const Filter> filters);
void append_unsubscribe(Buffer& out, std::uint16_t packet_id, std::span<const std::string> filters);
void append_ping(Buffer& out);
void append_disconnect(Buffer& out, std::uint8_t reason);

}  // namespace nuanshu::drivers::mqtt

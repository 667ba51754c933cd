#include "platform/drivers/mqtt/src/packet.h"

#include <string>

#include <gtest/gtest.h>

namespace nuanshu::drivers::mqtt {
namespace {

constexpr std::size_t packet_bytes_max = 1'000'000;

Bytes bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Frame whole_frame(Bytes bytes) {
    const auto frame = find_frame(bytes, packet_bytes_max);
    EXPECT_TRUE(frame && *frame) << "no whole packet in " << bytes.size() << " bytes";
    return frame && *frame ? **frame : Frame{.type = PacketType::ping, .body = {}};
}

/// What a broker would send, made by our own encoder, comes back as it was.
void check_round_trip(const Publish& publish) {
    Buffer bytes;
    append_publish(bytes, publish);
    const auto decoded = decode_publish(whole_frame(bytes));
    ASSERT_TRUE(decoded) << decoded.error().message();
    EXPECT_EQ(decoded->topic, publish.topic);
    EXPECT_TRUE(
        std::equal(decoded->payload.begin(), decoded->payload.end(), publish.payload.begin(), publish.payload.end()));
    EXPECT_EQ(decoded->packet_id, publish.packet_id);
    EXPECT_EQ(decoded->qos, publish.qos);
    EXPECT_EQ(decoded->retain, publish.retain);
    EXPECT_EQ(decoded->duplicate, publish.duplicate);
}

TEST(Packet, a_message_comes_back_as_it_was) {
    const std::string long_payload(70'000, 'x');
    check_round_trip({.topic = "a", .payload = {}});
    check_round_trip({.topic = "city/rooms/a/up", .payload = bytes_of("21.5"), .packet_id = 65'535, .qos = 1});
    check_round_trip({.topic = "温度",
                      .payload = bytes_of(long_payload),
                      .packet_id = 1,
                      .qos = 1,
                      .retain = true,
                      .duplicate = true});
    check_round_trip({.topic = "command", .payload = bytes_of("1"), .packet_id = 2, .qos = 1, .expiry_s = 10});
}

TEST(Packet, one_byte_at_a_time_is_no_packet_until_the_last) {
    Buffer bytes;
    append_publish(bytes, {.topic = "t", .payload = bytes_of(std::string(300, 'x')), .packet_id = 7, .qos = 1});
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const auto frame = find_frame(Bytes(bytes).first(size), packet_bytes_max);
        ASSERT_TRUE(frame) << frame.error().message();
        ASSERT_FALSE(*frame) << size << " of " << bytes.size() << " bytes";
    }
    EXPECT_EQ(whole_frame(bytes).size, bytes.size());
}

TEST(Packet, two_packets_in_a_row_are_found_one_after_the_other) {
    Buffer bytes;
    append_publish_ack(bytes, 258);
    const std::size_t first = bytes.size();
    append_disconnect(bytes, 0x8E);
    EXPECT_EQ(decode_publish_ack(whole_frame(bytes))->packet_id, 258);
    EXPECT_EQ(decode_disconnect(whole_frame(Bytes(bytes).subspan(first)))->reason, 0x8E);
}

// Written out by hand from chapter 3.1 of the standard, so that encoder and decoder cannot agree on an error.
TEST(Packet, connect_is_written_as_the_standard_says) {
    Buffer bytes;
    append_connect(bytes, {.client_id = "id",
                           .user = "u",
                           .password = "p",
                           .keep_alive_s = 20,
                           .clean_start = false,
                           .session_expiry_s = 86'400,
                           .receive_maximum = 4'096,
                           .packet_bytes_max = 65'536,
                           .will = Will{.topic = "w", .payload = "x"}});
    const Buffer expected = {
        0x10, 43,   0,   4,   'M',  'Q',  'T',  'T',  5, 0xEC, 0,   20,  // will retained with QoS 1, user, password
        13,   0x11, 0,   1,   0x51, 0x80, 0x21, 0x10, 0, 0x27, 0,   1,  0, 0,  // expiry, receive maximum, packet size
        0,    2,    'i', 'd', 0,    0,    1,    'w',  0, 1,    'x', 0,  1, 'u', 0, 1, 'p'};
    Buffer with_length = expected;
    with_length[1] = static_cast<std::uint8_t>(expected.size() - 2);
    EXPECT_EQ(bytes, with_length);
}

TEST(Packet, subscribe_is_written_as_the_standard_says) {
    Buffer bytes;
    const std::vector<Filter> filters = {{.topics = "a/+"}, {.topics = "s", .own_messages = true}};
    append_subscribe(bytes, 258, filters);
    EXPECT_EQ(bytes, (Buffer{0x82, 13, 1, 2, 0, 0, 3, 'a', '/', '+', 0x15, 0, 1, 's', 0x11}));
    bytes.clear();
    append_unsubscribe(bytes, 3, std::vector<std::string>{"a"});
    EXPECT_EQ(bytes, (Buffer{0xA2, 6, 0, 3, 0, 0, 1, 'a'}));
}

TEST(Packet, reads_what_the_broker_says_about_itself) {
    const Buffer bytes = {0x20, 19, 1, 0, 16, 0x21, 0, 20, 0x27, 0, 0, 8, 0, 0x13, 0, 60, 0x22, 0, 10, 0x24, 1};
    const auto ack = decode_connect_ack(whole_frame(bytes));
    ASSERT_TRUE(ack) << ack.error().message();
    EXPECT_TRUE(ack->session_present);
    EXPECT_EQ(ack->receive_maximum, 20);
    EXPECT_EQ(ack->packet_bytes_max, 2'048U);
    EXPECT_EQ(ack->keep_alive_s, 60);
}

TEST(Packet, a_broker_of_mqtt_3_is_named_as_such) {
    const auto ack = decode_connect_ack(whole_frame(Buffer{0x20, 2, 0, 1}));
    ASSERT_FALSE(ack);
    EXPECT_EQ(ack.error().code, ErrorCode::unsupported);
    EXPECT_NE(ack.error().what.find("MQTT 5"), std::string::npos);
}

TEST(Packet, lengths_and_types_that_cannot_be_are_refused) {
    EXPECT_EQ(find_frame(Buffer{0x30, 0xFF, 0xFF, 0xFF, 0xFF}, packet_bytes_max).error().code, ErrorCode::corrupt);
    EXPECT_EQ(find_frame(Buffer{0x10, 0}, packet_bytes_max).error().code, ErrorCode::corrupt)
        << "a broker sends no connect";
    EXPECT_EQ(find_frame(Buffer{0x30, 0xFF, 0xFF, 0x7F}, packet_bytes_max).error().code, ErrorCode::exhausted);
}

struct Malformed {
    const char* what;
    Buffer bytes;
};

TEST(Packet, messages_that_do_not_follow_the_standard_are_refused) {
    const std::vector<Malformed> cases = {
        {"topic longer than the packet", {0x30, 4, 0, 9, 'a', 0}},
        {"no topic", {0x30, 3, 0, 0, 0}},
        {"wildcard in the topic", {0x30, 4, 0, 1, '#', 0}},
        {"QoS 1 without a packet id", {0x32, 6, 0, 1, 'a', 0, 0, 0}},
        {"QoS 2", {0x34, 6, 0, 1, 'a', 0, 1, 0}},
        {"properties longer than the packet", {0x30, 4, 0, 1, 'a', 9}},
        {"a property that does not exist", {0x30, 6, 0, 1, 'a', 2, 0x7A, 0}},
        {"a topic alias, which was not agreed to", {0x30, 7, 0, 1, 'a', 3, 0x23, 0, 1}},
    };
    for (const auto& malformed : cases) {
        const auto decoded = decode_publish(whole_frame(malformed.bytes));
        EXPECT_TRUE(!decoded && decoded.error().code == ErrorCode::corrupt) << malformed.what;
    }
}

TEST(Packet, properties_that_concern_nobody_are_passed_over) {
    const Buffer bytes = {0x30, 18, 0, 1, 'a', 13, 0x01, 1, 0x02, 0, 0, 0, 9, 0x26, 0, 1, 'k', 0, 0, '!'};
    Buffer whole = bytes;
    whole[1] = static_cast<std::uint8_t>(bytes.size() - 2);
    whole[5] = static_cast<std::uint8_t>(bytes.size() - 7);
    const auto decoded = decode_publish(whole_frame(whole));
    ASSERT_TRUE(decoded) << decoded.error().message();
    EXPECT_EQ(decoded->payload.size(), 1U);
    EXPECT_EQ(decoded->payload[0], '!');
}

}  // namespace
}  // namespace nuanshu::drivers::mqtt

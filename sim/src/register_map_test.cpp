#include "sim/src/register_map.h"

#include <array>
#include <cmath>

#include <gtest/gtest.h>

namespace nuanshu::sim {
namespace {

std::vector<std::uint16_t> encoded(double raw, const char* text) {
    const auto address = value_or_throw(read_register_address(text));
    std::vector<std::uint16_t> words(static_cast<std::size_t>(address.count()));
    encode_number(raw, address, words);
    return words;
}

double round_trip(double raw, const char* text) {
    return decode_number(value_or_throw(read_register_address(text)), encoded(raw, text));
}

TEST(RegisterAddress, reads_area_number_coding_and_order) {
    const auto full = value_or_throw(read_register_address("holding 100 f32 cdab"));
    EXPECT_EQ(full.area, Area::holding);
    EXPECT_EQ(full.first, 100);
    EXPECT_EQ(full.coding, Coding::f32);
    EXPECT_EQ(full.order, ByteOrder::cdab);
    EXPECT_EQ(full.count(), 2);
    EXPECT_EQ(value_or_throw(read_register_address("input 7")).coding, Coding::u16);
    EXPECT_EQ(value_or_throw(read_register_address("coil 10")).coding, Coding::bit);
}

TEST(RegisterAddress, nonsense_is_refused_with_what_would_be_right) {
    for (const char* wrong :
         {"", "holding", "holding x", "holding -1", "holding 65536", "holding 65535 f32", "relay 1", "holding 1 f33",
          "holding 1 f32 abba", "coil 1 u16", "input 1 bit", "holding 1 f32 abcd now"}) {
        const auto address = read_register_address(wrong);
        ASSERT_FALSE(address) << wrong;
        EXPECT_NE(address.error().what.find("coil|discrete|input|holding"), std::string::npos);
    }
}

TEST(EncodeNumber, puts_bytes_where_the_order_says) {
    // 42.5 is 0x422A0000, 0x12345678 is 305419896.
    EXPECT_EQ(encoded(42.5, "holding 0 f32"), (std::vector<std::uint16_t>{0x422A, 0x0000}));
    EXPECT_EQ(encoded(305'419'896.0, "holding 0 u32"), (std::vector<std::uint16_t>{0x1234, 0x5678}));
    EXPECT_EQ(encoded(305'419'896.0, "holding 0 u32 cdab"), (std::vector<std::uint16_t>{0x5678, 0x1234}));
    EXPECT_EQ(encoded(305'419'896.0, "holding 0 u32 badc"), (std::vector<std::uint16_t>{0x3412, 0x7856}));
    EXPECT_EQ(encoded(305'419'896.0, "holding 0 u32 dcba"), (std::vector<std::uint16_t>{0x7856, 0x3412}));
    EXPECT_EQ(encoded(1.0, "holding 0 f64 cdab"), (std::vector<std::uint16_t>{0, 0, 0, 0x3FF0}));
}

TEST(EncodeNumber, every_coding_and_order_comes_back) {
    for (const char* coding : {"u16", "i16", "u32", "i32", "u64", "i64", "f32", "f64"}) {
        for (const char* order : {"abcd", "cdab", "badc", "dcba"}) {
            EXPECT_EQ(round_trip(1'234.0, fmt::format("input 3 {} {}", coding, order).c_str()), 1'234.0)
                << coding << order;
        }
    }
    EXPECT_EQ(round_trip(-7.0, "input 0 i16"), -7.0);
    EXPECT_EQ(round_trip(-70'000.0, "input 0 i32 dcba"), -70'000.0);
    EXPECT_EQ(round_trip(0.1, "input 0 f64 badc"), 0.1);
}

TEST(EncodeNumber, integers_are_rounded_and_stop_at_their_ends) {
    EXPECT_EQ(round_trip(1.6, "input 0 u16"), 2.0);
    EXPECT_EQ(round_trip(-1.0, "input 0 u16"), 0.0);
    EXPECT_EQ(round_trip(70'000.0, "input 0 u16"), 65'535.0);
    EXPECT_EQ(round_trip(-40'000.0, "input 0 i16"), -32'768.0);
    EXPECT_EQ(round_trip(1e30, "input 0 u64"), 18'446'744'073'709'551'615.0);
    EXPECT_EQ(round_trip(std::nan(""), "input 0 u32"), 0.0);
}

TEST(RegisterLine, turns_scale_offset_and_unit_round) {
    points::Profile profile;
    profile.file = "x.yaml";
    points::ProfilePoint point;
    point.point = "/primary_supply_pressure";
    point.address = "input 0 u16";
    point.scale = 0.5;
    point.offset = -10.0;
    point.unit = "kPa";
    profile.points = {point};
    const auto line = value_or_throw(with_unit(value_or_throw(read_register_lines(profile)).at(0), "MPa"));
    // The device's number r means r · 0.5 − 10 kPa: 0.6 MPa = 600 kPa is 1 220.
    EXPECT_NEAR(line.raw(0.6), 1'220.0, 1e-9);
    EXPECT_NEAR(line.value(1'220.0), 0.6, 1e-12);
}

TEST(RegisterLine, what_cannot_be_converted_is_refused) {
    points::Profile profile;
    profile.file = "x.yaml";
    points::ProfilePoint point;
    point.point = "/flow";
    point.address = "input 0";
    point.unit = "kPa";
    point.line = 12;
    profile.points = {point};
    EXPECT_FALSE(with_unit(value_or_throw(read_register_lines(profile)).at(0), "t/h"));
    profile.points[0].scale = 0.0;
    const auto lines = read_register_lines(profile);
    ASSERT_FALSE(lines);
    EXPECT_NE(lines.error().message().find("x.yaml:12"), std::string::npos) << lines.error().message();
}

}  // namespace
}  // namespace nuanshu::sim

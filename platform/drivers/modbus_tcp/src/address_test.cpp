#include "platform/drivers/modbus_tcp/src/address.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "platform/drivers/modbus_tcp/src/value.h"

namespace nuanshu::modbus_tcp {
namespace {

void check_fault(std::string_view text, std::string_view says) {
    const auto address = parse_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code, ErrorCode::invalid);
    EXPECT_NE(address.error().message().find(says), std::string::npos) << address.error().message();
}

TEST(ModbusAddress, is_written_as_it_is_read) {
    for (const auto* text :
         {"holding 100 f32", "input 7 u16", "coil 3", "discrete 12", "holding 40 u32 cdab", "holding 12 bit 5",
          "holding 65535 i16", "input 65532 f64 dcba", "input 200 bcd32 badc unit=3", "coil 65535 unit=255"}) {
        const auto address = parse_address(text);
        ASSERT_TRUE(address) << address.error().message();
        EXPECT_EQ(to_string(*address), text);
    }
}

TEST(ModbusAddress, takes_its_words_in_any_case_and_the_unit_anywhere) {
    EXPECT_EQ(parse_address("  Holding\t100 F32 ABCD ").value(), parse_address("holding 100 f32").value());
    EXPECT_EQ(parse_address("unit=9 holding 100 f32").value(), parse_address("holding 100 f32 unit=9").value());
}

TEST(ModbusAddress, says_what_is_wrong_and_what_would_be_right) {
    check_fault("", "it names no kind of register; it begins with coil, discrete, input or holding");
    check_fault("register 4", "`register` is no kind of register");
    check_fault("holding", "the number is missing; 0 … 65535");
    check_fault("holding -1 u16", "`-1` is no register number");
    check_fault("holding 65536 u16", "`65536` is no register number");
    check_fault("holding 7", "the type is missing; one of bit u16");
    check_fault("holding 7 float", "`float` is no type");
    check_fault("holding 7 f32 acbd", "`acbd` is no byte order; abcd, badc, cdab or dcba");
    check_fault("holding 7 bit", "bit wants the number of the bit");
    check_fault("holding 7 bit 16", "bit wants the number of the bit");
    check_fault("holding 7 u16 abcd 5", "`5` at the end is too much");
    check_fault("coil 3 u16", "coils and discrete inputs are single bits and take no type");
    check_fault("holding 65535 u32", "u32 takes 2 registers and would end beyond 65535");
    check_fault("holding 7 u16 unit=256", "`unit=256` is no unit id");
    check_fault(std::string(200, 'x'), "at most 100");
}

const std::vector<std::string> types = {"u16", "i16", "u32", "i32", "u64", "i64", "f32", "f64", "bcd16", "bcd32"};
const std::vector<std::string> orders = {"abcd", "badc", "cdab", "dcba"};

TEST(ModbusValue, comes_back_as_it_was_encoded_in_every_type_and_order) {
    for (const auto& type : types) {
        for (const auto& order : orders) {
            const auto address = parse_address(fmt::format("holding 0 {} {}", type, order)).value();
            for (const double value : {0.0, 1.0, 9.0, 1234.0, 9999.0}) {
                const auto items = encode_value(address, value);
                ASSERT_TRUE(items) << items.error().message();
                EXPECT_EQ(decode_value(address, *items), value) << to_string(address);
            }
        }
    }
}

TEST(ModbusValue, keeps_its_sign_and_its_fraction) {
    const auto check = [](const char* text, double value) {
        const auto address = parse_address(text).value();
        EXPECT_EQ(decode_value(address, encode_value(address, value).value()), value) << text;
    };
    check("holding 0 i16", -32'768);
    check("holding 0 i32 cdab", -2'147'483'648.0);
    check("holding 0 i64 badc", -9'007'199'254'740'992.0);
    check("holding 0 f32 dcba", -0.375);
    check("holding 0 f64 cdab", 3.141592653589793);
    check("holding 0 u64", 9'007'199'254'740'992.0);
    check("holding 0 bcd32", 99'999'999);
}

TEST(ModbusValue, is_rounded_to_the_nearest_whole_for_integers) {
    const auto address = parse_address("holding 0 u16").value();
    EXPECT_EQ(encode_value(address, 454.9999999)->front(), 455);
    EXPECT_EQ(encode_value(address, 65'535.4)->front(), 65'535);
}

TEST(ModbusValue, must_fit_its_type) {
    const auto check = [](const char* text, double value) {
        const auto items = encode_value(parse_address(text).value(), value);
        ASSERT_FALSE(items) << text << " " << value;
        EXPECT_EQ(items.error().code, ErrorCode::invalid);
        EXPECT_NE(items.error().what.find("does not fit"), std::string::npos) << items.error().what;
    };
    check("holding 0 u16", -1);
    check("holding 0 u16", 65'535.5);
    check("holding 0 i16", 32'768);
    check("holding 0 u32", 4'294'967'296.0);
    check("holding 0 i32", -2'147'483'649.0);
    check("holding 0 u64", 18'446'744'073'709'551'616.0);
    check("holding 0 i64", 9'223'372'036'854'775'808.0);
    check("holding 0 bcd16", 10'000);
    check("holding 0 f32", 1e39);
    check("coil 0", 2);
    check("holding 0 bit 3", -1);
    for (const auto& type : types) {
        check(fmt::format("holding 0 {}", type).c_str(), std::numeric_limits<double>::quiet_NaN());
        check(fmt::format("holding 0 {}", type).c_str(), std::numeric_limits<double>::infinity());
    }
}

}  // namespace
}  // namespace nuanshu::modbus_tcp

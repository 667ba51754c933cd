#include "platform/drivers/modbus_tcp/src/settings.h"

#include <string>

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

namespace nuanshu::modbus_tcp {
namespace {

drivers::DeviceConfig device(std::string settings, std::vector<drivers::PointBinding> points = {}) {
    return {
        .code = "xc.h001.plc1", .driver = "modbus_tcp", .settings = std::move(settings), .points = std::move(points)};
}

std::string faults_of(const drivers::DeviceConfig& config) {
    Diagnostics faults;
    const bool understood = read_device(config, faults).has_value();
    EXPECT_EQ(understood, faults.empty());
    return to_string(faults);
}

void check_fault(const drivers::DeviceConfig& config, std::string_view says) {
    const auto text = faults_of(config);
    EXPECT_NE(text.find(says), std::string::npos) << says << " is not in: " << text;
}

TEST(ModbusSettings, have_defaults_for_all_but_the_host) {
    Diagnostics faults;
    const auto setup = read_device(device(R"({"host": "10.0.0.7"})"), faults);
    ASSERT_TRUE(setup) << to_string(faults);
    EXPECT_EQ(endpoint_of(setup->settings), "10.0.0.7:502 unit 1");
    EXPECT_EQ(setup->settings.poll, std::chrono::seconds(5));
}

TEST(ModbusSettings, gather_points_by_unit_with_their_periods) {
    Diagnostics faults;
    const auto setup = read_device(device(R"({"host": "gw", "unit": 4, "poll_ms": 2000})",
                                          {{.point = {1}, .code = "a/x", .address = "holding 1 u16", .writable = true},
                                           {.point = {2}, .code = "a/y", .address = "input 2 u16", .poll_ms = 500},
                                           {.point = {3}, .code = "a/z", .address = "coil 1 unit=9"}}),
                                   faults);
    ASSERT_TRUE(setup) << to_string(faults);
    ASSERT_EQ(setup->units.size(), 2U);
    EXPECT_EQ(setup->units.at(4).size(), 2U);
    EXPECT_EQ(setup->units.at(4)[0].period.count(), 2'000);
    EXPECT_TRUE(setup->units.at(4)[0].writable);
    EXPECT_EQ(setup->units.at(4)[1].period.count(), 500);
    EXPECT_EQ(setup->units.at(9)[0].point, PointId{3});
}

TEST(ModbusSettings, tell_all_that_is_wrong_with_the_field) {
    check_fault(device("{"), "xc.h001.plc1 settings: no JSON");
    check_fault(device("[1]"), "a JSON object would be right");
    check_fault(device("{}"), "settings.host: is missing");
    check_fault(device(R"({"host": ""})"), "settings.host: a name or address");
    check_fault(device(R"({"host": "a", "prot": 502})"), "settings.prot: no such setting; there are host, port");
    check_fault(device(R"({"host": "a", "port": "502"})"), "settings.port: this is not possible; an integer 1 … 65535");
    check_fault(device(R"({"host": "a", "port": 70000})"), "settings.port: 70000 is not possible");
    check_fault(device(R"({"host": "a", "retry_min_ms": 5000, "retry_max_ms": 100})"),
                "100 is below retry_min_ms, 5000");
    const auto both =
        faults_of(device(R"({"host": "a", "unit": 999})", {{.point = {1}, .code = "a/x", .address = "holding x u16"}}));
    EXPECT_NE(both.find("settings.unit"), std::string::npos) << both;
    EXPECT_NE(both.find("a/x"), std::string::npos) << both;
}

TEST(ModbusSettings, refuse_points_that_cannot_be) {
    const std::string host = R"({"host": "a"})";
    check_fault(device(host, {{.point = {1}, .code = "a/x", .address = "input 1 u16", .writable = true}}),
                "can only be read");
    check_fault(device(host, {{.point = {1}, .code = "a/x", .address = "input 1 u16", .poll_ms = -5}}),
                "a period of -5 ms is not possible");
    check_fault(device(host, {{.point = {1}, .code = "a/x", .address = "input 1 u16"},
                              {.point = {1}, .code = "a/x", .address = "input 2 u16"}}),
                "is bound twice");
}

TEST(ModbusSettings, have_the_bounds_that_the_manifest_publishes) {
    const auto manifest = YAML::LoadFile(std::string(NUANSHU_SOURCE_DIR) + "/" + NUANSHU_ROOM + "/driver.yaml");
    int integers = 0;
    for (const auto& property : manifest["settings_schema"]["properties"]) {
        if (property.second["type"].as<std::string>() != "integer") {
            continue;
        }
        ++integers;
        const auto name = property.first.as<std::string>();
        const auto with = [&](std::int64_t value) {
            return device(
                fmt::format(R"({{"host": "a", "retry_min_ms": 10, "retry_max_ms": 3600000, "{}": {}}})", name, value));
        };
        const auto min = property.second["minimum"].as<std::int64_t>();
        const auto max = property.second["maximum"].as<std::int64_t>();
        EXPECT_EQ(faults_of(with(min)), "") << name;
        EXPECT_EQ(faults_of(with(max)), "") << name;
        EXPECT_EQ(faults_of(with(property.second["default"].as<std::int64_t>())), "") << name;
        check_fault(with(min - 1), "settings." + name);
        check_fault(with(max + 1), "settings." + name);
    }
    EXPECT_EQ(integers, 10);
}

}  // namespace
}  // namespace nuanshu::modbus_tcp

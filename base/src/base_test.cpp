#include <cmath>
#include <fstream>

#include <gtest/gtest.h>

#include "base/config.h"
#include "base/diagnostic.h"
#include "base/metrics.h"
#include "base/time.h"
#include "base/units.h"

namespace nuanshu {
namespace {

void check_conversion(std::string_view from, std::string_view to, double value, double expected) {
    const auto conversion = unit_conversion(from, to);
    ASSERT_TRUE(conversion) << conversion.error().message();
    EXPECT_NEAR(conversion->apply(value), expected, 1e-9 * std::abs(expected) + 1e-12) << from << " to " << to;
    EXPECT_NEAR(conversion->inverse().apply(expected), value, 1e-9 * std::abs(value) + 1e-9);
}

TEST(UnitConversion, speaks_the_units_of_heating) {
    check_conversion("℃", "K", 20, 293.15);
    check_conversion("MPa", "kPa", 0.6, 600);
    check_conversion("bar", "MPa", 16, 1.6);
    check_conversion("GJ/h", "kW", 3.6, 1000);
    check_conversion("kWh", "GJ", 1000, 3.6);
    check_conversion("m³/h", "l/h", 1.5, 1500);
    check_conversion("t/h", "kg/s", 3.6, 1);
    check_conversion("万㎡", "㎡", 12, 120000);
    check_conversion("%", "1", 45, 0.45);
    check_conversion("mH2O", "kPa", 10, 98.0665);
}

TEST(UnitConversion, decimal_scales_give_decimal_numbers) {
    EXPECT_EQ((UnitConversion{.scale = 0.1}.apply(368)), 36.8);
    EXPECT_EQ((UnitConversion{.scale = 0.01}.apply(2007484)), 20074.84);
    EXPECT_EQ((UnitConversion{.scale = 0.001}.apply(628)), 0.628);
    EXPECT_EQ((UnitConversion{.scale = 1000}.apply(0.25)), 250);
    EXPECT_EQ((UnitConversion{.scale = 0.125, .offset = -0.5}.apply(12)), 1.0);
}

TEST(UnitConversion, refuses_what_cannot_be_and_says_why) {
    EXPECT_NE(unit_conversion("℃", "MPa").error().what.find("different things"), std::string::npos);
    EXPECT_NE(unit_conversion("m3/hq", "m³/h").error().what.find("m3/hq"), std::string::npos);
    EXPECT_FALSE(is_known_unit("furlonks"));
}

TEST(Time, reads_what_it_writes) {
    for (const std::int64_t t : {0LL, 1'768'465'800'250LL, -1LL, 951'782'400'000LL, 4'102'444'799'999LL}) {
        EXPECT_EQ(parse_time(format_time(t)).value(), t) << format_time(t);
    }
    EXPECT_EQ(parse_time("2026-01-15T16:30:00+08:00").value(), parse_time("2026-01-15T08:30:00Z").value());
    EXPECT_EQ(parse_time("1768465800").value(), 1'768'465'800'000);
    EXPECT_EQ(parse_time("1768465800250").value(), 1'768'465'800'250);
}

TEST(Time, refuses_dates_that_are_not) {
    for (const auto* text : {"", "yesterday", "2026-02-30T00:00:00Z", "2026-01-15T25:00:00Z", "2026-01-15T08:30:00",
                             "2026-01-15T08:30:00+99:00"}) {
        EXPECT_FALSE(parse_time(text)) << text;
    }
}

TEST(Duration, wants_a_unit) {
    EXPECT_EQ(parse_duration_ms("10m").value(), 600'000);
    EXPECT_EQ(parse_duration_ms("1.5s").value(), 1500);
    EXPECT_FALSE(parse_duration_ms("10"));
    EXPECT_FALSE(parse_duration_ms("-5s"));
    EXPECT_FALSE(parse_duration_ms("h"));
}

TEST(Metrics, are_written_as_prometheus_reads_them) {
    Metrics metrics;
    metrics.counter("nuanshu_test_samples_total", "Samples.", {{"driver", "mod\"bus"}}).add(3);
    metrics.histogram("nuanshu_test_seconds", "Time.").observe(0.02);
    metrics.gauge_from("nuanshu_test_depth", "Depth.", {}, [] { return 2.5; });
    const auto text = metrics.render();
    EXPECT_NE(text.find("nuanshu_test_samples_total{driver=\"mod\\\"bus\"} 3\n"), std::string::npos) << text;
    EXPECT_NE(text.find("nuanshu_test_seconds_bucket{le=\"0.01\"} 0\n"), std::string::npos);
    EXPECT_NE(text.find("nuanshu_test_seconds_bucket{le=\"0.025\"} 1\n"), std::string::npos);
    EXPECT_NE(text.find("nuanshu_test_depth 2.5\n"), std::string::npos);
}

TEST(Config, names_the_line_of_an_unknown_setting) {
    const auto path = testing::TempDir() + "nuanshu_config_test.yaml";
    std::ofstream(path) << "http_port: 9000\nhtp_port: 9001\n";
    const auto config = load_config(path);
    ASSERT_FALSE(config);
    EXPECT_NE(config.error().message().find(path + ":2"), std::string::npos) << config.error().message();
    EXPECT_NE(config.error().message().find("http_port"), std::string::npos);
}

TEST(Config, reads_rules_over_several_lines) {
    const auto path = testing::TempDir() + "nuanshu_config_test3.yaml";
    std::ofstream(path)
        << "historian_retention: |\n  */vibration_* raw=30d\n  * raw=365d\nhistorian_backup_dir: /backup\n";
    const auto config = load_config(path);
    ASSERT_TRUE(config) << config.error().message();
    EXPECT_EQ(config->historian_retention, "*/vibration_* raw=30d\n* raw=365d\n");
    EXPECT_EQ(config->historian_backup_dir, "/backup");
}

TEST(Config, refuses_a_port_that_is_no_number) {
    const auto path = testing::TempDir() + "nuanshu_config_test2.yaml";
    std::ofstream(path) << "http_port: many\n";
    EXPECT_FALSE(load_config(path));
}

TEST(Diagnostic, reads_as_a_compiler_writes) {
    EXPECT_EQ(to_string(Diagnostic{"types/station.yaml", 42, "points.flow.unit", "no such unit"}),
              "types/station.yaml:42 points.flow.unit: no such unit");
}

}  // namespace
}  // namespace nuanshu

#include "cli/src/sample_life.h"

#include <gtest/gtest.h>

namespace nuanshu::cli {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t winter_ms = 1'768'464'000'000;  // 2026-01-15
constexpr std::int64_t summer_ms = 1'784'102'400'000;  // 2026-07-15

TEST(SampleLife, the_plants_day_begins_when_its_clocks_say_so) {
    EXPECT_EQ(day_offset_ms("Asia/Shanghai", winter_ms).value(), 8 * hour_ms);
    EXPECT_EQ(day_offset_ms("UTC", winter_ms).value(), 0);
    EXPECT_EQ(day_offset_ms("Asia/Kolkata", winter_ms).value(), 5 * hour_ms + hour_ms / 2);
    EXPECT_EQ(day_offset_ms("America/New_York", winter_ms).value(), 19 * hour_ms);
    EXPECT_EQ(day_offset_ms("Europe/Berlin", summer_ms).value(), 2 * hour_ms);
    EXPECT_EQ(day_offset_ms("Asia/Atlantis", winter_ms).error().code, ErrorCode::invalid);
}

TEST(SampleLife, settings_become_rules_and_limits) {
    Config config;
    config.historian_retention = "*/vibration_* raw=30d hourly=2y ; * raw=1y";
    config.historian_backup_dir = "/backup";
    config.historian_disk_refuse_mib = 100;
    const auto settings = life_settings(config);
    ASSERT_TRUE(settings) << settings.error().message();
    ASSERT_EQ(settings->retention.size(), 2U);
    EXPECT_EQ(settings->retention[0].hourly_days, 730);
    EXPECT_EQ(settings->retention[1].raw_days, 365);
    EXPECT_EQ(settings->backup_directory, "/backup");
    EXPECT_EQ(settings->disk.refuse_below_bytes, 100ULL << 20);
}

TEST(SampleLife, a_setting_that_cannot_be_is_named) {
    Config config;
    config.historian_retention = "* raw=12";
    EXPECT_NE(life_settings(config).error().message().find("historian_retention"), std::string::npos);
    EXPECT_FALSE(examine_sample_life(config).ok);
    config = Config();
    config.historian_disk_warn_mib = -1;
    EXPECT_NE(life_settings(config).error().message().find("historian_disk_warn_mib"), std::string::npos);
    config = Config();
    config.historian_backup_dir = "/proc/nuanshu";
    EXPECT_FALSE(examine_sample_life(config).ok);
    EXPECT_TRUE(examine_sample_life(Config()).ok);
}

}  // namespace
}  // namespace nuanshu::cli

#include "platform/commands/src/read_back.h"

#include <gtest/gtest.h>

namespace nuanshu::commands {
namespace {

constexpr Expectation expected{.value = 45.0, .deviation_max = 0.5, .sent_ms = 1'000, .change_when_sent = 7};

telemetry::CurrentValue seen(double value, Quality quality = Quality::good) {
    return {.value = value, .quality = quality, .time_ms = 1'500, .received_ms = 1'500, .change = 8};
}

TEST(ReadBack, confirms_within_the_tolerance) {
    EXPECT_TRUE(confirms(seen(45.0), expected));
    EXPECT_TRUE(confirms(seen(45.5), expected));
    EXPECT_TRUE(confirms(seen(44.5), expected));
    EXPECT_FALSE(confirms(seen(45.51), expected));
}

TEST(ReadBack, takes_only_what_came_after_the_write) {
    auto before = seen(45.0);
    before.received_ms = 999;
    EXPECT_FALSE(confirms(before, expected));
    auto unchanged = seen(45.0);
    unchanged.change = 7;
    EXPECT_FALSE(confirms(unchanged, expected));
}

TEST(ReadBack, takes_only_what_was_measured) {
    for (const auto quality :
         {Quality::communication, Quality::gap, Quality::range, Quality::never, Quality::manual, Quality::estimated}) {
        EXPECT_FALSE(confirms(seen(45.0, quality), expected)) << to_string(quality);
    }
    for (const auto quality : {Quality::spike, Quality::rate_of_change, Quality::late, Quality::frozen}) {
        EXPECT_TRUE(confirms(seen(45.0, quality), expected)) << to_string(quality);
    }
}

TEST(ReadBack, gives_a_whole_number_register_half_a_step) {
    EXPECT_EQ(deviation_max(0.01, {0.1, 0.0}, {0.1, 0.0}), 0.05);
    EXPECT_EQ(deviation_max(0.5, {0.1, 0.0}, {-0.1, 3.0}), 0.5);
    EXPECT_LT(deviation_max(0.0, {1.0, 0.0}, {1.0, 0.0}), 1.0);
}

TEST(ReadBack, says_what_was_seen_instead) {
    EXPECT_EQ(describe_miss(seen(12.5), expected, "v/opening", 10'000),
              "v/opening reads 12.5 (good) after 10 s, not 45 ± 0.5");
    auto old = seen(45.0);
    old.change = 7;
    EXPECT_EQ(describe_miss(old, expected, "v/opening", 2'500),
              "no new sample of v/opening came within 2.5 s; 45 ± 0.5 was to be read back");
}

}  // namespace
}  // namespace nuanshu::commands

#include "platform/telemetry/src/current_values.h"

#include <thread>

#include <gtest/gtest.h>

namespace nuanshu::telemetry {
namespace {

TEST(CurrentValues, know_nothing_of_points_never_written) {
    CurrentValues values;
    EXPECT_EQ(values.read({7}).quality, Quality::never);
    EXPECT_EQ(values.read({CurrentValues::points_max}).quality, Quality::never);
    values.make_room({7});
    EXPECT_EQ(values.read({7}).quality, Quality::never);
    EXPECT_EQ(values.read({7}).change, 0U);
}

TEST(CurrentValues, give_back_what_was_written_and_count_the_changes) {
    CurrentValues values;
    values.make_room({70'000});
    values.write({70'000},
                 {.value = -2.5, .quality = Quality::device_fault, .time_ms = -5, .received_ms = 1'768'000'000'000});
    const auto first = values.read({70'000});
    EXPECT_EQ(first.value, -2.5);
    EXPECT_EQ(first.quality, Quality::device_fault);
    EXPECT_EQ(first.time_ms, -5);
    EXPECT_EQ(first.received_ms, 1'768'000'000'000);
    values.write({70'000}, first);
    EXPECT_GT(values.read({70'000}).change, first.change);
}

TEST(CurrentValues, are_never_seen_half_written_or_going_back) {
    CurrentValues values;
    values.make_room({1});
    std::atomic<bool> ended{false};
    std::thread writer([&] {
        for (std::int64_t n = 1; n <= 200'000; ++n) {
            values.write(
                {1}, {.value = static_cast<double>(n), .quality = Quality::good, .time_ms = n, .received_ms = 2 * n});
        }
        ended = true;
    });
    std::int64_t last = 0;
    std::int64_t faults = 0;
    while (!ended) {
        const auto seen = values.read({1});
        const bool whole = seen.change == 0 ||
                           (seen.value == static_cast<double>(seen.time_ms) && seen.received_ms == 2 * seen.time_ms &&
                            seen.change == static_cast<std::uint64_t>(seen.time_ms));
        faults += whole && seen.time_ms >= last ? 0 : 1;
        last = seen.time_ms;
    }
    writer.join();
    EXPECT_EQ(faults, 0);
    EXPECT_EQ(values.read({1}).time_ms, 200'000);
}

TEST(CurrentValues, grow_while_they_are_read) {
    CurrentValues values;
    std::atomic<bool> ended{false};
    std::thread grower([&] {
        for (std::uint32_t id = 1; id < 200'000; id += 1'000) {
            values.make_room({id});
            values.write({id}, {.value = 1.0, .quality = Quality::good, .time_ms = id, .received_ms = id});
        }
        ended = true;
    });
    std::uint32_t id = 1;
    while (!ended) {
        const auto seen = values.read({id});
        EXPECT_TRUE(seen.change == 0 || seen.time_ms == id);
        id = id > 200'000 ? 1 : id + 1'000;
    }
    grower.join();
}

}  // namespace
}  // namespace nuanshu::telemetry

#include "platform/drivers/modbus_tcp/src/unit_poller.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace nuanshu::modbus_tcp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Time start{std::chrono::hours(1)};

UnitPoller::Setup setup_of(int registers, milliseconds period = seconds(5), double phase = 0) {
    UnitPoller::Setup setup;
    for (int i = 0; i < registers; ++i) {
        setup.points.push_back({.point = {static_cast<std::uint32_t>(i + 1)},
                                .address = parse_address(fmt::format("holding {} u16", i)).value(),
                                .period = period});
    }
    setup.phase = phase;
    return setup;
}

/// Answers all that is asked as a device would in which only `bad` is no register. Returns the points that failed for
/// good.
std::set<std::size_t> answer_all(UnitPoller& poller, std::size_t bad, Time now, int& requests) {
    std::set<std::size_t> failed;
    while (const auto block = poller.take(now)) {
        ++requests;
        const auto& inside = block->block.points;
        if (std::find(inside.begin(), inside.end(), bad) == inside.end()) {
            poller.answered(*block);
        } else if (!poller.refused(*block, exception::illegal_data_address, now)) {
            failed.insert(inside.begin(), inside.end());
        }
    }
    return failed;
}

TEST(UnitPoller, keeps_to_its_times_and_skips_what_it_missed) {
    UnitPoller poller(setup_of(1, seconds(5), 0.4), start);
    EXPECT_EQ(poller.next_due(), start + milliseconds(400)) << "the first poll does not wait for a long period";
    EXPECT_EQ(poller.take(start + milliseconds(399)), nullptr);
    const auto block = poller.take(start + milliseconds(450));
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(poller.next_due(), Time::max()) << "not while its answer is awaited";
    poller.answered(*block);
    EXPECT_EQ(poller.next_due(), start + seconds(2)) << "then two fifths into each period";
    poller.answered(*poller.take(start + milliseconds(2'003)));
    EXPECT_EQ(poller.next_due(), start + seconds(7)) << "lateness does not add up";
    poller.answered(*poller.take(start + seconds(18)));
    EXPECT_EQ(poller.next_due(), start + seconds(22));
}

TEST(UnitPoller, reads_at_once_what_is_asked_for_soon) {
    UnitPoller poller(setup_of(1), start);
    auto block = poller.take(start);
    poller.read_soon(PointId{1});
    EXPECT_EQ(poller.take(start), nullptr) << "it is being asked already";
    poller.answered(*block);
    EXPECT_TRUE(poller.has_soon()) << "but that answer may be older than the wish";
    block = poller.take(start);
    ASSERT_NE(block, nullptr);
    poller.answered(*block);
    EXPECT_EQ(poller.take(start), nullptr);
    EXPECT_EQ(poller.next_due(), start + seconds(5));
}

TEST(UnitPoller, finds_the_one_bad_register_and_goes_on_reading_its_neighbours) {
    UnitPoller poller(setup_of(100), start);
    int requests = 0;
    EXPECT_EQ(answer_all(poller, 37, start, requests), std::set<std::size_t>{37});
    EXPECT_LE(requests, 15) << "two for each halving";
    EXPECT_TRUE(poller.has_faults());
    EXPECT_LE(poller.block_count(), 8U);

    requests = 0;
    EXPECT_TRUE(answer_all(poller, 37, start + seconds(5), requests).empty())
        << "the bad one is left alone for a minute";
    EXPECT_EQ(requests, static_cast<int>(poller.block_count()) - 1);
    EXPECT_EQ(answer_all(poller, 37, start + seconds(60), requests), std::set<std::size_t>{37});
    EXPECT_TRUE(answer_all(poller, 1'000, start + seconds(120), requests).empty());
    EXPECT_FALSE(poller.has_faults()) << "it has been repaired";
}

TEST(UnitPoller, cuts_nothing_when_the_device_is_merely_busy_or_ill) {
    UnitPoller poller(setup_of(10), start);
    EXPECT_FALSE(poller.refused(*poller.take(start), exception::server_device_busy, start));
    EXPECT_FALSE(poller.has_faults());
    EXPECT_FALSE(poller.refused(*poller.take(start + seconds(5)), 4, start + seconds(5)));
    EXPECT_TRUE(poller.has_faults());
    EXPECT_EQ(poller.block_count(), 1U);
    EXPECT_EQ(poller.next_due(), start + seconds(10)) << "it keeps its period";
}

TEST(UnitPoller, is_silent_after_two_time_outs_and_then_tried_less_and_less_often) {
    auto setup = setup_of(1);
    setup.retry_max = seconds(8);
    UnitPoller poller(setup, start);
    Time now = start;
    std::vector<milliseconds> waits;
    for (int i = 0; i < 6; ++i) {
        const auto block = poller.take(now);
        ASSERT_NE(block, nullptr);
        now += seconds(1);
        poller.timed_out(*block, now);
        EXPECT_EQ(poller.silent(), i >= 1);
        waits.push_back(std::chrono::duration_cast<milliseconds>(poller.next_due() - now));
        EXPECT_EQ(poller.take(poller.next_due() - milliseconds(1)), nullptr);
        now = poller.next_due();
    }
    for (std::size_t i = 0; i < waits.size(); ++i) {
        const double expected_ms = std::min(8'000.0, 1'000.0 * static_cast<double>(1 << i));
        EXPECT_NEAR(static_cast<double>(waits[i].count()), expected_ms, expected_ms * 0.25 + 1) << i;
    }
    poller.answered(*poller.take(now));
    EXPECT_FALSE(poller.silent());
}

TEST(UnitPoller, tries_one_block_at_a_time_while_it_gets_no_answer) {
    auto setup = setup_of(200);
    UnitPoller poller(setup, start);
    const auto first = poller.take(start);
    const auto second = poller.take(start);
    ASSERT_NE(second, nullptr);
    poller.timed_out(*first, start);
    EXPECT_EQ(poller.take(start + seconds(2)), nullptr) << "the other one is still awaited";
    poller.timed_out(*second, start);
    ASSERT_NE(poller.take(start + seconds(10)), nullptr);
    EXPECT_EQ(poller.take(start + seconds(10)), nullptr);
}

TEST(UnitPoller, tries_the_whole_block_again_when_a_silent_device_comes_back) {
    UnitPoller poller(setup_of(16), start);
    int requests = 0;
    answer_all(poller, 3, start, requests);
    EXPECT_GT(poller.block_count(), 1U);
    poller.unreachable();
    EXPECT_TRUE(poller.silent());
    EXPECT_EQ(poller.block_count(), 1U);
}

TEST(UnitPoller, asks_again_after_a_reconnect_what_was_under_way) {
    UnitPoller poller(setup_of(1), start);
    const auto block = poller.take(start);
    poller.link_lost();
    poller.aborted(*block, start);
    EXPECT_FALSE(poller.silent());
    EXPECT_NE(poller.take(start), nullptr);
}

TEST(BackOff, differs_between_devices) {
    std::set<std::int64_t> waits;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        waits.insert(BackOff(seconds(1), seconds(60), seed).wait(7).count());
    }
    EXPECT_GE(waits.size(), 15U);
    EXPECT_GE(*waits.begin(), 45'000);
    EXPECT_LE(*waits.rbegin(), 75'000);
}

}  // namespace
}  // namespace nuanshu::modbus_tcp

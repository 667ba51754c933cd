#include "platform/historian/store.h"

#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

#include <gtest/gtest.h>

#include "platform/historian/src/test_store.h"
#include "tests/support/process.h"

namespace nuanshu::historian {
namespace {

constexpr auto most = std::numeric_limits<std::int64_t>::max();
constexpr auto least = std::numeric_limits<std::int64_t>::min();

Sample sample_of(PointId point, std::int64_t time_ms, double value, Quality quality = Quality::good) {
    return {point, quality, time_ms, value};
}

std::vector<Sample> steady(PointId point, std::int64_t from_ms, std::size_t count) {
    std::vector<Sample> samples;
    for (std::size_t i = 0; i < count; ++i) {
        samples.push_back(
            sample_of(point, from_ms + static_cast<std::int64_t>(i) * 1'000, static_cast<double>(i % 10)));
    }
    return samples;
}

class EmbeddedStoreTest : public ::testing::Test {
 protected:
    double value_at(PointId point, std::int64_t time_ms) {
        return store_->value_as_of(point, time_ms).value().value().value;
    }

    support::TemporaryDirectory folder_;
    test::Store store_{folder_.path()};
};

TEST_F(EmbeddedStoreTest, ids_are_dense_and_the_same_for_ever) {
    const std::vector<std::string> codes{"a/x", "a/y", "a/x", "换热站/供水温度"};
    const auto points = store_->intern(codes).value();
    EXPECT_EQ(points, (std::vector{PointId{1}, PointId{2}, PointId{1}, PointId{3}}));
    store_.reopen();
    EXPECT_EQ(store_->intern(codes).value(), points);
    EXPECT_EQ(store_->find("换热站/供水温度"), PointId{3});
    EXPECT_EQ(store_->find("a/z"), std::nullopt);
    EXPECT_EQ(store_->code_of(PointId{2}), "a/y");
    EXPECT_EQ(store_->code_of(PointId{4}), "");
    EXPECT_EQ(store_->code_of(PointId{}), "");
}

TEST_F(EmbeddedStoreTest, codes_have_one_to_512_bytes) {
    for (const std::string& code : {std::string(), std::string(513, 'x')}) {
        const auto refused = store_->intern(std::vector{code});
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::invalid);
    }
    EXPECT_TRUE(store_->intern(std::vector{std::string(512, 'x')}));
}

TEST_F(EmbeddedStoreTest, an_unknown_point_refuses_the_whole_batch) {
    const auto points = store_.points(1);
    const auto refused = store_->append(std::vector{sample_of(points[0], 1, 1), sample_of(PointId{2}, 1, 1)});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::not_found);
    EXPECT_EQ(store_->size().value().samples, 0U);
    EXPECT_TRUE(store_->read(PointId{99}, test::all_time, 10).value().empty());
}

TEST_F(EmbeddedStoreTest, the_last_written_wins_in_a_batch_across_batches_and_restarts) {
    const auto point = store_.points(1)[0];
    ASSERT_TRUE(store_->append(std::vector{sample_of(point, 10, 1), sample_of(point, 20, 5), sample_of(point, 10, 2)}));
    EXPECT_EQ(value_at(point, 10), 2);
    ASSERT_TRUE(store_->flush());
    ASSERT_TRUE(store_->append(std::vector{sample_of(point, 10, 3)}));
    EXPECT_EQ(value_at(point, 10), 3);
    store_.reopen();
    EXPECT_EQ(value_at(point, 10), 3);
    ASSERT_TRUE(store_->append(std::vector{sample_of(point, 10, 4)}));
    ASSERT_TRUE(store_->flush());
    store_.reopen();
    EXPECT_EQ(value_at(point, 10), 4);
    EXPECT_EQ(value_at(point, 20), 5);
    EXPECT_EQ(store_->size().value().samples, 2U);
}

TEST_F(EmbeddedStoreTest, any_double_at_any_time_comes_back) {
    const auto point = store_.points(1)[0];
    const std::vector<double> values{
        std::nan("7"), std::numeric_limits<double>::infinity(),   -std::numeric_limits<double>::infinity(),
        -0.0,          std::numeric_limits<double>::denorm_min(), 0.1,
        1e308};
    const std::vector<std::int64_t> times{least, -62'135'596'800'000, -1, 0, 1, 253'402'300'799'000, most - 1};
    std::vector<Sample> samples;
    for (std::size_t i = 0; i < values.size(); ++i) {
        samples.push_back(sample_of(point, times[i], values[i]));
    }
    ASSERT_TRUE(store_->append(samples));
    for (int round = 0; round < 2; ++round) {
        const auto back = store_->read(point, test::all_time, 100).value();
        ASSERT_EQ(back.size(), values.size());
        for (std::size_t i = 0; i < values.size(); ++i) {
            EXPECT_EQ(back[i].time_ms, times[i]);
            EXPECT_EQ(std::bit_cast<std::uint64_t>(back[i].value), std::bit_cast<std::uint64_t>(values[i]));
        }
        ASSERT_TRUE(store_->flush());
    }
    EXPECT_EQ(value_at(point, most), 1e308);
    EXPECT_EQ(store_->aggregate(point, test::all_time, most).value().size(), 3U);
    EXPECT_LE(store_->read_for_drawing(point, test::all_time, 3).value().size(), 15U);
}

TEST_F(EmbeddedStoreTest, whole_chunks_and_their_ends_give_the_same_sums) {
    const auto point = store_.points(1)[0];
    ASSERT_TRUE(store_->append(steady(point, 0, 10'000)));
    ASSERT_TRUE(store_->flush());
    const auto hours = store_->aggregate(point, {500, 10'000'000}, 3'600'000).value();
    ASSERT_EQ(hours.size(), 3U);
    EXPECT_EQ(hours[0].count, 3'600U);
    EXPECT_EQ(hours[0].from_ms, 500);
    EXPECT_EQ(hours[0].first_ms, 1'000);
    EXPECT_EQ(hours[1].mean(), 4.5);
    EXPECT_EQ(hours[2].count, 9'999U - 7'200U);
    EXPECT_EQ(hours[2].last_ms, 9'999'000);
}

TEST_F(EmbeddedStoreTest, windows_and_columns_out_of_bounds_are_refused) {
    const auto point = store_.points(1)[0];
    EXPECT_EQ(store_->aggregate(point, {0, 10}, 0).error().code, ErrorCode::invalid);
    EXPECT_EQ(store_->read_for_drawing(point, {0, 10}, 0).error().code, ErrorCode::invalid);
    EXPECT_TRUE(store_->read(point, {10, 10}, 5).value().empty());
    EXPECT_TRUE(store_->read(point, {10, -10}, 5).value().empty());
}

TEST_F(EmbeddedStoreTest, a_second_process_is_told_who_is_in_the_way) {
    Metrics metrics;
    const auto second = open_embedded_store({.directory = folder_.path()}, metrics);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::unavailable);
    EXPECT_NE(second.error().message().find(folder_.path()), std::string::npos);
    EXPECT_NE(second.error().message().find("another process"), std::string::npos);
}

TEST_F(EmbeddedStoreTest, a_folder_that_cannot_be_made_is_named) {
    Metrics metrics;
    const auto store = open_embedded_store({.directory = "/proc/nuanshu/samples"}, metrics);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::unavailable);
    EXPECT_NE(store.error().message().find("/proc/nuanshu/samples"), std::string::npos);
}

TEST_F(EmbeddedStoreTest, a_busy_point_is_sealed_by_itself) {
    const auto point = store_.points(1)[0];
    const std::uint64_t before = store_->size().value().bytes;
    for (std::int64_t i = 0; i < 50; ++i) {
        ASSERT_TRUE(store_->append(steady(point, i * 1'000'000, 1'000)));
    }
    EXPECT_EQ(store_->size().value().samples, 50'000U);
    EXPECT_GT(store_->size().value().bytes, before);
    EXPECT_EQ(store_->read(point, test::all_time, 100'000).value().size(), 50'000U);
}

/// Writers of their own points beside readers that must never see a hole.
TEST_F(EmbeddedStoreTest, readers_see_every_acknowledged_sample_while_others_write_and_seal) {
    const auto points = store_.points(3);
    std::array<std::atomic<std::int64_t>, 3> acknowledged{};
    std::atomic<bool> failed{false};
    std::vector<std::thread> threads;
    for (std::size_t p = 0; p < points.size(); ++p) {
        threads.emplace_back([&, p] {
            for (std::int64_t i = 0; i < 60; ++i) {
                failed = failed || !store_->append(steady(points[p], i * 300'000, 300));
                acknowledged[p].store((i + 1) * 300);
            }
        });
    }
    threads.emplace_back([&] {
        while (acknowledged[0] < 18'000 && !failed) {
            failed = failed || !store_->flush();
        }
    });
    for (std::size_t p = 0; p < points.size(); ++p) {
        while (acknowledged[p] < 18'000 && !failed) {
            const auto known = acknowledged[p].load();
            const auto samples = store_->read(points[p], {0, known * 1'000}, 1'000'000).value();
            failed = failed || static_cast<std::int64_t>(samples.size()) != known;
        }
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_FALSE(failed);
    for (const auto point : points) {
        EXPECT_EQ(store_->read(point, test::all_time, 1'000'000).value().size(), 18'000U);
    }
    EXPECT_EQ(store_->size().value().samples, 54'000U);
}

}  // namespace
}  // namespace nuanshu::historian

#include "platform/historian/src/rollup.h"

#include <random>

#include <gtest/gtest.h>

#include "platform/historian/src/rollup_block.h"
#include "platform/historian/src/test_store.h"
#include "tests/support/process.h"

namespace nuanshu::historian {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t day_ms = 24 * hour_ms;
constexpr Grid china{8 * hour_ms};

Rollup of(std::int64_t from_ms, const std::vector<StoredSample>& samples) {
    Columns columns;
    for (const auto& sample : samples) {
        columns.push_back(sample.time_ms, sample.value, sample.quality);
    }
    Rollup rollup{.from_ms = from_ms};
    add_samples(rollup, columns.view());
    return rollup;
}

bool same(const Rollup& a, const Rollup& b) {
    const auto fields = [](const Rollup& r) {
        return std::tuple(r.from_ms, r.count, r.bad_count, r.begin_ms, r.end_ms, r.first_ms, r.last_ms, r.min_ms,
                          r.max_ms, r.first, r.last, r.min, r.max, r.sum, r.covered_ms, r.integral);
    };
    return fields(a) == fields(b);
}

TEST(Rollup, a_value_covers_the_time_to_the_next_sample_and_a_bad_one_covers_none) {
    const Rollup rollup = of(
        0,
        {{0, 10, Quality::good}, {1'000, 20, Quality::good}, {3'000, 99, Quality::range}, {5'000, 30, Quality::good}});
    EXPECT_EQ(rollup.covered_ms, 3'000);
    EXPECT_EQ(rollup.integral, 10 * 1'000 + 20 * 2'000);
    EXPECT_EQ(rollup.count, 3U);
    EXPECT_EQ(rollup.bad_count, 1U);
    EXPECT_EQ(rollup.end_ms, 5'000);
}

TEST(Rollup, two_hours_joined_cover_what_was_held_between_them) {
    const Rollup first = of(0, {{1'000, 10, Quality::good}});
    const Rollup second = of(hour_ms, {{hour_ms, 20, Quality::good}, {hour_ms + 500, 5, Quality::good}});
    const Rollup both = join(first, second);
    EXPECT_TRUE(same(both, join(first, second)));
    EXPECT_EQ(both.covered_ms, hour_ms - 1'000 + 500);
    EXPECT_EQ(both.integral, 10.0 * (hour_ms - 1'000) + 20 * 500);
    EXPECT_EQ(both.min_ms, hour_ms + 500);
    EXPECT_TRUE(same(join(second, first), [&] {
        Rollup late = both;
        late.from_ms = hour_ms;
        return late;
    }()));
}

TEST(Rollup, interleaved_parts_join_all_that_can_be_known) {
    const Rollup a = of(0, {{0, 10, Quality::good}, {2'000, 10, Quality::good}});
    const Rollup b = of(0, {{1'000, 40, Quality::good}, {3'000, 40, Quality::good}});
    const Rollup both = join(a, b);
    EXPECT_EQ(both.count, 4U);
    EXPECT_EQ(both.sum, 100);
    EXPECT_EQ(both.first, 10);
    EXPECT_EQ(both.last, 40);
    EXPECT_EQ(both.covered_ms, 3'000);
    EXPECT_EQ(both.integral, 25.0 * 3'000);
}

TEST(RollupGrid, days_begin_at_the_plants_midnight_also_before_1970) {
    EXPECT_EQ(china.start_of(0, Bucket::day), -8 * hour_ms);
    EXPECT_EQ(china.start_of(-8 * hour_ms, Bucket::day), -8 * hour_ms);
    EXPECT_EQ(china.start_of(-8 * hour_ms - 1, Bucket::day), -32 * hour_ms);
    const Grid india{5 * hour_ms + hour_ms / 2};
    EXPECT_EQ(india.start_of(0, Bucket::hour), -hour_ms / 2);
}

RollupBlock some_block(std::mt19937_64& random, Bucket bucket, std::int64_t start_ms) {
    RollupBlock block;
    const std::int64_t width = width_ms(bucket);
    for (std::int64_t i = 0; i < block_width_ms(bucket) / width; ++i) {
        if (random() % 3 == 0 && !block.empty()) {
            continue;
        }
        const auto some = [&](std::size_t count) {
            std::vector<StoredSample> samples;
            std::int64_t at_ms = start_ms + i * width;
            for (std::size_t k = 0; k < count; ++k) {
                at_ms += static_cast<std::int64_t>(random() % 1'000);
                const auto value = static_cast<double>(random() % 10'000) / (random() % 2 == 0 ? 10 : 7);
                samples.push_back({at_ms++, value, random() % 4 == 0 ? Quality::range : Quality::good});
            }
            return of(start_ms + i * width, samples);
        };
        StoredBucket stored{.total = some(1 + random() % 5), .retired = std::nullopt};
        if (const auto what = random() % 3; what == 0) {
            stored.retired = stored.total;
        } else if (what == 1) {
            stored.retired = some(2);
            stored.total = join(*stored.retired, some(4));
        }
        block.push_back(stored);
    }
    return block;
}

TEST(RollupBlock, any_block_comes_back_and_a_flipped_bit_is_found) {
    std::mt19937_64 random(3);
    for (int round = 0; round < 200; ++round) {
        const auto bucket = round % 2 == 0 ? Bucket::hour : Bucket::day;
        const std::int64_t start_ms = china.block_of(1'750'000'000'000, bucket);
        const RollupBlock block = some_block(random, bucket, start_ms);
        std::string bytes = encode_block(block, start_ms, bucket);
        const auto back = decode_block(bytes, start_ms, bucket);
        ASSERT_TRUE(back) << back.error().message();
        ASSERT_EQ(back->size(), block.size());
        for (std::size_t i = 0; i < block.size(); ++i) {
            EXPECT_TRUE(same((*back)[i].total, block[i].total));
            ASSERT_EQ((*back)[i].retired.has_value(), block[i].retired.has_value());
            EXPECT_TRUE(!block[i].retired || same(*(*back)[i].retired, *block[i].retired));
        }
        bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
        EXPECT_FALSE(decode_block(bytes, start_ms, bucket));
    }
}

/// A year of one point at 10 s would take long; the figures are the same for four days.
TEST(Rollups, are_right_before_they_are_rolled_up_and_after) {
    const support::TemporaryDirectory folder;
    test::Store store(folder.path());
    const PointId point = store.points(1)[0];
    const std::int64_t start_ms = china.start_of(1'750'000'000'000, Bucket::day);
    std::vector<Sample> samples;
    for (std::int64_t at_ms = start_ms; at_ms < start_ms + 4 * day_ms; at_ms += 10'000) {
        samples.push_back({point, Quality::good, at_ms, static_cast<double>((at_ms - start_ms) / hour_ms)});
    }
    value_or_throw(store->append(samples));
    const auto check = [&] {
        const auto hours = value_or_throw(store->life()->rollups(point, test::all_time, Bucket::hour));
        ASSERT_EQ(hours.size(), 96U);
        EXPECT_EQ(hours[5].count, 360U);
        EXPECT_EQ(hours[5].mean(), 5.0);
        EXPECT_EQ(hours[5].covered_ms, hour_ms - 10'000);
        const auto days =
            value_or_throw(store->life()->rollups(point, {start_ms + day_ms + 1, start_ms + 2 * day_ms}, Bucket::day));
        ASSERT_EQ(days.size(), 1U);
        EXPECT_EQ(days[0].from_ms, start_ms + day_ms);
        EXPECT_EQ(days[0].count, 8'640U);
        EXPECT_EQ(days[0].min, 24);
        EXPECT_EQ(days[0].max, 47);
    };
    check();
    value_or_throw(store->flush());
    EXPECT_EQ(store->life()->points_to_roll_up(), 1U);
    check();
    EXPECT_EQ(store->life()->roll_up({}).value(), 1U);
    EXPECT_EQ(store->life()->points_to_roll_up(), 0U);
    EXPECT_EQ(store->life()->roll_up({}).value(), 0U);
    check();
    store.reopen();
    EXPECT_EQ(store->life()->points_to_roll_up(), 0U);
    check();
}

TEST(Rollups, marks_of_stale_hours_outlive_a_restart) {
    const support::TemporaryDirectory folder;
    test::Store store(folder.path());
    const PointId point = store.points(1)[0];
    value_or_throw(store->append(std::array{Sample{point, Quality::good, 1'750'000'000'000, 1.0}}));
    value_or_throw(store->flush());
    store.reopen();
    EXPECT_EQ(store->life()->points_to_roll_up(), 1U);
    EXPECT_EQ(value_or_throw(store->life()->rollups(point, test::all_time, Bucket::day)).size(), 1U);
}

TEST(Rollups, times_outside_the_calendar_are_in_none) {
    const support::TemporaryDirectory folder;
    test::Store store(folder.path());
    const PointId point = store.points(1)[0];
    constexpr auto least = std::numeric_limits<std::int64_t>::min(), most = std::numeric_limits<std::int64_t>::max();
    for (const auto at_ms : {least, least + 1, rolled_first_ms, std::int64_t{0}, rolled_last_ms, most - 1}) {
        value_or_throw(store->append(std::array{Sample{point, Quality::good, at_ms, 1.0}}));
    }
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(value_or_throw(store->life()->rollups(point, test::all_time, Bucket::hour)).size(), 3U);
        EXPECT_EQ(value_or_throw(store->life()->rollups(point, test::all_time, Bucket::day)).size(), 3U);
        value_or_throw(store->flush());
        value_or_throw(store->life()->roll_up({}));
    }
}

TEST(Rollups, a_stopped_pass_goes_on_the_next_time) {
    const support::TemporaryDirectory folder;
    test::Store store(folder.path());
    std::vector<Sample> samples;
    for (const auto point : store.points(20)) {
        samples.push_back({point, Quality::good, 1'750'000'000'000, 1.0});
    }
    value_or_throw(store->append(samples));
    value_or_throw(store->flush());
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(store->life()->roll_up({.progress = {}, .stop = stop.get_token()}).error().code, ErrorCode::cancelled);
    EXPECT_EQ(store->life()->roll_up({}).value(), 20U);
    store.reopen();
    EXPECT_EQ(store->life()->points_to_roll_up(), 0U);
}

}  // namespace
}  // namespace nuanshu::historian

#include <array>
#include <bit>
#include <cmath>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "platform/historian/src/columns.h"
#include "platform/historian/src/test_store.h"
#include "tests/support/process.h"

namespace nuanshu::historian {
namespace {

using Series = std::map<std::int64_t, StoredSample>;

/// What a store should answer, computed the plain way.
class Model {
 public:
    void append(std::span<const Sample> samples) {
        for (const auto& sample : samples) {
            points_[sample.point.value][sample.time_ms] = {sample.time_ms, sample.value, sample.quality};
        }
    }

    std::vector<StoredSample> read(PointId point, TimeRange range) {
        std::vector<StoredSample> result;
        for (const auto& [time_ms, sample] : points_[point.value]) {
            if (time_ms >= range.from_ms && time_ms < range.to_ms) {
                result.push_back(sample);
            }
        }
        return result;
    }

    std::optional<StoredSample> value_as_of(PointId point, std::int64_t time_ms) {
        auto after = points_[point.value].upper_bound(time_ms);
        return after == points_[point.value].begin() ? std::nullopt : std::optional((--after)->second);
    }

    std::map<std::int64_t, std::vector<StoredSample>> windows(PointId point, TimeRange range, std::int64_t window_ms) {
        std::map<std::int64_t, std::vector<StoredSample>> result;
        for (const auto& sample : read(point, range)) {
            result[range.from_ms + (sample.time_ms - range.from_ms) / window_ms * window_ms].push_back(sample);
        }
        return result;
    }

    std::vector<StoredSample> drawing(PointId point, TimeRange range, std::int64_t columns) {
        std::map<std::int64_t, std::vector<StoredSample>> parts;
        for (const auto& sample : read(point, range)) {
            parts[(sample.time_ms - range.from_ms) * columns / (range.to_ms - range.from_ms)].push_back(sample);
        }
        std::vector<StoredSample> result;
        for (const auto& [column, samples] : parts) {
            for (const auto& [time_ms, sample] : pick(samples)) {
                result.push_back(sample);
            }
        }
        return result;
    }

    std::uint64_t size() const {
        std::uint64_t count = 0;
        for (const auto& [point, series] : points_) {
            count += series.size();
        }
        return count;
    }

 private:
    static Series pick(const std::vector<StoredSample>& samples) {
        std::vector<StoredSample> usable;
        Series picked;
        for (const auto& sample : samples) {
            if (is_usable(sample.value, sample.quality)) {
                usable.push_back(sample);
            } else if (picked.empty()) {
                picked[sample.time_ms] = sample;
            }
        }
        if (!usable.empty()) {
            const auto by_value = [](const auto& a, const auto& b) { return a.value < b.value; };
            const auto least = *std::min_element(usable.begin(), usable.end(), by_value);
            const auto most = *std::max_element(usable.begin(), usable.end(), by_value);
            for (const auto& sample : {usable.front(), least, most, usable.back()}) {
                picked[sample.time_ms] = sample;
            }
        }
        return picked;
    }

    std::map<std::uint32_t, Series> points_;
};

void expect_same(const StoredSample& got, const StoredSample& expected) {
    EXPECT_EQ(got.time_ms, expected.time_ms);
    EXPECT_EQ(got.quality, expected.quality);
    EXPECT_EQ(std::bit_cast<std::uint64_t>(got.value), std::bit_cast<std::uint64_t>(expected.value)) << got.time_ms;
}

void expect_same(const std::vector<StoredSample>& got, const std::vector<StoredSample>& expected) {
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
        expect_same(got[i], expected[i]);
    }
}

void expect_same(const Aggregate& got, std::int64_t from_ms, const std::vector<StoredSample>& samples) {
    Aggregate expected{.from_ms = from_ms};
    for (const auto& [time_ms, value, quality] : samples) {
        if (!is_usable(value, quality)) {
            ++expected.bad_count;
            continue;
        }
        if (expected.count++ == 0) {
            expected.min = expected.max = expected.first = value;
            expected.first_ms = time_ms;
        }
        expected.min = std::min(expected.min, value);
        expected.max = std::max(expected.max, value);
        expected.sum += value;
        expected.last = value;
        expected.last_ms = time_ms;
    }
    EXPECT_EQ(got.from_ms, from_ms);
    EXPECT_EQ(got.count, expected.count);
    EXPECT_EQ(got.bad_count, expected.bad_count);
    EXPECT_EQ(got.min, expected.min);
    EXPECT_EQ(got.max, expected.max);
    EXPECT_NEAR(got.sum, expected.sum, 1e-6 + std::abs(expected.sum) * 1e-9);
    EXPECT_EQ(got.first_ms, expected.first_ms);
    EXPECT_EQ(got.last_ms, expected.last_ms);
    EXPECT_EQ(got.first, expected.first);
    EXPECT_EQ(got.last, expected.last);
}

/// One random life of a store beside its model.
class Life {
 public:
    Life(const std::string& directory, std::uint64_t seed) : store_(directory), random_(seed) {}

    void step() {
        points_ = store_.points(4);
        const auto what = random_() % 20;
        if (what < 15) {
            append();
        } else if (what < 18) {
            ASSERT_TRUE(store_->flush());
        } else {
            store_.reopen();
        }
    }

    void compare() {
        for (const PointId point : points_) {
            compare_point(point, {-2'000'000, 40'000'000});
            compare_point(point, some_range());
        }
        EXPECT_EQ(store_->size().value().samples, model_.size());
    }

 private:
    std::int64_t below(std::int64_t bound) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(bound));
    }

    /// NaN with a payload, zeros of both signs, the least denormal, values of many digits.
    double odd_value() {
        constexpr std::array odd{
            std::bit_cast<double>(0x7FF8'0000'0000'0123ULL), -0.0, 0.0, 5e-324, -2.2e-308, 1.0 / 3, -1e15};
        return odd[random_() % odd.size()];
    }

    TimeRange some_range() {
        const std::int64_t from_ms = below(4'000'000) - 1'000'000;
        return {from_ms, from_ms + 1 + below(2'000'000)};
    }

    /// In order, or late, or all over the place, sometimes with the same time twice.
    void append() {
        const auto manner = random_() % 4;
        const PointId hot = points_[random_() % points_.size()];
        std::vector<Sample> samples(1 + random_() % (manner == 3 ? 3'000 : 300));
        for (auto& sample : samples) {
            sample.point = random_() % 3 == 0 ? points_[random_() % points_.size()] : hot;
            sample.quality = random_() % 50 == 0 ? Quality::range : Quality::good;
            sample.value = random_() % 100 == 0 ? odd_value() : static_cast<double>(below(1'000)) / 8;
            sample.time_ms = manner == 1 ? below(2'000'000) - 500'000 : (now_ms_ += below(3) * 500);
        }
        if (manner == 2) {
            std::shuffle(samples.begin(), samples.end(), random_);
        }
        ASSERT_TRUE(store_->append(samples));
        model_.append(samples);
    }

    void compare_point(PointId point, TimeRange range) {
        const auto expected = model_.read(point, range);
        expect_same(store_->read(point, range, 1'000'000).value(), expected);
        const std::size_t limit = random_() % (expected.size() + 1);
        expect_same(store_->read(point, range, limit).value(),
                    {expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(limit)});
        compare_value_as_of(point, range.from_ms);
        compare_value_as_of(point, below(2'000'000));
        compare_windows(point, range, 1 + below(700'000));
        const std::int64_t columns = 1 + below(200);
        expect_same(store_->read_for_drawing(point, range, static_cast<std::size_t>(columns)).value(),
                    model_.drawing(point, range, columns));
    }

    void compare_value_as_of(PointId point, std::int64_t time_ms) {
        const auto got = store_->value_as_of(point, time_ms).value();
        const auto expected = model_.value_as_of(point, time_ms);
        ASSERT_EQ(got.has_value(), expected.has_value());
        if (got) {
            expect_same(*got, *expected);
        }
    }

    void compare_windows(PointId point, TimeRange range, std::int64_t window_ms) {
        const auto got = store_->aggregate(point, range, window_ms).value();
        const auto expected = model_.windows(point, range, window_ms);
        ASSERT_EQ(got.size(), expected.size());
        std::size_t i = 0;
        for (const auto& [from_ms, samples] : expected) {
            expect_same(got[i++], from_ms, samples);
        }
    }

    test::Store store_;
    std::mt19937_64 random_;
    Model model_;
    std::vector<PointId> points_;
    std::int64_t now_ms_ = 0;
};

TEST(EmbeddedStore, any_sequence_of_appends_seals_and_restarts_equals_a_plain_map) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        SCOPED_TRACE(seed);
        support::TemporaryDirectory folder;
        Life life(folder.path(), seed);
        for (int i = 0; i < 60 && !::testing::Test::HasFailure(); ++i) {
            life.step();
            if (i % 6 == 5) {
                life.compare();
            }
        }
    }
}

}  // namespace
}  // namespace nuanshu::historian

#include <map>
#include <random>

#include <gtest/gtest.h>

#include "platform/historian/life.h"
#include "platform/historian/src/columns.h"
#include "platform/historian/src/test_store.h"
#include "tests/support/process.h"

namespace nuanshu::historian {
namespace {

using Series = std::map<std::int64_t, StoredSample>;

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t day_ms = 24 * hour_ms;
constexpr std::int64_t offset_ms = 8 * hour_ms;
/// Midnight in China, 2025-06-01.
constexpr std::int64_t start_ms = 1'748'707'200'000;

std::int64_t start_of(std::int64_t time_ms, std::int64_t width) {
    const std::int64_t local = time_ms + offset_ms;
    return local - ((local % width) + width) % width - offset_ms;
}

/// What a bucket holds of samples that are known one by one.
Rollup rollup_of(std::int64_t from_ms, const std::vector<StoredSample>& samples) {
    Rollup rollup{.from_ms = from_ms};
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const auto& [time_ms, value, quality] = samples[i];
        rollup.begin_ms = samples.front().time_ms;
        rollup.end_ms = time_ms;
        if (!is_usable(value, quality)) {
            ++rollup.bad_count;
            continue;
        }
        if (rollup.count++ == 0) {
            rollup.first = rollup.min = rollup.max = value;
            rollup.first_ms = rollup.min_ms = rollup.max_ms = time_ms;
        }
        rollup.min_ms = value < rollup.min ? time_ms : rollup.min_ms;
        rollup.max_ms = value > rollup.max ? time_ms : rollup.max_ms;
        rollup.min = std::min(rollup.min, value);
        rollup.max = std::max(rollup.max, value);
        rollup.sum += value;
        rollup.last = value;
        rollup.last_ms = time_ms;
        if (i + 1 < samples.size()) {
            rollup.covered_ms += samples[i + 1].time_ms - time_ms;
            rollup.integral += value * static_cast<double>(samples[i + 1].time_ms - time_ms);
        }
    }
    return rollup;
}

/// Raw samples of a point, and of each hour and day what it lost: hours their retired samples, days their retired
/// hours. What is retired stays as the samples it was made of, so that each figure is computed from scratch.
struct PointModel {
    Series raw;
    std::map<std::int64_t, std::vector<StoredSample>> retired_of_hour;
    std::map<std::int64_t, std::vector<StoredSample>> retired_of_day;
};

class Model {
 public:
    void append(std::span<const Sample> samples) {
        for (const auto& sample : samples) {
            points_[sample.point.value].raw[sample.time_ms] = {sample.time_ms, sample.value, sample.quality};
        }
    }

    /// @return whether it is allowed
    bool correct(const Correction& correction) {
        auto& point = points_[correction.point.value];
        for (const auto* retired : {&point.retired_of_hour, &point.retired_of_day}) {
            for (const auto& [start, samples] : *retired) {
                const auto inside = count_inside(samples, correction.range);
                const auto [first, last] = span_of(samples);
                const bool touched = first < correction.range.to_ms && last >= correction.range.from_ms;
                if (touched && inside != samples.size()) {
                    return false;
                }
            }
        }
        const auto remove = [&](auto& retired) {
            std::erase_if(retired, [&](const auto& entry) {
                const auto inside = count_inside(entry.second, correction.range);
                return inside > 0 && inside == entry.second.size();
            });
        };
        remove(point.retired_of_hour);
        remove(point.retired_of_day);
        std::erase_if(point.raw, [&](const auto& entry) {
            return entry.first >= correction.range.from_ms && entry.first < correction.range.to_ms;
        });
        for (const auto& sample : correction.samples) {
            point.raw[sample.time_ms] = sample;
        }
        return true;
    }

    void retire(PointId id, std::int64_t raw_to_ms, std::int64_t hourly_to_ms, std::int64_t daily_to_ms) {
        auto& point = points_[id.value];
        while (!point.raw.empty() && point.raw.begin()->first < raw_to_ms) {
            const auto sample = point.raw.begin()->second;
            add_retired(point.retired_of_hour[start_of(sample.time_ms, hour_ms)], sample);
            point.raw.erase(point.raw.begin());
        }
        while (!point.retired_of_hour.empty() && point.retired_of_hour.begin()->first < hourly_to_ms) {
            const auto& [hour, samples] = *point.retired_of_hour.begin();
            for (const auto& sample : samples) {
                add_retired(point.retired_of_day[start_of(hour, day_ms)], sample);
            }
            point.retired_of_hour.erase(point.retired_of_hour.begin());
        }
        std::erase_if(point.retired_of_day, [&](const auto& entry) { return entry.first < daily_to_ms; });
    }

    std::vector<StoredSample> raw(PointId id) {
        std::vector<StoredSample> samples;
        for (const auto& [time_ms, sample] : points_[id.value].raw) {
            samples.push_back(sample);
        }
        return samples;
    }

    /// Buckets from all samples that still count in them.
    std::map<std::int64_t, Rollup> rollups(PointId id, std::int64_t width) {
        std::map<std::int64_t, std::vector<StoredSample>> buckets;
        auto& point = points_[id.value];
        for (const auto& [time_ms, sample] : point.raw) {
            buckets[start_of(time_ms, width)].push_back(sample);
        }
        for (const auto& [hour, samples] : point.retired_of_hour) {
            auto& bucket = buckets[start_of(hour, width)];
            bucket.insert(bucket.end(), samples.begin(), samples.end());
        }
        if (width == day_ms) {
            for (const auto& [day, samples] : point.retired_of_day) {
                buckets[day].insert(buckets[day].end(), samples.begin(), samples.end());
            }
        }
        std::map<std::int64_t, Rollup> rollups;
        for (auto& [from_ms, samples] : buckets) {
            std::stable_sort(samples.begin(), samples.end(),
                             [](const auto& a, const auto& b) { return a.time_ms < b.time_ms; });
            rollups[from_ms] = rollup_of(from_ms, samples);
        }
        return rollups;
    }

    std::uint64_t size() const {
        std::uint64_t count = 0;
        for (const auto& [id, point] : points_) {
            count += point.raw.size();
        }
        return count;
    }

 private:
    static void add_retired(std::vector<StoredSample>& samples, const StoredSample& sample) {
        samples.push_back(sample);
    }

    static std::pair<std::int64_t, std::int64_t> span_of(const std::vector<StoredSample>& samples) {
        const auto by_time = [](const auto& a, const auto& b) { return a.time_ms < b.time_ms; };
        const auto [first, last] = std::minmax_element(samples.begin(), samples.end(), by_time);
        return {first->time_ms, last->time_ms};
    }

    static std::size_t count_inside(const std::vector<StoredSample>& samples, TimeRange range) {
        return static_cast<std::size_t>(std::count_if(samples.begin(), samples.end(), [&](const auto& sample) {
            return sample.time_ms >= range.from_ms && sample.time_ms < range.to_ms;
        }));
    }

    std::map<std::uint32_t, PointModel> points_;
};

void expect_same(const std::vector<StoredSample>& got, const std::vector<StoredSample>& expected) {
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
        EXPECT_EQ(got[i].time_ms, expected[i].time_ms);
        EXPECT_EQ(got[i].quality, expected[i].quality);
        EXPECT_EQ(std::bit_cast<std::uint64_t>(got[i].value), std::bit_cast<std::uint64_t>(expected[i].value));
    }
}

/// Values are eighths, so that sums are exact in any order. Cover is checked where nothing interleaves with what is
/// retired.
void expect_same(const Rollup& got, const Rollup& expected, bool with_cover) {
    EXPECT_EQ(got.from_ms, expected.from_ms);
    EXPECT_EQ(got.count, expected.count);
    EXPECT_EQ(got.bad_count, expected.bad_count);
    EXPECT_EQ(got.begin_ms, expected.begin_ms);
    EXPECT_EQ(got.end_ms, expected.end_ms);
    if (expected.count > 0) {
        EXPECT_EQ(got.first_ms, expected.first_ms);
        EXPECT_EQ(got.last_ms, expected.last_ms);
        EXPECT_EQ(got.min, expected.min);
        EXPECT_EQ(got.max, expected.max);
        EXPECT_EQ(got.min_ms, expected.min_ms);
        EXPECT_EQ(got.max_ms, expected.max_ms);
        EXPECT_EQ(got.sum, expected.sum);
    }
    if (with_cover) {
        EXPECT_EQ(got.first, expected.first);
        EXPECT_EQ(got.last, expected.last);
        EXPECT_EQ(got.covered_ms, expected.covered_ms);
        EXPECT_EQ(got.integral, expected.integral);
    }
}

/// One random life of a store beside its model.
class OneLife {
 public:
    OneLife(const std::string& directory, const std::string& backups, std::uint64_t seed, bool late)
        : directory_(directory),
          backups_(backups),
          store_(std::make_unique<test::Store>(directory + "/0")),
          random_(seed),
          late_(late) {}

    void step() {
        points_ = store_->points(3);
        const auto what = random_() % 32;
        if (what < 16) {
            append();
        } else if (what < 20) {
            correct();
        } else if (what < 22) {
            ASSERT_TRUE(samples().flush());
        } else if (what < 25) {
            ASSERT_TRUE(life().roll_up({}));
        } else if (what < 27) {
            store_->reopen();
        } else if (what < 29) {
            retire();
        } else if (what < 30) {
            ASSERT_TRUE(life().compact({}));
        } else {
            back_up_and_go_on_from_it();
        }
    }

    void compare() {
        for (const PointId point : points_) {
            expect_same(samples().read(point, test::all_time, 10'000'000).value(), model_.raw(point));
            compare_rollups(point, Bucket::hour, hour_ms);
            compare_rollups(point, Bucket::day, day_ms);
        }
        EXPECT_EQ(samples().size().value().samples, model_.size());
        const auto found = value_or_throw(life().verify({}));
        EXPECT_EQ(found.damage_count, 0U) << found.damages[0].place << ": " << found.damages[0].what;
    }

 private:
    SampleStore& samples() { return **store_; }
    Life& life() { return *samples().life(); }

    std::int64_t below(std::int64_t bound) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(bound));
    }

    StoredSample some_sample(std::int64_t time_ms) {
        return {time_ms, random_() % 100 == 0 ? std::nan("") : static_cast<double>(below(1'000)) / 8,
                random_() % 30 == 0 ? Quality::range : Quality::good};
    }

    /// In order, now and then with a step of hours; or late, as far back as the point keeps raw samples, or farther.
    void append() {
        const PointId hot = points_[random_() % points_.size()];
        const bool back = random_() % 4 == 0;
        std::vector<Sample> samples(1 + random_() % (random_() % 8 == 0 ? 4'000 : 300));
        for (auto& sample : samples) {
            sample.point = random_() % 4 == 0 ? points_[random_() % points_.size()] : hot;
            std::int64_t time_ms = (now_ms_ += (random_() % 200 == 0 ? below(8 * hour_ms) : below(3) * 30'000));
            if (back) {
                const std::int64_t from_ms = late_ ? start_ms : std::max(start_ms, kept_from_ms_);
                time_ms = from_ms + below(std::max<std::int64_t>(1, now_ms_ - from_ms));
            }
            const auto [at_ms, value, quality] = some_sample(time_ms);
            sample = {sample.point, quality, at_ms, value};
        }
        ASSERT_TRUE((*store_)->append(samples));
        model_.append(samples);
    }

    void correct() {
        Correction correction{.point = points_[random_() % points_.size()],
                              .range = {},
                              .samples = {},
                              .by = "zhang",
                              .reason = "the meter was exchanged",
                              .at_ms = now_ms_};
        correction.range.from_ms = start_ms + below(now_ms_ - start_ms + 1);
        correction.range.to_ms = correction.range.from_ms + 1 + below(random_() % 3 == 0 ? 20 * day_ms : 3 * hour_ms);
        if (random_() % 5 == 0) {
            correction.range = test::all_time;
        }
        for (auto count = random_() % 3 * (random_() % 40); count > 0 && correction.range.from_ms > 0; --count) {
            correction.samples.push_back(
                some_sample(correction.range.from_ms + below(correction.range.to_ms - correction.range.from_ms)));
        }
        const auto before = samples().read(correction.point, correction.range, 10'000'000).value();
        const auto done = life().correct(correction);
        ASSERT_EQ(done.has_value(), model_.correct(correction)) << (done ? "" : done.error().message());
        if (done) {
            EXPECT_EQ(done->samples_before, before.size());
            expect_same(life().old_samples(done->id, 10'000'000).value(), before);
            EXPECT_EQ(life().changes({.point = {}, .after_id = done->id - 1}).value().back().by, "zhang");
        } else {
            EXPECT_EQ(done.error().code, ErrorCode::invalid) << done.error().message();
        }
    }

    /// Raw samples of all points but the last, hours and days of the first.
    void retire() {
        ASSERT_TRUE(samples().flush());
        const int raw_days = 1 + static_cast<int>(below(6));
        const int hourly_days = raw_days + static_cast<int>(below(6));
        const int daily_days = hourly_days + static_cast<int>(below(12));
        const RetentionRule first{
            .match = "*.h1/*", .raw_days = raw_days, .hourly_days = hourly_days, .daily_days = daily_days};
        const RetentionRule second{
            .match = "*h2/supply?temperature", .raw_days = raw_days, .hourly_days = {}, .daily_days = {}};
        const auto rules = std::array{first, second};
        const auto rehearsed = value_or_throw(life().retire(rules, now_ms_, RetentionMode::rehearse, {}));
        const auto done = value_or_throw(life().retire(rules, now_ms_, RetentionMode::apply, {}));
        EXPECT_EQ(rehearsed.samples, done.samples);
        EXPECT_EQ(done.points_failed, 0U);
        const std::int64_t today = start_of(now_ms_, day_ms);
        constexpr auto never = std::numeric_limits<std::int64_t>::min();
        model_.retire(points_[0], today - raw_days * day_ms, today - hourly_days * day_ms, today - daily_days * day_ms);
        model_.retire(points_[1], today - raw_days * day_ms, never, never);
        kept_from_ms_ = std::max(kept_from_ms_, today - raw_days * day_ms);
    }

    void back_up_and_go_on_from_it() {
        const auto kind = random_() % 4 == 0 ? BackupKind::full : BackupKind::incremental;
        const auto backup = value_or_throw(life().back_up(
            {.directory = backups_, .kind = kind, .at_ms = now_ms_ + generation_, .chains_kept = 2}, {}));
        store_.reset();
        const std::string to = directory_ + "/" + std::to_string(++generation_);
        value_or_throw(
            restore_backup({.backup_directory = backups_, .name = backup.name(), .moment_ms = {}, .to = to}, {}));
        store_ = std::make_unique<test::Store>(to);
    }

    void compare_rollups(PointId point, Bucket bucket, std::int64_t width) {
        const auto got = value_or_throw(life().rollups(point, test::all_time, bucket));
        const auto expected = model_.rollups(point, width);
        ASSERT_EQ(got.size(), expected.size()) << "point " << point.value << ", buckets of " << width << " ms";
        std::size_t i = 0;
        for (const auto& [from_ms, rollup] : expected) {
            expect_same(got[i++], rollup, !late_);
        }
    }

    std::string directory_, backups_;
    std::unique_ptr<test::Store> store_;
    std::mt19937_64 random_;
    Model model_;
    std::vector<PointId> points_;
    std::int64_t now_ms_ = start_ms;
    std::int64_t kept_from_ms_ = start_ms;
    std::int64_t generation_ = 0;
    const bool late_;  ///< samples come also for times whose raw samples are retired
};

void live(std::uint64_t seed, bool late) {
    SCOPED_TRACE(seed);
    const support::TemporaryDirectory folder, backups;
    OneLife life(folder.path(), backups.path(), seed, late);
    for (int i = 0; i < 60 && !::testing::Test::HasFailure(); ++i) {
        SCOPED_TRACE(i);
        life.step();
        if (i % 5 == 4) {
            life.compare();
        }
    }
}

TEST(Life, any_sequence_of_changes_equals_a_plain_model) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        live(seed, false);
    }
}

TEST(Life, samples_that_come_for_retired_times_are_added_to_what_is_known) {
    for (std::uint64_t seed = 101; seed <= 104; ++seed) {
        live(seed, true);
    }
}

}  // namespace
}  // namespace nuanshu::historian

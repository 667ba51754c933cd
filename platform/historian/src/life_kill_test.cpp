#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

#include "platform/historian/life.h"
#include "platform/historian/src/test_store.h"
#include "tests/support/process.h"

namespace nuanshu::historian {
namespace {

using support::TemporaryDirectory;

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t start_ms = 1'748'707'200'000;  // midnight in China, 2025-06-01
constexpr std::int64_t step_ms = 60'000;
constexpr std::int64_t per_day = day_ms / step_ms;

// The other process writes a day of each point at a time. Of the first point the raw samples of the day before
// yesterday are retired, of the second one each day's first hour is deleted; between that it rolls up, compacts and
// backs up. What it holds at any instant follows from the number of days that it has said to have done, give or take
// the one it was at.

std::vector<Sample> day_of(std::span<const PointId> points, std::int64_t day) {
    std::vector<Sample> samples;
    for (std::int64_t i = 0; i < per_day; ++i) {
        for (const PointId point : points) {
            samples.push_back({point, Quality::good, start_ms + day * day_ms + i * step_ms, static_cast<double>(i)});
        }
    }
    return samples;
}

void say(const std::string& line) {
    ASSERT_EQ(::write(STDOUT_FILENO, line.data(), line.size()), static_cast<ssize_t>(line.size()));
}

void live_one_day(test::Store& store, std::span<const PointId> points, std::int64_t day, const std::string& backups) {
    value_or_throw(store->append(day_of(points, day)));
    const TimeRange first_hour{start_ms + day * day_ms, start_ms + day * day_ms + day_ms / 24};
    value_or_throw(store->life()->correct(
        {.point = points[1], .range = first_hour, .samples = {}, .by = "test", .reason = "kill", .at_ms = day}));
    if (day % 3 == 1) {
        value_or_throw(store->flush());
        value_or_throw(store->life()->roll_up({}));
    }
    const auto rules = value_or_throw(parse_retention("*.h1/* raw=1d"));
    value_or_throw(store->life()->retire(rules, start_ms + day * day_ms, RetentionMode::apply, {}));
    if (day % 4 == 2) {
        value_or_throw(store->life()->compact({}));
    }
    const BackupRequest request{.directory = backups,
                                .kind = day % 8 == 0 ? BackupKind::full : BackupKind::incremental,
                                .at_ms = start_ms + day * day_ms,
                                .chains_kept = 2};
    value_or_throw(store->life()->back_up(request, {}));
    say(fmt::format("day {};\n", day));
}

TEST(KilledLife, DISABLED_goes_on) {
    const char* directory = std::getenv("NUANSHU_TEST_STORE");
    const char* backups = std::getenv("NUANSHU_TEST_BACKUPS");
    const char* first = std::getenv("NUANSHU_TEST_FIRST_DAY");
    ASSERT_TRUE(directory != nullptr && backups != nullptr && first != nullptr);
    test::Store store(directory);
    const auto points = store.points(2);
    for (std::int64_t day = std::atoll(first);; ++day) {
        live_one_day(store, points, day, backups);
    }
}

/// Days of which the second point holds samples: 1 380 a day, or a whole one when the last deletion was not done.
std::int64_t check_second_point(test::Store& store, PointId point) {
    const auto days = value_or_throw(store->life()->rollups(point, test::all_time, Bucket::day));
    const auto samples = store->read(point, test::all_time, 10'000'000).value();
    std::map<std::int64_t, std::uint64_t> raw;
    for (const auto& sample : samples) {
        ++raw[(sample.time_ms - start_ms) / day_ms];
    }
    EXPECT_EQ(days.size(), raw.size());
    for (const auto& day : days) {
        const std::int64_t number = (day.from_ms - start_ms) / day_ms;
        const bool last = number + 1 == static_cast<std::int64_t>(days.size());
        EXPECT_EQ(day.count, raw[number]) << "day " << number;
        EXPECT_TRUE(raw[number] == per_day * 23 / 24 || (last && raw[number] == per_day)) << raw[number];
    }
    return static_cast<std::int64_t>(days.size());
}

/// Whatever was retired, each day keeps all its samples in its figures, and none twice.
void check_first_point(test::Store& store, PointId point, std::int64_t days_held) {
    const auto days = value_or_throw(store->life()->rollups(point, test::all_time, Bucket::day));
    ASSERT_EQ(static_cast<std::int64_t>(days.size()), days_held);
    for (const auto& day : days) {
        EXPECT_EQ(day.count, static_cast<std::uint64_t>(per_day)) << "day " << (day.from_ms - start_ms) / day_ms;
        EXPECT_EQ(day.sum, static_cast<double>(per_day * (per_day - 1) / 2));
    }
    const auto first_raw = store->read(point, test::all_time, 1).value();
    const std::int64_t kept_from_ms = store->life()->raw_kept_from_ms(point);
    ASSERT_FALSE(first_raw.empty());
    EXPECT_EQ(first_raw[0].time_ms, std::max(kept_from_ms, start_ms));
}

/// @return days that the store holds
std::int64_t check_store(const std::string& directory) {
    test::Store store(directory);
    const auto points = store.points(2);
    const std::int64_t held = check_second_point(store, points[1]);
    if (held > 0) {
        check_first_point(store, points[0], held);
    }
    const auto found = store->life()->verify({}).value();
    EXPECT_EQ(found.damage_count, 0U) << found.damages[0].place << ": " << found.damages[0].what;
    return held;
}

/// Each backup that is listed is whole, and holds what it had when it was made.
void check_backups(const std::string& backups, std::int64_t done) {
    const auto listed = value_or_throw(list_backups(backups));
    if (done > 0) {
        ASSERT_FALSE(listed.empty());
        EXPECT_GE(listed.back().at_ms, start_ms + (done - 1) * day_ms);
    }
    EXPECT_EQ(value_or_throw(verify_backups(backups, "", {})).damage_count, 0U);
    if (!listed.empty()) {
        const TemporaryDirectory folder;
        const std::string to = folder.path() + "/restored";
        value_or_throw(
            restore_backup({.backup_directory = backups, .name = listed.back().name(), .moment_ms = {}, .to = to}, {}));
        EXPECT_EQ(check_store(to), (listed.back().at_ms - start_ms) / day_ms + 1);
    }
}

std::int64_t days_done(const std::string& output, std::int64_t first) {
    std::int64_t day = first;
    while (output.find(fmt::format("day {};", day)) != std::string::npos) {
        ++day;
    }
    return day;
}

TEST(Life, survives_being_killed_whatever_it_does) {
    const TemporaryDirectory store, backups;
    const char* wanted_rounds = std::getenv("NUANSHU_TEST_KILLS");
    const int rounds = wanted_rounds != nullptr ? std::atoi(wanted_rounds) : 12;
    std::mt19937 random(11);
    std::int64_t days = 0;
    for (int round = 0; round < rounds && !::testing::Test::HasFailure(); ++round) {
        SCOPED_TRACE(round);
        auto process = value_or_throw(support::Process::start(
            {"env", "NUANSHU_TEST_STORE=" + store.path(), "NUANSHU_TEST_BACKUPS=" + backups.path(),
             "NUANSHU_TEST_FIRST_DAY=" + std::to_string(days), std::filesystem::read_symlink("/proc/self/exe"),
             "--gtest_filter=KilledLife.DISABLED_goes_on", "--gtest_also_run_disabled_tests"}));
        const auto wanted = days + static_cast<std::int64_t>(random() % 3);
        EXPECT_TRUE(process.wait_for_output(fmt::format("day {};", wanted), 60'000)) << process.output();
        // Killed somewhere in the next day: the instant is the test's input, not something it waits for.
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 40'000));
        process.kill_now();
        const std::int64_t done = days_done(process.output(), days);
        const std::int64_t held = check_store(store.path());
        EXPECT_GE(held, done);
        EXPECT_LE(held, done + 1);
        check_backups(backups.path(), done);
        // A day that was begun is done again from its start, which changes nothing that is already there.
        days = done;
    }
    EXPECT_GT(days, rounds / 2);
}

}  // namespace
}  // namespace nuanshu::historian

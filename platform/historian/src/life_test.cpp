#include "platform/historian/life.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "platform/historian/src/disk_guard.h"
#include "platform/historian/src/retention_rules.h"
#include "platform/historian/src/test_store.h"
#include "tests/support/process.h"

namespace nuanshu::historian {
namespace {

using support::TemporaryDirectory;

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t day_ms = 24 * hour_ms;
constexpr std::int64_t start_ms = 1'748'707'200'000;  // midnight in China, 2025-06-01

void append_days(test::Store& store, PointId point, int first_day, int days) {
    std::vector<Sample> samples;
    for (std::int64_t at_ms = start_ms + first_day * day_ms; at_ms < start_ms + (first_day + days) * day_ms;
         at_ms += 60'000) {
        samples.push_back({point, Quality::good, at_ms, static_cast<double>(at_ms / 60'000 % 1'000) / 10});
    }
    value_or_throw(store->append(samples));
}

Correction deletion(PointId point, TimeRange range) {
    return {.point = point, .range = range, .samples = {}, .by = "li", .reason = "probe out of the pipe", .at_ms = 7};
}

TEST(Correction, what_was_there_stays_recoverable_and_is_said_by_whom) {
    const TemporaryDirectory folder;
    test::Store store(folder.path());
    const PointId point = store.points(1)[0];
    append_days(store, point, 0, 2);
    Correction correction = deletion(point, {start_ms + hour_ms, start_ms + 2 * hour_ms});
    correction.samples = {{start_ms + hour_ms + 5, 55.5, Quality::manual}};
    const auto before = store->read(point, correction.range, 1'000).value();
    const auto done = store->life()->correct(correction);
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_EQ(done->id, 1U);
    EXPECT_EQ(done->samples_before, 60U);
    EXPECT_EQ(done->samples_after, 1U);
    store.reopen();
    const auto after = store->read(point, correction.range, 1'000).value();
    ASSERT_EQ(after.size(), 1U);
    EXPECT_EQ(after[0].value, 55.5);
    const auto changes = store->life()->changes({}).value();
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].by, "li");
    EXPECT_EQ(changes[0].reason, "probe out of the pipe");
    EXPECT_EQ(changes[0].at_ms, 7);
    const auto old = store->life()->old_samples(1, 1'000).value();
    ASSERT_EQ(old.size(), before.size());
    EXPECT_EQ(old[17].time_ms, before[17].time_ms);
    EXPECT_EQ(old[17].value, before[17].value);
    EXPECT_EQ(store->life()->old_samples(2, 10).error().code, ErrorCode::not_found);
    EXPECT_EQ(store->size().value().samples, 2U * 1'440 - 60 + 1);
}

TEST(Correction, what_cannot_be_is_refused_and_changes_nothing) {
    const TemporaryDirectory folder;
    test::Store store(folder.path());
    const PointId point = store.points(1)[0];
    append_days(store, point, 0, 1);
    const auto code_of = [&](const Correction& correction) { return store->life()->correct(correction).error().code; };
    EXPECT_EQ(code_of(deletion(PointId{9}, {0, 1})), ErrorCode::not_found);
    EXPECT_EQ(code_of(deletion(point, {5, 5})), ErrorCode::invalid);
    Correction nobody = deletion(point, {0, 5});
    nobody.by = "";
    EXPECT_EQ(code_of(nobody), ErrorCode::invalid);
    Correction outside = deletion(point, {0, 5});
    outside.samples = {{5, 1.0, Quality::good}};
    EXPECT_EQ(code_of(outside), ErrorCode::invalid);
    EXPECT_TRUE(store->life()->changes({}).value().empty());
    EXPECT_EQ(store->size().value().samples, 1'440U);
}

TEST(Correction, deleted_samples_do_not_come_back_from_the_log) {
    const TemporaryDirectory folder;
    test::Store store(folder.path());
    const auto points = store.points(2);
    // The second point's sample keeps the log entry alive in which the first one's stand too.
    value_or_throw(store->append(std::array{Sample{points[0], Quality::good, 1'000, 1.0},
                                            Sample{points[1], Quality::good, 1'000, 2.0},
                                            Sample{points[0], Quality::good, 9'000, 3.0}}));
    value_or_throw(store->life()->correct(deletion(points[0], {0, 5'000})));
    value_or_throw(store->append(std::array{Sample{points[0], Quality::good, 2'000, 4.0}}));
    store.reopen();
    const auto samples = store->read(points[0], test::all_time, 10).value();
    ASSERT_EQ(samples.size(), 2U);
    EXPECT_EQ(samples[0].value, 4.0);
    EXPECT_EQ(samples[1].value, 3.0);
    EXPECT_EQ(store->read(points[1], test::all_time, 10).value().size(), 1U);
}

TEST(Correction, appends_from_other_threads_are_neither_lost_nor_doubled) {
    const TemporaryDirectory folder;
    test::Store store(folder.path());
    const auto points = store.points(2);
    std::atomic<bool> done{false};
    std::int64_t appended = 0;
    std::thread appending([&] {
        for (; !done || appended < 200; ++appended) {
            value_or_throw(store->append(std::array{Sample{points[0], Quality::good, start_ms + appended, 1.0},
                                                    Sample{points[1], Quality::good, start_ms + appended, 1.0}}));
        }
    });
    for (int i = 0; i < 40; ++i) {
        value_or_throw(store->life()->correct(deletion(points[0], {0, start_ms})));
        value_or_throw(store->life()->correct(deletion(points[1], {start_ms - 10, start_ms - 5})));
        value_or_throw(store->life()->roll_up({}));
    }
    done = true;
    appending.join();
    for (const auto point : points) {
        EXPECT_EQ(store->read(point, test::all_time, 10'000'000).value().size(), static_cast<std::size_t>(appended));
        const auto days = value_or_throw(store->life()->rollups(point, test::all_time, Bucket::day));
        ASSERT_EQ(days.size(), 1U);
        EXPECT_EQ(days[0].count, static_cast<std::uint64_t>(appended));
    }
}

TEST(RetentionRules, are_read_as_people_write_them) {
    const auto rules =
        value_or_throw(parse_retention("# of vibration\n*/vibration_* raw=30d hourly=2y daily=10y\n\n*  raw=52w;"));
    ASSERT_EQ(rules.size(), 2U);
    EXPECT_EQ(rules[0].raw_days, 30);
    EXPECT_EQ(rules[0].hourly_days, 730);
    EXPECT_EQ(rules[0].daily_days, 3'650);
    EXPECT_EQ(rules[1].raw_days, 364);
    EXPECT_FALSE(rules[1].hourly_days);
    EXPECT_EQ(rule_for(rules, "xc.s01/vibration_x"), &rules[0]);
    EXPECT_EQ(rule_for(rules, "xc.s01/flow"), &rules[1]);
    for (const char* wrong : {"* raw=30", "* row=30d", "* raw=0d", "* raw=-1d", "* raw", "* hourly=1y",
                              "* raw=2y hourly=1y", "* raw=1y daily=2y", "* raw=999999y", "* raw=1d x"}) {
        EXPECT_EQ(parse_retention(wrong).error().code, ErrorCode::invalid) << wrong;
    }
    EXPECT_NE(parse_retention("* raw=1d\n* raw=1").error().message().find("rule 2"), std::string::npos);
}

TEST(RetentionRules, patterns_match_whole_codes) {
    EXPECT_TRUE(matches("*", ""));
    EXPECT_TRUE(matches("*/room_temperature", "a.b/room_temperature"));
    EXPECT_FALSE(matches("*/room_temperature", "a.b/room_temperature_2"));
    EXPECT_TRUE(matches("x?.*.h1*/f*w", "xc.s01.h12/flow"));
    EXPECT_FALSE(matches("xc", "xc.s01"));
    EXPECT_TRUE(matches("a*b*c", "aXbXbXc"));
    EXPECT_FALSE(matches("a*b*c", "aXbXb"));
}

TEST(Retention, takes_what_the_first_rule_says_and_touches_nothing_else) {
    const TemporaryDirectory folder;
    test::Store store(folder.path());
    const auto points = store.points(2);
    append_days(store, points[0], 0, 10);
    append_days(store, points[1], 0, 10);
    value_or_throw(store->life()->correct(deletion(points[0], {start_ms, start_ms + hour_ms})));
    value_or_throw(store->flush());
    const std::int64_t now_ms = start_ms + 10 * day_ms + hour_ms;
    const auto rules = value_or_throw(parse_retention("*h1/* raw=3d hourly=5d"));
    const auto rehearsed = store->life()->retire(rules, now_ms, RetentionMode::rehearse, {}).value();
    EXPECT_EQ(rehearsed.samples, 7U * 1'440 - 60);
    EXPECT_EQ(store->size().value().samples, 20U * 1'440 - 60);
    std::uint64_t told = 0;
    const JobControl control{.progress = [&](const JobProgress& progress) { told = progress.total; }, .stop = {}};
    const auto retired = store->life()->retire(rules, now_ms, RetentionMode::apply, control).value();
    EXPECT_EQ(told, 2U);
    EXPECT_EQ(retired.points, 1U);
    EXPECT_EQ(retired.samples, rehearsed.samples);
    EXPECT_EQ(retired.hours, 5U * 24 - 1);
    EXPECT_EQ(retired.days, 0U);
    EXPECT_EQ(retired.old_values, 60U);
    store.reopen();
    EXPECT_EQ(store->life()->raw_kept_from_ms(points[0]), start_ms + 7 * day_ms);
    EXPECT_EQ(store->life()->raw_kept_from_ms(points[1]), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(store->read(points[0], test::all_time, 1).value()[0].time_ms, start_ms + 7 * day_ms);
    EXPECT_EQ(store->read(points[1], test::all_time, 1).value()[0].time_ms, start_ms);
    EXPECT_EQ(store->life()->rollups(points[0], test::all_time, Bucket::hour).value().size(), 5U * 24);
    const auto days = store->life()->rollups(points[0], test::all_time, Bucket::day).value();
    ASSERT_EQ(days.size(), 10U);
    EXPECT_EQ(days[0].count, 1'440U - 60);
    EXPECT_EQ(days[1].count, 1'440U);
    EXPECT_EQ(store->life()->old_samples(1, 100).value().size(), 0U);
    EXPECT_EQ(store->life()->changes({}).value().size(), 1U);
    EXPECT_EQ(store->life()->retire(rules, now_ms, RetentionMode::apply, {}).value().points, 0U);
}

TEST(Retention, a_retired_hour_is_deleted_whole_or_not_at_all) {
    const TemporaryDirectory folder;
    test::Store store(folder.path());
    const PointId point = store.points(1)[0];
    append_days(store, point, 0, 5);
    value_or_throw(store->flush());
    const auto rules = value_or_throw(parse_retention("* raw=2d"));
    value_or_throw(store->life()->retire(rules, start_ms + 5 * day_ms, RetentionMode::apply, {}));
    const auto cut = store->life()->correct(deletion(point, {start_ms + hour_ms / 2, start_ms + 2 * hour_ms}));
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code, ErrorCode::invalid);
    EXPECT_NE(cut.error().message().find("hour from 2025-05-31T16:00:00Z"), std::string::npos) << cut.error().message();
    const auto whole = store->life()->correct(deletion(point, {start_ms, start_ms + 2 * hour_ms}));
    ASSERT_TRUE(whole) << whole.error().message();
    EXPECT_EQ(whole->rollups_removed, 2U);
    EXPECT_EQ(store->life()->rollups(point, test::all_time, Bucket::hour).value().size(), 5U * 24 - 2);
    EXPECT_EQ(store->life()->rollups(point, test::all_time, Bucket::day).value()[0].count, 22U * 60);
}

TEST(Retention, a_stopped_run_ends_and_can_be_repeated) {
    const TemporaryDirectory folder;
    test::Store store(folder.path());
    for (const auto point : store.points(4)) {
        append_days(store, point, 0, 3);
    }
    value_or_throw(store->flush());
    std::stop_source stop;
    const JobControl control{.progress = [&](const JobProgress&) { stop.request_stop(); }, .stop = stop.get_token()};
    const auto rules = value_or_throw(parse_retention("* raw=1d"));
    const std::int64_t now_ms = start_ms + 3 * day_ms;
    EXPECT_EQ(store->life()->retire(rules, now_ms, RetentionMode::apply, control).error().code, ErrorCode::cancelled);
    value_or_throw(store->life()->retire(rules, now_ms, RetentionMode::apply, {}));
    EXPECT_EQ(store->size().value().samples, 4U * 1'440);
}

TEST(DiskGuard, finds_the_day_on_which_the_disk_will_be_full) {
    std::vector<FreeSpace> history;
    for (std::int64_t hour = 0; hour < 48; ++hour) {
        history.push_back({hour * hour_ms, 1'000'000'000 - static_cast<std::uint64_t>(hour) * 1'000'000});
    }
    EXPECT_NEAR(shrinking_per_day(history), 24e6, 1.0);
    EXPECT_EQ(shrinking_per_day(std::span(history).first(1)), 0.0);
    std::reverse(history.begin(), history.end());
    for (std::size_t i = 0; i < history.size(); ++i) {
        history[i].time_ms = static_cast<std::int64_t>(i) * hour_ms;
    }
    EXPECT_NEAR(shrinking_per_day(history), -24e6, 1.0);
}

TEST(DiskGuard, refuses_new_samples_before_the_disk_is_full_and_goes_on_when_there_is_room) {
    const TemporaryDirectory folder;
    test::Store store(folder.path());
    const PointId point = store.points(1)[0];
    const auto free_bytes = std::filesystem::space(folder.path()).available;
    const DiskLimits tight{.refuse_below_bytes = free_bytes * 2, .warn_below_bytes = 0, .warn_days = 0};
    const auto forecast = store->life()->check_disk(tight, start_ms).value();
    EXPECT_EQ(forecast.state, DiskState::refusing);
    EXPECT_EQ(forecast.full_at_ms, start_ms);
    const std::array sample{Sample{point, Quality::good, 1, 1.0}};
    const auto refused = store->append(sample);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::exhausted);
    EXPECT_NE(refused.error().message().find("MiB"), std::string::npos) << refused.error().message();
    const DiskLimits wary{.refuse_below_bytes = 0, .warn_below_bytes = free_bytes * 2, .warn_days = 0};
    EXPECT_EQ(store->life()->check_disk(wary, start_ms + 1'000).value().state, DiskState::warning);
    EXPECT_TRUE(store->append(sample));
    const DiskLimits easy{.refuse_below_bytes = 0, .warn_below_bytes = 0, .warn_days = 0};
    EXPECT_EQ(store->life()->check_disk(easy, start_ms + 2'000).value().state, DiskState::roomy);
    EXPECT_GT(store->life()->disk().store_bytes, 0U);
}

/// Waits until what another thread does has happened; bounded.
template <class Condition>
bool comes_true(Condition condition) {
    for (int i = 0; i < 1'000; ++i) {
        if (condition()) {
            return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

/// A clock that tests set while another thread reads it.
class SetClock final : public Clock {
 public:
    explicit SetClock(std::int64_t at_ms) : now_ms_(at_ms) {}
    std::int64_t now_ms() const override { return now_ms_; }
    std::int64_t steady_ns() const override { return now_ms_ * 1'000'000; }
    void set(std::int64_t at_ms) { now_ms_ = at_ms; }

 private:
    std::atomic<std::int64_t> now_ms_;
};

TEST(LifeJob, rolls_up_retires_and_backs_up_by_itself) {
    const TemporaryDirectory folder, backups;
    test::Store store(folder.path());
    const PointId point = store.points(1)[0];
    append_days(store, point, 0, 5);
    value_or_throw(store->flush());
    SetClock clock(start_ms + 4 * day_ms + 12 * hour_ms);
    Metrics metrics;
    LifeJobSettings settings;
    settings.retention = value_or_throw(parse_retention("* raw=2d"));
    settings.backup_directory = backups.path();
    settings.backup_chains_kept = 1;
    settings.pause_ms = 5;
    settings.disk = {.refuse_below_bytes = 0, .warn_below_bytes = 0, .warn_days = 0};
    LifeJob job(*store->life(), settings, clock, metrics);
    const auto count_backups = [&] { return list_backups(backups.path()).value().size(); };
    EXPECT_TRUE(comes_true([&] { return count_backups() == 1; }));
    EXPECT_EQ(store->life()->points_to_roll_up(), 0U);
    EXPECT_EQ(store->size().value().samples, 3U * 1'440);
    clock.set(start_ms + 5 * day_ms + 3 * hour_ms);
    EXPECT_TRUE(comes_true([&] { return count_backups() == 2; }));
    EXPECT_EQ(store->size().value().samples, 2U * 1'440);
    EXPECT_FALSE(list_backups(backups.path()).value()[1].full);
    clock.set(start_ms + 12 * day_ms + 3 * hour_ms);
    EXPECT_TRUE(comes_true([&] { return count_backups() == 1; }));
    EXPECT_TRUE(list_backups(backups.path()).value()[0].full);
    EXPECT_TRUE(
        comes_true([&] { return metrics.render().find("nuanshu_historian_backups_total 3\n") != std::string::npos; }));
    job.stop();
}

}  // namespace
}  // namespace nuanshu::historian

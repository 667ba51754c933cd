#include "platform/telemetry/pipeline.h"

#include <chrono>
#include <functional>
#include <thread>

#include <gtest/gtest.h>

#include "platform/telemetry/src/memory_store_for_tests.h"

namespace nuanshu::telemetry {
namespace {

constexpr std::int64_t start_ms = 1'768'000'000'000;

/// Waits until it is so, at most ten seconds.
bool eventually(const std::function<bool()>& is_so) {
    for (int i = 0; i < 10'000; ++i) {
        if (is_so()) {
            return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return is_so();
}

/// A pipeline over a historian in memory, with as many points as asked for, ids from 1.
struct Plant {
    explicit Plant(std::size_t point_count, PipelineSettings settings = {.shards = 2}) : count(point_count) {
        std::vector<std::string> codes;
        for (std::size_t i = 0; i < count; ++i) {
            codes.push_back(fmt::format("xc.s01/p{}", i));
        }
        EXPECT_TRUE(store.intern(codes));
        pipeline = value_or_throw(Pipeline::create(settings, store, clock, metrics));
        EXPECT_TRUE(pipeline->set_points(settings_with([](PointSettings&) {})));
    }

    std::vector<PointSettings> settings_with(const std::function<void(PointSettings&)>& change) const {
        std::vector<PointSettings> all;
        for (std::uint32_t id = 1; id <= count; ++id) {
            all.push_back({.point = {id}, .conversion = {}, .rules = {}, .expected_interval_ms = 0});
            change(all.back());
        }
        return all;
    }

    /// One sample of each of the points, measured at `offset_ms` after the start.
    RawBatch batch(const std::vector<std::uint32_t>& ids, double value, std::int64_t offset_ms = 0) {
        RawBatch made{
            .samples = {}, .historical = false, .received_ms = clock.now_ms(), .stored = [this] { ++stored; }};
        for (const auto id : ids) {
            made.samples.push_back({.point = {id}, .time_ms = start_ms + offset_ms, .value = value});
        }
        return made;
    }

    bool offer(RawBatch made) { return pipeline->offer(made); }
    bool shows(std::uint32_t id, double value, Quality quality) const {
        const auto now = pipeline->current({id});
        return now.value == value && now.quality == quality;
    }
    std::vector<historian::StoredSample> history(std::uint32_t id) const {
        return store.read({id}, {0, start_ms * 2}, 1'000'000).value();
    }
    double metric(const std::string& series) const {
        const auto text = metrics.render();
        const auto at = text.find("\n" + series + " ");
        return at == std::string::npos ? -1.0 : std::stod(text.substr(at + series.size() + 2));
    }

    std::size_t count;
    ManualClock clock{start_ms};
    Metrics metrics;
    MemoryStore store;
    std::atomic<int> stored{0};
    std::unique_ptr<Pipeline> pipeline;
};

TEST(Pipeline, converts_shows_and_stores_what_is_offered) {
    Plant plant(3);
    ASSERT_TRUE(plant.pipeline->set_points(plant.settings_with([](PointSettings& p) { p.conversion = {0.1, -20.0}; })));
    ASSERT_TRUE(plant.offer(plant.batch({1, 2, 3}, 450)));
    ASSERT_TRUE(eventually([&] { return plant.stored == 1; }));
    for (std::uint32_t id = 1; id <= 3; ++id) {
        EXPECT_TRUE(plant.shows(id, 25.0, Quality::good));
        ASSERT_EQ(plant.history(id).size(), 1U);
        EXPECT_EQ(plant.history(id)[0].value, 25.0);
        EXPECT_EQ(plant.history(id)[0].time_ms, start_ms);
    }
    EXPECT_EQ(plant.pipeline->stored_samples(), 3U);
    EXPECT_EQ(plant.metric("nuanshu_telemetry_samples_total"), 3.0);
    EXPECT_EQ(plant.metric("nuanshu_telemetry_quality_total{quality=\"good\"}"), 3.0);
}

TEST(Pipeline, reads_many_current_values_at_once_and_tells_changes) {
    Plant plant(2);
    ASSERT_TRUE(plant.offer(plant.batch({2}, 7)));
    ASSERT_TRUE(eventually([&] { return plant.stored == 1; }));
    const std::vector<PointId> ids = {{1}, {2}, {99}};
    std::vector<CurrentValue> values(3);
    plant.pipeline->current(ids, values);
    EXPECT_EQ(values[0].quality, Quality::never);
    EXPECT_EQ(values[1].value, 7.0);
    EXPECT_EQ(values[2].quality, Quality::never);
    ASSERT_TRUE(plant.offer(plant.batch({2}, 7, 1)));
    ASSERT_TRUE(eventually([&] { return plant.stored == 2; }));
    EXPECT_GT(plant.pipeline->current({2}).change, values[1].change);
}

TEST(Pipeline, shows_a_value_before_the_disk_has_it_and_acknowledges_after) {
    Plant plant(2);
    plant.store.hold();
    ASSERT_TRUE(plant.offer(plant.batch({1, 2}, 5)));
    EXPECT_TRUE(eventually([&] { return plant.shows(1, 5, Quality::good) && plant.shows(2, 5, Quality::good); }));
    EXPECT_EQ(plant.stored, 0);
    plant.store.go_on();
    EXPECT_TRUE(eventually([&] { return plant.stored == 1; }));
}

TEST(Pipeline, acknowledges_a_batch_without_samples) {
    Plant plant(2);
    ASSERT_TRUE(plant.offer(plant.batch({}, 0)));
    EXPECT_TRUE(eventually([&] { return plant.stored == 1; }));
}

TEST(Pipeline, keeps_everything_while_the_disk_is_full_and_loses_nothing) {
    Plant plant(4, {.shards = 2, .queue_samples = 20});
    plant.store.fill_disk();
    int accepted = 0;
    while (plant.offer(plant.batch({1, 2, 3, 4}, accepted, accepted))) {
        ++accepted;
        ASSERT_LE(accepted, 10);
    }
    EXPECT_EQ(accepted, 10);
    ASSERT_TRUE(eventually([&] { return plant.pipeline->trouble().has_value(); }));
    EXPECT_EQ(plant.pipeline->trouble()->code, ErrorCode::exhausted);
    EXPECT_EQ(plant.stored, 0);
    ASSERT_TRUE(eventually([&] { return plant.metric("nuanshu_telemetry_store_retries_total") >= 1.0; }));
    EXPECT_FALSE(plant.offer(plant.batch({1}, 0)));
    EXPECT_EQ(plant.metric("nuanshu_telemetry_refused_batches_total"), 2.0);

    plant.store.free_disk();
    ASSERT_TRUE(eventually([&] { return plant.stored == accepted; }));
    EXPECT_FALSE(plant.pipeline->trouble());
    for (std::uint32_t id = 1; id <= 4; ++id) {
        EXPECT_EQ(plant.history(id).size(), static_cast<std::size_t>(accepted));
    }
    EXPECT_TRUE(plant.offer(plant.batch({1}, 0, 99)));
    EXPECT_TRUE(eventually([&] { return plant.stored == accepted + 1; }));
}

TEST(Pipeline, pushes_back_and_leaves_the_refused_batch_untouched) {
    Plant plant(1, {.shards = 1, .queue_samples = 5});
    plant.store.hold();
    ASSERT_TRUE(plant.offer(plant.batch({1, 1, 1}, 1)));
    auto second = plant.batch({1, 1, 1}, 2, 1);
    EXPECT_FALSE(plant.pipeline->offer(second));
    EXPECT_EQ(second.samples.size(), 3U);
    EXPECT_TRUE(second.stored);
    plant.store.go_on();
    EXPECT_TRUE(eventually([&] { return plant.pipeline->offer(second); }));
    EXPECT_TRUE(eventually([&] { return plant.stored == 2; }));
}

TEST(Pipeline, takes_a_batch_on_all_its_shards_or_on_none) {
    Plant plant(2, {.shards = 2, .queue_samples = 4});
    plant.store.hold();
    ASSERT_TRUE(plant.offer(plant.batch({1, 1, 1, 1}, 1)));
    EXPECT_FALSE(plant.offer(plant.batch({2, 1}, 2, 1)));
    EXPECT_TRUE(plant.offer(plant.batch({2, 2, 2, 2}, 3, 2)));
    plant.store.go_on();
    ASSERT_TRUE(eventually([&] { return plant.stored == 2; }));
    ASSERT_EQ(plant.history(2).size(), 1U);
    EXPECT_EQ(plant.history(2)[0].value, 3.0);
}

TEST(Pipeline, takes_a_batch_larger_than_the_bound_when_the_queue_is_empty) {
    Plant plant(1, {.shards = 1, .queue_samples = 2, .store_batch_samples = 2});
    RawBatch batch = plant.batch({}, 0);
    for (std::int64_t i = 0; i < 9; ++i) {
        batch.samples.push_back({.point = {1}, .time_ms = start_ms + i, .value = 1.0});
    }
    ASSERT_TRUE(plant.pipeline->offer(batch));
    ASSERT_TRUE(eventually([&] { return plant.stored == 1; }));
    EXPECT_EQ(plant.history(1).size(), 9U);
    EXPECT_TRUE(plant.offer(plant.batch({1, 1}, 0, 20)));
}

TEST(Pipeline, stores_in_batches_while_the_disk_is_slow) {
    Plant plant(1, {.shards = 1});
    plant.store.hold();
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(plant.offer(plant.batch({1}, i, i)));
    }
    ASSERT_TRUE(eventually([&] { return plant.shows(1, 99, Quality::good); }));
    plant.store.go_on();
    ASSERT_TRUE(eventually([&] { return plant.stored == 100; }));
    EXPECT_LE(plant.store.appends(), 20U);
}

TEST(Pipeline, stores_what_comes_late_without_showing_it) {
    Plant plant(1);
    ASSERT_TRUE(plant.offer(plant.batch({1}, 20, 0)));
    ASSERT_TRUE(plant.offer(plant.batch({1}, 19, -5'000)));
    auto backfill = plant.batch({1}, 18, -9'000);
    backfill.historical = true;
    ASSERT_TRUE(plant.pipeline->offer(backfill));
    ASSERT_TRUE(eventually([&] { return plant.stored == 3; }));
    EXPECT_TRUE(plant.shows(1, 20, Quality::good));
    ASSERT_EQ(plant.history(1).size(), 3U);
    EXPECT_EQ(plant.history(1)[0].value, 18.0);
}

TEST(Pipeline, drops_and_counts_samples_of_points_it_was_not_told_of) {
    Plant plant(1);
    ASSERT_TRUE(plant.offer(plant.batch({1, 500, 0}, 1)));
    ASSERT_TRUE(eventually([&] { return plant.stored == 1; }));
    EXPECT_EQ(plant.store.size()->samples, 1U);
    EXPECT_EQ(plant.metric("nuanshu_telemetry_unknown_samples_total"), 2.0);
}

TEST(Pipeline, refuses_points_that_cannot_be) {
    Plant plant(1);
    const auto refusal = [&](PointSettings settings) {
        const auto result = plant.pipeline->set_points({&settings, 1});
        return result ? ErrorCode::internal : result.error().code;
    };
    EXPECT_EQ(refusal({.point = {0}, .conversion = {}, .rules = {}}), ErrorCode::invalid);
    EXPECT_EQ(refusal({.point = {2}, .conversion = {}, .rules = {}}), ErrorCode::not_found);
    EXPECT_EQ(refusal({.point = {4'000'000'000}, .conversion = {}, .rules = {}}), ErrorCode::exhausted);
    EXPECT_EQ(refusal({.point = {1}, .conversion = {0.0, 1.0}, .rules = {}}), ErrorCode::invalid);
}

TEST(Pipeline, refuses_settings_that_cannot_work) {
    Metrics metrics;
    MemoryStore store;
    const SystemClock clock;
    EXPECT_FALSE(Pipeline::create({.shards = 65}, store, clock, metrics));
    EXPECT_FALSE(Pipeline::create({.shards = 1, .queue_samples = 0}, store, clock, metrics));
    EXPECT_FALSE(Pipeline::create({.shards = 1, .store_batch_samples = 0}, store, clock, metrics));
}

TEST(Pipeline, changed_settings_hold_for_the_next_batch) {
    Plant plant(1);
    ASSERT_TRUE(plant.offer(plant.batch({1}, 50)));
    ASSERT_TRUE(plant.pipeline->set_points(plant.settings_with([](PointSettings& p) { p.rules.maximum = 40.0; })));
    ASSERT_TRUE(plant.offer(plant.batch({1}, 50, 1)));
    ASSERT_TRUE(eventually([&] { return plant.stored == 2; }));
    EXPECT_EQ(plant.history(1)[0].quality, Quality::good);
    EXPECT_EQ(plant.history(1)[1].quality, Quality::range);
}

TEST(Pipeline, shows_after_a_restart_what_the_historian_holds) {
    Plant plant(2);
    ASSERT_TRUE(plant.offer(plant.batch({1}, 42)));
    ASSERT_TRUE(eventually([&] { return plant.stored == 1; }));
    plant.pipeline = value_or_throw(Pipeline::create({.shards = 1}, plant.store, plant.clock, plant.metrics));
    EXPECT_EQ(plant.pipeline->current({1}).quality, Quality::never);
    ASSERT_TRUE(plant.pipeline->set_points(plant.settings_with([](PointSettings&) {})));
    EXPECT_TRUE(plant.shows(1, 42, Quality::good));
    EXPECT_EQ(plant.pipeline->current({1}).time_ms, start_ms);
    EXPECT_EQ(plant.pipeline->current({2}).quality, Quality::never);
}

TEST(Pipeline, marks_a_gap_once_by_the_clock) {
    Plant plant(2);
    ASSERT_TRUE(plant.pipeline->set_points(
        plant.settings_with([](PointSettings& p) { p.expected_interval_ms = p.point.value == 1 ? 5'000 : 0; })));
    ASSERT_TRUE(plant.offer(plant.batch({1, 2}, 20)));
    ASSERT_TRUE(eventually([&] { return plant.stored == 1; }));
    plant.clock.advance_ms(16'999);
    plant.clock.advance_ms(1);
    ASSERT_TRUE(eventually([&] { return plant.shows(1, 20, Quality::gap); }));
    EXPECT_EQ(plant.pipeline->current({1}).time_ms, start_ms + 17'000);
    EXPECT_TRUE(plant.shows(2, 20, Quality::good));
    ASSERT_TRUE(eventually([&] { return plant.history(1).size() == 2; }));
    EXPECT_EQ(plant.history(1)[1].quality, Quality::gap);
    ASSERT_TRUE(plant.offer(plant.batch({1}, 21, 18'000)));
    ASSERT_TRUE(eventually([&] { return plant.shows(1, 21, Quality::good); }));
}

TEST(Pipeline, marks_the_points_of_a_silent_device_once) {
    Plant plant(3);
    ASSERT_TRUE(plant.offer(plant.batch({1, 2, 3}, 20)));
    const std::vector<PointId> device = {{1}, {2}};
    plant.clock.advance_ms(1'000);
    plant.pipeline->set_communication(device, false);
    plant.pipeline->set_communication(device, false);
    ASSERT_TRUE(eventually([&] { return plant.history(1).size() == 2 && plant.history(2).size() == 2; }));
    EXPECT_TRUE(plant.shows(1, 20, Quality::communication));
    EXPECT_TRUE(plant.shows(2, 20, Quality::communication));
    EXPECT_TRUE(plant.shows(3, 20, Quality::good));
    plant.pipeline->set_communication(device, true);
    ASSERT_TRUE(plant.offer(plant.batch({1}, 22, 2'000)));
    ASSERT_TRUE(eventually([&] { return plant.shows(1, 22, Quality::good); }));
    EXPECT_TRUE(plant.shows(2, 20, Quality::communication));
    plant.pipeline->stop();
    EXPECT_EQ(plant.history(2).size(), 2U);
}

TEST(Pipeline, puts_a_value_in_by_hand_until_released) {
    Plant plant(1);
    ASSERT_TRUE(plant.offer(plant.batch({1}, 20)));
    plant.clock.advance_ms(1'000);
    plant.pipeline->substitute({1}, 18);
    EXPECT_TRUE(plant.shows(1, 18, Quality::manual));
    ASSERT_TRUE(plant.offer(plant.batch({1}, 21, 2'000)));
    ASSERT_TRUE(eventually([&] { return plant.stored == 2; }));
    EXPECT_TRUE(plant.shows(1, 18, Quality::manual));
    plant.clock.advance_ms(2'000);
    plant.pipeline->release({1});
    EXPECT_TRUE(plant.shows(1, 21, Quality::good));
    plant.pipeline->stop();
    const auto stored = plant.history(1);
    ASSERT_EQ(stored.size(), 4U);
    EXPECT_EQ(stored[1].quality, Quality::manual);
    EXPECT_EQ(stored[2].quality, Quality::manual);
    EXPECT_EQ(stored[3].quality, Quality::good);
}

TEST(Pipeline, stores_what_is_queued_before_it_stops_and_takes_nothing_after) {
    Plant plant(4);
    for (int i = 0; i < 200; ++i) {
        ASSERT_TRUE(plant.offer(plant.batch({1, 2, 3, 4}, i, i)));
    }
    plant.pipeline->stop();
    EXPECT_EQ(plant.stored, 200);
    EXPECT_EQ(plant.pipeline->stored_samples(), 800U);
    EXPECT_FALSE(plant.offer(plant.batch({1}, 0)));
    plant.pipeline->substitute({1}, 1);
    EXPECT_FALSE(plant.pipeline->set_points({}));
    plant.pipeline->stop();
}

TEST(Pipeline, stops_although_the_disk_is_full_and_acknowledges_nothing) {
    Plant plant(1, {.shards = 1});
    plant.store.fill_disk();
    ASSERT_TRUE(plant.offer(plant.batch({1}, 1)));
    ASSERT_TRUE(eventually([&] { return plant.pipeline->trouble().has_value(); }));
    plant.pipeline->stop();
    EXPECT_EQ(plant.stored, 0);
}

/// Offers `batches` of one sample a point, again and again until taken; each has a time of its own.
void publish(Plant& plant, int publisher, int batches) {
    for (int i = 0; i < batches; ++i) {
        auto batch = plant.batch({1, 2, 3, 4, 5}, publisher, publisher * batches + i);
        while (!plant.pipeline->offer(batch)) {
            std::this_thread::yield();
        }
    }
}

TEST(Pipeline, loses_and_doubles_nothing_under_many_publishers_and_a_failing_disk) {
    constexpr int publishers = 4;
    constexpr int batches = 500;
    Plant plant(5, {.shards = 3, .queue_samples = 400, .store_batch_samples = 100});
    plant.store.refuse_each(90);
    std::vector<std::thread> threads;
    for (int i = 0; i < publishers; ++i) {
        threads.emplace_back([&plant, i] { publish(plant, i, batches); });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    plant.store.refuse_each(0);
    ASSERT_TRUE(eventually([&] { return plant.stored == publishers * batches; }));
    plant.pipeline->stop();
    EXPECT_EQ(plant.stored, publishers * batches);
    EXPECT_EQ(plant.store.size()->samples, 5U * publishers * batches);
}

}  // namespace
}  // namespace nuanshu::telemetry

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "platform/historian/store.h"
#include "platform/telemetry/pipeline.h"
#include "tests/support/process.h"

// The pipeline over the historian that users run, in a folder of its own.

namespace nuanshu::telemetry {
namespace {

constexpr std::int64_t start_ms = 1'768'000'000'000;
constexpr std::uint32_t point_count = 50;

struct Installation {
    explicit Installation(const std::string& directory) {
        store = value_or_throw(historian::open_embedded_store({.directory = directory, .sync = true}, metrics));
        std::vector<std::string> codes;
        for (std::uint32_t i = 0; i < point_count; ++i) {
            codes.push_back(fmt::format("xc.s01.h{}/flow", i));
        }
        points = value_or_throw(store->intern(codes));
        pipeline = value_or_throw(Pipeline::create({.shards = 2}, *store, clock, metrics));
        std::vector<PointSettings> settings;
        for (const auto point : points) {
            settings.push_back({.point = point, .conversion = {}, .rules = {}, .expected_interval_ms = 0});
        }
        value_or_throw(pipeline->set_points(settings));
    }

    bool offer(std::int64_t second) {
        RawBatch batch;
        batch.received_ms = start_ms + second * 1'000;
        for (const auto point : points) {
            batch.samples.push_back(
                {.point = point, .time_ms = start_ms + second * 1'000, .value = static_cast<double>(second)});
        }
        batch.stored = [this] { ++stored; };
        return pipeline->offer(batch);
    }

    ManualClock clock{start_ms + 600'000};
    Metrics metrics;
    std::unique_ptr<historian::SampleStore> store;
    std::vector<PointId> points;
    std::atomic<std::int64_t> stored{0};
    std::unique_ptr<Pipeline> pipeline;
};

TEST(EmbeddedHistorian, holds_every_acknowledged_sample_and_gives_the_newest_back_after_a_restart) {
    const support::TemporaryDirectory directory;
    {
        Installation first(directory.path());
        for (std::int64_t second = 0; second < 100; ++second) {
            ASSERT_TRUE(first.offer(second));
        }
        first.pipeline->stop();
        EXPECT_EQ(first.stored, 100);
    }
    const Installation second(directory.path());
    for (const auto point : second.points) {
        const auto shown = second.pipeline->current(point);
        EXPECT_EQ(shown.value, 99.0);
        EXPECT_EQ(shown.time_ms, start_ms + 99'000);
        EXPECT_EQ(shown.quality, Quality::good);
        const auto samples = second.store->read(point, {start_ms, start_ms + 600'000}, 1'000);
        ASSERT_TRUE(samples) << samples.error().message();
        EXPECT_EQ(samples->size(), 100U);
    }
}

}  // namespace
}  // namespace nuanshu::telemetry

#include <mutex>
#include <thread>

#include <benchmark/benchmark.h>

#include "platform/telemetry/pipeline.h"
#include "platform/telemetry/src/live_point.h"

// Samples/s through offer → judged → current value → append, over a historian that keeps nothing, in messages of 100
// samples from one publisher. Beside it, as the ceiling, the judging alone in a plain loop on one thread.

namespace nuanshu::telemetry {
namespace {

constexpr std::int64_t start_ms = 1'768'000'000'000;
constexpr std::uint32_t points = 20'000;
constexpr std::uint32_t message_samples = 100;

/// Takes everything and keeps nothing; knows any point.
class NullStore final : public historian::SampleStore {
 public:
    Result<std::vector<PointId>> intern(std::span<const std::string>) override { return std::vector<PointId>(); }
    std::optional<PointId> find(std::string_view) const override { return std::nullopt; }
    std::string code_of(PointId point) const override { return std::to_string(point.value); }
    Result<> append(std::span<const Sample> samples) override {
        benchmark::DoNotOptimize(samples.data());
        return {};
    }
    Result<std::vector<historian::StoredSample>> read(PointId, historian::TimeRange, std::size_t) const override {
        return std::vector<historian::StoredSample>();
    }
    Result<std::optional<historian::StoredSample>> value_as_of(PointId, std::int64_t) const override {
        return std::nullopt;
    }
    Result<std::vector<historian::Aggregate>> aggregate(PointId, historian::TimeRange, std::int64_t) const override {
        return std::vector<historian::Aggregate>();
    }
    Result<std::vector<historian::StoredSample>> read_for_drawing(PointId, historian::TimeRange,
                                                                  std::size_t) const override {
        return std::vector<historian::StoredSample>();
    }
    Result<Size> size() const override { return Size(); }
    Result<> flush() override { return {}; }
};

std::vector<PointSettings> settings_of(bool all_rules) {
    QualityRules rules;
    if (all_rules) {
        rules = {.minimum = -20.0,
                 .maximum = 150.0,
                 .rate_per_s_max = 5.0,
                 .frozen_after_ms = 600'000,
                 .hampel_threshold = 6.0,
                 .hampel_floor = 0.5};
    }
    std::vector<PointSettings> settings;
    for (std::uint32_t id = 1; id <= points; ++id) {
        settings.push_back({.point = {id}, .conversion = {0.1, 0.0}, .rules = rules, .expected_interval_ms = 5'000});
    }
    return settings;
}

std::int64_t time_of(std::uint64_t sample_number) {
    return start_ms + static_cast<std::int64_t>(sample_number / points) * 1'000;
}

/// A temperature that wanders a little, every point once a second, in the order of points.
std::vector<RawSample> message(std::uint64_t number) {
    std::vector<RawSample> samples;
    samples.reserve(message_samples);
    for (std::uint64_t i = 0; i < message_samples; ++i) {
        const auto n = number * message_samples + i;
        const auto id = static_cast<std::uint32_t>(n % points + 1);
        samples.push_back({.point = {id},
                           .time_ms = time_of(n),
                           .value = 450.0 + static_cast<double>((n * 2'654'435'761U >> 7U) % 10)});
    }
    return samples;
}

void BM_pipeline(benchmark::State& state) {
    NullStore store;
    const SystemClock clock;
    Metrics metrics;
    const PipelineSettings settings{.shards = static_cast<std::size_t>(state.range(0))};
    const auto pipeline = value_or_throw(Pipeline::create(settings, store, clock, metrics));
    value_or_throw(pipeline->set_points(settings_of(state.range(1) != 0)));
    std::uint64_t number = 0;
    for (auto _ : state) {
        RawBatch batch{.samples = message(number), .received_ms = time_of(number * message_samples), .stored = {}};
        ++number;
        while (!pipeline->offer(batch)) {
            std::this_thread::yield();
        }
    }
    pipeline->stop();
    state.SetItemsProcessed(static_cast<std::int64_t>(number * message_samples));
}
BENCHMARK(BM_pipeline)->ArgNames({"shards", "rules"})->ArgsProduct({{1, 2}, {0, 1}})->UseRealTime();

void BM_judge_only(benchmark::State& state) {
    std::vector<LivePoint> live(points + 1);
    for (const auto& settings : settings_of(state.range(0) != 0)) {
        live[settings.point.value].set(settings, std::nullopt, start_ms);
    }
    const TimeLimits limits{.future_tolerance_ms = 60'000, .oldest_ms = 0};
    std::uint64_t number = 0;
    for (auto _ : state) {
        const auto received_ms = time_of(number * message_samples);
        for (const auto& raw : message(number)) {
            benchmark::DoNotOptimize(live[raw.point.value].take(raw, {.received_ms = received_ms}, limits));
        }
        ++number;
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(number * message_samples));
}
BENCHMARK(BM_judge_only)->ArgName("rules")->Arg(0)->Arg(1);

}  // namespace
}  // namespace nuanshu::telemetry

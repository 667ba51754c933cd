#include <filesystem>
#include <random>

#include <benchmark/benchmark.h>

#include "platform/historian/life.h"

namespace nuanshu::historian {
namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t start_ms = 1'420'041'600'000;  // midnight in China, 2015-01-01

/// A store in a folder of its own under the system's temporary folder.
class Bench {
 public:
    Bench() : folder_(std::filesystem::temp_directory_path() / ("nuanshu-bench-" + std::to_string(::getpid()))) {
        std::filesystem::remove_all(folder_);
        store_ = value_or_throw(open_embedded_store({.directory = folder_ / "store", .sync = false}, metrics_));
    }
    ~Bench() {
        store_.reset();
        std::filesystem::remove_all(folder_);
    }

    SampleStore& store() { return *store_; }
    Life& life() { return *store_->life(); }
    std::string backups() const { return folder_ / "backups"; }

    std::vector<PointId> points(std::size_t count) {
        std::vector<std::string> codes;
        for (std::size_t i = 0; i < count; ++i) {
            codes.push_back("xc.s01.n1.h" + std::to_string(i) + "/supply_temperature");
        }
        return value_or_throw(store_->intern(codes));
    }

    /// Temperatures that wander in steps of 0.1, one every `period_ms`.
    void fill(PointId point, std::int64_t from_ms, std::int64_t days, std::int64_t period_ms) {
        std::vector<Sample> samples;
        std::mt19937 random(point.value);
        std::int64_t tenths = 600;
        for (std::int64_t at_ms = from_ms; at_ms < from_ms + days * day_ms; at_ms += period_ms) {
            tenths += static_cast<std::int64_t>(random() % 3) - 1;
            samples.push_back({point, Quality::good, at_ms, static_cast<double>(tenths) / 10});
            if (samples.size() == 100'000) {
                value_or_throw(store_->append(samples));
                samples.clear();
            }
        }
        value_or_throw(store_->append(samples));
    }

 private:
    std::filesystem::path folder_;
    Metrics metrics_;
    std::unique_ptr<SampleStore> store_;
};

/// A month of 10 points at 10 s, sealed and not yet rolled up.
void BM_roll_up(benchmark::State& state) {
    std::int64_t samples = 0;
    for (auto _ : state) {
        state.PauseTiming();
        auto bench = std::make_unique<Bench>();
        for (const auto point : bench->points(10)) {
            bench->fill(point, start_ms, 30, 10'000);
        }
        value_or_throw(bench->store().flush());
        samples += 10 * 30 * 8'640;
        state.ResumeTiming();
        value_or_throw(bench->life().roll_up({}));
        state.PauseTiming();
        bench.reset();
        state.ResumeTiming();
    }
    state.SetItemsProcessed(samples);
}
BENCHMARK(BM_roll_up)->Unit(benchmark::kMillisecond)->Iterations(2);

/// Ten years of one point, a sample a minute: in days and in hours; then the same after its raw samples are retired.
void BM_ten_years(benchmark::State& state) {
    Bench bench;
    const auto point = bench.points(1)[0];
    bench.fill(point, start_ms, 3'650, 60'000);
    value_or_throw(bench.store().flush());
    value_or_throw(bench.life().roll_up({}));
    const std::int64_t end_ms = start_ms + 3'650 * day_ms;
    if (state.range(1) == 1) {
        const auto rules = value_or_throw(parse_retention("* raw=365d"));
        value_or_throw(bench.life().retire(rules, end_ms, RetentionMode::apply, {}));
    }
    const Bucket bucket = state.range(0) == 24 ? Bucket::day : Bucket::hour;
    for (auto _ : state) {
        benchmark::DoNotOptimize(value_or_throw(bench.life().rollups(point, {start_ms, end_ms}, bucket)));
    }
    value_or_throw(bench.store().flush());
    state.counters["store_bytes"] = static_cast<double>(value_or_throw(bench.store().size()).bytes);
}
BENCHMARK(BM_ten_years)
    ->ArgNames({"bucket_h", "retired"})
    ->Args({24, 0})
    ->Args({1, 0})
    ->Args({24, 1})
    ->Args({1, 1})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(20);

/// A night of 5 000 points at a minute: each loses its oldest day.
void BM_retention_night(benchmark::State& state) {
    Bench bench;
    const auto points = bench.points(5'000);
    for (const auto point : points) {
        bench.fill(point, start_ms, 3, 60'000);
    }
    value_or_throw(bench.store().flush());
    value_or_throw(bench.life().roll_up({}));
    const auto rules = value_or_throw(parse_retention("* raw=1d"));
    std::int64_t night = 2;
    for (auto _ : state) {
        const auto now_ms = start_ms + night++ * day_ms;
        value_or_throw(bench.life().retire(rules, now_ms, RetentionMode::apply, {}));
    }
    state.SetItemsProcessed(state.iterations() * 5'000);
}
BENCHMARK(BM_retention_night)->Unit(benchmark::kMillisecond)->Iterations(2);

/// One hour of one point deleted, with audit.
void BM_delete_an_hour(benchmark::State& state) {
    Bench bench;
    const auto point = bench.points(1)[0];
    bench.fill(point, start_ms, 365, 60'000);
    value_or_throw(bench.store().flush());
    std::int64_t hour = 0;
    for (auto _ : state) {
        const std::int64_t from_ms = start_ms + hour++ * 3'600'000;
        const Correction deletion{.point = point,
                                  .range = {from_ms, from_ms + 3'600'000},
                                  .samples = {},
                                  .by = "bench",
                                  .reason = "bench",
                                  .at_ms = 0};
        value_or_throw(bench.life().correct(deletion));
    }
}
BENCHMARK(BM_delete_an_hour)->Unit(benchmark::kMicrosecond)->Iterations(1'000);

/// 5 000 points × a day at a minute, 7.2 million samples: the first backup, and one after nothing new.
void BM_backup(benchmark::State& state) {
    Bench bench;
    for (const auto point : bench.points(5'000)) {
        bench.fill(point, start_ms, 1, 60'000);
    }
    value_or_throw(bench.store().flush());
    const auto kind = state.range(0) == 1 ? BackupKind::full : BackupKind::incremental;
    const BackupRequest request{.directory = bench.backups(), .kind = kind, .at_ms = start_ms, .chains_kept = 0};
    value_or_throw(bench.life().back_up(request, {}));
    for (auto _ : state) {
        value_or_throw(bench.life().back_up(request, {}));
    }
}
BENCHMARK(BM_backup)->ArgName("full")->Arg(1)->Arg(0)->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace
}  // namespace nuanshu::historian

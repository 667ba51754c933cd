// Workload: the mixed plant of the historian's measures. A fifth of the points each: temperatures that walk in steps of
// 0.1, noisy pressures of nine digits, flows in steps of 0.01, heat counters in 0.001 GJ, on/off states; one sample
// every 10 s.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include <benchmark/benchmark.h>

#include "platform/historian/src/chunk.h"
#include "platform/historian/src/test_store.h"

namespace nuanshu::historian {
namespace {

constexpr std::int64_t start_ms = 1'700'000'000'000;
constexpr std::int64_t period_ms = 10'000;

/// A folder that is there as long as the object.
class Folder {
 public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "nuanshu-bench-XXXXXX").string();
        path_ = ::mkdtemp(name.data()) != nullptr ? name : throw std::runtime_error("no temporary folder");
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    const std::string& path() const { return path_; }

 private:
    std::string path_;
};

/// One point's value as it goes on.
class PlantPoint {
 public:
    PlantPoint(std::size_t kind, std::uint64_t seed) : kind_(kind % 5), random_(seed) {}

    double next() {
        switch (kind_) {
            case 0:
                return static_cast<double>(level_ += step(1)) / 10;
            case 1:
                return std::round((0.6 + 0.01 * noise_(random_)) * 1e9) / 1e9;
            case 2:
                return static_cast<double>(level_ += step(8)) / 100;
            case 3:
                return static_cast<double>(level_ += 40 + step(6)) / 1000;
            default:
                return static_cast<double>(state_ ^= random_() % 200 == 0 ? 1 : 0);
        }
    }

 private:
    std::int64_t step(std::int64_t most) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(2 * most + 1)) - most;
    }

    std::size_t kind_;
    std::mt19937_64 random_;
    std::normal_distribution<double> noise_;
    std::int64_t level_ = 4'500;
    std::uint64_t state_ = 0;
};

/// Batches as a plant sends them: each round one sample of each point.
std::vector<std::vector<Sample>> plant_batches(std::span<const PointId> points, std::size_t rounds,
                                               std::size_t batch_samples) {
    std::vector<PlantPoint> plant;
    for (std::size_t i = 0; i < points.size(); ++i) {
        plant.emplace_back(i, i + 1);
    }
    std::vector<std::vector<Sample>> batches(1);
    for (std::size_t round = 0; round < rounds; ++round) {
        for (std::size_t i = 0; i < points.size(); ++i) {
            if (batches.back().size() == batch_samples) {
                batches.emplace_back();
            }
            batches.back().push_back(
                {points[i], Quality::good, start_ms + static_cast<std::int64_t>(round) * period_ms, plant[i].next()});
        }
    }
    return batches;
}

void fill(test::Store& store, std::span<const std::vector<Sample>> batches) {
    for (const auto& batch : batches) {
        value_or_throw(store->append(batch));
    }
}

/// What `threads` writers are to append: 5 000 points × 1 000 samples, either as a plant sends them or point after
/// point.
enum class Manner { by_time, by_point };

std::vector<std::vector<std::vector<Sample>>> share_work(std::span<const PointId> points, std::size_t threads,
                                                         Manner manner) {
    const std::size_t each = points.size() / threads;
    std::vector<std::vector<std::vector<Sample>>> work;
    for (std::size_t t = 0; t < threads; ++t) {
        work.push_back(plant_batches(points.subspan(t * each, each), 1'000, 10'000));
        if (manner == Manner::by_point) {
            std::vector<Sample> all;
            for (const auto& batch : work.back()) {
                all.insert(all.end(), batch.begin(), batch.end());
            }
            std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.point < b.point; });
            work.back() = {};
            for (std::size_t from = 0; from < all.size(); from += 500'000) {
                const auto to = std::min(all.size(), from + 500'000);
                work.back().emplace_back(all.begin() + static_cast<std::ptrdiff_t>(from),
                                         all.begin() + static_cast<std::ptrdiff_t>(to));
            }
        }
    }
    return work;
}

/// Until all samples are chunks in synced files. `sync`: also fsync at each append.
void append_and_flush(benchmark::State& state, Manner manner, bool sync) {
    const auto threads = static_cast<std::size_t>(state.range(0));
    std::uint64_t samples = 0;
    for (auto _ : state) {
        state.PauseTiming();
        const Folder folder;
        test::Store store(folder.path(), sync);
        const auto points = store.points(5'000);
        const auto work = share_work(points, threads, manner);
        state.ResumeTiming();
        std::vector<std::thread> writers;
        for (const auto& batches : work) {
            writers.emplace_back([&] { fill(store, batches); });
        }
        for (auto& writer : writers) {
            writer.join();
        }
        value_or_throw(store->flush());
        state.PauseTiming();
        const auto size = value_or_throw(store->size());
        samples += size.samples;
        state.counters["bytes_per_sample"] = static_cast<double>(size.bytes) / static_cast<double>(size.samples);
        store.close();
        state.ResumeTiming();
    }
    state.counters["samples/s"] = benchmark::Counter(static_cast<double>(samples), benchmark::Counter::kIsRate);
}

void BM_append(benchmark::State& state) {
    append_and_flush(state, Manner::by_time, false);
}
BENCHMARK(BM_append)->ArgName("threads")->Arg(1)->Arg(2)->MeasureProcessCPUTime()->UseRealTime()->Iterations(3);

void BM_append_synced(benchmark::State& state) {
    append_and_flush(state, Manner::by_time, true);
}
BENCHMARK(BM_append_synced)->ArgName("threads")->Arg(1)->Arg(2)->MeasureProcessCPUTime()->UseRealTime()->Iterations(2);

void BM_import(benchmark::State& state) {
    append_and_flush(state, Manner::by_point, false);
}
BENCHMARK(BM_import)->ArgName("threads")->Arg(1)->Arg(2)->MeasureProcessCPUTime()->UseRealTime()->Iterations(3);

std::vector<std::string> plant_codes(std::size_t count) {
    std::vector<std::string> codes;
    for (std::size_t i = 1; i <= count; ++i) {
        codes.push_back("xc.s" + std::to_string(i / 100) + ".n" + std::to_string(i % 100) + "/supply_temperature");
    }
    return codes;
}

double resident_mib() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        if (word == "VmRSS:") {
            double kib = 0;
            status >> kib;
            return kib / 1024;
        }
    }
    return 0;
}

/// A sample a minute of each point for two hours, a minute's samples in batches of 10 000: what a minute costs, and the
/// memory the process has taken at the end.
void BM_minute_of_points(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    constexpr std::int64_t minutes = 120;
    const Folder folder;
    test::Store store(folder.path(), false);
    const double before_mib = resident_mib();
    const auto points = value_or_throw(store->intern(plant_codes(count)));
    std::vector<Sample> samples(count);
    std::int64_t minute = 0;
    double peak_mib = 0;
    for (auto _ : state) {
        for (std::int64_t end = minute + minutes; minute < end; ++minute) {
            for (std::size_t i = 0; i < count; ++i) {
                const auto level = static_cast<double>(400 + (static_cast<std::size_t>(minute) + i * 7) % 90);
                samples[i] = {points[i], Quality::good, start_ms + minute * 60'000, level / 10};
            }
            for (std::size_t from = 0; from < count; from += 10'000) {
                value_or_throw(
                    store->append(std::span(samples).subspan(from, std::min<std::size_t>(10'000, count - from))));
            }
            peak_mib = std::max(peak_mib, resident_mib());
        }
        value_or_throw(store->flush());
    }
    const auto size = value_or_throw(store->size());
    const auto all = static_cast<double>(count) * static_cast<double>(minutes);
    state.counters["MiB"] = peak_mib - before_mib;
    state.counters["bytes_per_sample"] = static_cast<double>(size.bytes) / all;
    state.counters["cpu_s_per_sample"] =
        benchmark::Counter(all, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(BM_minute_of_points)
    ->ArgName("points")
    ->Arg(10'000)
    ->Arg(100'000)
    ->Arg(1'000'000)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);

/// A year of one point at 10 s.
class YearOfOnePoint : public benchmark::Fixture {
 public:
    static constexpr std::size_t samples = 365 * 8'640;
    static constexpr std::int64_t day_ms = 86'400'000;

    void SetUp(benchmark::State&) override {
        folder_ = std::make_unique<Folder>();
        store_ = std::make_unique<test::Store>(folder_->path(), false);
        point_ = store_->points(1)[0];
        fill(*store_, plant_batches(std::vector{point_}, samples, 20'000));
        value_or_throw((*store_)->flush());
    }
    void TearDown(benchmark::State&) override {
        store_.reset();
        folder_.reset();
    }

 protected:
    std::unique_ptr<Folder> folder_;
    std::unique_ptr<test::Store> store_;
    PointId point_;
};

BENCHMARK_F(YearOfOnePoint, day_in_10_minute_means)(benchmark::State& state) {
    for (auto _ : state) {
        const TimeRange day{start_ms + 100 * day_ms, start_ms + 101 * day_ms};
        benchmark::DoNotOptimize(value_or_throw((*store_)->aggregate(point_, day, 600'000)));
    }
}

BENCHMARK_F(YearOfOnePoint, year_in_daily_means)(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(value_or_throw((*store_)->aggregate(point_, test::all_time, day_ms)));
    }
}

BENCHMARK_F(YearOfOnePoint, month_drawn_in_1000_columns)(benchmark::State& state) {
    for (auto _ : state) {
        const TimeRange month{start_ms + 100 * day_ms, start_ms + 130 * day_ms};
        benchmark::DoNotOptimize(value_or_throw((*store_)->read_for_drawing(point_, month, 1'000)));
    }
}

BENCHMARK_F(YearOfOnePoint, scan)(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(value_or_throw((*store_)->aggregate(point_, test::all_time, 7'000'000)));
    }
    state.counters["samples/s"] =
        benchmark::Counter(static_cast<double>(samples), benchmark::Counter::kIsIterationInvariantRate);
}

/// A month of a hundred points at 10 s, drawn as one chart.
class MonthOfHundredPoints : public benchmark::Fixture {
 public:
    static constexpr std::size_t samples = 30 * 8'640;

    void SetUp(benchmark::State&) override {
        folder_ = std::make_unique<Folder>();
        store_ = std::make_unique<test::Store>(folder_->path(), false);
        points_ = store_->points(100);
        for (std::size_t i = 0; i < points_.size(); ++i) {
            std::vector<Sample> batch;
            PlantPoint plant(i, i);
            for (std::size_t k = 0; k < samples; ++k) {
                batch.push_back(
                    {points_[i], Quality::good, start_ms + static_cast<std::int64_t>(k) * period_ms, plant.next()});
            }
            value_or_throw((*store_)->append(batch));
        }
        value_or_throw((*store_)->flush());
    }
    void TearDown(benchmark::State&) override {
        store_.reset();
        folder_.reset();
    }

 protected:
    std::unique_ptr<Folder> folder_;
    std::unique_ptr<test::Store> store_;
    std::vector<PointId> points_;
};

BENCHMARK_DEFINE_F(MonthOfHundredPoints, each_drawn_in_1000_columns)(benchmark::State& state) {
    for (auto _ : state) {
        const TimeRange month{start_ms, start_ms + static_cast<std::int64_t>(samples) * period_ms};
        for (const PointId point : points_) {
            benchmark::DoNotOptimize(value_or_throw((*store_)->read_for_drawing(point, month, 1'000)));
        }
    }
}
BENCHMARK_REGISTER_F(MonthOfHundredPoints, each_drawn_in_1000_columns)->Unit(benchmark::kMillisecond)->Iterations(60);

Columns plant_columns(std::size_t kind) {
    PlantPoint point(kind, 1);
    Columns columns;
    for (std::int64_t i = 0; i < 1'024; ++i) {
        columns.push_back(start_ms + i * period_ms, point.next(), Quality::good);
    }
    return columns;
}

void BM_encode_chunk(benchmark::State& state) {
    const Columns columns = plant_columns(static_cast<std::size_t>(state.range(0)));
    std::string bytes;
    for (auto _ : state) {
        bytes = encode_chunk(columns.view());
    }
    state.counters["samples/s"] = benchmark::Counter(1'024, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["bytes_per_sample"] = static_cast<double>(bytes.size()) / 1'024;
}
BENCHMARK(BM_encode_chunk)->ArgName("kind")->DenseRange(0, 4);

void BM_decode_chunk(benchmark::State& state) {
    const Columns columns = plant_columns(static_cast<std::size_t>(state.range(0)));
    const std::string bytes = encode_chunk(columns.view());
    Columns back;
    for (auto _ : state) {
        value_or_throw(decode_chunk(bytes, start_ms, back));
    }
    state.counters["samples/s"] = benchmark::Counter(1'024, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(BM_decode_chunk)->ArgName("kind")->DenseRange(0, 4);

}  // namespace
}  // namespace nuanshu::historian

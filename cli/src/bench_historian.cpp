#include "cli/src/bench_historian.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/metrics.h"
#include "cli/src/plant_mix.h"
#include "platform/historian/life.h"
#include "platform/historian/query.h"

namespace nuanshu::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::size_t year_samples = 365 * 8'640;
constexpr int day_queries = 40;
constexpr int year_queries = 7;

using SteadyClock = std::chrono::steady_clock;

double seconds_since(SteadyClock::time_point start) {
    return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

/// A folder that goes away with the object.
class Folder {
 public:
    explicit Folder(const std::string& wanted)
        : path_(wanted.empty() ? (fs::temp_directory_path() / fmt::format("nuanshu-bench-{}", ::getpid())).string()
                               : wanted) {}
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string store(const char* name) const { return path_ + "/" + name; }

 private:
    std::string path_;
};

std::vector<Sample> plant_samples(const std::vector<PointId>& points, std::size_t rounds) {
    std::vector<PlantPoint> plant;
    for (std::size_t i = 0; i < points.size(); ++i) {
        plant.emplace_back(i);
    }
    std::vector<Sample> samples;
    samples.reserve(points.size() * rounds);
    for (std::size_t round = 0; round < rounds; ++round) {
        const std::int64_t time_ms = PlantPoint::first_ms + static_cast<std::int64_t>(round) * PlantPoint::period_ms;
        for (std::size_t i = 0; i < points.size(); ++i) {
            samples.push_back({points[i], Quality::good, time_ms, plant[i].next()});
        }
    }
    return samples;
}

Result<> append_in_batches(historian::SampleStore& store, std::span<const Sample> samples, std::size_t batch) {
    while (!samples.empty()) {
        const std::size_t count = std::min(batch, samples.size());
        NUANSHU_TRY_VOID(store.append(samples.first(count)));
        samples = samples.subspan(count);
    }
    return {};
}

Result<double> scan_rate(const historian::SampleStore& store, const std::vector<PointId>& points) {
    const auto start = SteadyClock::now();
    std::uint64_t seen = 0;
    double sum = 0;
    for (const PointId point : points) {
        historian::SampleReader reader(store, point, historian::widest_range);
        while (true) {
            NUANSHU_TRY(const auto page, reader.next());
            if (page.empty()) {
                break;
            }
            seen += page.size();
            for (const auto& sample : page) {
                sum += sample.value;
            }
        }
    }
    if (!(sum > 0)) {
        return fail(ErrorCode::internal, "bench", "the sum of all samples is {}; it is above 0 in this mix", sum);
    }
    return static_cast<double>(seen) / seconds_since(start);
}

Result<> measure_mix(const HistorianBenchOptions& options, const std::string& directory, boost::json::object& result) {
    Metrics metrics;
    NUANSHU_TRY(const auto store, historian::open_embedded_store({.directory = directory, .sync = false}, metrics));
    std::vector<std::string> codes;
    for (std::size_t i = 0; i < options.points; ++i) {
        codes.push_back(PlantPoint::code(i));
    }
    NUANSHU_TRY(const auto points, store->intern(codes));
    const auto samples = plant_samples(points, options.samples);
    const auto start = SteadyClock::now();
    NUANSHU_TRY_VOID(append_in_batches(*store, samples, options.batch));
    const double append_s = seconds_since(start);
    NUANSHU_TRY_VOID(store->flush());
    const double flushed_s = seconds_since(start);
    result["append_samples_per_s"] = static_cast<double>(samples.size()) / append_s;
    result["append_and_flush_samples_per_s"] = static_cast<double>(samples.size()) / flushed_s;
    if (auto* life = store->life()) {
        NUANSHU_TRY_VOID(life->compact({}));
    }
    NUANSHU_TRY(result["scan_samples_per_s"], scan_rate(*store, points));
    NUANSHU_TRY(const auto size, store->size());
    result["bytes_per_sample"] = static_cast<double>(size.bytes) / static_cast<double>(size.samples);
    return {};
}

Result<double> query_ms(const historian::SampleStore& store, const historian::Query& query, std::size_t rows) {
    const auto start = SteadyClock::now();
    NUANSHU_TRY(const auto answer, historian::run_query(store, query));
    if (answer[0].time_ms.size() != rows) {
        return fail(ErrorCode::internal, "bench", "a query gave {} rows, not {}", answer[0].time_ms.size(), rows);
    }
    return seconds_since(start) * 1000;
}

Result<> measure_queries(const std::string& directory, boost::json::object& result) {
    Metrics metrics;
    NUANSHU_TRY(const auto store, historian::open_embedded_store({.directory = directory, .sync = false}, metrics));
    NUANSHU_TRY(const auto points, store->intern(std::vector<std::string>{PlantPoint::code(0)}));
    NUANSHU_TRY_VOID(append_in_batches(*store, plant_samples(points, year_samples), 50'000));
    NUANSHU_TRY_VOID(store->flush());
    std::vector<double> days, years;
    historian::Query query{
        .points = points, .kind = historian::Query::Kind::windows, .aggregations = {{historian::Figure::mean}}};
    query.window = {.kind = historian::Window::Kind::fixed, .length_ms = 600'000};
    for (int i = 0; i < day_queries; ++i) {
        query.range.from_ms = PlantPoint::first_ms + i * 9 * day_ms;
        query.range.to_ms = query.range.from_ms + day_ms;
        NUANSHU_TRY(const double ms, query_ms(*store, query, 144));
        days.push_back(ms);
    }
    query.window.length_ms = day_ms;
    query.range = {PlantPoint::first_ms, PlantPoint::first_ms + 365 * day_ms};
    for (int i = 0; i < year_queries; ++i) {
        NUANSHU_TRY(const double ms, query_ms(*store, query, 365));
        years.push_back(ms);
    }
    result["query_day_ms"] = median(days);
    result["query_year_ms"] = median(years);
    return {};
}

}  // namespace

Result<> bench_historian(const HistorianBenchOptions& options) {
    const Folder folder(options.folder);
    boost::json::object result;
    NUANSHU_TRY_VOID(measure_mix(options, folder.store("mix"), result));
    NUANSHU_TRY_VOID(measure_queries(folder.store("year"), result));
    result["samples"] = options.points * options.samples;
    fmt::print("{}\n", boost::json::serialize(result));
    return {};
}

Result<> print_plant_text(const SampleTextOptions& options) {
    std::vector<PlantPoint> plant;
    std::vector<std::string> codes;
    for (std::size_t i = 0; i < options.points; ++i) {
        plant.emplace_back(i);
        codes.push_back(PlantPoint::code(i));
    }
    const bool line = options.format == "line";
    fmt::memory_buffer text;
    for (std::size_t round = 0; round < options.samples; ++round) {
        const std::int64_t time_ms = PlantPoint::first_ms + static_cast<std::int64_t>(round) * PlantPoint::period_ms;
        for (std::size_t i = 0; i < options.points; ++i) {
            if (line) {
                fmt::format_to(std::back_inserter(text), "plant,point={} value={} {}000000\n", codes[i],
                               plant[i].next(), time_ms);
            } else {
                fmt::format_to(std::back_inserter(text), "{},{},{}\n", codes[i], time_ms / 1000, plant[i].next());
            }
        }
        if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) {
            return fail(ErrorCode::exhausted, "standard output", "cannot be written on; is the disk full?");
        }
        text.clear();
    }
    return {};
}

}  // namespace nuanshu::cli

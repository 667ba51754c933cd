#include "cli/src/bench_history.h"

#include <algorithm>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/metrics.h"
#include "base/time.h"
#include "cli/src/progress_line.h"
#include "platform/historian/store.h"

namespace nuanshu::cli {
namespace {

constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t year_s = 31'557'600;
constexpr std::size_t batch_samples = 65'536;

/// How far along the way up and down again, in tenths of `height` whole ones: 0 at the ends, `height` in the middle.
std::int64_t up_and_down(std::int64_t s, std::int64_t period_s, std::int64_t height) {
    const auto phase = s % period_s;
    return std::min(phase, period_s - phase) * height / (period_s / 2);
}

std::int64_t tenths(std::int64_t i, std::int64_t s, std::uint32_t point) {
    const auto hash = static_cast<std::uint32_t>(i) * 2'654'435'761U + point * 40'503U;
    const std::int64_t spike = i % 1'000'003 == 500'000 + point ? 900 : 0;
    return 200 + up_and_down(s, year_s, 400) + up_and_down(s, day_s, 60) + (hash >> 16) % 9 + spike;
}

bool is_missing(std::int64_t s, std::uint32_t point) {
    const auto day = s / day_s % 365;
    return day >= 200 + point && day <= 202 + point;
}

bool is_bad_day(std::int64_t s, std::uint32_t point) {
    return s / day_s % 365 == 100 + point;
}

struct Filling {
    historian::SampleStore& store;
    const HistoryOptions& options;
    std::int64_t from_s;
    std::uint64_t stored = 0;
    ProgressLine progress{};

    Result<> fill(PointId id, std::uint32_t point) {
        std::vector<Sample> batch;
        const auto count = options.days * day_s / options.every_s;
        for (std::int64_t i = 0; i < count; ++i) {
            const auto s = i * options.every_s;
            if (!is_missing(s, point)) {
                const auto quality = is_bad_day(s, point) ? Quality::range : Quality::good;
                batch.push_back({id, quality, (from_s + s) * 1'000, static_cast<double>(tenths(i, s, point)) / 10.0});
            }
            if (batch.size() == batch_samples || i + 1 == count) {
                NUANSHU_TRY_VOID(store.append(batch));
                stored += batch.size();
                batch.clear();
                progress.show(as_count(stored) + " samples");
            }
        }
        return {};
    }
};

std::int64_t last_full_hour_s(const Clock& clock) {
    return clock.now_ms() / 3'600'000 * 3'600;
}

void print(const HistoryOptions& options, const Filling& filling, double seconds, std::uint64_t bytes) {
    const auto samples = static_cast<double>(filling.stored);
    const boost::json::object answer{{"samples", filling.stored},
                                     {"seconds", seconds},
                                     {"samples_per_s", samples / seconds},
                                     {"bytes", bytes},
                                     {"bytes_per_sample", static_cast<double>(bytes) / samples},
                                     {"from_ms", filling.from_s * 1'000},
                                     {"to_ms", (filling.from_s + options.days * day_s) * 1'000}};
    fmt::print("{}\n", boost::json::serialize(answer));
}

}  // namespace

Result<> bench_history(const HistoryOptions& options) {
    Metrics metrics;
    const SystemClock clock;
    NUANSHU_TRY(const auto store, historian::open_embedded_store({options.directory, false}, metrics));
    NUANSHU_TRY(const auto ids, store->intern(options.points));
    const auto until_s = options.until_s != 0 ? options.until_s : last_full_hour_s(clock);
    Filling filling{*store, options, until_s - options.days * day_s};
    const auto begun_ns = clock.steady_ns();
    for (std::size_t point = 0; point < ids.size(); ++point) {
        NUANSHU_TRY_VOID(filling.fill(ids[point], static_cast<std::uint32_t>(point)));
    }
    NUANSHU_TRY_VOID(store->flush());
    const double seconds = static_cast<double>(clock.steady_ns() - begun_ns) * 1e-9;
    NUANSHU_TRY(const auto size, store->size());
    print(options, filling, seconds, size.bytes);
    return {};
}

}  // namespace nuanshu::cli

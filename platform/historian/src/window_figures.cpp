#include "platform/historian/src/window_figures.h"

#include <algorithm>
#include <cmath>

#include "platform/historian/life.h"
#include "platform/historian/src/meters_of_time.h"
#include "platform/historian/src/rollup_figures.h"
#include "platform/historian/src/sample_pages.h"

namespace nuanshu::historian {
namespace {

/// How many bad samples before a range are passed over in search of a usable one.
constexpr int bad_before_max = 10'000;

WindowFigures empty_figures(std::size_t windows, std::span<const Aggregation> aggregations) {
    WindowFigures answer;
    for (const auto& aggregation : aggregations) {
        answer.figures.emplace_back(windows, figure_of({}, aggregation.figure));
    }
    answer.seen.resize(windows, WindowFigures::Seen::nothing);
    return answer;
}

Result<> check_stop(const std::stop_token& stop) {
    if (stop.stop_requested()) {
        return fail(ErrorCode::cancelled, "query", "stopped on request");
    }
    return {};
}

/// Answers from the store's own windows of equal length. Adjacent windows of one length are asked for at once; the last
/// of a run may be shorter.
class BySummaries {
 public:
    BySummaries(const SampleStore& store, PointId point, std::span<const std::int64_t> borders,
                std::span<const Aggregation> aggregations)
        : store_(store),
          point_(point),
          borders_(borders),
          aggregations_(aggregations),
          answer_(empty_figures(borders.size() - 1, aggregations)) {}

    Result<WindowFigures> run(const std::stop_token& stop) {
        for (std::size_t row = 0; row + 1 < borders_.size();) {
            NUANSHU_TRY_VOID(check_stop(stop));
            const std::size_t end = end_of_run(row);
            NUANSHU_TRY_VOID(ask(row, end));
            row = end;
        }
        return std::move(answer_);
    }

 private:
    std::int64_t length(std::size_t row) const { return borders_[row + 1] - borders_[row]; }

    std::size_t end_of_run(std::size_t row) const {
        std::size_t end = row + 1;
        while (end + 1 < borders_.size() && length(end) <= length(row)) {
            if (length(end++) < length(row)) {
                break;
            }
        }
        return end;
    }

    Result<> ask(std::size_t row, std::size_t end) {
        const TimeRange range{borders_[row], borders_[end]};
        NUANSHU_TRY(const auto windows, store_.aggregate(point_, range, length(row)));
        for (const auto& window : windows) {
            write(row + static_cast<std::size_t>((window.from_ms - range.from_ms) / length(row)), window);
        }
        return {};
    }

    void write(std::size_t row, const Aggregate& window) {
        answer_.seen[row] = window.count > 0 ? WindowFigures::Seen::usable : WindowFigures::Seen::only_bad;
        for (std::size_t i = 0; i < aggregations_.size(); ++i) {
            answer_.figures[i][row] = figure_of(window, aggregations_[i].figure);
        }
    }

    const SampleStore& store_;
    PointId point_;
    std::span<const std::int64_t> borders_;
    std::span<const Aggregation> aggregations_;
    WindowFigures answer_;
};

/// Answers by looking at every sample once.
class BySamples {
 public:
    BySamples(const SampleStore& store, PointId point, std::span<const std::int64_t> borders,
              std::span<const Aggregation> aggregations, const FigureRules& rules)
        : store_(store),
          point_(point),
          borders_(borders),
          aggregations_(aggregations),
          rules_(rules),
          answer_(empty_figures(borders.size() - 1, aggregations)) {}

    Result<WindowFigures> run(const std::stop_token& stop) {
        const MeterNeeds needs = needs_of(aggregations_);
        NUANSHU_TRY(const Surroundings surroundings, look_before(needs));
        meters_ = make_meters(aggregations_, rules_.hold, surroundings);
        NUANSHU_TRY_VOID(walk(stop));
        std::optional<StoredSample> next;
        if (needs.after) {
            NUANSHU_TRY(next, look_behind());
        }
        for (const auto& meter : meters_) {
            meter->end(next, answer_.figures);
        }
        return std::move(answer_);
    }

 private:
    /// A bad sample keeps its time and loses its value.
    void judge(StoredSample& sample) const {
        if (rules_.good_only ? !is_good(sample.quality) : is_bad(sample.quality)) {
            sample.value = none;
        }
    }

    Result<std::optional<StoredSample>> sample_before(std::int64_t time_ms) const {
        if (time_ms == std::numeric_limits<std::int64_t>::min()) {
            return std::nullopt;
        }
        NUANSHU_TRY(auto sample, store_.value_as_of(point_, time_ms - 1));
        if (sample) {
            judge(*sample);
            return sample;
        }
        const Life* life = store_.life();
        return life == nullptr || rules_.good_only ? Result<std::optional<StoredSample>>(std::nullopt)
                                                   : newest_retired_sample(*life, point_, time_ms);
    }

    Result<Surroundings> look_before(const MeterNeeds& needs) const {
        Surroundings found;
        if (!needs.before && !needs.usable_before) {
            return found;
        }
        NUANSHU_TRY(found.before, sample_before(borders_.front()));
        found.usable_before = found.before;
        for (int i = 0; needs.usable_before && found.usable_before && std::isnan(found.usable_before->value); ++i) {
            if (i == bad_before_max) {
                found.usable_before.reset();
                break;
            }
            NUANSHU_TRY(found.usable_before, sample_before(found.usable_before->time_ms));
        }
        return found;
    }

    Result<std::optional<StoredSample>> look_behind() const {
        const TimeRange rest{borders_.back(), std::numeric_limits<std::int64_t>::max()};
        NUANSHU_TRY(auto samples, store_.read(point_, rest, 1));
        if (samples.empty()) {
            return std::nullopt;
        }
        judge(samples.front());
        return samples.front();
    }

    Result<> walk(const std::stop_token& stop) {
        TimeRange rest{borders_.front(), borders_.back()};
        std::vector<StoredSample> page;
        open();
        while (true) {
            NUANSHU_TRY_VOID(check_stop(stop));
            NUANSHU_TRY(const bool more, read_page(store_, point_, rest, page));
            if (!more) {
                break;
            }
            std::for_each(page.begin(), page.end(), [this](StoredSample& sample) { judge(sample); });
            NUANSHU_TRY_VOID(take(page));
        }
        while (!at_last_window()) {
            move_on();
        }
        close();
        return {};
    }

    Result<> take(std::span<const StoredSample> samples) {
        while (!samples.empty()) {
            const std::size_t here = count_before(samples, borders_[row_ + 1]);
            if (here == 0) {
                move_on();
                continue;
            }
            note_seen(samples.first(here));
            for (const auto& meter : meters_) {
                NUANSHU_TRY_VOID(meter->take(samples.first(here)));
            }
            samples = samples.subspan(here);
        }
        return {};
    }

    static std::size_t count_before(std::span<const StoredSample> samples, std::int64_t time_ms) {
        if (samples.back().time_ms < time_ms) {
            return samples.size();
        }
        const auto end = std::partition_point(samples.begin(), samples.end(),
                                              [&](const StoredSample& sample) { return sample.time_ms < time_ms; });
        return static_cast<std::size_t>(end - samples.begin());
    }

    void note_seen(std::span<const StoredSample> samples) {
        auto& seen = answer_.seen[row_];
        if (seen == WindowFigures::Seen::usable) {
            return;
        }
        const bool any = std::any_of(samples.begin(), samples.end(),
                                     [](const StoredSample& sample) { return !std::isnan(sample.value); });
        seen = any ? WindowFigures::Seen::usable : WindowFigures::Seen::only_bad;
    }

    bool at_last_window() const { return row_ + 2 == borders_.size(); }
    WindowPlace place() const { return {row_, borders_[row_], borders_[row_ + 1]}; }

    void open() {
        for (const auto& meter : meters_) {
            meter->open(place());
        }
    }
    void close() {
        for (const auto& meter : meters_) {
            meter->close(place(), answer_.figures);
        }
    }
    void move_on() {
        close();
        ++row_;
        open();
    }

    const SampleStore& store_;
    PointId point_;
    std::span<const std::int64_t> borders_;
    std::span<const Aggregation> aggregations_;
    const FigureRules& rules_;
    std::vector<std::unique_ptr<Meter>> meters_;
    std::size_t row_ = 0;
    WindowFigures answer_;
};

Result<WindowFigures> figures_of_samples(const SampleStore& store, PointId point, std::span<const std::int64_t> borders,
                                         std::span<const Aggregation> aggregations, const FigureRules& rules,
                                         const std::stop_token& stop) {
    const bool by_summaries =
        !rules.good_only && std::all_of(aggregations.begin(), aggregations.end(),
                                        [](const Aggregation& aggregation) { return is_plain(aggregation.figure); });
    if (by_summaries) {
        return BySummaries(store, point, borders, aggregations).run(stop);
    }
    return BySamples(store, point, borders, aggregations, rules).run(stop);
}

void append_rows(WindowFigures& answer, const WindowFigures& more) {
    answer.seen.insert(answer.seen.end(), more.seen.begin(), more.seen.end());
    for (std::size_t i = 0; i < answer.figures.size(); ++i) {
        answer.figures[i].insert(answer.figures[i].end(), more.figures[i].begin(), more.figures[i].end());
    }
}

/// How many windows begin before raw samples are kept.
std::size_t count_retired(const Life* life, PointId point, std::span<const std::int64_t> borders) {
    if (life == nullptr) {
        return 0;
    }
    const auto starts = borders.first(borders.size() - 1);
    const auto kept = std::lower_bound(starts.begin(), starts.end(), life->raw_kept_from_ms(point));
    return static_cast<std::size_t>(kept - starts.begin());
}

}  // namespace

Result<WindowFigures> figures_of_windows(const SampleStore& store, PointId point, std::span<const std::int64_t> borders,
                                         std::span<const Aggregation> aggregations, const FigureRules& rules,
                                         const std::stop_token& stop) {
    const std::size_t retired = count_retired(store.life(), point, borders);
    if (retired == 0) {
        return figures_of_samples(store, point, borders, aggregations, rules, stop);
    }
    NUANSHU_TRY_VOID(check_stop(stop));
    WindowFigures answer = empty_figures(retired, aggregations);
    if (!rules.good_only) {
        NUANSHU_TRY(answer, figures_of_rollups(*store.life(), point, borders.first(retired + 1), aggregations));
    }
    answer.from_rollups = retired;
    if (retired + 1 < borders.size()) {
        NUANSHU_TRY(const auto rest,
                    figures_of_samples(store, point, borders.subspan(retired), aggregations, rules, stop));
        append_rows(answer, rest);
    }
    return answer;
}

}  // namespace nuanshu::historian

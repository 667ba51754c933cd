#include "platform/historian/query.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>

#include "base/time.h"
#include "platform/historian/src/filling.h"
#include "platform/historian/src/window_figures.h"

namespace nuanshu::historian {
namespace {

constexpr std::size_t aggregations_max = 32;
constexpr std::size_t predictors_max = 64;
constexpr std::size_t context_windows_max = 10'000;  ///< on each side, looked at for filling only

tl::unexpected<Error> wrong(std::string_view what, std::string_view text) {
    return fail(ErrorCode::invalid, std::string(what), "{}", text);
}

Result<> check_points(const SampleStore& store, std::span<const PointId> points, std::size_t most,
                      std::string_view what) {
    if (points.empty() || points.size() > most) {
        return wrong(what, fmt::format("{} of them; 1 … {} are right", points.size(), most));
    }
    for (const PointId point : points) {
        if (store.code_of(point).empty()) {
            return fail(ErrorCode::not_found, std::string(what), "no point has the id {}", point.value);
        }
    }
    return {};
}

Result<> check_aggregations(std::span<const Aggregation> aggregations) {
    if (aggregations.empty() || aggregations.size() > aggregations_max) {
        return wrong("aggregations",
                     fmt::format("{} of them; 1 … {} are right", aggregations.size(), aggregations_max));
    }
    for (const auto& [figure, argument] : aggregations) {
        if (figure == Figure::percentile && !(argument >= 0 && argument <= 100)) {
            return wrong("percentile", fmt::format("{}; 0 … 100 are right", argument));
        }
    }
    return {};
}

Result<> check_filling(const SampleStore& store, const Filling& filling) {
    if (filling.gap_max_ms < 0 || filling.sliding_ms <= 0 || !(filling.ridge > 0)) {
        return wrong("filling", "gap_max_ms must not be negative, sliding_ms and ridge must be above 0");
    }
    return filling.predictors.empty() ? Result<>()
                                      : check_points(store, filling.predictors, predictors_max, "predictors");
}

Result<> check(const SampleStore& store, const Query& query) {
    NUANSHU_TRY_VOID(check_points(store, query.points, Query::points_max, "points"));
    const auto& range = query.range;
    if (range.to_ms <= range.from_ms || range.from_ms < widest_range.from_ms || range.to_ms > widest_range.to_ms) {
        return wrong("range",
                     fmt::format("from {} to {} ms; its end must be later than its start", range.from_ms, range.to_ms));
    }
    if (query.rows_max == 0 || query.hold_max_ms < 0) {
        return wrong("query", "rows_max must be above 0, hold_max_ms not negative");
    }
    if (query.kind == Query::Kind::windows) {
        NUANSHU_TRY_VOID(check_aggregations(query.aggregations));
        return check_filling(store, query.filling);
    }
    if (query.filling.method != Filling::Method::none) {
        return wrong("filling", "only windows are filled; ask for windows of the length that the rows shall have");
    }
    if (query.kind == Query::Kind::drawing && query.good_only) {
        return wrong("good_only", "a drawing shows every sample's quality and leaves none out");
    }
    return {};
}

QueriedSeries series_of(PointId point, std::span<const StoredSample> samples) {
    QueriedSeries series{.point = point};
    auto& values = series.figures.emplace_back();
    values.reserve(samples.size());
    series.time_ms.reserve(samples.size());
    series.quality.reserve(samples.size());
    for (const auto& sample : samples) {
        series.time_ms.push_back(sample.time_ms);
        values.push_back(sample.value);
        series.quality.push_back(sample.quality);
    }
    return series;
}

/// Samples page by page, since the filter may leave out most of them.
Result<QueriedSeries> samples_of(const SampleStore& store, PointId point, const Query& query,
                                 const std::stop_token& stop) {
    std::vector<StoredSample> kept;
    SampleReader reader(store, point, query.range);
    while (kept.size() <= query.rows_max) {
        if (stop.stop_requested()) {
            return fail(ErrorCode::cancelled, "query", "stopped on request");
        }
        NUANSHU_TRY(const auto page, reader.next());
        if (page.empty()) {
            break;
        }
        std::copy_if(page.begin(), page.end(), std::back_inserter(kept), [&](const StoredSample& sample) {
            return !query.good_only || (is_good(sample.quality) && !std::isnan(sample.value));
        });
    }
    const std::size_t rows = std::min(kept.size(), query.rows_max);
    auto series = series_of(point, std::span(kept).first(rows));
    series.truncated = rows < kept.size();
    return series;
}

Result<QueriedSeries> drawing_of(const SampleStore& store, PointId point, const Query& query) {
    NUANSHU_TRY(const auto samples, store.read_for_drawing(point, query.range, query.columns));
    return series_of(point, samples);
}

bool is_fillable(Figure figure) {
    switch (figure) {
        case Figure::min:
        case Figure::max:
        case Figure::mean:
        case Figure::time_weighted_mean:
        case Figure::first:
        case Figure::last:
        case Figure::percentile:
        case Figure::as_of:
        case Figure::interpolated:
            return true;
        default:
            return false;
    }
}

/// The windows of a question, with some more on both sides for a filling to look at.
struct Rows {
    std::vector<std::int64_t> borders;
    std::size_t begin = 0, end = 0;  ///< those asked for

    std::size_t count() const { return borders.size() - 1; }
    std::span<const std::int64_t> starts() const { return std::span(borders).first(count()); }
};

std::int64_t context_ms(const Query& query, std::size_t windows) {
    const auto& filling = query.filling;
    if (filling.method == Filling::Method::none || query.window.kind == Window::Kind::whole) {
        return 0;
    }
    const std::int64_t wanted_ms =
        filling.method == Filling::Method::regression ? filling.sliding_ms : filling.gap_max_ms;
    const std::int64_t mean_ms = (query.range.to_ms - query.range.from_ms) / static_cast<std::int64_t>(windows) + 1;
    return std::min(wanted_ms, mean_ms * static_cast<std::int64_t>(context_windows_max / 2));
}

/// As many whole fixed windows as reach so far back; for calendar windows the time itself.
std::int64_t whole_windows_ms(const Window& window, std::int64_t time_ms) {
    return window.kind == Window::Kind::fixed ? (time_ms + window.length_ms - 1) / window.length_ms * window.length_ms
                                              : time_ms;
}

Result<Rows> rows_of(const Query& query) {
    NUANSHU_TRY(auto borders, window_borders(query.window, query.range, query.rows_max));
    Rows rows{.begin = 0, .end = borders.size() - 1};
    const std::int64_t around_ms = context_ms(query, borders.size() - 1);
    const TimeRange before{
        std::max(query.range.from_ms - whole_windows_ms(query.window, around_ms), widest_range.from_ms),
        query.range.from_ms};
    const TimeRange after{query.range.to_ms, std::min(query.range.to_ms + around_ms, widest_range.to_ms)};
    if (before.from_ms < before.to_ms) {
        NUANSHU_TRY(rows.borders, window_borders(query.window, before, context_windows_max));
        rows.begin = rows.borders.size() - 1;
        rows.end += rows.begin;
        rows.borders.pop_back();
    }
    rows.borders.insert(rows.borders.end(), borders.begin(), borders.end());
    if (after.from_ms < after.to_ms) {
        NUANSHU_TRY(const auto more, window_borders(query.window, after, context_windows_max));
        rows.borders.insert(rows.borders.end(), more.begin() + 1, more.end());
    }
    return rows;
}

/// Answers a question about windows, all points of it.
class WindowQuery {
 public:
    WindowQuery(const SampleStore& store, const Query& query, Rows rows, const std::stop_token& stop)
        : store_(store), query_(query), rows_(std::move(rows)), stop_(stop) {}

    Result<std::vector<QueriedSeries>> run() {
        NUANSHU_TRY_VOID(check_size());
        NUANSHU_TRY(auto figures, figures_of_all(query_.points));
        std::vector<WindowFigures> predictors;
        if (query_.filling.method == Filling::Method::regression) {
            NUANSHU_TRY(predictors, figures_of_all(query_.filling.predictors));
        }
        std::vector<QueriedSeries> answer;
        for (std::size_t i = 0; i < query_.points.size(); ++i) {
            answer.push_back(series_of(i, figures, predictors));
        }
        return answer;
    }

 private:
    Result<> check_size() const {
        const std::size_t series = query_.points.size() + query_.filling.predictors.size();
        const std::size_t figures = series * rows_.count() * query_.aggregations.size();
        if (figures > Query::figures_max) {
            return fail(ErrorCode::exhausted, "query",
                        "{} points × {} windows × {} aggregations are more than {}; ask for fewer or longer windows",
                        series, rows_.count(), query_.aggregations.size(), Query::figures_max);
        }
        return {};
    }

    Result<std::vector<WindowFigures>> figures_of_all(std::span<const PointId> points) const {
        const FigureRules rules{.good_only = query_.good_only, .hold = {query_.hold_max_ms, query_.now_ms}};
        std::vector<WindowFigures> figures;
        for (const PointId point : points) {
            NUANSHU_TRY(auto one, figures_of_windows(store_, point, rows_.borders, query_.aggregations, rules, stop_));
            figures.push_back(std::move(one));
        }
        return figures;
    }

    /// The same column of the other points, or of the predictors that were named.
    std::vector<std::span<const double>> predictors_of(std::size_t point, std::size_t column,
                                                       const std::vector<WindowFigures>& figures,
                                                       const std::vector<WindowFigures>& named) const {
        std::vector<std::span<const double>> columns;
        const auto& others = named.empty() ? figures : named;
        for (std::size_t i = 0; i < others.size() && columns.size() < predictors_max; ++i) {
            const PointId other = named.empty() ? query_.points[i] : query_.filling.predictors[i];
            if (other != query_.points[point]) {
                columns.push_back(others[i].figures[column]);
            }
        }
        return columns;
    }

    QueriedSeries series_of(std::size_t point, const std::vector<WindowFigures>& figures,
                            const std::vector<WindowFigures>& named) const {
        const auto& own = figures[point];
        FigureColumns columns = own.figures;
        std::vector<std::uint8_t> estimated(rows_.count(), 0);
        std::vector<double> error;
        for (std::size_t i = 0; i < columns.size() && query_.filling.method != Filling::Method::none; ++i) {
            if (!is_fillable(query_.aggregations[i].figure)) {
                continue;
            }
            auto filled =
                fill_column(rows_.starts(), own.figures[i], predictors_of(point, i, figures, named), query_.filling);
            columns[i] = std::move(filled.values);
            std::transform(estimated.begin(), estimated.end(), filled.estimated.begin(), estimated.begin(),
                           std::bit_or());
            if (error.empty()) {
                error = std::move(filled.error);
            }
        }
        return pick_rows(point, own, columns, estimated, error);
    }

    QueriedSeries pick_rows(std::size_t point, const WindowFigures& own, const FigureColumns& columns,
                            const std::vector<std::uint8_t>& estimated, const std::vector<double>& error) const {
        QueriedSeries series{.point = query_.points[point], .figures = FigureColumns(columns.size())};
        const bool all = query_.empty_windows || query_.filling.method != Filling::Method::none;
        for (std::size_t row = rows_.begin; row < rows_.end; ++row) {
            const bool known = own.seen[row] == WindowFigures::Seen::usable || has_answer(columns, row);
            if (!known && !all && own.seen[row] == WindowFigures::Seen::nothing) {
                continue;
            }
            series.time_ms.push_back(rows_.borders[row]);
            series.rows_from_rollups += row < own.from_rollups ? 1 : 0;
            series.quality.push_back(estimated[row] != 0 ? Quality::estimated : known ? Quality::good : Quality::gap);
            for (std::size_t i = 0; i < columns.size(); ++i) {
                series.figures[i].push_back(columns[i][row]);
            }
            if (query_.filling.method == Filling::Method::regression && !error.empty()) {
                series.error.push_back(error[row]);
            }
        }
        return series;
    }

    bool has_answer(const FigureColumns& columns, std::size_t row) const {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const Figure figure = query_.aggregations[i].figure;
            const bool zero_is_none = figure == Figure::covered_s || figure == Figure::duration_s;
            if ((is_fillable(figure) && !std::isnan(columns[i][row])) || (zero_is_none && columns[i][row] > 0)) {
                return true;
            }
        }
        return false;
    }

    const SampleStore& store_;
    const Query& query_;
    Rows rows_;
    const std::stop_token& stop_;
};

Result<std::vector<QueriedSeries>> query_windows(const SampleStore& store, const Query& query,
                                                 const std::stop_token& stop) {
    NUANSHU_TRY(auto rows, rows_of(query));
    return WindowQuery(store, query, std::move(rows), stop).run();
}

Result<QueriedSeries> query_one(const SampleStore& store, PointId point, const Query& query,
                                const std::stop_token& stop) {
    if (query.kind == Query::Kind::drawing) {
        return drawing_of(store, point, query);
    }
    return samples_of(store, point, query, stop);
}

}  // namespace

Result<std::vector<QueriedSeries>> run_query(const SampleStore& store, const Query& query, std::stop_token stop) {
    NUANSHU_TRY_VOID(check(store, query));
    if (query.kind == Query::Kind::windows) {
        return query_windows(store, query, stop);
    }
    std::vector<QueriedSeries> answer;
    std::size_t rows = 0;
    for (const PointId point : query.points) {
        if (stop.stop_requested()) {
            return fail(ErrorCode::cancelled, "query", "stopped on request");
        }
        NUANSHU_TRY(auto series, query_one(store, point, query, stop));
        rows += series.time_ms.size();
        if (rows > Query::figures_max) {
            return fail(ErrorCode::exhausted, "query", "more than {} samples; ask for fewer points or a shorter range",
                        Query::figures_max);
        }
        answer.push_back(std::move(series));
    }
    return answer;
}

}  // namespace nuanshu::historian

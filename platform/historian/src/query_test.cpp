#include "platform/historian/query.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "base/time.h"
#include "platform/historian/life.h"
#include "platform/historian/src/query_oracle.h"
#include "platform/historian/src/test_store.h"
#include "tests/support/process.h"

namespace nuanshu::historian {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t day_ms = 24 * hour_ms;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

const std::vector<std::string> all_figures{"count",
                                           "bad_count",
                                           "min",
                                           "max",
                                           "sum",
                                           "mean",
                                           "time_weighted_mean",
                                           "integral",
                                           "covered_s",
                                           "first",
                                           "last",
                                           "standard_deviation",
                                           "p0",
                                           "p50",
                                           "p95",
                                           "percentile:99.9",
                                           "p100",
                                           "delta",
                                           "rate",
                                           "duration_s:1",
                                           "duration_s:2",
                                           "changes",
                                           "as_of",
                                           "interpolated"};

std::vector<Aggregation> aggregations_of(const std::vector<std::string>& words) {
    std::vector<Aggregation> aggregations;
    for (const auto& word : words) {
        aggregations.push_back(parse_aggregation(word).value());
    }
    return aggregations;
}

bool same(double a, double b) {
    return (std::isnan(a) && std::isnan(b)) || a == b ||
           std::abs(a - b) <= 1e-9 * std::max({1.0, std::abs(a), std::abs(b)});
}

class QueryTest : public ::testing::Test {
 protected:
    PointId put(const std::string& code, const std::vector<StoredSample>& samples) {
        const PointId point = store_->intern(std::vector{code}).value()[0];
        std::vector<Sample> batch;
        for (const auto& sample : samples) {
            batch.push_back({point, sample.quality, sample.time_ms, sample.value});
        }
        value_or_throw(store_->append(batch));
        return point;
    }

    QueriedSeries ask(const Query& query) { return run_query(*store_, query).value().at(0); }

    /// The single figure of one window.
    double figure(PointId point, TimeRange range, const std::string& word,
                  std::int64_t hold_max_ms = std::numeric_limits<std::int64_t>::max()) {
        const auto series = ask({.points = {point},
                                 .range = range,
                                 .kind = Query::Kind::windows,
                                 .aggregations = aggregations_of({word}),
                                 .empty_windows = true,
                                 .hold_max_ms = hold_max_ms});
        return series.figures.at(0).at(0);
    }

    Error refusal(const Query& query) { return run_query(*store_, query).error(); }

    support::TemporaryDirectory folder_;
    test::Store store_{folder_.path()};
};

/// Irregular samples of all kinds: states, walking values, counters, bad and doubtful ones, no numbers, long pauses.
std::vector<StoredSample> random_samples(std::mt19937_64& random, std::int64_t from_ms, std::int64_t step_ms,
                                         std::size_t count) {
    std::vector<StoredSample> samples;
    std::int64_t time_ms = from_ms;
    const auto kind = random() % 3;
    double level = 0;
    for (std::size_t i = 0; i < count; ++i) {
        time_ms += 1 + static_cast<std::int64_t>(
                           random() % static_cast<std::uint64_t>(random() % 20 == 0 ? 20 * step_ms : step_ms));
        time_ms = random() % 4 == 0 ? (time_ms / step_ms + 1) * step_ms : time_ms;
        level = random() % 50 == 0 ? 0 : level + static_cast<double>(random() % 100);
        const double value = kind == 0   ? static_cast<double>(random() % 4)
                             : kind == 1 ? level
                                         : std::sin(static_cast<double>(i)) * 100;
        StoredSample sample{time_ms, random() % 30 == 0 ? nan : value};
        sample.quality = random() % 12 == 0   ? Quality::communication
                         : random() % 12 == 0 ? Quality::spike
                                              : Quality::good;
        samples.push_back(sample);
    }
    return samples;
}

struct Case {
    Window window;
    std::int64_t step_ms;
    TimeRange range;
};

std::vector<Case> random_cases(std::mt19937_64& random) {
    const std::int64_t spring = parse_time("2024-03-25T07:00:00Z").value();
    const std::int64_t leap = parse_time("2023-11-17T00:00:00Z").value();
    const auto length = static_cast<std::int64_t>(1 + random() % 50'000);
    return {{{.kind = Window::Kind::fixed, .length_ms = length},
             3'000,
             {10'000, 10'000 + 40 * length + static_cast<std::int64_t>(random() % 1000)}},
            {parse_window("day", "Europe/Berlin").value(), 2 * hour_ms, {spring, spring + 12 * day_ms + 5}},
            {parse_window("6 hour", "Europe/Berlin").value(), hour_ms / 2, {spring, spring + 8 * day_ms}},
            {parse_window("month", "Asia/Shanghai").value(), 20 * hour_ms, {leap, leap + 300 * day_ms}},
            {Window(), 60'000, {50'000, 5'000'000}}};
}

void check_against_oracle(const QueriedSeries& series, const Query& query, const test::Oracle& oracle,
                          const std::string& what) {
    const auto borders = window_borders(query.window, query.range, 100'000).value();
    ASSERT_EQ(series.time_ms.size(), borders.size() - 1);
    for (std::size_t row = 0; row + 1 < borders.size(); ++row) {
        ASSERT_EQ(series.time_ms[row], borders[row]);
        for (std::size_t i = 0; i < query.aggregations.size(); ++i) {
            const double expected = oracle.figure(query.aggregations[i], borders[row], borders[row + 1]);
            ASSERT_TRUE(same(series.figures[i][row], expected))
                << what << ", " << to_string(query.aggregations[i]) << " of window " << row << ": "
                << series.figures[i][row] << ", not " << expected;
        }
    }
}

TEST_F(QueryTest, every_figure_equals_a_plain_reckoning_on_random_series) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 12; ++round) {
        for (const auto& [window, step_ms, range] : random_cases(random)) {
            const std::string code = fmt::format("p{}-{}-{}", round, static_cast<int>(window.kind), step_ms);
            const std::int64_t begin_ms = range.from_ms - static_cast<std::int64_t>(random() % 10) * step_ms;
            const auto samples = random_samples(random, begin_ms, step_ms, 20 + random() % 400);
            const PointId point = put(code, samples);
            if (random() % 2 == 0) {
                value_or_throw(store_->flush());
            }
            Query query{.points = {point},
                        .range = range,
                        .kind = Query::Kind::windows,
                        .window = window,
                        .empty_windows = true};
            query.good_only = random() % 2 == 0;
            query.hold_max_ms = random() % 3 == 0 ? std::numeric_limits<std::int64_t>::max()
                                                  : static_cast<std::int64_t>(random() % 10) * step_ms;
            query.now_ms =
                random() % 2 == 0 ? std::numeric_limits<std::int64_t>::max() : (range.from_ms + range.to_ms) / 2;
            const test::Oracle oracle(samples, query.good_only, query.hold_max_ms, query.now_ms);
            query.aggregations = aggregations_of(all_figures);
            check_against_oracle(ask(query), query, oracle, code);
            query.aggregations = aggregations_of({"mean", "count", "bad_count", "min", "max", "sum", "first", "last"});
            check_against_oracle(ask(query), query, oracle, code + " by summaries");
        }
    }
}

TEST_F(QueryTest, long_series_over_many_chunks_and_pages_agree_with_the_oracle) {
    std::mt19937_64 random(3);
    const auto samples = random_samples(random, 0, 1'000, 150'000);
    const PointId point = put("long", samples);
    value_or_throw(store_->flush());
    const TimeRange range{5'000, samples.back().time_ms + 10'000};
    Query query{.points = {point}, .range = range, .kind = Query::Kind::windows, .empty_windows = true};
    query.window = {.kind = Window::Kind::fixed, .length_ms = (range.to_ms - range.from_ms) / 7};
    query.aggregations = aggregations_of(all_figures);
    query.hold_max_ms = 4'000;
    check_against_oracle(ask(query), query, test::Oracle(samples, false, 4'000, query.now_ms), "long");
}

TEST_F(QueryTest, a_value_holds_until_the_next_or_a_bad_sample_or_its_longest_hold) {
    const PointId point = put("hold", {{0, 10}, {10'000, 20}, {20'000, 0, Quality::communication}, {50'000, 40}});
    const TimeRange minute{0, 60'000};
    EXPECT_DOUBLE_EQ(figure(point, minute, "covered_s"), 30);
    EXPECT_DOUBLE_EQ(figure(point, minute, "time_weighted_mean"), (10 * 10 + 20 * 10 + 40 * 10) / 30.0);
    EXPECT_DOUBLE_EQ(figure(point, minute, "mean"), 70 / 3.0);
    EXPECT_DOUBLE_EQ(figure(point, minute, "covered_s", 4'000), 12);
    EXPECT_DOUBLE_EQ(figure(point, {5'000, 10'000}, "time_weighted_mean"), 10) << "held into the range";
    EXPECT_TRUE(std::isnan(figure(point, {25'000, 40'000}, "time_weighted_mean")));
    EXPECT_DOUBLE_EQ(figure(point, {55'000, 65'000}, "as_of"), 40);
    EXPECT_TRUE(std::isnan(figure(point, {55'000, 65'000}, "as_of", 5'000)));
}

TEST_F(QueryTest, a_counter_exchanged_goes_on_counting_and_windows_add_up) {
    const PointId point =
        put("counter", {{0, 990}, {10'000, 1'000}, {20'000, 3}, {30'000, 0, Quality::communication}, {40'000, 8}});
    EXPECT_DOUBLE_EQ(figure(point, {0, 50'000}, "delta"), 10 + 3 + 5);
    EXPECT_DOUBLE_EQ(figure(point, {0, 15'000}, "delta") + figure(point, {15'000, 50'000}, "delta"), 18);
    EXPECT_DOUBLE_EQ(figure(point, {35'000, 50'000}, "delta"), 5) << "since the newest usable one";
    EXPECT_DOUBLE_EQ(figure(point, {35'000, 50'000}, "rate"), 5 / 20.0);
    EXPECT_TRUE(std::isnan(figure(point, {50'000, 60'000}, "delta")));
}

TEST_F(QueryTest, interpolation_stops_at_bad_samples_and_long_gaps_and_looks_past_the_range) {
    const PointId point = put("line", {{0, 0}, {100'000, 100}, {200'000, 0, Quality::range}, {300'000, 300}});
    EXPECT_DOUBLE_EQ(figure(point, {25'000, 30'000}, "interpolated"), 25);
    EXPECT_TRUE(std::isnan(figure(point, {25'000, 30'000}, "interpolated", 99'999)));
    EXPECT_TRUE(std::isnan(figure(point, {150'000, 160'000}, "interpolated")));
    EXPECT_DOUBLE_EQ(figure(point, {100'000, 110'000}, "interpolated"), 100);
    EXPECT_TRUE(std::isnan(figure(point, {400'000, 410'000}, "interpolated")));
}

TEST_F(QueryTest, infinities_are_numbers_and_nan_is_none) {
    const double inf = std::numeric_limits<double>::infinity();
    const PointId point = put("odd", {{0, inf}, {1'000, nan}, {2'000, 5}});
    EXPECT_EQ(figure(point, {0, 3'000}, "max"), inf);
    EXPECT_EQ(figure(point, {0, 3'000}, "count"), 2);
    EXPECT_EQ(figure(point, {0, 3'000}, "bad_count"), 1);
    EXPECT_EQ(figure(point, {0, 3'000}, "p100"), inf);
    EXPECT_EQ(figure(point, {0, 3'000}, "time_weighted_mean"), inf);
}

TEST_F(QueryTest, windows_without_anything_known_are_left_out_unless_asked_for) {
    const PointId point = put("rare", {{0, 1}, {50'000, 7, Quality::communication}});
    Query query{.points = {point},
                .range = {0, 100'000},
                .kind = Query::Kind::windows,
                .window = {.kind = Window::Kind::fixed, .length_ms = 10'000}};
    query.aggregations = aggregations_of({"mean", "bad_count"});
    EXPECT_EQ(ask(query).time_ms, (std::vector<std::int64_t>{0, 50'000}));
    EXPECT_EQ(ask(query).quality, (std::vector{Quality::good, Quality::gap}));
    query.empty_windows = true;
    EXPECT_EQ(ask(query).time_ms.size(), 10U);
    query.empty_windows = false;
    query.aggregations = aggregations_of({"as_of"});
    EXPECT_EQ(ask(query).time_ms, (std::vector<std::int64_t>{0, 10'000, 20'000, 30'000, 40'000, 50'000}))
        << "held ones are known";
}

TEST_F(QueryTest, samples_come_as_stored_and_are_cut_at_the_limit) {
    const PointId point = put("raw", {{0, 1}, {1'000, nan}, {2'000, 3, Quality::spike}, {3'000, 4, Quality::manual}});
    Query query{.points = {point}, .range = widest_range};
    auto series = ask(query);
    EXPECT_EQ(series.time_ms, (std::vector<std::int64_t>{0, 1'000, 2'000, 3'000}));
    EXPECT_EQ(series.quality[2], Quality::spike);
    EXPECT_FALSE(series.truncated);
    query.rows_max = 3;
    series = ask(query);
    EXPECT_EQ(series.time_ms.size(), 3U);
    EXPECT_TRUE(series.truncated);
    query = {.points = {point}, .range = widest_range, .good_only = true};
    EXPECT_EQ(ask(query).time_ms, (std::vector<std::int64_t>{0, 3'000}));
    query.rows_max = 2;
    EXPECT_FALSE(ask(query).truncated);
}

TEST_F(QueryTest, many_points_are_answered_in_the_order_asked) {
    const PointId a = put("a", {{0, 1}, {1'000, 2}});
    const PointId b = put("b", {{0, 10}});
    const auto answer = run_query(*store_, {.points = {b, a, b}, .range = {0, 5'000}}).value();
    ASSERT_EQ(answer.size(), 3U);
    EXPECT_EQ(answer[0].point, b);
    EXPECT_EQ(answer[1].figures[0], (std::vector<double>{1, 2}));
    EXPECT_EQ(answer[2].figures[0], (std::vector<double>{10}));
}

TEST_F(QueryTest, a_drawing_keeps_the_extremes_of_each_column) {
    std::vector<StoredSample> samples;
    for (int i = 0; i < 5'000; ++i) {
        samples.push_back({i * 1'000, i == 2'503 ? 1e6 : std::sin(i / 100.0)});
    }
    const PointId point = put("wave", samples);
    const auto series = ask({.points = {point}, .range = {0, 5'000'000}, .kind = Query::Kind::drawing, .columns = 100});
    EXPECT_LE(series.time_ms.size(), 400U);
    EXPECT_EQ(*std::max_element(series.figures[0].begin(), series.figures[0].end()), 1e6);
}

/// A year and a half of a counter and a temperature, of which all but the last 30 days are retired; hours go too before
/// the last 200.
class RetiredTest : public QueryTest {
 protected:
    static constexpr std::int64_t start_ms = 1'700'006'400'000 - 8 * hour_ms;  ///< midnight in China
    static constexpr std::int64_t end_ms = start_ms + 540 * day_ms;

    RetiredTest() {
        for (std::int64_t at_ms = start_ms; at_ms < end_ms; at_ms += 600'000) {
            const auto i = static_cast<double>((at_ms - start_ms) / 600'000);
            const bool lost = static_cast<int>(i) % 1'000 == 999;
            counter_samples_.push_back({at_ms, std::fmod(i * 3, 10'000)});
            samples_.push_back({at_ms, 20 + std::sin(i / 50) * 5, lost ? Quality::communication : Quality::good});
        }
        counter_ = put("heat", counter_samples_);
        point_ = put("temperature", samples_);
    }

    Query query_of(PointId point, const std::string& window, const std::vector<std::string>& words) const {
        Query query{.points = {point},
                    .range = {start_ms, end_ms},
                    .kind = Query::Kind::windows,
                    .aggregations = aggregations_of(words),
                    .empty_windows = true};
        query.window = parse_window(window, "Asia/Shanghai").value();
        query.now_ms = end_ms - 600'000;  // the newest value covers nothing, as in the hours kept
        return query;
    }

    void retire() {
        const std::vector<RetentionRule> rules{{.match = "*", .raw_days = 30, .hourly_days = 200, .daily_days = {}}};
        value_or_throw(store_->flush());
        const auto gone = value_or_throw(store_->life()->retire(rules, end_ms, RetentionMode::apply, {}));
        ASSERT_GT(gone.samples, 140'000U);
        ASSERT_GT(gone.hours, 10'000U);
    }

    std::vector<StoredSample> samples_, counter_samples_;
    PointId point_, counter_;
    std::vector<std::pair<Query, QueriedSeries>> before_;
};

TEST_F(RetiredTest, days_and_months_answer_the_same_after_their_samples_are_gone) {
    const std::vector<std::string> words{"count", "bad_count",          "min",      "max", "sum", "mean", "first",
                                         "last",  "time_weighted_mean", "covered_s"};
    for (const std::string window : {"day", "week", "month"}) {
        const Query temperature = query_of(point_, window, words);
        const Query heat = query_of(counter_, window, {"delta", "rate"});
        RecordProperty(window, fmt::format("{} rows", ask(temperature).time_ms.size()));
        before_.push_back({temperature, ask(temperature)});
        before_.push_back({heat, ask(heat)});
    }
    retire();
    for (const auto& [query, before] : before_) {
        const auto after = ask(query);
        ASSERT_EQ(after.time_ms, before.time_ms);
        EXPECT_GT(after.rows_from_rollups, 15U);
        EXPECT_EQ(before.rows_from_rollups, 0U);
        for (std::size_t i = 0; i < query.aggregations.size(); ++i) {
            for (std::size_t row = 0; row < before.time_ms.size(); ++row) {
                const bool covers = query.aggregations[i].figure == Figure::time_weighted_mean ||
                                    query.aggregations[i].figure == Figure::covered_s;
                const double allowed =
                    covers ? 0.01 * std::abs(before.figures[i][row]) : 1e-6;  // what is held over a window's ends
                ASSERT_NEAR(after.figures[i][row], before.figures[i][row], allowed)
                    << to_string(query.aggregations[i]) << " of row " << row;
            }
        }
    }
}

TEST_F(RetiredTest, what_hours_cannot_tell_has_no_answer_there_and_has_one_where_samples_are) {
    retire();
    const auto series = ask(query_of(point_, "day", {"p95", "standard_deviation", "count"}));
    EXPECT_TRUE(std::isnan(series.figures[0].front()));
    EXPECT_EQ(series.figures[2].front(), 144);
    EXPECT_FALSE(std::isnan(series.figures[0].back()));
    Query good = query_of(point_, "day", {"mean", "count"});
    good.good_only = true;
    EXPECT_EQ(ask(good).figures[1].front(), 0);
    EXPECT_GT(ask(good).figures[1].back(), 100);
}

TEST_F(QueryTest, wrong_questions_are_refused_with_what_is_right) {
    const PointId point = put("p", {{0, 1}});
    const Query right{
        .points = {point}, .range = {0, 10}, .kind = Query::Kind::windows, .aggregations = aggregations_of({"mean"})};
    ASSERT_TRUE(run_query(*store_, right));
    const auto refused = [&](const std::function<void(Query&)>& spoil) {
        Query query = right;
        spoil(query);
        return refusal(query).code;
    };
    EXPECT_EQ(refused([](Query& q) { q.points.clear(); }), ErrorCode::invalid);
    EXPECT_EQ(refused([](Query& q) { q.points = {PointId{99}}; }), ErrorCode::not_found);
    EXPECT_EQ(refused([](Query& q) { q.range = {10, 10}; }), ErrorCode::invalid);
    EXPECT_EQ(refused([](Query& q) { q.range = test::all_time; }), ErrorCode::invalid);
    EXPECT_EQ(refused([](Query& q) { q.aggregations.clear(); }), ErrorCode::invalid);
    EXPECT_EQ(refused([](Query& q) { q.aggregations = {{Figure::percentile, 101}}; }), ErrorCode::invalid);
    EXPECT_EQ(refused([](Query& q) { q.hold_max_ms = -1; }), ErrorCode::invalid);
    EXPECT_EQ(refused([](Query& q) { q.rows_max = 0; }), ErrorCode::invalid);
    EXPECT_EQ(refused([](Query& q) { q.filling.ridge = 0; }), ErrorCode::invalid);
    EXPECT_EQ(refused([](Query& q) { q.filling.predictors = {PointId{99}}; }), ErrorCode::not_found);
    EXPECT_EQ(refused([](Query& q) {
                  q.kind = Query::Kind::samples;
                  q.filling.method = Filling::Method::linear;
              }),
              ErrorCode::invalid);
    EXPECT_EQ(refused([](Query& q) {
                  q.kind = Query::Kind::drawing;
                  q.good_only = true;
              }),
              ErrorCode::invalid);
    EXPECT_EQ(refused([](Query& q) {
                  q.window = {.kind = Window::Kind::fixed, .length_ms = 1};
                  q.rows_max = 9;
              }),
              ErrorCode::exhausted);
    EXPECT_EQ(refused([&](Query& q) {
                  q.points.assign(10'000, point);
                  q.range = {0, 100'000};
                  q.window = {.kind = Window::Kind::fixed, .length_ms = 1};
              }),
              ErrorCode::exhausted);
}

TEST_F(QueryTest, a_stop_ends_a_question) {
    const PointId point = put("p", {{0, 1}});
    std::stop_source stop;
    stop.request_stop();
    for (const auto kind : {Query::Kind::samples, Query::Kind::drawing, Query::Kind::windows}) {
        const Query query{
            .points = {point}, .range = {0, 10}, .kind = kind, .aggregations = aggregations_of({"mean", "changes"})};
        EXPECT_EQ(run_query(*store_, query, stop.get_token()).error().code, ErrorCode::cancelled);
    }
}

TEST_F(QueryTest, a_reader_gives_everything_in_pages) {
    std::mt19937_64 random(1);
    const auto samples = random_samples(random, 0, 1'000, 200'000);
    SampleReader reader(*store_, put("many", samples), widest_range);
    std::size_t at = 0;
    for (auto page = reader.next().value(); !page.empty(); page = reader.next().value()) {
        ASSERT_LE(page.size(), 65'536U);
        for (const auto& sample : page) {
            ASSERT_EQ(sample.time_ms, samples[at++].time_ms);
        }
    }
    EXPECT_EQ(at, samples.size());
    EXPECT_TRUE(reader.next().value().empty());
}

TEST(Aggregation, words_are_read_and_written_the_same) {
    for (const auto& word : all_figures) {
        const auto aggregation = parse_aggregation(word).value();
        EXPECT_EQ(parse_aggregation(to_string(aggregation)).value(), aggregation) << word;
    }
    EXPECT_EQ(parse_aggregation("avg").value().figure, Figure::mean);
    EXPECT_EQ(parse_aggregation("p99.9").value(), (Aggregation{Figure::percentile, 99.9}));
    EXPECT_EQ(to_string({Figure::duration_s, 2}), "duration_s:2");
}

TEST(Aggregation, wrong_words_are_refused_with_the_right_ones) {
    for (const std::string word : {"", "median", "p", "p101", "p-1", "p5x", "mean:3", "percentile",
                                   "percentile:", "percentile:nan", "duration_s", "duration_s:on"}) {
        const auto refused = parse_aggregation(word);
        ASSERT_FALSE(refused) << word;
        EXPECT_EQ(refused.error().code, ErrorCode::invalid);
    }
    EXPECT_NE(parse_aggregation("median").error().what.find("percentile:NUMBER"), std::string::npos);
}

}  // namespace
}  // namespace nuanshu::historian

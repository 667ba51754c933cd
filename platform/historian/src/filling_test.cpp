#include "platform/historian/src/filling.h"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "platform/historian/src/test_store.h"
#include "tests/support/process.h"

namespace nuanshu::historian {
namespace {

constexpr std::int64_t row_ms = 600'000;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Ten-minute means of a heat station over some weeks: weather makes the supply temperature, supply and flow make the
/// return and the heat.
struct Station {
    std::vector<double> outdoor, supply, flow, back, heat, indoor;

    explicit Station(std::size_t rows, std::uint64_t seed) {
        std::mt19937_64 random(seed);
        std::normal_distribution<double> noise;
        double weather = 0, valve = 0, room = 21;
        for (std::size_t i = 0; i < rows; ++i) {
            const double hour = static_cast<double>(i) / 6;
            weather = 0.998 * weather + 0.15 * noise(random);
            valve = 0.97 * valve + 0.8 * noise(random);
            outdoor.push_back(-3 + weather + 4 * std::sin((hour - 9) * 2 * M_PI / 24) + 0.1 * noise(random));
            supply.push_back(55 - 1.4 * outdoor.back() + 0.3 * noise(random));
            flow.push_back(120 + 6 * valve + 10 * std::sin((hour - 5) * 2 * M_PI / 24) + noise(random));
            room += 0.01 *
                    (0.25 * (supply.back() - 59) + 0.02 * (flow.back() - 120) + 0.1 * outdoor.back() - (room - 21.5));
            back.push_back(room + 0.42 * (supply.back() - room) + 0.05 * (flow.back() - 120) + 0.2 * noise(random));
            heat.push_back(flow.back() * (supply.back() - back.back()) * 1.163 / 1000 + 0.01 * noise(random));
            indoor.push_back(room + 0.05 * noise(random));
        }
    }

    std::vector<std::span<const double>> all() const { return {outdoor, supply, flow, back, heat, indoor}; }
};

std::vector<std::int64_t> starts(std::size_t rows) {
    std::vector<std::int64_t> times;
    for (std::size_t i = 0; i < rows; ++i) {
        times.push_back(static_cast<std::int64_t>(i) * row_ms);
    }
    return times;
}

/// Gaps of one to 72 rows (10 minutes to half a day), about a tenth of the column.
std::vector<double> with_gaps(std::span<const double> truth, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<double> column(truth.begin(), truth.end());
    for (std::size_t row = 20; row + 100 < column.size(); row += 150 + random() % 400) {
        std::fill_n(column.begin() + static_cast<std::ptrdiff_t>(row), 1 + random() % 72, nan);
    }
    return column;
}

struct Score {
    double rmse = 0;
    double within_two_errors = 0;  ///< share
    std::size_t rows = 0;
};

Score score(const FilledColumn& filled, std::span<const double> truth) {
    Score score;
    double squares = 0, within = 0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
        if (filled.estimated[i] != 0) {
            ++score.rows;
            squares += (filled.values[i] - truth[i]) * (filled.values[i] - truth[i]);
            within += std::abs(filled.values[i] - truth[i]) <= 2 * filled.error[i] ? 1 : 0;
        } else {
            EXPECT_TRUE(std::isnan(filled.values[i]) || filled.values[i] == truth[i]) << "a measured row was changed";
        }
    }
    score.rmse = std::sqrt(squares / static_cast<double>(score.rows));
    score.within_two_errors = within / static_cast<double>(score.rows);
    return score;
}

std::vector<std::span<const double>> without(std::vector<std::span<const double>> columns, std::size_t index) {
    columns.erase(columns.begin() + static_cast<std::ptrdiff_t>(index));
    return columns;
}

TEST(Filling, regression_beats_straight_lines_on_each_quantity_of_a_station) {
    const std::size_t rows = 6 * 24 * 60;
    const Station station(rows, 11);
    const auto times = starts(rows);
    const std::vector<std::string> names{"outdoor", "supply", "flow", "back", "heat"};
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto truth = station.all()[i];
        const auto column = with_gaps(truth, i);
        const auto others = without(station.all(), i);
        const Score line = score(fill_column(times, column, others, {.method = Filling::Method::linear}), truth);
        const Score estimate =
            score(fill_column(times, column, others, {.method = Filling::Method::regression}), truth);
        RecordProperty(names[i], fmt::format("{:.3f} of the line's {:.3f}; {:.0f} % within two errors", estimate.rmse,
                                             line.rmse, 100 * estimate.within_two_errors));
        EXPECT_EQ(estimate.rows, line.rows);
        EXPECT_LT(estimate.rmse, 0.5 * line.rmse) << names[i];
        EXPECT_GT(estimate.within_two_errors, 0.85) << names[i];
    }
}

TEST(Filling, wanderers_that_have_nothing_to_do_with_each_other_are_not_taken_for_related) {
    const std::size_t rows = 5'000;
    std::mt19937_64 random(5);
    std::normal_distribution<double> noise;
    std::vector<std::vector<double>> walks(6, std::vector<double>(rows));
    for (auto& walk : walks) {
        for (std::size_t i = 1; i < rows; ++i) {
            walk[i] = walk[i - 1] + noise(random);
        }
    }
    const std::vector<std::span<const double>> others(walks.begin() + 1, walks.end());
    const auto column = with_gaps(walks[0], 2);
    const Score line = score(fill_column(starts(rows), column, others, {.method = Filling::Method::linear}), walks[0]);
    const Score estimate =
        score(fill_column(starts(rows), column, others, {.method = Filling::Method::regression}), walks[0]);
    EXPECT_LT(estimate.rmse, 1.1 * line.rmse) << "a straight line is the best there is here";
    EXPECT_GT(estimate.within_two_errors, 0.8);
}

TEST(Filling, predictors_with_gaps_of_their_own_are_used_where_they_are_there) {
    const std::size_t rows = 3'000;
    const Station station(rows, 4);
    const auto column = with_gaps(station.back, 1);
    const auto supply = with_gaps(station.supply, 1);  // missing in just the same rows
    const auto flow = with_gaps(station.flow, 8);
    const auto filled =
        fill_column(starts(rows), column, std::vector<std::span<const double>>{supply, flow, station.outdoor},
                    {.method = Filling::Method::regression});
    const Score line = score(fill_column(starts(rows), column, {}, {.method = Filling::Method::linear}), station.back);
    EXPECT_LT(score(filled, station.back).rmse, line.rmse);
    EXPECT_EQ(score(filled, station.back).rows, line.rows);
}

TEST(Filling, what_cannot_be_learned_is_filled_by_a_straight_line) {
    const std::vector<double> column{1, nan, 3, 4};
    const std::vector<double> predictor{nan, nan, nan, nan};
    const auto filled = fill_column(starts(4), column, std::vector<std::span<const double>>{predictor},
                                    {.method = Filling::Method::regression});
    EXPECT_DOUBLE_EQ(filled.values[1], 2);
    EXPECT_EQ(filled.estimated, (std::vector<std::uint8_t>{0, 1, 0, 0}));
    EXPECT_TRUE(std::isnan(filled.error[1]));
}

TEST(Filling, constant_columns_are_filled_with_their_constant) {
    std::vector<double> column(50, 7), predictor(50, 3);
    std::fill_n(column.begin() + 20, 5, nan);
    const auto filled = fill_column(starts(50), column, std::vector<std::span<const double>>{predictor},
                                    {.method = Filling::Method::regression});
    EXPECT_DOUBLE_EQ(filled.values[22], 7);
}

TEST(Filling, gaps_that_are_too_long_or_open_stay) {
    const std::vector<double> column{nan, 1, nan, nan, 4, nan};
    const auto linear =
        fill_column(starts(6), column, {}, {.method = Filling::Method::linear, .gap_max_ms = 3 * row_ms});
    EXPECT_EQ(linear.estimated, (std::vector<std::uint8_t>{0, 0, 1, 1, 0, 0}));
    EXPECT_DOUBLE_EQ(linear.values[3], 3);
    const auto shorter =
        fill_column(starts(6), column, {}, {.method = Filling::Method::linear, .gap_max_ms = 3 * row_ms - 1});
    EXPECT_EQ(shorter.estimated, std::vector<std::uint8_t>(6, 0));
    const auto previous =
        fill_column(starts(6), column, {}, {.method = Filling::Method::previous, .gap_max_ms = row_ms});
    EXPECT_EQ(previous.estimated, (std::vector<std::uint8_t>{0, 0, 1, 0, 0, 1}));
    EXPECT_DOUBLE_EQ(previous.values[5], 4);
}

TEST(Filling, a_column_without_any_answer_stays_so) {
    const std::vector<double> column(30, nan);
    const std::vector<double> predictor(30, 1.0);
    for (const auto method : {Filling::Method::previous, Filling::Method::linear, Filling::Method::regression}) {
        const auto filled =
            fill_column(starts(30), column, std::vector<std::span<const double>>{predictor}, {.method = method});
        EXPECT_EQ(filled.estimated, std::vector<std::uint8_t>(30, 0));
    }
}

/// The same through the door, on stored samples.
TEST(FillingQuery, estimated_rows_are_marked_and_carry_their_error) {
    const support::TemporaryDirectory folder;
    test::Store store(folder.path());
    const auto points = store.points(3);
    const std::size_t rows = 6 * 24 * 20;
    const Station station(rows, 9);
    const std::size_t gap = rows / 2;
    std::vector<Sample> samples;
    for (std::size_t i = 0; i < rows; ++i) {
        const auto time_ms = static_cast<std::int64_t>(i) * row_ms;
        const bool lost = i >= gap && i < gap + 36;
        samples.push_back({points[0], lost ? Quality::communication : Quality::good, time_ms, station.back[i]});
        samples.push_back({points[1], Quality::good, time_ms, station.supply[i]});
        samples.push_back({points[2], Quality::good, time_ms, station.flow[i]});
    }
    value_or_throw(store->append(samples));
    Query query{.points = points, .kind = Query::Kind::windows, .aggregations = {{Figure::count}, {Figure::mean}}};
    query.range = {static_cast<std::int64_t>(gap - 3) * row_ms, static_cast<std::int64_t>(gap + 40) * row_ms};
    query.window = {.kind = Window::Kind::fixed, .length_ms = row_ms};
    query.filling.method = Filling::Method::regression;
    const auto answer = run_query(*store, query).value();
    const auto& filled = answer[0];
    ASSERT_EQ(filled.time_ms.size(), 43U);
    EXPECT_EQ(filled.time_ms[0], query.range.from_ms);
    for (std::size_t row = 0; row < 43; ++row) {
        const bool lost = row >= 3 && row < 39;
        EXPECT_EQ(filled.quality[row], lost ? Quality::estimated : Quality::good);
        EXPECT_EQ(filled.figures[0][row], lost ? 0 : 1) << "counts are not filled";
        EXPECT_EQ(std::isnan(filled.error[row]), !lost);
        EXPECT_NEAR(filled.figures[1][row], station.back[gap - 3 + row], 2);
    }
    EXPECT_EQ(answer[1].quality, std::vector<Quality>(43, Quality::good));

    query.points = {points[0]};
    query.filling.predictors = {points[1], points[2]};
    const auto alone = run_query(*store, query).value();
    ASSERT_EQ(alone.size(), 1U) << "predictors are not part of the answer";
    EXPECT_EQ(alone[0].figures[1], filled.figures[1]);
}

}  // namespace
}  // namespace nuanshu::historian

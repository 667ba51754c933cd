#include "platform/historian/src/gap_regression.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace nuanshu::historian {
namespace {

constexpr std::size_t side_rows_max = 2'048;
constexpr std::size_t predictors_max = 12;
constexpr std::size_t lessons_per_predictor = 4;

}  // namespace

std::vector<std::size_t> GapRegression::present_predictors(std::size_t row) const {
    std::vector<std::size_t> present;
    for (std::size_t i = 0; i < predictors_.size(); ++i) {
        if (std::isfinite(predictors_[i][row])) {
            present.push_back(i);
        }
    }
    return present;
}

/// The rows on both sides of the gap that the sliding window reaches and in which the column has an answer.
std::vector<std::size_t> GapRegression::training_rows(const Gap& gap) const {
    std::vector<std::size_t> rows;
    for (std::size_t row = gap.begin; row-- > 0 && gap.begin - row <= side_rows_max &&
                                      starts_ms_[gap.begin] - starts_ms_[row] <= filling_.sliding_ms;) {
        if (std::isfinite(column_[row])) {
            rows.push_back(row);
        }
    }
    std::reverse(rows.begin(), rows.end());
    for (std::size_t row = gap.end; row < gap.rows && row - gap.end < side_rows_max &&
                                    starts_ms_[row] - starts_ms_[gap.end - 1] <= filling_.sliding_ms;
         ++row) {
        if (std::isfinite(column_[row])) {
            rows.push_back(row);
        }
    }
    return rows;
}

/// The square of the correlation with the column; 0 for a predictor that is absent from more than half of the rows.
double GapRegression::tells(std::size_t predictor, std::span<const std::size_t> rows) const {
    const auto& x = predictors_[predictor];
    double count = 0, mean_x = 0, mean_y = 0, xx = 0, yy = 0, xy = 0;
    for (const std::size_t row : rows) {
        if (std::isfinite(x[row])) {
            ++count;
            const double dx = x[row] - mean_x;
            const double dy = column_[row] - mean_y;
            mean_x += dx / count;
            mean_y += dy / count;
            xx += dx * (x[row] - mean_x);
            yy += dy * (column_[row] - mean_y);
            xy += dx * (column_[row] - mean_y);
        }
    }
    return 2 * count < static_cast<double>(rows.size()) || !(xx * yy > 0) ? 0 : xy * xy / (xx * yy);
}

std::vector<std::size_t> GapRegression::choose_predictors(std::span<const std::size_t> present,
                                                          std::span<const std::size_t> rows) const {
    std::vector<std::pair<double, std::size_t>> ranked;
    for (const std::size_t predictor : present) {
        if (const double worth = tells(predictor, rows); worth > 0) {
            ranked.emplace_back(-worth, predictor);
        }
    }
    std::sort(ranked.begin(), ranked.end());
    ranked.resize(std::min({ranked.size(), predictors_max, rows.size() / lessons_per_predictor}));
    std::vector<std::size_t> chosen;
    for (const auto& [worth, predictor] : ranked) {
        chosen.push_back(predictor);
    }
    return chosen;
}

std::vector<double> GapRegression::values_of(std::span<const std::size_t> chosen, std::size_t row) const {
    std::vector<double> values;
    for (const std::size_t predictor : chosen) {
        values.push_back(predictors_[predictor][row]);
    }
    return values;
}

/// The rows in which the column and all chosen predictors have answers.
Lessons GapRegression::lessons_of(std::span<const std::size_t> chosen, std::span<const std::size_t> rows) const {
    Lessons lessons{.predictors = std::vector<std::vector<double>>(chosen.size())};
    for (const std::size_t row : rows) {
        const auto values = values_of(chosen, row);
        if (!std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); })) {
            continue;
        }
        lessons.rows.push_back(row);
        lessons.target.push_back(column_[row]);
        for (std::size_t j = 0; j < values.size(); ++j) {
            lessons.predictors[j].push_back(values[j]);
        }
    }
    return lessons;
}

std::vector<GapRegression::Estimate> GapRegression::estimate(const Gap& gap) const {
    const auto rows = training_rows(gap);
    std::vector<Estimate> estimates;
    for (std::size_t row = gap.begin; row < gap.end;) {
        const auto present = present_predictors(row);
        const auto chosen = choose_predictors(present, rows);
        const Lessons lessons = lessons_of(chosen, rows);
        const auto model = chosen.empty() ? std::nullopt : Autoregression::learn(lessons, filling_.ridge);
        for (const std::size_t begin = row; row < gap.end && (row == begin || present_predictors(row) == present);
             ++row) {
            if (model) {
                const auto [value, error] = model->estimate(row, values_of(chosen, row));
                estimates.push_back({row, value, error});
            }
        }
    }
    return estimates;
}

}  // namespace nuanshu::historian

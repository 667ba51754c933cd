#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "platform/historian/query.h"
#include "platform/historian/src/autoregression.h"

namespace nuanshu::historian {

/// Rows [begin, end) of a column without an answer; those beside them have one, where there are rows.
struct Gap {
    std::size_t begin, end, rows;

    bool has_left() const { return begin > 0; }
    bool has_right() const { return end < rows; }
    std::size_t left() const { return begin - 1; }
    std::size_t right() const { return end; }
};

/// Estimates the rows of a gap from what other columns did meanwhile. The model of row t, with standardised predictors
/// z:
///
///   y(t) = c + β·z(t) + r(t),   r(t) = φ r(t−1) + noise
///
/// β by ridge regression on the rows around the gap, made on differences y(t) − φ y(t−1) once φ is known (Cochrane and
/// Orcutt, 1949), so that columns that merely wander at the same time do not pass for related. Inside the gap r is
/// expected between its known values d₁ rows to the left and d₂ rows to the right, D = d₁ + d₂:
///
///   E r = [φ^d₁ (1 − φ^2d₂) r_left + φ^d₂ (1 − φ^2d₁) r_right] / (1 − φ^2D),   var r = s² (1 − φ^2d₁)(1 − φ^2d₂) / (1
///   − φ^2D)
///
/// and the estimate's variance is var r plus that of β. With predictors that tell nothing this becomes a straight line
/// between the edges.
class GapRegression {
 public:
    GapRegression(std::span<const std::int64_t> starts_ms, std::span<const double> column,
                  std::span<const std::span<const double>> predictors, const Filling& filling)
        : starts_ms_(starts_ms), column_(column), predictors_(predictors), filling_(filling) {}

    struct Estimate {
        std::size_t row;
        double value;
        double error;
    };
    /// Rows without predictors, or with too little to learn from, are left out.
    std::vector<Estimate> estimate(const Gap& gap) const;

 private:
    std::vector<std::size_t> present_predictors(std::size_t row) const;
    std::vector<std::size_t> training_rows(const Gap& gap) const;
    std::vector<std::size_t> choose_predictors(std::span<const std::size_t> present,
                                               std::span<const std::size_t> rows) const;
    Lessons lessons_of(std::span<const std::size_t> chosen, std::span<const std::size_t> rows) const;
    std::vector<double> values_of(std::span<const std::size_t> chosen, std::size_t row) const;
    double tells(std::size_t predictor, std::span<const std::size_t> rows) const;

    std::span<const std::int64_t> starts_ms_;
    std::span<const double> column_;
    std::span<const std::span<const double>> predictors_;
    const Filling& filling_;
};

}  // namespace nuanshu::historian

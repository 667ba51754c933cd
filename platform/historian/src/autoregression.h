#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace nuanshu::historian {

/// Some rows of a table: the target and the predictors, which all have values there. Rows rise; neighbours differ by 1.
struct Lessons {
    std::vector<std::size_t> rows;
    std::vector<double> target;                   ///< beside rows
    std::vector<std::vector<double>> predictors;  ///< for each predictor, beside rows
};

/// y(t) = c + β·z(t) + r(t), r(t) = φ r(t−1) + noise: see GapRegression.
class Autoregression {
 public:
    /// Nothing when there are fewer than 8 rows, or the equations have no solution.
    static std::optional<Autoregression> learn(const Lessons& lessons, double ridge);

    struct Answer {
        double value;
        double error;  ///< standard error
    };
    /// @param predictors  of the row that is asked for, in the order of the lessons
    Answer estimate(std::size_t row, std::span<const double> predictors) const;

 private:
    struct Edge {
        std::size_t lesson;
        double distance;  ///< in rows
    };
    explicit Autoregression(const Lessons& lessons) : lessons_(lessons) {}
    void standardise();
    bool fit(double ridge);
    void look_at_rest();
    std::vector<double> standardised(std::span<const double> predictors) const;
    std::vector<double> lesson_at(std::size_t i) const;
    double explained(std::span<const double> z) const;
    std::optional<Edge> left_of(std::size_t row) const;
    std::optional<Edge> right_of(std::size_t row) const;

    const Lessons& lessons_;
    std::vector<double> mean_, scale_;  ///< of each predictor
    double centre_ = 0;                 ///< c
    std::vector<double> weights_;       ///< β
    std::vector<double> rest_;          ///< r of each lesson
    double carry_ = 0;                  ///< φ
    double variance_ = 0;               ///< of r
    std::vector<double> factor_;        ///< Cholesky's lower factor of the equations
};

}  // namespace nuanshu::historian

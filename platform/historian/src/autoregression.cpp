#include "platform/historian/src/autoregression.h"

#include <algorithm>
#include <cmath>

namespace nuanshu::historian {
namespace {

constexpr std::size_t lessons_min = 8;
constexpr int rounds = 3;
constexpr double carry_max = 0.9995;

/// Turns the symmetric n×n matrix into its lower factor L, L·Lᵀ = matrix. False when it is not positive definite.
bool factorise(std::vector<double>& matrix, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            double sum = matrix[i * n + j];
            for (std::size_t k = 0; k < j; ++k) {
                sum -= matrix[i * n + k] * matrix[j * n + k];
            }
            if (i == j && !(sum > 0)) {
                return false;
            }
            matrix[i * n + j] = i == j ? std::sqrt(sum) : sum / matrix[j * n + j];
        }
    }
    return true;
}

/// L⁻¹ b.
std::vector<double> solve_lower(const std::vector<double>& factor, std::vector<double> b) {
    const std::size_t n = b.size();
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            b[i] -= factor[i * n + k] * b[k];
        }
        b[i] /= factor[i * n + i];
    }
    return b;
}

/// L⁻ᵀ b.
std::vector<double> solve_upper(const std::vector<double>& factor, std::vector<double> b) {
    const std::size_t n = b.size();
    for (std::size_t i = n; i-- > 0;) {
        for (std::size_t k = i + 1; k < n; ++k) {
            b[i] -= factor[k * n + i] * b[k];
        }
        b[i] /= factor[i * n + i];
    }
    return b;
}

double square(double x) {
    return x * x;
}

double mean_of(std::span<const double> values) {
    double sum = 0;
    for (const double value : values) {
        sum += value;
    }
    return sum / static_cast<double>(values.size());
}

double deviation_of(std::span<const double> values, double mean) {
    double sum = 0;
    for (const double value : values) {
        sum += square(value - mean);
    }
    return std::sqrt(sum / static_cast<double>(values.size()));
}

}  // namespace

std::optional<Autoregression> Autoregression::learn(const Lessons& lessons, double ridge) {
    if (lessons.rows.size() < lessons_min) {
        return std::nullopt;
    }
    Autoregression model(lessons);
    model.standardise();
    for (int round = 0; round < rounds; ++round) {
        if (!model.fit(ridge)) {
            return std::nullopt;
        }
        model.look_at_rest();
    }
    return model;
}

void Autoregression::standardise() {
    for (const auto& predictor : lessons_.predictors) {
        mean_.push_back(mean_of(predictor));
        const double deviation = deviation_of(predictor, mean_.back());
        scale_.push_back(deviation > 1e-12 * std::abs(mean_.back()) ? 1 / deviation : 0);
    }
    centre_ = mean_of(lessons_.target);
}

std::vector<double> Autoregression::standardised(std::span<const double> predictors) const {
    std::vector<double> z(predictors.size());
    for (std::size_t j = 0; j < z.size(); ++j) {
        z[j] = (predictors[j] - mean_[j]) * scale_[j];
    }
    return z;
}

std::vector<double> Autoregression::lesson_at(std::size_t i) const {
    std::vector<double> values;
    for (const auto& predictor : lessons_.predictors) {
        values.push_back(predictor[i]);
    }
    return standardised(values);
}

/// Ridge regression on y(t) − φ y(t−1), from all rows whose neighbour to the left is there too; from all rows while φ
/// is 0.
bool Autoregression::fit(double ridge) {
    const std::size_t n = lessons_.predictors.size();
    std::vector<double> matrix(n * n, 0.0), right(n, 0.0);
    std::vector<double> before(n, 0.0);
    for (std::size_t i = 0; i < lessons_.rows.size(); ++i) {
        const std::vector<double> z = lesson_at(i);
        const bool follows = i > 0 && lessons_.rows[i] == lessons_.rows[i - 1] + 1;
        if (follows || carry_ == 0) {
            const double carry = follows ? carry_ : 0;
            const double y = lessons_.target[i] - centre_ - carry * (follows ? lessons_.target[i - 1] - centre_ : 0);
            for (std::size_t j = 0; j < n; ++j) {
                right[j] += (z[j] - carry * before[j]) * y;
                for (std::size_t k = 0; k <= j; ++k) {
                    matrix[j * n + k] += (z[j] - carry * before[j]) * (z[k] - carry * before[k]);
                }
            }
        }
        before = z;
    }
    double trace = 0;
    for (std::size_t j = 0; j < n; ++j) {
        trace += matrix[j * n + j];
    }
    for (std::size_t j = 0; j < n; ++j) {
        matrix[j * n + j] += ridge * trace / static_cast<double>(n) + 1e-30;
    }
    if (!factorise(matrix, n)) {
        return false;
    }
    weights_ = solve_upper(matrix, solve_lower(matrix, std::move(right)));
    factor_ = std::move(matrix);
    return true;
}

double Autoregression::explained(std::span<const double> z) const {
    double sum = centre_;
    for (std::size_t j = 0; j < z.size(); ++j) {
        sum += weights_[j] * z[j];
    }
    return sum;
}

/// What the predictors leave unexplained: its mean goes to c, its likeness to itself a row later is φ.
void Autoregression::look_at_rest() {
    rest_.resize(lessons_.rows.size());
    for (std::size_t i = 0; i < rest_.size(); ++i) {
        rest_[i] = lessons_.target[i] - explained(lesson_at(i));
    }
    const double mean = mean_of(rest_);
    centre_ += mean;
    double squares = 0, products = 0, squares_before = 0;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
        rest_[i] -= mean;
        squares += square(rest_[i]);
        if (i > 0 && lessons_.rows[i] == lessons_.rows[i - 1] + 1) {
            products += rest_[i] * rest_[i - 1];
            squares_before += square(rest_[i - 1]);
        }
    }
    const auto freedom = static_cast<double>(rest_.size()) - static_cast<double>(weights_.size()) - 1;
    variance_ = squares / std::max(1.0, freedom);
    carry_ = squares_before > 0 ? std::clamp(products / squares_before, 0.0, carry_max) : 0;
}

std::optional<Autoregression::Edge> Autoregression::left_of(std::size_t row) const {
    const auto at = std::lower_bound(lessons_.rows.begin(), lessons_.rows.end(), row);
    if (at == lessons_.rows.begin()) {
        return std::nullopt;
    }
    const auto lesson = static_cast<std::size_t>(at - lessons_.rows.begin()) - 1;
    return Edge{lesson, static_cast<double>(row - lessons_.rows[lesson])};
}

std::optional<Autoregression::Edge> Autoregression::right_of(std::size_t row) const {
    const auto at = std::upper_bound(lessons_.rows.begin(), lessons_.rows.end(), row);
    if (at == lessons_.rows.end()) {
        return std::nullopt;
    }
    const auto lesson = static_cast<std::size_t>(at - lessons_.rows.begin());
    return Edge{lesson, static_cast<double>(lessons_.rows[lesson] - row)};
}

Autoregression::Answer Autoregression::estimate(std::size_t row, std::span<const double> predictors) const {
    const auto left = left_of(row);
    const auto right = right_of(row);
    const double fade_left = left ? std::pow(carry_, left->distance) : 0;
    const double fade_right = right ? std::pow(carry_, right->distance) : 0;
    const double between = 1 - square(fade_left * fade_right);
    const double weight_left = fade_left * (1 - square(fade_right)) / between;
    const double weight_right = fade_right * (1 - square(fade_left)) / between;
    std::vector<double> z = standardised(predictors);
    double value = explained(z);
    for (const auto& [edge, weight] : {std::pair(left, weight_left), std::pair(right, weight_right)}) {
        if (edge) {
            value += weight * rest_[edge->lesson];
            const auto z_edge = lesson_at(edge->lesson);
            for (std::size_t j = 0; j < z.size(); ++j) {
                z[j] -= weight * z_edge[j];
            }
        }
    }
    double doubt = 0;  // about the weights: those of what the edges do not mend
    for (const double x : solve_lower(factor_, std::move(z))) {
        doubt += square(x);
    }
    const double rest_variance = variance_ * (1 - square(fade_left)) * (1 - square(fade_right)) / between;
    return {value, std::sqrt(rest_variance + variance_ * (1 - square(carry_)) * doubt)};
}

}  // namespace nuanshu::historian

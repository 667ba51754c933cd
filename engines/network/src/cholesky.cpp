#include "engines/network/src/cholesky.h"

#include <cmath>
#include <numeric>

namespace nuanshu::network {

std::optional<Cholesky> Cholesky::factor(std::vector<double> rows, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        double* row = rows.data() + i * count;
        for (std::size_t j = 0; j <= i; ++j) {
            const double* other = rows.data() + j * count;
            const double rest = row[j] - std::inner_product(row, row + j, other, 0.0);
            if (j < i) {
                row[j] = rest / other[j];
            } else if (rest > 0.0) {
                row[i] = std::sqrt(rest);
            } else {
                return std::nullopt;
            }
        }
    }
    return Cholesky(std::move(rows), count);
}

void Cholesky::solve_lower(std::span<double> b) const {
    for (std::size_t i = 0; i < count_; ++i) {
        const double* row = rows_.data() + i * count_;
        b[i] = (b[i] - std::inner_product(row, row + i, b.begin(), 0.0)) / row[i];
    }
}

void Cholesky::solve_upper(std::span<double> b) const {
    for (std::size_t i = count_; i-- > 0;) {
        const double* row = rows_.data() + i * count_;
        b[i] /= row[i];
        for (std::size_t j = 0; j < i; ++j) {
            b[j] -= row[j] * b[i];
        }
    }
}

std::vector<double> Cholesky::inverse_diagonal() const {
    std::vector<double> diagonal(count_);
    std::vector<double> unit(count_);
    for (std::size_t i = 0; i < count_; ++i) {
        unit.assign(count_, 0.0);
        unit[i] = 1.0;
        solve_lower(unit);
        diagonal[i] = std::inner_product(unit.begin(), unit.end(), unit.begin(), 0.0);
    }
    return diagonal;
}

}  // namespace nuanshu::network

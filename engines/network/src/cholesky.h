#pragma once

#include <optional>
#include <span>
#include <vector>

namespace nuanshu::network {

/// L·Lᵀ of a dense symmetric positive definite matrix of a few thousand rows at most.
class Cholesky {
 public:
    /// @param rows row by row; only the lower half is read
    /// @return nothing when it is not positive definite
    static std::optional<Cholesky> factor(std::vector<double> rows, std::size_t count);

    /// L x = b in place.
    void solve_lower(std::span<double> b) const;
    /// Lᵀ x = b in place.
    void solve_upper(std::span<double> b) const;
    void solve(std::span<double> b) const {
        solve_lower(b);
        solve_upper(b);
    }
    /// The diagonal of the inverse.
    std::vector<double> inverse_diagonal() const;
    std::size_t count() const { return count_; }

 private:
    Cholesky(std::vector<double> rows, std::size_t count) : rows_(std::move(rows)), count_(count) {}
    std::vector<double> rows_;
    std::size_t count_;
};

}  // namespace nuanshu::network

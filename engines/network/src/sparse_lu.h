#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

/// Sparse unsymmetric linear systems, by KLU (block triangular form, AMD; Davis and Palamadai Natarajan 2010).
namespace nuanshu::network {

/// Entries of a square matrix as they come; those of one place add up.
struct Triplets {
    std::vector<std::int32_t> rows, columns;
    std::vector<double> values;

    void add(std::int32_t row, std::int32_t column, double value) {
        rows.push_back(row);
        columns.push_back(column);
        values.push_back(value);
    }
};

/// A square matrix, factored once.
class SparseLu {
 public:
    SparseLu();
    ~SparseLu();
    SparseLu(const SparseLu&) = delete;
    SparseLu& operator=(const SparseLu&) = delete;

    /// @return false when it is singular
    bool factor(const Triplets& triplets, std::int32_t size);
    /// A x = b in place. @pre factored; both solves share work space, so that one thread at a time may call them
    void solve(std::span<double> b);
    /// Aᵀ x = b in place.
    void solve_transposed(std::span<double> b);

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace nuanshu::network

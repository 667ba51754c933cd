#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace nuanshu::network {

/// L·D·Lᵀ of symmetric positive definite matrices that share one sparse pattern: the conductances of a network.
///
/// analyse() orders the rows by approximate minimum degree (AMD, Amestoy, Davis and Duff 1996) and lays out L once.
/// Values are then added straight into L's storage, and factor() works in place, column by column (left-looking).
/// Networks are nearly planar and mostly trees, so that L stays about as sparse as the matrix.
class SparseLdl {
 public:
    using Edge = std::pair<std::int32_t, std::int32_t>;

    /// @param count rows; @param edges off-diagonal places, in any order, repeated ones allowed; both ends in 0 … count
    /// − 1 and different
    void analyse(std::int32_t count, std::span<const Edge> edges);

    /// Sets all values to zero.
    void clear();
    void add_diagonal(std::int32_t row, double value) {
        diagonal_[static_cast<std::size_t>(position_[row_at(row)])] += value;
    }
    /// Adds at edges[edge] of analyse().
    void add_edge(std::size_t edge, double value) { values_[static_cast<std::size_t>(edge_slot_[edge])] += value; }

    /// @return the first row whose pivot is not positive, or −1 when all is well
    std::int32_t factor();
    /// Replaces the right side by the solution. @pre factor() was well
    void solve(std::span<double> right_side);

    std::int32_t count() const { return static_cast<std::int32_t>(position_.size()); }
    std::size_t fill() const { return rows_.size(); }

 private:
    static std::size_t row_at(std::int32_t row) { return static_cast<std::size_t>(row); }
    void lay_out(std::span<const Edge> edges);
    void list_row_entries();
    std::int32_t slot_of(std::int32_t row, std::int32_t column) const;

    std::vector<std::int32_t> position_;      ///< of a row in the elimination order
    std::vector<std::int32_t> column_begin_;  ///< of L, strictly below the diagonal
    std::vector<std::int32_t> rows_;
    std::vector<double> values_;
    std::vector<double> diagonal_;
    std::vector<std::int32_t> edge_slot_;
    std::vector<std::int32_t> row_begin_;              ///< of the entries of each row of L …
    std::vector<std::int32_t> row_column_, row_slot_;  ///< … their columns, rising, and places in values_
    std::vector<double> work_;
};

}  // namespace nuanshu::network

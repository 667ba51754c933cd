#include "engines/network/src/sparse_ldl.h"

#include <algorithm>
#include <numeric>

#include <amd.h>

#include "base/check.h"

namespace nuanshu::network {
namespace {

using Index = std::int32_t;
using Edge = SparseLdl::Edge;

std::size_t at(Index index) {
    return static_cast<std::size_t>(index);
}

/// Both halves of a symmetric pattern as columns of row numbers; repeated edges stay repeated, which AMD takes.
struct Pattern {
    std::vector<Index> begin, rows;
};

Pattern symmetric_pattern(Index count, std::span<const Edge> edges) {
    Pattern pattern{std::vector<Index>(at(count) + 1), std::vector<Index>(2 * edges.size())};
    for (const auto& [a, b] : edges) {
        ++pattern.begin[at(a) + 1];
        ++pattern.begin[at(b) + 1];
    }
    std::partial_sum(pattern.begin.begin(), pattern.begin.end(), pattern.begin.begin());
    auto next = pattern.begin;
    for (const auto& [a, b] : edges) {
        pattern.rows[at(next[at(a)]++)] = b;
        pattern.rows[at(next[at(b)]++)] = a;
    }
    return pattern;
}

std::vector<Index> order_of(Index count, const Pattern& pattern) {
    std::vector<Index> order(at(count));
    if (pattern.rows.empty()) {  // nothing to order, and AMD takes no empty list
        std::iota(order.begin(), order.end(), 0);
        return order;
    }
    const auto status = amd_order(count, pattern.begin.data(), pattern.rows.data(), order.data(), nullptr, nullptr);
    NUANSHU_CHECK(status == AMD_OK || status == AMD_OK_BUT_JUMBLED, "AMD says {}", status);
    return order;
}

}  // namespace

void SparseLdl::analyse(Index count, std::span<const Edge> edges) {
    const auto order = order_of(count, symmetric_pattern(count, edges));
    position_.resize(at(count));
    for (Index i = 0; i < count; ++i) {
        position_[at(order[at(i)])] = i;
    }
    lay_out(edges);
    list_row_entries();
    edge_slot_.resize(edges.size());
    for (std::size_t i = 0; i < edges.size(); ++i) {
        const auto [low, high] = std::minmax(position_[at(edges[i].first)], position_[at(edges[i].second)]);
        edge_slot_[i] = slot_of(high, low);
    }
    diagonal_.resize(at(count));
    work_.assign(at(count), 0.0);
}

/// The pattern of L: a column has its own rows below the diagonal and those of the columns whose first row it is.
void SparseLdl::lay_out(std::span<const Edge> edges) {
    const auto count = position_.size();
    std::vector<Edge> below(edges.size());
    std::ranges::transform(edges, below.begin(), [&](const Edge& edge) {
        const auto [low, high] = std::minmax(position_[at(edge.first)], position_[at(edge.second)]);
        return Edge{low, high};
    });
    std::vector<Index> own_begin(count + 1), own(edges.size());
    for (const auto& edge : below) {
        ++own_begin[at(edge.first) + 1];
    }
    std::partial_sum(own_begin.begin(), own_begin.end(), own_begin.begin());
    auto next = own_begin;
    for (const auto& edge : below) {
        own[at(next[at(edge.first)]++)] = edge.second;
    }
    column_begin_.assign(count + 1, 0);
    rows_.clear();
    rows_.reserve(2 * edges.size());
    std::vector<Index> mark(count, -1), child(count, -1), sibling(count, -1);
    for (std::size_t column = 0; column < count; ++column) {
        const auto self = static_cast<Index>(column);
        const auto take = [&](Index row) {
            if (row != self && mark[at(row)] != self) {
                mark[at(row)] = self;
                rows_.push_back(row);
            }
        };
        std::for_each(own.begin() + own_begin[column], own.begin() + own_begin[column + 1], take);
        for (auto c = child[column]; c >= 0; c = sibling[at(c)]) {
            for (auto i = column_begin_[at(c)]; i < column_begin_[at(c) + 1]; ++i) {
                take(rows_[at(i)]);
            }
        }
        const auto first = rows_.begin() + column_begin_[column];
        std::sort(first, rows_.end());
        column_begin_[column + 1] = static_cast<Index>(rows_.size());
        if (first != rows_.end()) {
            sibling[column] = std::exchange(child[at(*first)], self);
        }
    }
    values_.resize(rows_.size());
}

void SparseLdl::list_row_entries() {
    row_begin_.assign(position_.size() + 1, 0);
    for (const auto row : rows_) {
        ++row_begin_[at(row) + 1];
    }
    std::partial_sum(row_begin_.begin(), row_begin_.end(), row_begin_.begin());
    row_column_.resize(rows_.size());
    row_slot_.resize(rows_.size());
    auto next = row_begin_;
    for (Index column = 0; column < count(); ++column) {
        for (auto slot = column_begin_[at(column)]; slot < column_begin_[at(column) + 1]; ++slot) {
            const auto place = at(next[at(rows_[at(slot)])]++);
            row_column_[place] = column;
            row_slot_[place] = slot;
        }
    }
}

Index SparseLdl::slot_of(Index row, Index column) const {
    const auto end = rows_.begin() + column_begin_[at(column) + 1];
    const auto found = std::lower_bound(rows_.begin() + column_begin_[at(column)], end, row);
    return static_cast<Index>(found - rows_.begin());
}

void SparseLdl::clear() {
    std::ranges::fill(values_, 0.0);
    std::ranges::fill(diagonal_, 0.0);
}

Index SparseLdl::factor() {
    for (std::size_t column = 0; column < position_.size(); ++column) {
        const auto begin = column_begin_[column], end = column_begin_[column + 1];
        for (auto slot = begin; slot < end; ++slot) {
            work_[at(rows_[at(slot)])] = values_[at(slot)];
        }
        double pivot = diagonal_[column];
        for (auto entry = row_begin_[column]; entry < row_begin_[column + 1]; ++entry) {
            const auto earlier = at(row_column_[at(entry)]);
            const auto slot = row_slot_[at(entry)];
            const double factor = values_[at(slot)] * diagonal_[earlier];
            pivot -= factor * values_[at(slot)];
            for (auto below = slot + 1; below < column_begin_[earlier + 1]; ++below) {
                work_[at(rows_[at(below)])] -= factor * values_[at(below)];
            }
        }
        if (!(pivot > 0.0)) {
            return static_cast<Index>(std::ranges::find(position_, static_cast<Index>(column)) - position_.begin());
        }
        diagonal_[column] = pivot;
        const double inverse = 1.0 / pivot;
        for (auto slot = begin; slot < end; ++slot) {
            values_[at(slot)] = work_[at(rows_[at(slot)])] * inverse;
        }
    }
    return -1;
}

void SparseLdl::solve(std::span<double> right_side) {
    for (std::size_t row = 0; row < position_.size(); ++row) {
        work_[at(position_[row])] = right_side[row];
    }
    for (std::size_t column = 0; column < position_.size(); ++column) {
        const double value = work_[column];
        for (auto slot = column_begin_[column]; slot < column_begin_[column + 1]; ++slot) {
            work_[at(rows_[at(slot)])] -= values_[at(slot)] * value;
        }
    }
    for (auto column = position_.size(); column-- > 0;) {
        double value = work_[column] / diagonal_[column];
        for (auto slot = column_begin_[column]; slot < column_begin_[column + 1]; ++slot) {
            value -= values_[at(slot)] * work_[at(rows_[at(slot)])];
        }
        work_[column] = value;
    }
    for (std::size_t row = 0; row < position_.size(); ++row) {
        right_side[row] = work_[at(position_[row])];
    }
}

}  // namespace nuanshu::network

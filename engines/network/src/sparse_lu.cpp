#include "engines/network/src/sparse_lu.h"

#include <numeric>

#include <klu.h>

#include "base/check.h"

namespace nuanshu::network {
namespace {

/// Column by column, rows rising, each place once: what KLU reads.
struct Columns {
    std::vector<std::int32_t> starts, rows;
    std::vector<double> values;
};

/// Stable sort by a key in linear time. @return positions in the new order
std::vector<std::int32_t> order_by(const std::vector<std::int32_t>& keys, const std::vector<std::int32_t>& before,
                                   std::int32_t key_count) {
    std::vector<std::int32_t> starts(static_cast<std::size_t>(key_count) + 1, 0);
    for (const auto key : keys) {
        ++starts[key + 1];
    }
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    std::vector<std::int32_t> order(before.size());
    for (const auto at : before) {
        order[starts[keys[at]]++] = at;
    }
    return order;
}

Columns compress(const Triplets& triplets, std::int32_t size) {
    std::vector<std::int32_t> order(triplets.values.size());
    std::iota(order.begin(), order.end(), 0);
    order = order_by(triplets.columns, order_by(triplets.rows, order, size), size);
    Columns columns{std::vector<std::int32_t>(static_cast<std::size_t>(size) + 1, 0), {}, {}};
    std::int32_t last_column = -1;
    for (const auto at : order) {
        const auto row = triplets.rows[at], column = triplets.columns[at];
        if (column == last_column && columns.rows.back() == row) {
            columns.values.back() += triplets.values[at];
            continue;
        }
        columns.rows.push_back(row);
        columns.values.push_back(triplets.values[at]);
        ++columns.starts[column + 1];
        last_column = column;
    }
    std::partial_sum(columns.starts.begin(), columns.starts.end(), columns.starts.begin());
    return columns;
}

}  // namespace

struct SparseLu::State {
    State() { klu_defaults(&common); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { release(); }

    void release() {
        klu_free_numeric(&numeric, &common);
        klu_free_symbolic(&symbolic, &common);
    }

    klu_common common{};
    klu_symbolic* symbolic = nullptr;
    klu_numeric* numeric = nullptr;
    std::int32_t size = 0;
};

SparseLu::SparseLu() : state_(std::make_unique<State>()) {}
SparseLu::~SparseLu() = default;

bool SparseLu::factor(const Triplets& triplets, std::int32_t size) {
    auto& s = *state_;
    s.release();
    s.size = size;
    auto columns = compress(triplets, size);
    s.symbolic = klu_analyze(size, columns.starts.data(), columns.rows.data(), &s.common);
    if (s.symbolic != nullptr) {
        s.numeric =
            klu_factor(columns.starts.data(), columns.rows.data(), columns.values.data(), s.symbolic, &s.common);
    }
    return s.numeric != nullptr && s.common.status == KLU_OK;
}

void SparseLu::solve(std::span<double> b) {
    auto& s = *state_;
    NUANSHU_CHECK(b.size() == static_cast<std::size_t>(s.size), "{} values for {} unknowns", b.size(), s.size);
    klu_solve(s.symbolic, s.numeric, s.size, 1, b.data(), &s.common);
}

void SparseLu::solve_transposed(std::span<double> b) {
    auto& s = *state_;
    NUANSHU_CHECK(b.size() == static_cast<std::size_t>(s.size), "{} values for {} unknowns", b.size(), s.size);
    klu_tsolve(s.symbolic, s.numeric, s.size, 1, b.data(), &s.common);
}

}  // namespace nuanshu::network

#include "platform/historian/src/filling.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "platform/historian/src/gap_regression.h"
#include "platform/historian/src/meters.h"

namespace nuanshu::historian {
namespace {

class ColumnFilling {
 public:
    ColumnFilling(std::span<const std::int64_t> starts_ms, std::span<const double> column,
                  std::span<const std::span<const double>> predictors, const Filling& filling)
        : starts_ms_(starts_ms), column_(column), predictors_(predictors), filling_(filling) {
        filled_.values.assign(column.begin(), column.end());
        filled_.estimated.assign(column.size(), 0);
        filled_.error.assign(column.size(), none);
    }

    FilledColumn run() {
        for (std::size_t row = 0; row < column_.size();) {
            if (!std::isnan(column_[row])) {
                ++row;
                continue;
            }
            const Gap gap{row, end_of_gap(row), column_.size()};
            fill(gap);
            row = gap.end;
        }
        return std::move(filled_);
    }

 private:
    std::size_t end_of_gap(std::size_t row) const {
        while (row < column_.size() && std::isnan(column_[row])) {
            ++row;
        }
        return row;
    }

    void fill(const Gap& gap) {
        switch (filling_.method) {
            case Filling::Method::none:
                return;
            case Filling::Method::previous:
                return fill_by_previous(gap);
            case Filling::Method::linear:
                return fill_linearly(gap);
            case Filling::Method::regression:
                return fill_by_regression(gap);
        }
    }

    bool near_enough(std::size_t from, std::size_t to) const {
        return filling_.gap_max_ms == 0 || starts_ms_[to] - starts_ms_[from] <= filling_.gap_max_ms;
    }

    void put(std::size_t row, double value, double error) {
        filled_.values[row] = value;
        filled_.error[row] = error;
        filled_.estimated[row] = 1;
    }

    void fill_by_previous(const Gap& gap) {
        if (!gap.has_left()) {
            return;
        }
        for (std::size_t row = gap.begin; row < gap.end && near_enough(gap.left(), row); ++row) {
            put(row, column_[gap.left()], none);
        }
    }

    void fill_linearly(const Gap& gap) {
        if (!gap.has_left() || !gap.has_right() || !near_enough(gap.left(), gap.right())) {
            return;
        }
        const double length_ms = static_cast<double>(starts_ms_[gap.right()] - starts_ms_[gap.left()]);
        const double rise = column_[gap.right()] - column_[gap.left()];
        for (std::size_t row = gap.begin; row < gap.end; ++row) {
            const double share = static_cast<double>(starts_ms_[row] - starts_ms_[gap.left()]) / length_ms;
            put(row, column_[gap.left()] + share * rise, none);
        }
    }

    /// A gap open to one side is as long as to the row in question.
    bool may_estimate(const Gap& gap, std::size_t row) const {
        if (gap.has_left() && gap.has_right()) {
            return near_enough(gap.left(), gap.right());
        }
        return gap.has_left() ? near_enough(gap.left(), row) : gap.has_right() && near_enough(row, gap.right());
    }

    void fill_by_regression(const Gap& gap) {
        fill_linearly(gap);
        const GapRegression regression(starts_ms_, column_, predictors_, filling_);
        for (const auto& estimate : regression.estimate(gap)) {
            if (may_estimate(gap, estimate.row)) {
                put(estimate.row, estimate.value, estimate.error);
            }
        }
    }

    std::span<const std::int64_t> starts_ms_;
    std::span<const double> column_;
    std::span<const std::span<const double>> predictors_;
    const Filling& filling_;
    FilledColumn filled_;
};

}  // namespace

FilledColumn fill_column(std::span<const std::int64_t> starts_ms, std::span<const double> column,
                         std::span<const std::span<const double>> predictors, const Filling& filling) {
    return ColumnFilling(starts_ms, column, predictors, filling).run();
}

}  // namespace nuanshu::historian

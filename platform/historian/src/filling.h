#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "platform/historian/query.h"

namespace nuanshu::historian {

/// What filling a column gave, a row each.
struct FilledColumn {
    std::vector<double> values;
    std::vector<std::uint8_t> estimated;  ///< 1 where the value is a filling's
    std::vector<double> error;            ///< standard error; NaN where the method gives none
};

/// Fills the rows of `column` that are NaN, as `filling` says.
/// @param starts_ms   of the rows, rising
/// @param predictors  columns of the same length; used by the regression only
FilledColumn fill_column(std::span<const std::int64_t> starts_ms, std::span<const double> column,
                         std::span<const std::span<const double>> predictors, const Filling& filling);

}  // namespace nuanshu::historian

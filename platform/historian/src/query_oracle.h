#pragma once

#include <vector>

#include "platform/historian/query.h"

namespace nuanshu::historian::test {

/// The figures of windows worked out in the plainest way from all samples of a point, straight from the words in
/// query.h.
class Oracle {
 public:
    Oracle(std::vector<StoredSample> samples, bool good_only, std::int64_t hold_max_ms, std::int64_t now_ms);

    double figure(const Aggregation& aggregation, std::int64_t from_ms, std::int64_t to_ms) const;

 private:
    double covered(std::size_t i, std::int64_t from_ms, std::int64_t to_ms) const;
    std::vector<StoredSample> usable(std::int64_t from_ms, std::int64_t to_ms) const;
    double percentile(double percent, std::vector<StoredSample> inside) const;
    double delta(std::int64_t from_ms, std::int64_t to_ms, bool per_second) const;
    double changes(std::int64_t from_ms, std::int64_t to_ms) const;
    double as_of(std::int64_t time_ms) const;
    double interpolated(std::int64_t time_ms) const;

    std::vector<StoredSample> samples_;  ///< the value of a bad one is NaN
    std::int64_t hold_max_ms_, now_ms_;
};

}  // namespace nuanshu::historian::test

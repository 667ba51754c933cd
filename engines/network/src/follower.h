#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace nuanshu::network {

/// Numbers that are put into a calculation, and the same numbers as the calculation finds them, brought together round
/// by round.
///
/// Each goes towards what was found by a stride of its own: Aitken's, from how its miss changed since the last round.
/// Numbers that follow each other closely need two or three rounds; those that swing or creep settle too.
class Follower {
 public:
    void begin(std::size_t count) {
        miss_.assign(count, 0.0);
        stride_.assign(count, 1.0);
    }
    std::size_t size() const { return miss_.size(); }

    /// Moves `used` towards `found`. @return how far it was
    double follow(std::size_t number, double found, double& used) {
        const double miss = found - used;
        const double before = miss_[number];
        miss_[number] = miss;
        if (before != 0.0 && before != miss) {
            const double wanted = stride_[number] * before / (before - miss);
            stride_[number] = wanted > 0.0 ? std::clamp(wanted, stride_min, stride_max) : 1.0;
        }
        used += stride_[number] * miss;
        return std::fabs(miss);
    }

 private:
    static constexpr double stride_min = 0.02, stride_max = 3.0;
    std::vector<double> miss_, stride_;
};

}  // namespace nuanshu::network

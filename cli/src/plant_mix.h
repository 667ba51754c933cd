#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace nuanshu::cli {

/// One point of a plant as the historian's measures have it; by its number a temperature that walks in steps of 0.1, a
/// noisy pressure of nine digits, a flow in steps of 0.01, a heat counter in 0.001 GJ, or an on/off state: a fifth of
/// the points each. The same number gives the same values.
class PlantPoint {
 public:
    explicit PlantPoint(std::size_t number) : kind_(number % 5), random_(number + 1) {}

    double next();

    static constexpr std::int64_t first_ms = 1'700'000'000'000;
    static constexpr std::int64_t period_ms = 10'000;
    /// "xc.s01.n1.h0042/pressure".
    static std::string code(std::size_t number);

 private:
    std::int64_t step(std::int64_t most);

    std::size_t kind_;
    std::mt19937_64 random_;
    std::normal_distribution<double> noise_;
    std::int64_t level_ = 4'500;
    std::uint64_t state_ = 0;
};

}  // namespace nuanshu::cli

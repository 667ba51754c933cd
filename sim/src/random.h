#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

namespace nuanshu::sim {

/// SplitMix64's finaliser (Steele, Lea, Flood 2014): a good hash of one word.
constexpr std::uint64_t mix(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    return mix(mix(a) ^ b);
}
constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    return mix(mix(a, b), c);
}

/// A number in [0, 1) that depends on nothing but its key: noise that can be asked for at any time, in any order.
constexpr double unit_from(std::uint64_t key) {
    return static_cast<double>(mix(key) >> 11) * 0x1.0p-53;
}

/// Normal with mean 0 and deviation 1 from a key (Box–Muller).
inline double normal_from(std::uint64_t key) {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - unit_from(key)));
    return radius * std::cos(2.0 * std::numbers::pi * unit_from(~key));
}

/// A sequence of numbers for building things; the same on every machine, which std's distributions are not.
class Random {
 public:
    explicit Random(std::uint64_t seed) : state_(mix(seed)) {}

    double unit() { return unit_from(++state_); }
    double between(double low, double high) { return low + (high - low) * unit(); }
    /// low … high, both included.
    int whole(int low, int high) { return low + static_cast<int>(unit() * (high - low + 1)); }
    bool chance(double probability) { return unit() < probability; }
    double normal(double mean, double deviation) { return mean + deviation * normal_from(mix(++state_)); }

 private:
    std::uint64_t state_;
};

}  // namespace nuanshu::sim

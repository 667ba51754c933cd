#pragma once

#include <cstdint>
#include <vector>

/// The streets of a generated city: a grid of corners, and the tree of shortest ways from the sources along it.
namespace nuanshu::network {

/// A stream of numbers that is the same on every machine (SplitMix64).
class Dice {
 public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}
    double between(double low, double high) { return low + (high - low) * unit(); }
    /// 0 … count − 1
    std::int32_t below(std::int32_t count);

 private:
    double unit();
    std::uint64_t next();
    std::uint64_t state_;
};

struct Corner {
    double x_m = 0.0, y_m = 0.0;
    std::int32_t parent = -1;  ///< the corner before it on the way from its source; -1: a source stands here
    std::int32_t source = 0;   ///< whose part of the city
    double way_m = 0.0;        ///< along the streets from the source
    double length_m = 0.0;     ///< of the street to the parent
};

/// A street that the tree does not use.
struct SpareStreet {
    std::int32_t a = 0, b = 0;
    double length_m = 0.0;
};

struct Streets {
    std::vector<Corner> corners;
    std::vector<std::int32_t> outward;  ///< all corners, each after its parent
    std::vector<SpareStreet> spare;
};

struct StreetSettings {
    std::int32_t corners = 1;
    std::int32_t sources = 1;
    double spacing_m = 100.0;
};

Streets lay_streets(const StreetSettings& settings, Dice& dice);

}  // namespace nuanshu::network

#include "engines/network/src/streets.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <queue>

namespace nuanshu::network {

std::uint64_t Dice::next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

double Dice::unit() {
    return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

std::int32_t Dice::below(std::int32_t count) {
    return std::min(count - 1, static_cast<std::int32_t>(unit() * static_cast<double>(count)));
}

namespace {

std::size_t at(std::int32_t index) {
    return static_cast<std::size_t>(index);
}

class Builder {
 public:
    Builder(const StreetSettings& settings, Dice& dice) : settings_(settings), dice_(dice) {
        width_ = static_cast<std::int32_t>(std::ceil(std::sqrt(static_cast<double>(settings.corners))));
    }

    Streets build() {
        place_corners();
        measure_streets();
        walk_from_sources();
        gather_spare();
        return std::move(streets_);
    }

 private:
    void place_corners() {
        streets_.corners.resize(at(settings_.corners));
        for (std::int32_t i = 0; i < settings_.corners; ++i) {
            auto& corner = streets_.corners[at(i)];
            corner.x_m = (i % width_ + dice_.between(-0.2, 0.2)) * settings_.spacing_m;
            corner.y_m = (i / width_ + dice_.between(-0.2, 0.2)) * settings_.spacing_m;
        }
    }

    double distance_m(std::int32_t a, std::int32_t b) const {
        const auto& from = streets_.corners[at(a)];
        const auto& to = streets_.corners[at(b)];
        return std::hypot(from.x_m - to.x_m, from.y_m - to.y_m);
    }

    /// Each corner has a street to its right and one upward, a bit longer than the straight line.
    void measure_streets() {
        right_m_.assign(at(settings_.corners), 0.0);
        up_m_.assign(at(settings_.corners), 0.0);
        for (std::int32_t i = 0; i < settings_.corners; ++i) {
            if ((i + 1) % width_ != 0 && i + 1 < settings_.corners) {
                right_m_[at(i)] = distance_m(i, i + 1) * dice_.between(1.0, 1.15);
            }
            if (i + width_ < settings_.corners) {
                up_m_[at(i)] = distance_m(i, i + width_) * dice_.between(1.0, 1.15);
            }
        }
    }

    template <class Visit>
    void each_neighbour(std::int32_t i, const Visit& visit) const {
        if (right_m_[at(i)] > 0.0) {
            visit(i + 1, right_m_[at(i)]);
        }
        if (up_m_[at(i)] > 0.0) {
            visit(i + width_, up_m_[at(i)]);
        }
        if (i % width_ != 0) {
            visit(i - 1, right_m_[at(i - 1)]);
        }
        if (i >= width_) {
            visit(i - width_, up_m_[at(i - width_)]);
        }
    }

    /// The first source in the middle, the others each at the one of some random corners that is farthest from the
    /// rest.
    std::vector<std::int32_t> place_sources() {
        const auto rows = (settings_.corners + width_ - 1) / width_;
        std::vector<std::int32_t> places = {std::min(settings_.corners - 1, rows / 2 * width_ + width_ / 2)};
        while (places.size() < at(std::min(settings_.sources, settings_.corners))) {
            std::int32_t best = -1;
            double best_m = -1.0;
            for (int candidate = 0; candidate < 30; ++candidate) {
                const auto corner = dice_.below(settings_.corners);
                double nearest_m = std::numeric_limits<double>::max();
                for (const auto place : places) {
                    nearest_m = std::min(nearest_m, distance_m(corner, place));
                }
                if (nearest_m > best_m) {
                    best_m = nearest_m;
                    best = corner;
                }
            }
            if (best_m <= 0.0) {
                break;
            }
            places.push_back(best);
        }
        return places;
    }

    /// Dijkstra's shortest ways from all sources at once.
    void walk_from_sources() {
        using Step = std::pair<double, std::int32_t>;
        std::priority_queue<Step, std::vector<Step>, std::greater<>> front;
        for (auto& corner : streets_.corners) {
            corner.way_m = std::numeric_limits<double>::max();
        }
        const auto places = place_sources();
        for (std::size_t source = 0; source < places.size(); ++source) {
            auto& corner = streets_.corners[at(places[source])];
            corner.way_m = 0.0;
            corner.source = static_cast<std::int32_t>(source);
            front.emplace(0.0, places[source]);
        }
        while (!front.empty()) {
            const auto [way_m, i] = front.top();
            front.pop();
            if (way_m > streets_.corners[at(i)].way_m) {
                continue;
            }
            streets_.outward.push_back(i);
            each_neighbour(i, [&, from = i, so_far_m = way_m](std::int32_t next, double length_m) {
                auto& corner = streets_.corners[at(next)];
                if (so_far_m + length_m < corner.way_m) {
                    corner.way_m = so_far_m + length_m;
                    corner.length_m = length_m;
                    corner.parent = from;
                    corner.source = streets_.corners[at(from)].source;
                    front.emplace(corner.way_m, next);
                }
            });
        }
    }

    void gather_spare() {
        for (std::int32_t i = 0; i < settings_.corners; ++i) {
            each_neighbour(i, [&](std::int32_t next, double length_m) {
                const bool used = streets_.corners[at(i)].parent == next || streets_.corners[at(next)].parent == i;
                if (next > i && !used) {
                    streets_.spare.push_back({i, next, length_m});
                }
            });
        }
    }

    StreetSettings settings_;
    Dice& dice_;
    std::int32_t width_ = 1;
    std::vector<double> right_m_, up_m_;
    Streets streets_;
};

}  // namespace

Streets lay_streets(const StreetSettings& settings, Dice& dice) {
    return Builder(settings, dice).build();
}

}  // namespace nuanshu::network

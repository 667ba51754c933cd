#include "engines/network/src/geojson_lines.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

namespace nuanshu::network {
namespace {

std::uint64_t key_of(std::int64_t column, std::int64_t row) {
    return static_cast<std::uint64_t>(column) * 0x9E3779B97F4A7C15ULL ^ static_cast<std::uint64_t>(row);
}

struct Segment {
    std::int32_t line = 0;
    MapPoint a, b;
};

MapPoint between(MapPoint a, MapPoint b, double share) {
    return {a.x_m + (b.x_m - a.x_m) * share, a.y_m + (b.y_m - a.y_m) * share};
}

MapPoint nearest_on(const Segment& segment, MapPoint point) {
    const double dx = segment.b.x_m - segment.a.x_m, dy = segment.b.y_m - segment.a.y_m;
    const double square = dx * dx + dy * dy;
    const double share =
        square > 0.0 ? ((point.x_m - segment.a.x_m) * dx + (point.y_m - segment.a.y_m) * dy) / square : 0.0;
    return between(segment.a, segment.b, std::clamp(share, 0.0, 1.0));
}

std::optional<MapPoint> crossing_of(const Segment& s, const Segment& t) {
    const double sx = s.b.x_m - s.a.x_m, sy = s.b.y_m - s.a.y_m;
    const double tx = t.b.x_m - t.a.x_m, ty = t.b.y_m - t.a.y_m;
    const double area = sx * ty - sy * tx;
    if (std::abs(area) <= 1e-12 * std::hypot(sx, sy) * std::hypot(tx, ty)) {
        return std::nullopt;
    }
    const double dx = t.a.x_m - s.a.x_m, dy = t.a.y_m - s.a.y_m;
    const double along_s = (dx * ty - dy * tx) / area, along_t = (dx * sy - dy * sx) / area;
    const bool inside = along_s >= 0.0 && along_s <= 1.0 && along_t >= 0.0 && along_t <= 1.0;
    return inside ? std::optional(between(s.a, s.b, along_s)) : std::nullopt;
}

bool near_an_end(const MapLine& line, MapPoint point, double reach_m) {
    return distance_m(line.points.front(), point) <= reach_m || distance_m(line.points.back(), point) <= reach_m;
}

class Finder {
 public:
    Finder(std::span<const MapLine> lines, double reach_m) : lines_(lines), reach_m_(reach_m) {
        double length_m = 0.0;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            for (std::size_t k = 1; k < lines[i].points.size(); ++k) {
                segments_.push_back({static_cast<std::int32_t>(i), lines[i].points[k - 1], lines[i].points[k]});
                length_m += distance_m(segments_.back().a, segments_.back().b);
            }
        }
        cell_m_ =
            std::max({length_m / static_cast<double>(std::max<std::size_t>(segments_.size(), 1)), 4 * reach_m, 1e-3});
    }

    std::vector<Meeting> find() {
        for (std::size_t i = 0; i < segments_.size(); ++i) {
            visit_cells(static_cast<std::int32_t>(i));
        }
        return std::move(found_);
    }

 private:
    void visit_cells(std::int32_t number) {
        const auto& segment = segments_[static_cast<std::size_t>(number)];
        const auto cell = [&](double value) { return static_cast<std::int64_t>(std::floor(value / cell_m_)); };
        const auto left = cell(std::min(segment.a.x_m, segment.b.x_m) - reach_m_);
        const auto right = cell(std::max(segment.a.x_m, segment.b.x_m) + reach_m_);
        const auto low = cell(std::min(segment.a.y_m, segment.b.y_m) - reach_m_);
        const auto high = cell(std::max(segment.a.y_m, segment.b.y_m) + reach_m_);
        constexpr std::int64_t cells_max = 100;
        for (auto column = left; column <= std::min(right, left + cells_max); ++column) {
            for (auto row = low; row <= std::min(high, low + cells_max); ++row) {
                auto& others = cells_[key_of(column, row)];
                for (const auto other : others) {
                    compare(other, number);
                }
                others.push_back(number);
            }
        }
    }

    void compare(std::int32_t a, std::int32_t b) {
        const auto& first = segments_[static_cast<std::size_t>(a)];
        const auto& second = segments_[static_cast<std::size_t>(b)];
        if (first.line == second.line || !compared_.insert({a, b}).second) {
            return;
        }
        add_touching(first, second);
        add_touching(second, first);
        const auto place = crossing_of(first, second);
        if (place && !near_an_end(line(first), *place, reach_m_) && !near_an_end(line(second), *place, reach_m_)) {
            found_.push_back({first.line, second.line, *place, false});
        }
    }
    /// An end of the other line that lies on this segment, away from the ends of its line.
    void add_touching(const Segment& segment, const Segment& other) {
        const auto& points = line(other).points;
        for (const auto end : {points.front(), points.back()}) {
            const bool is_here = distance_m(end, other.a) == 0.0 || distance_m(end, other.b) == 0.0;
            const auto place = nearest_on(segment, end);
            if (is_here && distance_m(place, end) <= reach_m_ && !near_an_end(line(segment), end, reach_m_)) {
                found_.push_back({segment.line, other.line, place, true});
            }
        }
    }
    const MapLine& line(const Segment& segment) const { return lines_[static_cast<std::size_t>(segment.line)]; }

    std::span<const MapLine> lines_;
    double reach_m_, cell_m_ = 1.0;
    std::vector<Segment> segments_;
    std::unordered_map<std::uint64_t, std::vector<std::int32_t>> cells_;
    std::set<std::pair<std::int32_t, std::int32_t>> compared_;
    std::vector<Meeting> found_;
};

struct Cut {
    std::size_t segment = 0;
    double share = 0.0;
    MapPoint place;
};

Cut cut_of(const MapLine& line, MapPoint place) {
    Cut best;
    double best_m = -1.0;
    for (std::size_t k = 1; k < line.points.size(); ++k) {
        const Segment segment{0, line.points[k - 1], line.points[k]};
        const auto nearest = nearest_on(segment, place);
        const double away_m = distance_m(nearest, place);
        if (best_m < 0.0 || away_m < best_m) {
            best_m = away_m;
            const double whole_m = distance_m(segment.a, segment.b);
            best = {k - 1, whole_m > 0.0 ? distance_m(segment.a, nearest) / whole_m : 0.0, place};
        }
    }
    return best;
}

void add_part(std::vector<MapLine>& parts, MapLine part) {
    if (part.points.size() >= 2) {
        parts.push_back(std::move(part));
    }
}

}  // namespace

double distance_m(MapPoint a, MapPoint b) {
    return std::hypot(a.x_m - b.x_m, a.y_m - b.y_m);
}

double MapLine::length_m() const {
    double sum_m = 0.0;
    for (std::size_t k = 1; k < points.size(); ++k) {
        sum_m += distance_m(points[k - 1], points[k]);
    }
    return sum_m;
}

Joints::Joints(double snap_m) : snap_m_(snap_m), cell_m_(std::max(snap_m, 1e-6)) {}

std::uint64_t Joints::cell_of(MapPoint point, int right, int up) const {
    return key_of(static_cast<std::int64_t>(std::floor(point.x_m / cell_m_)) + right,
                  static_cast<std::int64_t>(std::floor(point.y_m / cell_m_)) + up);
}

std::int32_t Joints::find(MapPoint point) const {
    std::int32_t best = -1;
    for (int right = -1; right <= 1; ++right) {
        for (int up = -1; up <= 1; ++up) {
            const auto [begin, end] = cells_.equal_range(cell_of(point, right, up));
            for (auto at = begin; at != end; ++at) {
                const double away_m = distance_m(places_[static_cast<std::size_t>(at->second)], point);
                const bool nearer = best < 0 || away_m < distance_m(places_[static_cast<std::size_t>(best)], point);
                best = away_m <= snap_m_ && nearer ? at->second : best;
            }
        }
    }
    return best;
}

std::int32_t Joints::at(MapPoint point) {
    if (const auto known = find(point); known >= 0) {
        return known;
    }
    places_.push_back(point);
    const auto joint = static_cast<std::int32_t>(places_.size() - 1);
    cells_.emplace(cell_of(point, 0, 0), joint);
    return joint;
}

std::vector<Meeting> meetings_of(std::span<const MapLine> lines, double reach_m) {
    return Finder(lines, reach_m).find();
}

std::vector<MapLine> split_at(std::span<const MapLine> lines, std::span<const Meeting> meetings, double snap_m) {
    std::map<std::int32_t, std::vector<Cut>> cuts;
    const auto add = [&](std::int32_t line, MapPoint place) {
        cuts[line].push_back(cut_of(lines[static_cast<std::size_t>(line)], place));
    };
    for (const auto& meeting : meetings) {
        add(meeting.first, meeting.place);
        if (!meeting.touching) {
            add(meeting.second, meeting.place);
        }
    }
    std::vector<MapLine> parts;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        auto& here = cuts[static_cast<std::int32_t>(i)];
        std::sort(here.begin(), here.end(), [](const Cut& a, const Cut& b) {
            return std::pair(a.segment, a.share) < std::pair(b.segment, b.share);
        });
        MapLine part{{lines[i].points.front()}, lines[i].feature};
        std::size_t next = 1;
        for (const auto& cut : here) {
            while (next <= cut.segment) {
                part.points.push_back(lines[i].points[next++]);
            }
            if (distance_m(part.points.back(), cut.place) > snap_m || part.points.size() > 1) {
                part.points.push_back(cut.place);
                add_part(parts, std::move(part));
                part = {{cut.place}, lines[i].feature};
            }
        }
        part.points.insert(part.points.end(), lines[i].points.begin() + static_cast<std::ptrdiff_t>(next),
                           lines[i].points.end());
        add_part(parts, std::move(part));
    }
    return parts;
}

}  // namespace nuanshu::network

#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

/// Plane geometry of a map's lines: joining ends, finding what crosses or nearly touches.
namespace nuanshu::network {

struct MapPoint {
    double x_m = 0.0, y_m = 0.0;
};
double distance_m(MapPoint a, MapPoint b);

struct MapLine {
    std::vector<MapPoint> points;
    std::int32_t feature = 0;  ///< which feature of the file it came from
    double length_m() const;
};

/// Points nearer than `snap_m` to one another become one; each keeps the place of the first.
class Joints {
 public:
    explicit Joints(double snap_m);
    std::int32_t at(MapPoint point);
    /// The joint within the snapping distance, or −1.
    std::int32_t find(MapPoint point) const;
    std::span<const MapPoint> places() const { return places_; }

 private:
    std::uint64_t cell_of(MapPoint point, int right, int up) const;

    double snap_m_, cell_m_;
    std::vector<MapPoint> places_;
    std::unordered_multimap<std::uint64_t, std::int32_t> cells_;
};

/// Two lines that meet away from an end of the first: they cross, or an end of `second` touches `first`.
struct Meeting {
    std::int32_t first = 0, second = 0;
    MapPoint place;
    bool touching = false;
};

/// All meetings of different lines within `reach_m`. Segments are sorted into a grid, so that a city's lines take
/// seconds; a segment lies in at most 10 000 cells.
std::vector<Meeting> meetings_of(std::span<const MapLine> lines, double reach_m);

/// The lines, cut where they meet.
std::vector<MapLine> split_at(std::span<const MapLine> lines, std::span<const Meeting> meetings, double snap_m);

}  // namespace nuanshu::network

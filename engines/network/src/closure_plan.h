#pragma once

#include <span>
#include <string>
#include <vector>

#include "engines/network/isolate.h"
#include "engines/network/src/service.h"

/// From "these segments are the leak's side" to a plan that people can work by.
namespace nuanshu::network {

/// What leaks, and the segments that no turning gate parts from it.
struct LeakSite {
    std::vector<NodeIndex> nodes;
    std::vector<SegmentIndex> segments;
};

class ClosurePlans {
 public:
    /// Keeps references to all of them.
    /// @param wet  by segment: water comes from here
    ClosurePlans(const Network& network, const Graph& graph, const Segments& segments, std::span<const char> wet);

    std::vector<SegmentIndex> flooded_segments(std::span<const NodeIndex> nodes, std::span<const char> turns) const;

    /// "node n1 holds the pressure, pipe p1, pipe p2": from the nearest water to the leak where nothing turns between.
    std::string describe_way(std::span<const NodeIndex> nodes, std::span<const char> turns) const;

    /// @param side  by segment: the leak's side; every gate out of it is shut
    ClosurePlan fill(const LeakSite& site, std::span<const char> side) const;

 private:
    bool is_in(std::span<const char> side, NodeIndex node) const { return side[segments_.of(node)] != 0; }
    std::vector<double> distances_within(std::span<const char> side, std::span<const NodeIndex> from) const;
    void list_steps(const LeakSite& site, std::span<const char> side, ClosurePlan& plan) const;
    void list_zone(std::span<const char> side, ClosurePlan& plan) const;
    void list_keep_shut(std::span<const char> side, ClosurePlan& plan) const;
    void list_cut_off(std::span<const char> side, ClosurePlan& plan) const;
    std::vector<char> watered(std::span<const char> side) const;
    void list_water_savers(const LeakSite& site, std::span<const char> side, ClosurePlan& plan) const;

    const Network& network_;
    const Graph& graph_;
    const Segments& segments_;
    std::span<const char> wet_;
    std::vector<char> watered_;  ///< by segment, as things are
    Service service_;
    Served served_;                        ///< as things are
    std::vector<GateIndex> gate_of_link_;  ///< −1: not a gate
    std::vector<double> volume_m3_;        ///< of each segment's pipes
};

}  // namespace nuanshu::network

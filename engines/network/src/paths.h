#pragma once

#include <functional>
#include <span>
#include <vector>

#include "engines/network/src/graph.h"

namespace nuanshu::network {

/// One node on a way, and the link it was reached through; −1 at the beginning.
struct PathStep {
    NodeIndex node = 0;
    LinkIndex through = -1;
    double distance_m = 0.0;
};

using Path = std::vector<PathStep>;

/// Length of a link along the way: pipes have one.
double path_length_m(const Network& network, const GraphLink& link);

/// The shortest way from any of `from` to the first node that `arrived` accepts, over links that `passes` accepts;
/// empty when there is none. Dijkstra's.
Path shortest_path(const Network& network, const Graph& graph, std::span<const NodeIndex> from,
                   const std::function<bool(NodeIndex)>& arrived, const std::function<bool(const GraphLink&)>& passes);

/// The same way walked from its end.
Path reversed(const Path& path);

/// Open, and neither source nor consumer nor tank: a way over such links stays on its side of the network.
bool stays_on_side(const GraphLink& link);

}  // namespace nuanshu::network

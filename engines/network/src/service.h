#pragma once

#include <vector>

#include "engines/network/src/segments.h"

/// Who can be supplied: a consumer whose supply end hangs on a running source's outlet, or on a node that water enters,
/// and whose return end hangs on a source's inlet or a node that water leaves, both without passing through another
/// consumer; a node's demand, wherever water comes from.
namespace nuanshu::network {

/// Whether each consumer and each node's demand is served, by position.
struct Served {
    std::vector<char> consumers;
    std::vector<char> demands;
};

class Service {
 public:
    Service(const Network& network, const Graph& graph);

    /// @param zone  by node: drained, so that nothing passes; empty: no zone
    Served served(std::span<const char> zone) const;

 private:
    std::vector<char> reach_from(std::span<const NodeIndex> ends, std::span<const char> dry) const;

    const Network& network_;
    Segments segments_;  ///< consumers and sources separate
    std::vector<NodeIndex> supply_ends_, return_ends_, water_ends_;
};

}  // namespace nuanshu::network

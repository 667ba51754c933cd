#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "engines/network/network.h"

/// The network as a graph: every element between two nodes is a link, whatever its kind.
namespace nuanshu::network {

using LinkIndex = std::int32_t;

struct GraphLink {
    NodeIndex from = 0, to = 0;
    Element element;
    bool open = true;  ///< water may pass: not shut, and not standing still if a pump
};

/// A link as seen from one of its nodes.
struct Neighbour {
    LinkIndex link = 0;
    NodeIndex node = 0;  ///< the other end
};

/// All links of a network and, for each node, those that end there. Built in linear time; owns what it holds.
///
/// Links are numbered kind by kind: pipes, pumps, valves, sources, consumers, tanks, each in the network's order.
class Graph {
 public:
    explicit Graph(const Network& network);

    std::int32_t node_count() const { return static_cast<std::int32_t>(starts_.size()) - 1; }
    std::int32_t link_count() const { return static_cast<std::int32_t>(links_.size()); }
    const GraphLink& link(LinkIndex at) const { return links_[at]; }
    std::span<const GraphLink> links() const { return links_; }
    std::span<const Neighbour> around(NodeIndex node) const;
    /// The link of a pipe, pump, valve, source, consumer or tank. @pre the element is one of these
    LinkIndex link_of(Element element) const { return first_[static_cast<std::size_t>(element.kind)] + element.index; }

 private:
    void add_neighbours();

    std::vector<GraphLink> links_;
    std::array<LinkIndex, 8> first_{};  ///< by kind
    std::vector<std::int32_t> starts_;
    std::vector<Neighbour> neighbours_;
};

}  // namespace nuanshu::network

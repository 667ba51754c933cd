#include "engines/network/src/segments.h"

#include <numeric>

namespace nuanshu::network {
namespace {

/// Root of a node's tree, flattening the way there.
NodeIndex root_of(std::vector<NodeIndex>& parents, NodeIndex node) {
    while (parents[node] != node) {
        parents[node] = parents[parents[node]];
        node = parents[node];
    }
    return node;
}

/// Replaces each node's tree by a number from 0, in order of first appearance.
std::int32_t number_trees(std::vector<NodeIndex>& parents) {
    std::vector<SegmentIndex> numbers(parents.size(), -1);
    std::int32_t count = 0;
    std::vector<SegmentIndex> of_node(parents.size());
    for (NodeIndex node = 0; node < static_cast<NodeIndex>(parents.size()); ++node) {
        auto& number = numbers[root_of(parents, node)];
        number = number < 0 ? count++ : number;
        of_node[node] = number;
    }
    parents = std::move(of_node);
    return count;
}

}  // namespace

Segments::Segments(const Graph& graph, const std::function<Passage(const GraphLink&)>& passage)
    : of_node_(static_cast<std::size_t>(graph.node_count())) {
    passages_.reserve(graph.links().size());
    for (const auto& link : graph.links()) {
        passages_.push_back(passage(link));
    }
    join(graph);
    for (LinkIndex at = 0; at < graph.link_count(); ++at) {
        if (passages_[at] == Passage::valve) {
            gates_.push_back({at, of(graph.link(at).from), of(graph.link(at).to)});
        }
    }
    list_gates();
}

void Segments::join(const Graph& graph) {
    std::iota(of_node_.begin(), of_node_.end(), 0);
    for (LinkIndex at = 0; at < graph.link_count(); ++at) {
        if (passages_[at] == Passage::open) {
            of_node_[root_of(of_node_, graph.link(at).from)] = root_of(of_node_, graph.link(at).to);
        }
    }
    starts_.assign(static_cast<std::size_t>(number_trees(of_node_)) + 1, 0);
}

void Segments::list_gates() {
    for (const auto& gate : gates_) {
        ++starts_[gate.from + 1];
        ++starts_[gate.to + 1];
    }
    std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
    around_.resize(2 * gates_.size());
    auto next = starts_;
    for (GateIndex at = 0; const auto& gate : gates_) {
        around_[next[gate.from]++] = at;
        around_[next[gate.to]++] = at;
        ++at;
    }
}

std::span<const GateIndex> Segments::gates_around(SegmentIndex segment) const {
    return {around_.data() + starts_[segment], around_.data() + starts_[segment + 1]};
}

}  // namespace nuanshu::network

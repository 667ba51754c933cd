#include "engines/network/src/service.h"

namespace nuanshu::network {
namespace {

/// Sources and consumers end a side of the network; every valve is a gate, since closing may shut it.
Passage side_passage(const GraphLink& link) {
    switch (link.element.kind) {
        case ElementKind::source:
        case ElementKind::consumer:
        case ElementKind::tank:
            return Passage::shut;
        case ElementKind::valve:
            return link.open ? Passage::valve : Passage::shut;
        case ElementKind::pipe:
            return link.open ? Passage::open : Passage::shut;
        default:
            return Passage::open;
    }
}

void append_if(std::vector<NodeIndex>& nodes, bool condition, NodeIndex node) {
    if (condition) {
        nodes.push_back(node);
    }
}

}  // namespace

Service::Service(const Network& network, const Graph& graph) : network_(network), segments_(graph, side_passage) {
    for (const auto& source : network.sources) {
        append_if(supply_ends_, source.running, source.to);
        append_if(return_ends_, source.running, source.from);
    }
    for (const auto& tank : network.tanks) {
        supply_ends_.push_back(tank.from);
        return_ends_.push_back(tank.to);
    }
    for (NodeIndex at = 0; const auto& node : network.nodes) {
        const bool held = node.held_pressure_pa.has_value();
        append_if(supply_ends_, held || node.demand_kg_s < 0.0, at);
        append_if(return_ends_, held || node.demand_kg_s > 0.0, at);
        append_if(water_ends_, held || node.demand_kg_s < 0.0, at);
        ++at;
    }
    water_ends_.insert(water_ends_.end(), supply_ends_.begin(), supply_ends_.end());
}

/// @param dry  by segment of this view
std::vector<char> Service::reach_from(std::span<const NodeIndex> ends, std::span<const char> dry) const {
    std::vector<SegmentIndex> seeds;
    for (const auto node : ends) {
        if (!dry[segments_.of(node)]) {
            seeds.push_back(segments_.of(node));
        }
    }
    return reach(segments_, seeds, [&](GateIndex, SegmentIndex beyond) { return !dry[beyond]; });
}

Served Service::served(std::span<const char> zone) const {
    std::vector<char> dry(static_cast<std::size_t>(segments_.size()), 0);
    for (NodeIndex node = 0; node < static_cast<NodeIndex>(zone.size()); ++node) {
        dry[segments_.of(node)] |= zone[node];
    }
    const auto supplied = reach_from(supply_ends_, dry);
    const auto returned = reach_from(return_ends_, dry);
    const auto watered = reach_from(water_ends_, dry);
    Served served;
    served.consumers.reserve(network_.consumers.size());
    for (const auto& consumer : network_.consumers) {
        served.consumers.push_back(consumer.open && supplied[segments_.of(consumer.from)] &&
                                   returned[segments_.of(consumer.to)]);
    }
    served.demands.reserve(network_.nodes.size());
    for (NodeIndex node = 0; node < static_cast<NodeIndex>(network_.nodes.size()); ++node) {
        served.demands.push_back(network_.nodes[node].demand_kg_s > 0.0 && watered[segments_.of(node)]);
    }
    return served;
}

}  // namespace nuanshu::network

#include "engines/network/src/graph.h"

namespace nuanshu::network {
namespace {

bool lets_through(const Pipe& pipe) {
    return pipe.open;
}
bool lets_through(const Pump& pump) {
    return pump.running && pump.speed > 0.0;
}
bool lets_through(const Valve& valve) {
    const bool throttled_shut = valve.kind == ValveKind::throttle && valve.throttle.opening <= 0.0;
    return valve.open && !throttled_shut;
}
bool lets_through(const Source& source) {
    return source.running;
}
bool lets_through(const Consumer& consumer) {
    return consumer.open;
}
bool lets_through(const Tank& tank) {
    return tank.charge_mass_flow_kg_s != 0.0;
}

template <class T>
LinkIndex append(std::vector<GraphLink>& links, const std::vector<T>& elements, ElementKind kind) {
    const auto first = static_cast<LinkIndex>(links.size());
    for (std::int32_t at = 0; const auto& element : elements) {
        links.push_back({element.from, element.to, {kind, at++}, lets_through(element)});
    }
    return first;
}

}  // namespace

Graph::Graph(const Network& network) : starts_(network.nodes.size() + 1) {
    links_.reserve(network.pipes.size() + network.pumps.size() + network.valves.size() + network.sources.size() +
                   network.consumers.size() + network.tanks.size());
    const auto note = [this](ElementKind kind, const auto& elements) {
        first_[static_cast<std::size_t>(kind)] = append(links_, elements, kind);
    };
    note(ElementKind::pipe, network.pipes);
    note(ElementKind::pump, network.pumps);
    note(ElementKind::valve, network.valves);
    note(ElementKind::source, network.sources);
    note(ElementKind::consumer, network.consumers);
    note(ElementKind::tank, network.tanks);
    add_neighbours();
}

void Graph::add_neighbours() {
    for (const auto& link : links_) {
        ++starts_[link.from + 1];
        ++starts_[link.to + 1];
    }
    for (std::size_t i = 1; i < starts_.size(); ++i) {
        starts_[i] += starts_[i - 1];
    }
    neighbours_.resize(2 * links_.size());
    auto next = starts_;
    for (LinkIndex at = 0; const auto& link : links_) {
        neighbours_[next[link.from]++] = {at, link.to};
        neighbours_[next[link.to]++] = {at, link.from};
        ++at;
    }
}

std::span<const Neighbour> Graph::around(NodeIndex node) const {
    return {neighbours_.data() + starts_[node], neighbours_.data() + starts_[node + 1]};
}

}  // namespace nuanshu::network

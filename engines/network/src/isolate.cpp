#include "engines/network/isolate.h"

#include "engines/network/src/closure_plan.h"
#include "engines/network/src/valve_cut.h"

namespace nuanshu::network {
namespace {

std::size_t count_of(const Network& network, ElementKind kind) {
    switch (kind) {
        case ElementKind::node:
            return network.nodes.size();
        case ElementKind::pipe:
            return network.pipes.size();
        case ElementKind::pump:
            return network.pumps.size();
        case ElementKind::valve:
            return network.valves.size();
        case ElementKind::source:
            return network.sources.size();
        case ElementKind::consumer:
            return network.consumers.size();
        case ElementKind::leak:
            return network.leaks.size();
        case ElementKind::tank:
            return network.tanks.size();
    }
    return 0;
}

/// Where an element's water is: its node, or both its ends.
void append_nodes(const Network& network, const Graph& graph, Element element, std::vector<NodeIndex>& nodes) {
    if (element.kind == ElementKind::node) {
        nodes.push_back(element.index);
    } else if (element.kind == ElementKind::leak) {
        const auto& leak = network.leaks[element.index];
        const Element hole =
            leak.pipe >= 0 ? Element{ElementKind::pipe, leak.pipe} : Element{ElementKind::node, leak.node};
        append_nodes(network, graph, hole, nodes);
    } else {
        const auto& link = graph.link(graph.link_of(element));
        nodes.push_back(link.from);
        nodes.push_back(link.to);
    }
}

}  // namespace

struct ClosurePlanner::State {
    State(const Network& given, ClosureSettings settings)
        : network(given),
          graph(given),
          segments(graph, [this, settings](const GraphLink& link) { return passage(link, settings); }),
          wet(wet_segments()),
          planned(network, graph, segments, wet) {}

    Passage passage(const GraphLink& link, ClosureSettings settings) const {
        switch (link.element.kind) {
            case ElementKind::valve: {
                const auto& valve = network.valves[link.element.index];
                const bool can_turn = valve.operable && valve.kind != ValveKind::check;
                return !link.open ? Passage::shut : can_turn ? Passage::valve : Passage::open;
            }
            case ElementKind::pipe:
                return link.open ? Passage::open : Passage::shut;
            case ElementKind::consumer:
                return !link.open ? Passage::shut : settings.stations_can_be_shut ? Passage::valve : Passage::open;
            default:
                return Passage::open;
        }
    }

    std::vector<char> wet_segments() const {
        std::vector<char> found(static_cast<std::size_t>(segments.size()), 0);
        for (NodeIndex node = 0; node < graph.node_count(); ++node) {
            const auto& here = network.nodes[node];
            if (here.held_pressure_pa || here.demand_kg_s < 0.0) {
                found[segments.of(node)] = 1;
            }
        }
        for (const auto& link : graph.links()) {
            if (link.element.kind == ElementKind::source || link.element.kind == ElementKind::tank) {
                found[segments.of(link.from)] = found[segments.of(link.to)] = 1;
            }
        }
        return found;
    }

    Result<> check(std::span<const Element> leaks) const;
    std::vector<char> turning(std::span<const Element> leaks, std::span<const std::int32_t> stuck_valves) const;

    const Network& network;
    Graph graph;
    Segments segments;
    std::vector<char> wet;  ///< by segment
    ClosurePlans planned;
};

Result<> ClosurePlanner::State::check(std::span<const Element> leaks) const {
    if (leaks.empty()) {
        return fail(ErrorCode::invalid, "leaks", "none given; name at least one pipe, node or other element");
    }
    for (const auto& leak : leaks) {
        const auto count = count_of(network, leak.kind);
        if (leak.index < 0 || static_cast<std::size_t>(leak.index) >= count) {
            return fail(ErrorCode::invalid, "leaks", "there is no {} at position {}; this network has {}",
                        to_string(leak.kind), leak.index, count);
        }
    }
    return {};
}

std::vector<char> ClosurePlanner::State::turning(std::span<const Element> leaks,
                                                 std::span<const std::int32_t> stuck_valves) const {
    std::vector<char> held_back(static_cast<std::size_t>(graph.link_count()), 0);
    for (const auto valve : stuck_valves) {
        if (valve >= 0 && static_cast<std::size_t>(valve) < network.valves.size()) {
            held_back[graph.link_of({ElementKind::valve, valve})] = 1;
        }
    }
    for (const auto& leak : leaks) {
        if (leak.kind != ElementKind::node && leak.kind != ElementKind::leak) {
            held_back[graph.link_of(leak)] = 1;
        }
    }
    std::vector<char> turns;
    turns.reserve(segments.gates().size());
    for (const auto& gate : segments.gates()) {
        turns.push_back(!held_back[gate.link]);
    }
    return turns;
}

ClosurePlanner::ClosurePlanner(const Network& network, ClosureSettings settings)
    : state_(std::make_unique<State>(network, settings)) {}
ClosurePlanner::~ClosurePlanner() = default;
ClosurePlanner::ClosurePlanner(ClosurePlanner&&) noexcept = default;
ClosurePlanner& ClosurePlanner::operator=(ClosurePlanner&&) noexcept = default;

std::size_t ClosurePlanner::segment_count() const {
    return static_cast<std::size_t>(state_->segments.size());
}

Result<Closure> ClosurePlanner::plan(std::span<const Element> leaks, std::span<const std::int32_t> stuck_valves) const {
    NUANSHU_TRY_VOID(state_->check(leaks));
    LeakSite site;
    for (const auto& leak : leaks) {
        append_nodes(state_->network, state_->graph, leak, site.nodes);
    }
    const auto turns = state_->turning(leaks, stuck_valves);
    if (const auto way = state_->planned.describe_way(site.nodes, turns); !way.empty()) {
        return fail(ErrorCode::refused, "valve closure", "no valve that turns stands between the leak and water: {}",
                    way);
    }
    site.segments = state_->planned.flooded_segments(site.nodes, turns);
    const auto nearest = nearest_cut_side({state_->segments, state_->wet, turns, site.segments});
    const auto fewest = least_cut_side({state_->segments, state_->wet, turns, site.segments});
    Closure closure{.nearest = state_->planned.fill(site, nearest), .fewest = {}};
    closure.fewest = fewest == nearest ? closure.nearest : state_->planned.fill(site, fewest);
    return closure;
}

}  // namespace nuanshu::network

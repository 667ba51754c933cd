#include "engines/network/src/closure_plan.h"

#include <algorithm>
#include <limits>
#include <numbers>
#include <optional>
#include <queue>

#include <fmt/core.h>

#include "engines/network/src/paths.h"

namespace nuanshu::network {
namespace {

constexpr double far_away = std::numeric_limits<double>::infinity();
constexpr LinkIndex unreached = -2;
constexpr LinkIndex leak_itself = -1;
constexpr std::size_t elements_told_max = 12;

double volume_m3(const Pipe& pipe) {
    return std::numbers::pi / 4.0 * pipe.inner_diameter_m * pipe.inner_diameter_m * pipe.length_m;
}

/// Why water comes from this node, or nothing.
std::optional<std::string> water_at(const Network& network, const Graph& graph, NodeIndex at) {
    const auto& node = network.nodes[at];
    if (node.held_pressure_pa) {
        return fmt::format("node {} holds the pressure", node.id);
    }
    if (node.demand_kg_s < 0.0) {
        return fmt::format("water enters at node {}", node.id);
    }
    for (const auto& neighbour : graph.around(at)) {
        const auto element = graph.link(neighbour.link).element;
        if (element.kind == ElementKind::source || element.kind == ElementKind::tank) {
            return fmt::format("{} {}", to_string(element.kind), id_of(network, element));
        }
    }
    return std::nullopt;
}

/// The links from water to the leak, by the search's "reached through".
std::string links_on_way(const Network& network, const Graph& graph, std::span<const LinkIndex> through,
                         NodeIndex node) {
    std::string text;
    std::size_t count = 0;
    for (auto at = through[node]; at != leak_itself; at = through[node]) {
        const auto& link = graph.link(at);
        if (++count <= elements_told_max) {
            text += fmt::format(", {} {}", to_string(link.element.kind), id_of(network, link.element));
        }
        node = node == link.from ? link.to : link.from;
    }
    return count <= elements_told_max ? text : text + fmt::format(", and {} more", count - elements_told_max);
}

struct Part {
    std::vector<SegmentIndex> segments;
    std::vector<GateIndex> ways_in;  ///< gates between it and the leak's own segments
};

/// The segments of `side` around `start` without passing the leak's own.
Part explore_part(const Segments& segments, std::span<const char> side, std::span<const char> own, SegmentIndex start,
                  std::vector<char>& seen) {
    Part part{.segments = {start}, .ways_in = {}};
    seen[start] = 1;
    for (std::size_t next = 0; next < part.segments.size(); ++next) {
        for (const auto gate : segments.gates_around(part.segments[next])) {
            const auto beyond = segments.gates()[gate].other(part.segments[next]);
            if (own[beyond]) {
                part.ways_in.push_back(gate);
            } else if (side[beyond] && !seen[beyond]) {
                seen[beyond] = 1;
                part.segments.push_back(beyond);
            }
        }
    }
    return part;
}

}  // namespace

ClosurePlans::ClosurePlans(const Network& network, const Graph& graph, const Segments& segments,
                           std::span<const char> wet)
    : network_(network),
      graph_(graph),
      segments_(segments),
      wet_(wet),
      watered_(watered({})),
      service_(network, graph),
      served_(service_.served({})),
      gate_of_link_(static_cast<std::size_t>(graph.link_count()), -1),
      volume_m3_(static_cast<std::size_t>(segments.size()), 0.0) {
    for (GateIndex at = 0; const auto& gate : segments.gates()) {
        gate_of_link_[gate.link] = at++;
    }
    for (const auto& pipe : network.pipes) {
        if (segments.of(pipe.from) == segments.of(pipe.to)) {
            volume_m3_[segments.of(pipe.from)] += volume_m3(pipe);
        }
    }
}

std::vector<SegmentIndex> ClosurePlans::flooded_segments(std::span<const NodeIndex> nodes,
                                                         std::span<const char> turns) const {
    std::vector<SegmentIndex> seeds;
    std::transform(nodes.begin(), nodes.end(), std::back_inserter(seeds),
                   [this](NodeIndex node) { return segments_.of(node); });
    const auto flooded = reach(segments_, seeds, [&](GateIndex gate, SegmentIndex) { return !turns[gate]; });
    std::vector<SegmentIndex> list;
    for (SegmentIndex segment = 0; segment < segments_.size(); ++segment) {
        if (flooded[segment]) {
            list.push_back(segment);
        }
    }
    return list;
}

std::string ClosurePlans::describe_way(std::span<const NodeIndex> nodes, std::span<const char> turns) const {
    std::vector<LinkIndex> through(static_cast<std::size_t>(graph_.node_count()), unreached);
    std::vector<NodeIndex> queue(nodes.begin(), nodes.end());
    for (const auto node : nodes) {
        through[node] = leak_itself;
    }
    for (std::size_t next = 0; next < queue.size(); ++next) {
        if (const auto water = water_at(network_, graph_, queue[next])) {
            return *water + links_on_way(network_, graph_, through, queue[next]);
        }
        for (const auto& neighbour : graph_.around(queue[next])) {
            const auto gate = gate_of_link_[neighbour.link];
            const bool passes = gate >= 0 ? !turns[gate] : segments_.passage(neighbour.link) == Passage::open;
            if (passes && through[neighbour.node] == unreached) {
                through[neighbour.node] = neighbour.link;
                queue.push_back(neighbour.node);
            }
        }
    }
    return "";
}

ClosurePlan ClosurePlans::fill(const LeakSite& site, std::span<const char> side) const {
    ClosurePlan plan;
    list_zone(side, plan);
    list_steps(site, side, plan);
    list_keep_shut(side, plan);
    list_water_savers(site, side, plan);
    list_cut_off(side, plan);
    return plan;
}

void ClosurePlans::list_zone(std::span<const char> side, ClosurePlan& plan) const {
    for (NodeIndex node = 0; node < graph_.node_count(); ++node) {
        if (is_in(side, node)) {
            plan.nodes.push_back(node);
        }
    }
    for (std::int32_t at = 0; const auto& pipe : network_.pipes) {
        if (is_in(side, pipe.from) && is_in(side, pipe.to)) {
            plan.pipes.push_back(at);
            plan.length_m += pipe.length_m;
            plan.volume_m3 += volume_m3(pipe);
        }
        ++at;
    }
}

/// Way along the pipes of the zone from the leak to each node; Dijkstra's.
std::vector<double> ClosurePlans::distances_within(std::span<const char> side, std::span<const NodeIndex> from) const {
    std::vector<double> distances(static_cast<std::size_t>(graph_.node_count()), far_away);
    using Reached = std::pair<double, NodeIndex>;
    std::priority_queue<Reached, std::vector<Reached>, std::greater<>> next;
    const auto enter = [&](NodeIndex node, double distance) {
        if (distance < distances[node]) {
            distances[node] = distance;
            next.push({distance, node});
        }
    };
    for (const auto node : from) {
        enter(node, 0.0);
    }
    while (!next.empty()) {
        const auto [distance, node] = next.top();
        next.pop();
        for (const auto& neighbour : graph_.around(node)) {
            const bool passes = segments_.passage(neighbour.link) != Passage::shut && is_in(side, neighbour.node);
            if (passes && distance <= distances[node]) {
                enter(neighbour.node, distance + path_length_m(network_, graph_.link(neighbour.link)));
            }
        }
    }
    return distances;
}

void ClosurePlans::list_steps(const LeakSite& site, std::span<const char> side, ClosurePlan& plan) const {
    const auto distances = distances_within(side, site.nodes);
    for (const auto& gate : segments_.gates()) {
        if (side[gate.from] != side[gate.to]) {
            const auto& link = graph_.link(gate.link);
            plan.close.push_back({link.element, distances[side[gate.from] ? link.from : link.to]});
        }
    }
    std::stable_sort(plan.close.begin(), plan.close.end(),
                     [](const auto& one, const auto& other) { return one.distance_m < other.distance_m; });
}

void ClosurePlans::list_keep_shut(std::span<const char> side, ClosurePlan& plan) const {
    for (LinkIndex at = 0; at < graph_.link_count(); ++at) {
        const auto& link = graph_.link(at);
        if (segments_.passage(at) == Passage::shut && is_in(side, link.from) != is_in(side, link.to)) {
            plan.keep_shut.push_back(link.element);
        }
    }
}

/// Segments that water still comes to when nothing passes the leak's side; empty: as things are.
std::vector<char> ClosurePlans::watered(std::span<const char> side) const {
    const auto kept_out = [&](SegmentIndex segment) { return !side.empty() && side[segment]; };
    std::vector<SegmentIndex> wells;
    for (SegmentIndex segment = 0; segment < segments_.size(); ++segment) {
        if (wet_[segment] && !kept_out(segment)) {
            wells.push_back(segment);
        }
    }
    return reach(segments_, wells, [&](GateIndex, SegmentIndex beyond) { return !kept_out(beyond); });
}

void ClosurePlans::list_cut_off(std::span<const char> side, ClosurePlan& plan) const {
    std::vector<char> zone(static_cast<std::size_t>(graph_.node_count()), 0);
    for (const auto node : plan.nodes) {
        zone[node] = 1;
    }
    const auto left = service_.served(zone);
    const auto wet_after = watered(side);
    const auto dries_out = [&](NodeIndex node) {
        return watered_[segments_.of(node)] && !wet_after[segments_.of(node)];
    };
    for (std::int32_t at = 0; const auto& consumer : network_.consumers) {
        const bool dry = consumer.open && (dries_out(consumer.from) || dries_out(consumer.to));
        if (dry || (served_.consumers[at] && !left.consumers[at])) {
            const bool in_zone = zone[consumer.from] || zone[consumer.to];
            (in_zone ? plan.consumers_in_zone : plan.consumers_without_flow).push_back(at);
            plan.heat_cut_off_w += consumer.heat_w;
        }
        ++at;
    }
    for (NodeIndex node = 0; node < graph_.node_count(); ++node) {
        if (served_.demands[node] && !left.demands[node]) {
            plan.demands_cut_off.push_back(node);
        }
    }
}

/// The parts of the zone beyond the leak's own segments, and the gates that lead there.
void ClosurePlans::list_water_savers(const LeakSite& site, std::span<const char> side, ClosurePlan& plan) const {
    std::vector<char> own(side.size(), 0);
    for (const auto segment : site.segments) {
        own[segment] = 1;
    }
    std::vector<char> seen(side.size(), 0);
    for (const auto& gate : segments_.gates()) {
        const auto beyond = own[gate.from] ? gate.to : gate.from;
        if (own[gate.from] == own[gate.to] || !side[beyond] || seen[beyond]) {
            continue;
        }
        const auto part = explore_part(segments_, side, own, beyond, seen);
        double volume = 0.0;
        for (const auto segment : part.segments) {
            volume += volume_m3_[segment];
        }
        if (volume > 0.0) {
            WaterSaver saver{.shut = {}, .volume_m3 = volume};
            for (const auto way : part.ways_in) {
                saver.shut.push_back(graph_.link(segments_.gates()[way].link).element);
            }
            plan.water_savers.push_back(std::move(saver));
        }
    }
    std::stable_sort(plan.water_savers.begin(), plan.water_savers.end(),
                     [](const auto& one, const auto& other) { return one.volume_m3 > other.volume_m3; });
}

}  // namespace nuanshu::network

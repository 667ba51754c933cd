#include "engines/network/profile.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "engines/network/src/fluid.h"
#include "engines/network/src/paths.h"

namespace nuanshu::network {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

class ProfileBuilder {
 public:
    ProfileBuilder(const Network& network, const Solution& solution, const ProfileSettings& settings)
        : network_(network), solution_(solution), settings_(settings), graph_(network), water_(network.fluid) {}

    const Graph& graph() const { return graph_; }

    Result<Profile> build(const Path& supply, const Path& back) {
        NUANSHU_TRY_VOID(check_pressures(supply));
        NUANSHU_TRY_VOID(check_pressures(back));
        profile_.density_kg_m3 = mean_density(supply, back);
        profile_.static_head_m = static_head(supply.front().node);
        fill(supply, profile_.supply);
        fill(back, profile_.back);
        find_violations(profile_.supply);
        find_violations(profile_.back);
        return profile_;
    }

    void set_ends(std::optional<std::int32_t> source, std::int32_t consumer) {
        profile_.source = source;
        profile_.consumer = consumer;
        const auto& station = network_.consumers[consumer];
        const double available = solution_.node_pressure_pa[station.from] - solution_.node_pressure_pa[station.to];
        if (station.open && available < station.required_differential_pressure_pa) {
            profile_.violations.push_back({ViolationKind::not_enough,
                                           {ElementKind::consumer, consumer},
                                           station.required_differential_pressure_pa - available});
        }
    }

 private:
    double metres(double pressure_pa) const { return pressure_pa / (profile_.density_kg_m3 * network_.gravity_m_s2); }

    Result<> check_pressures(const Path& path) const {
        for (const auto& step : path) {
            if (!std::isfinite(solution_.node_pressure_pa[step.node])) {
                return fail(ErrorCode::invalid, "profile",
                            "node {} has no pressure: nothing connects it with a node that holds one",
                            network_.nodes[step.node].id);
            }
        }
        return {};
    }

    double mean_density(const Path& supply, const Path& back) const {
        double sum = 0.0;
        for (const auto* path : {&supply, &back}) {
            for (const auto& step : *path) {
                sum += water_.density_kg_m3(solution_.node_temperature_c[step.node]);
            }
        }
        return sum / static_cast<double>(supply.size() + back.size());
    }

    /// Of the highest held head that open links connect with `node`.
    std::optional<double> static_head(NodeIndex node) const {
        const std::array seeds = {node};
        std::optional<double> head;
        const auto look = [&](NodeIndex at) {
            if (const auto& here = network_.nodes[at]; here.held_pressure_pa) {
                head = std::max(head.value_or(-1e300), here.elevation_m + metres(*here.held_pressure_pa));
            }
            return false;
        };
        shortest_path(network_, graph_, seeds, look, [](const GraphLink&) { return true; });
        return head;
    }

    void fill(const Path& path, std::vector<ProfilePoint>& points) const {
        for (const auto& step : path) {
            const auto& node = network_.nodes[step.node];
            ProfilePoint point{.node = step.node,
                               .arrived_through = step.through >= 0 ? graph_.link(step.through).element
                                                                    : Element{ElementKind::node, step.node},
                               .distance_m = step.distance_m,
                               .elevation_m = node.elevation_m,
                               .pressure_pa = solution_.node_pressure_pa[step.node],
                               .temperature_c = solution_.node_temperature_c[step.node]};
            const double boiling = vapour_pressure_pa(point.temperature_c) - settings_.atmospheric_pressure_pa;
            point.head_m = point.elevation_m + metres(point.pressure_pa);
            point.static_pressure_pa = profile_.static_head_m ? (*profile_.static_head_m - point.elevation_m) *
                                                                    profile_.density_kg_m3 * network_.gravity_m_s2
                                                              : nothing;
            point.vapour_head_m = point.elevation_m + metres(boiling) + settings_.vapour_reserve_m;
            point.allowed_head_m = point.elevation_m + metres(settings_.allowed_pressure_pa);
            points.push_back(point);
        }
    }

    void note(ViolationKind kind, NodeIndex node, double amount_pa) {
        if (amount_pa > 0.0) {
            profile_.violations.push_back({kind, {ElementKind::node, node}, amount_pa});
        }
    }

    void find_violations(const std::vector<ProfilePoint>& points) {
        const double weight = profile_.density_kg_m3 * network_.gravity_m_s2;
        for (const auto& point : points) {
            const double lowest = (point.vapour_head_m - point.elevation_m) * weight;
            note(ViolationKind::over_allowed, point.node, point.pressure_pa - settings_.allowed_pressure_pa);
            note(ViolationKind::boils, point.node, lowest - point.pressure_pa);
            note(ViolationKind::static_over_allowed, point.node,
                 point.static_pressure_pa - settings_.allowed_pressure_pa);
            note(ViolationKind::static_boils, point.node, lowest - point.static_pressure_pa);
        }
    }

    const Network& network_;
    const Solution& solution_;
    ProfileSettings settings_;
    Graph graph_;
    FluidProperties water_;
    Profile profile_;
};

Result<> check_node(const Network& network, NodeIndex node) {
    if (node < 0 || static_cast<std::size_t>(node) >= network.nodes.size()) {
        return fail(ErrorCode::invalid, "profile", "there is no node at position {}; this network has {}", node,
                    network.nodes.size());
    }
    return {};
}

bool is_open(const GraphLink& link) {
    return link.open;
}

Path path_between(const Network& network, const Graph& graph, NodeIndex from, NodeIndex to) {
    const std::array seeds = {from};
    const auto arrived = [to](NodeIndex node) { return node == to; };
    auto path = shortest_path(network, graph, seeds, arrived, stays_on_side);
    return path.empty() ? shortest_path(network, graph, seeds, arrived, is_open) : path;
}

/// Marks of the nodes where ways of one side may begin or end, and whose they are.
struct SourceEnds {
    std::vector<std::int32_t> outlet_of,
        inlet_of;  ///< by node: position of the source; −1: none; −2: holds the pressure
};

SourceEnds source_ends(const Network& network) {
    SourceEnds ends{std::vector<std::int32_t>(network.nodes.size(), -1),
                    std::vector<std::int32_t>(network.nodes.size(), -1)};
    bool any = false;
    for (std::int32_t at = 0; const auto& source : network.sources) {
        if (source.running) {
            ends.outlet_of[source.to] = ends.inlet_of[source.from] = at;
            any = true;
        }
        ++at;
    }
    for (NodeIndex node = 0; !any && node < static_cast<NodeIndex>(network.nodes.size()); ++node) {
        if (network.nodes[node].held_pressure_pa) {
            ends.outlet_of[node] = ends.inlet_of[node] = -2;
        }
    }
    return ends;
}

Path path_to_end(const Network& network, const Graph& graph, NodeIndex from, const std::vector<std::int32_t>& ends) {
    const std::array seeds = {from};
    return shortest_path(
        network, graph, seeds, [&](NodeIndex node) { return ends[node] != -1; }, stays_on_side);
}

/// The way home should end at the source that the way there began at, if it can.
Path path_home(const Network& network, const Graph& graph, NodeIndex from, const SourceEnds& ends,
               std::int32_t source) {
    if (source >= 0) {
        const std::array seeds = {from};
        const auto inlet = network.sources[source].from;
        auto path = shortest_path(
            network, graph, seeds, [&](NodeIndex node) { return node == inlet; }, stays_on_side);
        if (!path.empty()) {
            return path;
        }
    }
    return path_to_end(network, graph, from, ends.inlet_of);
}

}  // namespace

std::string_view to_string(ViolationKind kind) {
    static constexpr std::array<std::string_view, 5> names = {"over_allowed", "boils", "static_over_allowed",
                                                              "static_boils", "not_enough"};
    return names.at(static_cast<std::size_t>(kind));
}

Result<Profile> profile_between(const Network& network, const Solution& solution, NodeIndex from, NodeIndex to,
                                const ProfileSettings& settings) {
    NUANSHU_TRY_VOID(check_node(network, from));
    NUANSHU_TRY_VOID(check_node(network, to));
    ProfileBuilder builder(network, solution, settings);
    const auto path = path_between(network, builder.graph(), from, to);
    if (path.empty()) {
        return fail(ErrorCode::not_found, "profile", "no open way leads from node {} to node {}",
                    network.nodes[from].id, network.nodes[to].id);
    }
    return builder.build(path, {});
}

Result<Profile> profile_to_consumer(const Network& network, const Solution& solution, std::int32_t consumer,
                                    const ProfileSettings& settings) {
    if (consumer < 0 || static_cast<std::size_t>(consumer) >= network.consumers.size()) {
        return fail(ErrorCode::invalid, "profile", "there is no consumer at position {}; this network has {}", consumer,
                    network.consumers.size());
    }
    ProfileBuilder builder(network, solution, settings);
    const auto& station = network.consumers[consumer];
    const auto ends = source_ends(network);
    const auto there = path_to_end(network, builder.graph(), station.from, ends.outlet_of);
    if (there.empty()) {
        return fail(ErrorCode::not_found, "profile", "no open way leads from a running source to consumer {}",
                    station.id);
    }
    const auto source = ends.outlet_of[there.back().node];
    auto home = path_home(network, builder.graph(), station.to, ends, source);
    if (home.empty()) {
        return fail(ErrorCode::not_found, "profile", "no open way leads from consumer {} back to a source", station.id);
    }
    const double way_home_m = home.back().distance_m;
    for (auto& step : home) {
        step.distance_m = way_home_m - step.distance_m;
    }
    builder.set_ends(source >= 0 ? std::optional(source) : std::nullopt, consumer);
    return builder.build(reversed(there), home);
}

}  // namespace nuanshu::network

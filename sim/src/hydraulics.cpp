#include "sim/src/hydraulics.h"

#include <algorithm>
#include <cmath>

namespace nuanshu::sim {

namespace {

constexpr double roughness_m = 0.0005;
constexpr double density_kg_m3 = 965.0;  // at 90 °C
constexpr double rangeability = 30.0;
constexpr double longest_travel_s = 6.0 * 3600.0;

/// Sum of the conductances at and behind each node, seen from the node.
std::vector<double> gather(const NetworkTree& tree, std::span<const double> conductance) {
    std::vector<double> at_node(conductance.begin(), conductance.end());
    for (std::size_t pipe = tree.parent.size(); pipe-- > 0;) {
        at_node[tree.parent[pipe]] += in_series(at_node[pipe + 1], tree.resistance[pipe]);
    }
    return at_node;
}

}  // namespace

double friction_pa_m(double flow_t_h, double diameter_m) {
    return 6.88e-3 * std::pow(roughness_m, 0.25) * flow_t_h * flow_t_h / (density_kg_m3 * std::pow(diameter_m, 5.25));
}

double pipe_resistance(double length_m, double diameter_m) {
    return friction_pa_m(3.6, diameter_m) * length_m * 1.3 * 2.0;
}

double valve_conductance(double kv_m3_h) {
    return kv_m3_h / 3.6 / std::sqrt(1e5);
}

double equal_percentage(double opening_percent) {
    if (opening_percent < 1.0) {
        return 0.0;
    }
    return std::pow(rangeability, std::min(opening_percent, 100.0) / 100.0 - 1.0);
}

double opening_for_share(double share) {
    return std::clamp(100.0 * (1.0 + std::log(std::max(share, 1e-9)) / std::log(rangeability)), 0.0, 100.0);
}

double in_series(double conductance, double resistance) {
    return conductance <= 0.0 ? 0.0 : 1.0 / std::sqrt(1.0 / (conductance * conductance) + resistance);
}

void solve_tree(const NetworkTree& tree, std::span<const double> conductance, double header_pa, NetworkFlow& flow) {
    const auto at_node = gather(tree, conductance);
    flow.pipe_kg_s.resize(tree.parent.size());
    flow.difference_pa.resize(tree.nodes());
    flow.travel_s.resize(tree.nodes());
    flow.difference_pa[0] = header_pa;
    flow.travel_s[0] = 0.0;
    for (std::size_t pipe = 0; pipe < tree.parent.size(); ++pipe) {
        const std::size_t from = tree.parent[pipe];
        const double kg_s =
            in_series(at_node[pipe + 1], tree.resistance[pipe]) * std::sqrt(std::max(flow.difference_pa[from], 0.0));
        flow.pipe_kg_s[pipe] = kg_s;
        flow.difference_pa[pipe + 1] = flow.difference_pa[from] - tree.resistance[pipe] * kg_s * kg_s;
        const double passing_s = tree.volume_m3[pipe] * density_kg_m3 / std::max(kg_s, 1e-6);
        flow.travel_s[pipe + 1] = std::min(flow.travel_s[from] + passing_s, longest_travel_s);
    }
}

}  // namespace nuanshu::sim

#include <algorithm>
#include <cmath>

#include "engines/network/src/boundary_values.h"
#include "engines/network/src/element_heat.h"
#include "engines/network/src/linearised_state.h"

namespace nuanshu::network {

std::vector<ResidualEntry> Linearised::residual_derivative(const Network& network, BoundaryValue boundary) const {
    const auto& s = *state_;
    const FluidProperties water(network.fluid);
    std::vector<ResidualEntry> entries;
    const auto node = boundary.index;
    switch (boundary.kind) {
        case BoundaryKind::node_demand_kg_s:
            if (!s.held[node] && std::isfinite(s.pressures[node])) {
                entries.push_back({s.pressure_at(node), -1.0});
                if (s.with_heat && s.inflows[node] > 0.0) {
                    entries.push_back(
                        {s.temperature_at(node), (water.enthalpy_j_kg(s.temperatures[node]) -
                                                  water.enthalpy_j_kg(network.nodes[node].inflow_temperature_c)) /
                                                     s.arriving_kg_s[node]});
                }
            }
            return entries;
        case BoundaryKind::held_pressure_pa:
            if (s.held[node]) {
                entries.push_back({s.pressure_at(node), -1.0});
            }
            return entries;
        case BoundaryKind::inflow_temperature_c:
            if (s.with_heat && s.inflows[node] > 0.0) {
                entries.push_back(
                    {s.temperature_at(node), s.inflows[node] *
                                                 water.specific_heat_j_kgk(network.nodes[node].inflow_temperature_c) /
                                                 s.arriving_kg_s[node]});
            }
            return entries;
        case BoundaryKind::leak_area_m2: {
            const auto& leak = network.leaks[boundary.index];
            for (const auto& part : shares_of(network, leak)) {
                if (!s.held[part.node] && leak.area_m2 > 0.0) {
                    entries.push_back(
                        {s.pressure_at(part.node), -part.share * s.leak_flows[boundary.index] / leak.area_m2});
                }
            }
            return entries;
        }
        case BoundaryKind::ambient_c:
            for (std::int32_t at = 0; s.with_heat && at < static_cast<std::int32_t>(network.pipes.size()); ++at) {
                const auto& pipe = network.pipes[at];
                if (!pipe.ambient_temperature_c && s.flows(at)) {
                    const double capacity =
                        std::abs(s.states[at].mass_flow_kg_s) * water.specific_heat_j_kgk(s.states[at].inlet_c);
                    const double kept = std::exp(-heat_transmission_w_mk(pipe) * pipe.length_m / capacity);
                    entries.push_back({s.outlet_at(at), kept - 1.0});
                }
            }
            return entries;
        default:
            return link_derivative(network, boundary);
    }
}

/// By moving the value in a network of this link alone.
std::vector<ResidualEntry> Linearised::link_derivative(const Network& network, BoundaryValue boundary) const {
    const auto& s = *state_;
    const auto element = element_of(boundary);
    const auto link = s.graph.link_of(*element);
    Network single = only(network, *element);
    double* value = value_of(single, boundary.kind);
    if (value == nullptr) {
        return {};
    }
    const double middle = *value, step = step_of(boundary.kind, middle);
    const bool is_share =
        boundary.kind == BoundaryKind::valve_opening || boundary.kind == BoundaryKind::consumer_opening;
    const double high = is_share ? std::min(middle + step, 1.0) : middle + step;
    const double low = is_share ? std::max(middle - step, 0.0) : std::max(middle - step, middle >= 0.0 ? 0.0 : -1e300);
    struct Residuals {
        double law, cooling;
    };
    const auto residuals = [&](double moved) {
        *value = moved;
        const LinkEquations equations(single);
        return Residuals{equations.law(0, s.forms[link], s.states[link]),
                         s.states[link].outlet_c - equations.outlet_c(0, s.states[link])};
    };
    const auto above = residuals(high), below = residuals(low);
    std::vector<ResidualEntry> entries = {{s.flow_at(link), (above.law - below.law) / (high - low)}};
    if (s.with_heat) {
        entries.push_back({s.outlet_at(link), (above.cooling - below.cooling) / (high - low)});
    }
    return entries;
}

std::vector<double> Linearised::direction(const Network& network, BoundaryValue boundary) const {
    std::vector<double> change(static_cast<std::size_t>(unknown_count()), 0.0);
    for (const auto& entry : residual_derivative(network, boundary)) {
        change[entry.row] -= entry.value;
    }
    solve(change);
    return change;
}

std::vector<double> Linearised::adjoint(std::int32_t unknown) const {
    std::vector<double> weights(static_cast<std::size_t>(unknown_count()), 0.0);
    weights[unknown] = 1.0;
    solve_transposed(weights);
    return weights;
}

double Linearised::derivative(std::span<const double> adjoint, const Network& network, BoundaryValue boundary) const {
    double sum = 0.0;
    for (const auto& entry : residual_derivative(network, boundary)) {
        sum -= adjoint[entry.row] * entry.value;
    }
    return sum;
}

std::vector<ResidualEntry> Linearised::make_up(NodeIndex node) const {
    std::vector<ResidualEntry> coefficients;
    if (state_->held[node]) {
        for (const auto& neighbour : state_->graph.around(node)) {
            const bool leaves = state_->graph.link(neighbour.link).from == node;
            coefficients.push_back({state_->flow_at(neighbour.link), leaves ? 1.0 : -1.0});
        }
    }
    return coefficients;
}

}  // namespace nuanshu::network

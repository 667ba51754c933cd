#include "engines/network/src/results.h"

#include <algorithm>
#include <cmath>

namespace nuanshu::network {
namespace {

/// Less heat than this is rounding.
constexpr double least_power_w = 1000.0;

using Index = std::int32_t;

std::size_t at(Index index) {
    return static_cast<std::size_t>(index);
}

/// One kind of links, from `first` on.
template <class Elements>
LinkFlows flows_of(const SolvedState& state, const Solution& solution, Index first, const Elements& elements) {
    const auto count = elements.size();
    LinkFlows flows;
    flows.mass_flow_kg_s.assign(state.link_flow_kg_s.begin() + first,
                                state.link_flow_kg_s.begin() + first + static_cast<std::ptrdiff_t>(count));
    flows.pressure_drop_pa.resize(count);
    const auto& pressure = solution.node_pressure_pa;
    for (std::size_t i = 0; i < count; ++i) {
        const auto& ends = state.links.ends[at(first) + i];
        const auto to =
            at(ends.to) < pressure.size() ? ends.to : elements[i].to;  // a leaking pipe's link ends at the leak
        flows.pressure_drop_pa[i] = pressure[at(ends.from)] - pressure[at(to)];
    }
    if (state.has_heat()) {
        const auto& temperatures = state.temperatures;
        const auto end = first + static_cast<std::ptrdiff_t>(count);
        flows.from_temperature_c.assign(temperatures.from_c.begin() + first, temperatures.from_c.begin() + end);
        flows.to_temperature_c.assign(temperatures.to_c.begin() + first, temperatures.to_c.begin() + end);
    }
    return flows;
}

/// A leaking pipe is two links: its far end is that of the second.
void mend_leaking_pipes(const SolvedState& state, Solution& solution) {
    auto half = at(state.links.ranges.halves);
    for (const auto& leak : state.network.leaks) {
        if (leak.pipe >= 0) {
            solution.pipes.to_temperature_c[at(leak.pipe)] = state.temperatures.to_c[half];
            ++half;
        }
    }
}

void fill_links(const SolvedState& state, Solution& solution) {
    const auto& network = state.network;
    const auto& ranges = state.links.ranges;
    solution.pipes = flows_of(state, solution, ranges.pipes, network.pipes);
    solution.pumps = flows_of(state, solution, ranges.pumps, network.pumps);
    solution.valves = flows_of(state, solution, ranges.valves, network.valves);
    solution.sources = flows_of(state, solution, ranges.sources, network.sources);
    solution.consumers = flows_of(state, solution, ranges.consumers, network.consumers);
    solution.tanks = flows_of(state, solution, ranges.tanks, network.tanks);
    if (state.has_heat()) {
        mend_leaking_pipes(state, solution);
    }
    solution.leak_mass_flow_kg_s.resize(network.leaks.size());
    for (std::size_t i = 0; i < network.leaks.size(); ++i) {
        solution.leak_mass_flow_kg_s[i] = state.link_flow_kg_s[at(ranges.leaks) + i];
    }
}

/// Enthalpy that streams bring in from outside, less what they take out, W.
double carried_w(const SolvedState& state, const Solution& solution, double& turned_over_w) {
    const FluidProperties fluid(state.network.fluid);
    double carried = 0.0;
    const auto add = [&](double mass_flow, double temperature) {
        const double power = std::fabs(mass_flow) > still_kg_s ? mass_flow * fluid.enthalpy_j_kg(temperature) : 0.0;
        carried += power;
        turned_over_w += std::fabs(power);
    };
    for (std::size_t node = 0; node < solution.node_inflow_kg_s.size(); ++node) {
        const double inflow = solution.node_inflow_kg_s[node];
        add(inflow, inflow > 0.0 ? state.network.nodes[node].inflow_temperature_c : solution.node_temperature_c[node]);
    }
    for (std::size_t i = 0; i < solution.leak_mass_flow_kg_s.size(); ++i) {
        const auto node = at(state.links.ends[at(state.links.ranges.leaks) + i].from);
        add(-solution.leak_mass_flow_kg_s[i], state.temperatures.node_c[node]);
    }
    return carried;
}

void balance_heat(const SolvedState& state, Solution& solution) {
    double balance = 0.0, turned_over = least_power_w;
    const auto add = [&](std::span<const double> powers, double sign) {
        for (const double power : powers) {
            balance += sign * power;
            turned_over += 0.5 * std::fabs(power);
        }
    };
    add(solution.source_heat_w, 1.0);
    add(solution.consumer_heat_w, -1.0);
    add(solution.pipe_heat_loss_w, -1.0);
    double carried_over = 0.0;
    balance += carried_w(state, solution, carried_over);
    solution.heat_balance_error = balance / (turned_over + 0.5 * carried_over);
}

void fill_heat(const SolvedState& state, Solution& solution) {
    const auto& network = state.network;
    solution.pipe_heat_loss_w.assign(network.pipes.size(), 0.0);
    solution.source_heat_w.assign(network.sources.size(), 0.0);
    solution.consumer_heat_w.assign(network.consumers.size(), 0.0);
    if (state.has_heat() && solution.heat_rounds > 0) {
        state.heat.find_powers(state.link_flow_kg_s, state.temperatures, solution.pipe_heat_loss_w,
                               solution.source_heat_w, solution.consumer_heat_w);
        balance_heat(state, solution);
    }
}

void fill_nodes(const SolvedState& state, Solution& solution) {
    const auto count = state.network.nodes.size();
    solution.node_pressure_pa.resize(count);
    state.hydraulics.copy_pressures(solution.node_pressure_pa);
    if (state.has_heat()) {
        const auto& found = state.temperatures.node_c;
        solution.node_temperature_c.assign(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count));
    }
    solution.node_inflow_kg_s.assign(state.inflow_kg_s.begin(),
                                     state.inflow_kg_s.begin() + static_cast<std::ptrdiff_t>(count));
    for (auto link = at(state.links.ranges.demands); link < state.links.ends.size(); ++link) {
        solution.node_inflow_kg_s[at(state.links.ends[link].from)] -= state.link_flow_kg_s[link];
    }
}

}  // namespace

void fill_results(const SolvedState& state, Solution& solution) {
    fill_nodes(state, solution);
    fill_links(state, solution);
    fill_heat(state, solution);
    solution.valve_status = state.controls.statuses(state.network, state.links, state.link_flow_kg_s);
}

double Solution::head_m(const Network& network, NodeIndex node) const {
    const double temperature =
        node_temperature_c.empty() ? SolveSettings{}.start_temperature_c : node_temperature_c[at(node)];
    const double density = FluidProperties(network.fluid).density_kg_m3(temperature);
    return network.nodes[at(node)].elevation_m + node_pressure_pa[at(node)] / (density * network.gravity_m_s2);
}

}  // namespace nuanshu::network

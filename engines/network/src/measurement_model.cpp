#include "engines/network/src/measurement_model.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace nuanshu::network {
namespace {

std::size_t at(std::int32_t index) {
    return static_cast<std::size_t>(index);
}

const LinkFlows& flows_of(const Solution& solution, ElementKind kind) {
    switch (kind) {
        case ElementKind::pipe:
            return solution.pipes;
        case ElementKind::pump:
            return solution.pumps;
        case ElementKind::valve:
            return solution.valves;
        case ElementKind::source:
            return solution.sources;
        case ElementKind::consumer:
            return solution.consumers;
        default:
            NUANSHU_CHECK(false, "no meter stands at a {}", to_string(kind));
    }
}

template <class List>
std::pair<NodeIndex, NodeIndex> ends_in(const List& list, std::int32_t index) {
    return {list[at(index)].from, list[at(index)].to};
}

std::pair<NodeIndex, NodeIndex> ends_of(const Network& network, Element link) {
    switch (link.kind) {
        case ElementKind::pipe:
            return ends_in(network.pipes, link.index);
        case ElementKind::pump:
            return ends_in(network.pumps, link.index);
        case ElementKind::valve:
            return ends_in(network.valves, link.index);
        case ElementKind::source:
            return ends_in(network.sources, link.index);
        case ElementKind::consumer:
            return ends_in(network.consumers, link.index);
        default:
            NUANSHU_CHECK(false, "no meter stands at a {}", to_string(link.kind));
    }
}

/// What the meter shows as coefficients of unknowns.
std::vector<ResidualEntry> coefficients_of(const Measurement& one, const Network& network, const Linearised& linear) {
    switch (one.quantity) {
        case Measured::pressure_pa:
            return {{linear.pressure(one.element.index), 1.0}};
        case Measured::temperature_c:
            return {{linear.temperature(one.element.index), 1.0}};
        case Measured::inflow_kg_s:
            return linear.make_up(one.element.index);
        case Measured::mass_flow_kg_s:
            return {{linear.mass_flow(one.element), 1.0}};
        case Measured::differential_pressure_pa:
            break;
    }
    const auto [from, to] = ends_of(network, one.element);
    return {{linear.pressure(from), 1.0}, {linear.pressure(to), -1.0}};
}

}  // namespace

double shown(const Measurement& measurement, const Network& network, const Solution& solution) {
    const auto index = at(measurement.element.index);
    switch (measurement.quantity) {
        case Measured::pressure_pa:
            return solution.node_pressure_pa[index];
        case Measured::temperature_c:
            return solution.node_temperature_c[index];
        case Measured::inflow_kg_s:
            return solution.node_inflow_kg_s[index];
        case Measured::mass_flow_kg_s:
            return flows_of(solution, measurement.element.kind).mass_flow_kg_s[index];
        case Measured::differential_pressure_pa:
            break;
    }
    const auto [from, to] = ends_of(network, measurement.element);
    return solution.node_pressure_pa[at(from)] - solution.node_pressure_pa[at(to)];
}

std::vector<double> adjoint_of(const Measurement& measurement, const Network& network, const Linearised& linearised) {
    std::vector<double> right(at(linearised.unknown_count()), 0.0);
    for (const auto& entry : coefficients_of(measurement, network, linearised)) {
        right[at(entry.row)] += entry.value;
    }
    linearised.solve_transposed(right);
    return right;
}

double along(const std::vector<double>& adjoint, const std::vector<ResidualEntry>& residual_derivative) {
    double sum = 0.0;
    for (const auto& entry : residual_derivative) {
        sum -= adjoint[at(entry.row)] * entry.value;
    }
    return sum;
}

bool needs_heat(const std::vector<Measurement>& measurements) {
    return std::any_of(measurements.begin(), measurements.end(),
                       [](const Measurement& one) { return one.quantity == Measured::temperature_c; });
}

}  // namespace nuanshu::network

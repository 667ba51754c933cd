#include "engines/network/sensitivity.h"

#include <algorithm>

#include "engines/network/src/boundary_values.h"
#include "engines/network/src/linearised.h"

namespace nuanshu::network {
namespace {

/// An output as a sum of unknowns, and what a boundary changes of it directly.
struct Functional {
    std::vector<ResidualEntry> terms;
    NodeIndex make_up_at = -1;

    double direct(BoundaryValue boundary) const {
        const bool own_demand = boundary.kind == BoundaryKind::node_demand_kg_s && boundary.index == make_up_at;
        return own_demand && make_up_at >= 0 ? 1.0 : 0.0;
    }
    double of(std::span<const double> change) const {
        double sum = 0.0;
        for (const auto& term : terms) {
            sum += term.value * change[term.row];
        }
        return sum;
    }
};

bool is_link(ElementKind kind) {
    return kind != ElementKind::node && kind != ElementKind::leak;
}

Result<> check(const Network& network, const Output& output) {
    const bool at_node = output.element.kind == ElementKind::node;
    const bool fits = output.kind == OutputKind::mass_flow_kg_s ? at_node || is_link(output.element.kind) : at_node;
    if (!exists(network, output.element) || !fits) {
        return fail(ErrorCode::invalid, "sensitivities",
                    "{} {} has no such output; pressures and temperatures are nodes', flows links'",
                    to_string(output.element.kind), output.element.index);
    }
    if (output.kind == OutputKind::mass_flow_kg_s && at_node && !network.nodes[output.element.index].held_pressure_pa) {
        return fail(ErrorCode::invalid, "sensitivities", "node {} holds no pressure: it has no make-up",
                    network.nodes[output.element.index].id);
    }
    return {};
}

Result<> check(const Network& network, BoundaryValue boundary) {
    const auto element = element_of(boundary);
    if (element && !exists(network, *element)) {
        return fail(ErrorCode::invalid, "sensitivities", "{}: there is no {} at position {}", to_string(boundary.kind),
                    to_string(element->kind), boundary.index);
    }
    return {};
}

Functional functional_of(const Linearised& system, const Output& output) {
    switch (output.kind) {
        case OutputKind::pressure_pa:
            return {.terms = {{system.pressure(output.element.index), 1.0}}};
        case OutputKind::temperature_c:
            return {.terms = {{system.temperature(output.element.index), 1.0}}};
        case OutputKind::mass_flow_kg_s:
            break;
    }
    if (output.element.kind == ElementKind::node) {
        return {.terms = system.make_up(output.element.index), .make_up_at = output.element.index};
    }
    return {.terms = {{system.mass_flow(output.element), 1.0}}};
}

/// One solution for each boundary.
void fill_directly(const Network& network, const Linearised& system, std::span<const Functional> functionals,
                   std::span<const BoundaryValue> boundaries, Sensitivities& table) {
    for (std::size_t column = 0; column < boundaries.size(); ++column) {
        const auto change = system.direction(network, boundaries[column]);
        for (std::size_t row = 0; row < functionals.size(); ++row) {
            table.values[row * boundaries.size() + column] =
                functionals[row].of(change) + functionals[row].direct(boundaries[column]);
        }
    }
}

/// One transposed solution for each output.
void fill_by_adjoints(const Network& network, const Linearised& system, std::span<const Functional> functionals,
                      std::span<const BoundaryValue> boundaries, Sensitivities& table) {
    std::vector<std::vector<ResidualEntry>> moved;
    for (const auto& boundary : boundaries) {
        moved.push_back(system.residual_derivative(network, boundary));
    }
    for (std::size_t row = 0; row < functionals.size(); ++row) {
        std::vector<double> weights(static_cast<std::size_t>(system.unknown_count()), 0.0);
        for (const auto& term : functionals[row].terms) {
            weights[term.row] += term.value;
        }
        system.solve_transposed(weights);
        for (std::size_t column = 0; column < boundaries.size(); ++column) {
            double sum = functionals[row].direct(boundaries[column]);
            for (const auto& entry : moved[column]) {
                sum -= weights[entry.row] * entry.value;
            }
            table.values[row * boundaries.size() + column] = sum;
        }
    }
}

}  // namespace

Result<Sensitivities> sensitivities(const Network& network, const Solution& solution, std::span<const Output> outputs,
                                    std::span<const BoundaryValue> boundaries) {
    for (const auto& output : outputs) {
        NUANSHU_TRY_VOID(check(network, output));
    }
    for (const auto& boundary : boundaries) {
        NUANSHU_TRY_VOID(check(network, boundary));
    }
    NUANSHU_TRY(const auto system, Linearised::create(network, solution, Physics::hydraulics_and_heat));
    std::vector<Functional> functionals;
    for (const auto& output : outputs) {
        functionals.push_back(functional_of(system, output));
    }
    Sensitivities table{outputs.size(), boundaries.size(),
                        std::vector<double>(outputs.size() * boundaries.size(), 0.0)};
    if (boundaries.size() <= outputs.size()) {
        fill_directly(network, system, functionals, boundaries, table);
    } else {
        fill_by_adjoints(network, system, functionals, boundaries, table);
    }
    return table;
}

}  // namespace nuanshu::network

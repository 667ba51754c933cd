#include "engines/network/src/linearised.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engines/network/src/linearised_state.h"

namespace nuanshu::network {
namespace {

constexpr double still_kg_s = 1e-9;
constexpr double temperature_step_k = 0.01;
constexpr double relative_flow_step = 1e-4;

const LinkFlows& flows_of(const Solution& solution, ElementKind kind) {
    switch (kind) {
        case ElementKind::pump:
            return solution.pumps;
        case ElementKind::valve:
            return solution.valves;
        case ElementKind::source:
            return solution.sources;
        case ElementKind::consumer:
            return solution.consumers;
        case ElementKind::tank:
            return solution.tanks;
        default:
            return solution.pipes;
    }
}

bool fits(const Solution& solution, const Network& network) {
    const auto same = [](const LinkFlows& flows, std::size_t count) {
        return flows.mass_flow_kg_s.size() == count && flows.from_temperature_c.size() == count &&
               flows.to_temperature_c.size() == count;
    };
    return solution.node_pressure_pa.size() == network.nodes.size() &&
           solution.node_temperature_c.size() == network.nodes.size() &&
           solution.node_inflow_kg_s.size() == network.nodes.size() &&
           solution.valve_status.size() == network.valves.size() &&
           solution.leak_mass_flow_kg_s.size() == network.leaks.size() && same(solution.pipes, network.pipes.size()) &&
           same(solution.pumps, network.pumps.size()) && same(solution.valves, network.valves.size()) &&
           same(solution.sources, network.sources.size()) && same(solution.consumers, network.consumers.size()) &&
           same(solution.tanks, network.tanks.size());
}

/// Δ of a function over twice the step around a value of a state.
template <class Function>
double slope(LinkState state, double LinkState::*value, double step, const Function& function) {
    const double middle = state.*value;
    state.*value = middle + step;
    const double above = function(state);
    state.*value = middle - step;
    return (above - function(state)) / (2.0 * step);
}

/// dρ/dT/ρ
double expansion(const FluidProperties& water, double temperature_c) {
    return (water.density_kg_m3(temperature_c + temperature_step_k) -
            water.density_kg_m3(temperature_c - temperature_step_k)) /
           (2.0 * temperature_step_k * water.density_kg_m3(temperature_c));
}

double flow_step(const LinkState& state) {
    return relative_flow_step * std::abs(state.mass_flow_kg_s) + still_kg_s;
}

}  // namespace

std::vector<LeakShare> shares_of(const Network& network, const Leak& leak) {
    if (leak.pipe < 0) {
        return {{leak.node, 1.0}};
    }
    const auto& pipe = network.pipes[leak.pipe];
    return {{pipe.from, 1.0 - leak.position}, {pipe.to, leak.position}};
}

Linearised::State::State(const Network& network, const Solution& solution, Physics physics)
    : graph(network),
      with_heat(physics == Physics::hydraulics_and_heat),
      links(graph.link_count()),
      nodes(graph.node_count()),
      pressures(solution.node_pressure_pa),
      temperatures(solution.node_temperature_c),
      inflows(solution.node_inflow_kg_s),
      leak_flows(solution.leak_mass_flow_kg_s) {
    held.reserve(network.nodes.size());
    for (const auto& node : network.nodes) {
        held.push_back(node.held_pressure_pa.has_value());
    }
    states.reserve(static_cast<std::size_t>(links));
    for (LinkIndex link = 0; link < links; ++link) {
        states.push_back(state_of(network, solution, link));
    }
    note_mixing();
}

LinkState Linearised::State::state_of(const Network& network, const Solution& solution, LinkIndex at) const {
    const auto& link = graph.link(at);
    const auto& all = flows_of(solution, link.element.kind);
    LinkState state{.mass_flow_kg_s = all.mass_flow_kg_s[link.element.index],
                    .from_pressure_pa = pressures[link.from],
                    .to_pressure_pa = pressures[link.to]};
    const bool runs_forward = state.mass_flow_kg_s >= 0.0;
    state.inlet_c = (runs_forward ? all.from_temperature_c : all.to_temperature_c)[link.element.index];
    state.outlet_c = (runs_forward ? all.to_temperature_c : all.from_temperature_c)[link.element.index];
    if (link.element.kind == ElementKind::valve) {
        const auto& valve = network.valves[link.element.index];
        state.high_pressure_pa = valve.sense_high >= 0 ? pressures[valve.sense_high] : 0.0;
        state.low_pressure_pa = valve.sense_low >= 0 ? pressures[valve.sense_low] : 0.0;
    }
    return state;
}

void Linearised::State::note_mixing() {
    arriving_kg_s.assign(static_cast<std::size_t>(nodes), 0.0);
    for (LinkIndex link = 0; link < links; ++link) {
        if (flows(link)) {
            arriving_kg_s[downstream(link)] += std::abs(states[link].mass_flow_kg_s);
        }
    }
    for (NodeIndex node = 0; node < nodes; ++node) {
        arriving_kg_s[node] += std::max(inflows[node], 0.0);
    }
}

void Linearised::State::add_law(const LinkEquations& equations, LinkIndex at, Triplets& matrix) const {
    const auto& link = graph.link(at);
    const auto row = flow_at(at);
    switch (forms[at]) {
        case LinkForm::drop:
            matrix.add(row, pressure_at(link.from), 1.0);
            matrix.add(row, pressure_at(link.to), -1.0);
            add_law_slopes(equations, at, matrix);
            break;
        case LinkForm::given:
            add_law_slopes(equations, at, matrix);
            break;
        case LinkForm::limited:
        case LinkForm::still:
            matrix.add(row, row, 1.0);
            break;
        case LinkForm::holds_to:
            matrix.add(row, pressure_at(link.to), 1.0);
            break;
        case LinkForm::holds_from:
            matrix.add(row, pressure_at(link.from), 1.0);
            break;
        case LinkForm::holds_difference: {
            const auto& valve = equations.network().valves[link.element.index];
            matrix.add(row, pressure_at(valve.sense_high), 1.0);
            matrix.add(row, pressure_at(valve.sense_low), -1.0);
            break;
        }
    }
}

/// By the flow, and with heat by the temperatures that change the water or what is asked for.
void Linearised::State::add_law_slopes(const LinkEquations& equations, LinkIndex at, Triplets& matrix) const {
    const auto& state = states[at];
    const bool drops = forms[at] == LinkForm::drop;
    const auto function = [&](const LinkState& here) {
        return drops ? -equations.drop_pa(at, here) : equations.law(at, forms[at], here);
    };
    const double by_flow = drops ? slope(state, &LinkState::mass_flow_kg_s, flow_step(state), function) : 1.0;
    matrix.add(flow_at(at), flow_at(at), by_flow);
    if (with_heat) {
        const double by_inlet = slope(state, &LinkState::inlet_c, temperature_step_k, function);
        matrix.add(flow_at(at), temperature_at(upstream(at)), by_inlet);
        if (drops) {
            const double by_outlet = slope(state, &LinkState::outlet_c, temperature_step_k, function);
            matrix.add(flow_at(at), outlet_at(at), by_outlet);
        }
    }
}

void Linearised::State::add_masses(const Network& network, Triplets& matrix) const {
    const auto balances = [this](NodeIndex node) { return !held[node] && std::isfinite(pressures[node]); };
    for (NodeIndex node = 0; node < nodes; ++node) {
        if (!balances(node)) {
            matrix.add(pressure_at(node), pressure_at(node), 1.0);
        }
    }
    for (LinkIndex at = 0; at < links; ++at) {
        const auto& link = graph.link(at);
        if (balances(link.from)) {
            matrix.add(pressure_at(link.from), flow_at(at), -1.0);
        }
        if (balances(link.to)) {
            matrix.add(pressure_at(link.to), flow_at(at), 1.0);
        }
    }
    add_leaks(network, matrix);
}

/// G = Cd·A·√(2ρp), so that dG/dp = G/2p and dG/dT = G/2ρ·dρ/dT.
void Linearised::State::add_leaks(const Network& network, Triplets& matrix) const {
    const FluidProperties water(network.fluid);
    for (std::size_t at = 0; at < network.leaks.size(); ++at) {
        const auto shares = shares_of(network, network.leaks[at]);
        double pressure = 0.0, temperature = 0.0;
        for (const auto& part : shares) {
            pressure += part.share * pressures[part.node];
            temperature += part.share * temperatures[part.node];
        }
        if (leak_flows[at] == 0.0 || !(pressure > 0.0)) {
            continue;
        }
        const double by_pressure = leak_flows[at] / (2.0 * pressure);
        const double by_temperature = leak_flows[at] * expansion(water, temperature) / 2.0;
        for (const auto& part : shares) {
            for (const auto& other : shares) {
                if (held[part.node]) {
                    continue;
                }
                const double share = part.share * other.share;
                matrix.add(pressure_at(part.node), pressure_at(other.node), -share * by_pressure);
                if (with_heat) {
                    matrix.add(pressure_at(part.node), temperature_at(other.node), -share * by_temperature);
                }
            }
        }
    }
}

void Linearised::State::add_cooling(const LinkEquations& equations, LinkIndex at, Triplets& matrix) const {
    const auto& state = states[at];
    const auto outlet = [&](const LinkState& here) { return equations.outlet_c(at, here); };
    matrix.add(outlet_at(at), outlet_at(at), 1.0);
    const double by_inlet = slope(state, &LinkState::inlet_c, temperature_step_k, outlet);
    matrix.add(outlet_at(at), temperature_at(upstream(at)), -by_inlet);
    if (flows(at)) {
        const double step = relative_flow_step * std::abs(state.mass_flow_kg_s);
        matrix.add(outlet_at(at), flow_at(at), -slope(state, &LinkState::mass_flow_kg_s, step, outlet));
    }
}

/// Σ |G|·(h(τ) − h(T)) over what arrives = 0, divided by all that arrives.
void Linearised::State::add_mixing(const LinkEquations& equations, Triplets& matrix) const {
    const auto& water = equations.water();
    for (NodeIndex node = 0; node < nodes; ++node) {
        const bool mixes = arriving_kg_s[node] > 0.0;
        matrix.add(temperature_at(node), temperature_at(node),
                   mixes ? -water.specific_heat_j_kgk(temperatures[node]) : 1.0);
    }
    for (LinkIndex at = 0; at < links; ++at) {
        if (flows(at)) {
            const auto node = downstream(at);
            const auto row = temperature_at(node);
            const auto& state = states[at];
            const double share = std::abs(state.mass_flow_kg_s) / arriving_kg_s[node];
            const double excess = water.enthalpy_j_kg(state.outlet_c) - water.enthalpy_j_kg(temperatures[node]);
            matrix.add(row, outlet_at(at), share * water.specific_heat_j_kgk(state.outlet_c));
            matrix.add(row, flow_at(at), (forward(at) ? 1.0 : -1.0) * excess / arriving_kg_s[node]);
        }
    }
    for (NodeIndex node = 0; node < nodes; ++node) {
        if (!held[node] || inflows[node] <= 0.0) {
            continue;
        }
        const double excess = water.enthalpy_j_kg(equations.network().nodes[node].inflow_temperature_c) -
                              water.enthalpy_j_kg(temperatures[node]);
        for (const auto& neighbour : graph.around(node)) {  // make-up is what leaves beyond what comes
            const double sign = graph.link(neighbour.link).from == node ? 1.0 : -1.0;
            matrix.add(temperature_at(node), flow_at(neighbour.link), sign * excess / arriving_kg_s[node]);
        }
    }
}

bool Linearised::State::assemble(const LinkEquations& equations) {
    Triplets matrix;
    for (LinkIndex at = 0; at < links; ++at) {
        add_law(equations, at, matrix);
    }
    add_masses(equations.network(), matrix);
    if (with_heat) {
        for (LinkIndex at = 0; at < links; ++at) {
            add_cooling(equations, at, matrix);
        }
        add_mixing(equations, matrix);
    }
    return factors.factor(matrix, size());
}

Linearised::Linearised(std::unique_ptr<State> state) : state_(std::move(state)) {}
Linearised::Linearised(Linearised&&) noexcept = default;
Linearised& Linearised::operator=(Linearised&&) noexcept = default;
Linearised::~Linearised() = default;

Result<Linearised> Linearised::create(const Network& network, const Solution& solution, Physics physics) {
    if (!solution.converged) {
        return fail(ErrorCode::unsupported, "linearised system", "the solution has not converged");
    }
    if (!fits(solution, network)) {
        return fail(ErrorCode::unsupported, "linearised system", "the solution is of another network");
    }
    auto state = std::make_unique<State>(network, solution, physics);
    const LinkEquations equations(network);
    state->forms.reserve(static_cast<std::size_t>(state->links));
    for (LinkIndex at = 0; at < state->links; ++at) {
        const auto element = state->graph.link(at).element;
        const auto status =
            element.kind == ElementKind::valve ? solution.valve_status[element.index] : ValveStatus::open;
        state->forms.push_back(equations.form(at, state->states[at], status));
    }
    if (!state->assemble(equations)) {
        return fail(ErrorCode::unsupported, "linearised system",
                    "it is singular here: some flow or pressure is not determined");
    }
    return Linearised(std::move(state));
}

std::int32_t Linearised::unknown_count() const {
    return state_->size();
}
std::int32_t Linearised::mass_flow(Element link) const {
    return state_->flow_at(state_->graph.link_of(link));
}
std::int32_t Linearised::pressure(NodeIndex node) const {
    return state_->pressure_at(node);
}
std::int32_t Linearised::temperature(NodeIndex node) const {
    return state_->temperature_at(node);
}
std::int32_t Linearised::outlet_temperature(Element link) const {
    return state_->outlet_at(state_->graph.link_of(link));
}

void Linearised::solve(std::span<double> b) const {
    state_->factors.solve(b);
}
void Linearised::solve_transposed(std::span<double> b) const {
    state_->factors.solve_transposed(b);
}

}  // namespace nuanshu::network

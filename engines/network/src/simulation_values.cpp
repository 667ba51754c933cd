#include <algorithm>
#include <array>

#include "base/check.h"
#include "engines/network/src/quantities.h"
#include "engines/network/src/simulation_state.h"

/// What can be read from a simulation.
namespace nuanshu::network {
namespace {

using State = Simulation::State;
using End = PlugFlow::End;

double end_temperature_c(const State& state, std::size_t store, End end) {
    return state.water.temperature_c(state.volumes.end_j_kg(store, end));
}

/// The far end of a pipe that leaks belongs to its last part.
std::size_t last_part(const State& state, std::size_t pipe) {
    const auto far = state.far_half[pipe];
    return far < 0 ? pipe : static_cast<std::size_t>(far);
}

double node_temperature_c(const State& state, std::size_t node) {
    return state.water.temperature_c(state.mixing.node_j_kg()[node]);
}

double link_heat_w(const State& state, std::size_t link) {
    const double flow = std::abs(state.flow_kg_s[link]);
    return flow == 0.0 || !state.stepped ? 0.0
                                         : flow * (state.mixing.outlet_j_kg()[link] - state.mixing.inlet_j_kg(link));
}

/// Before the first step there is none; then the law of the station says what it does to the water it has.
double station_outlet_j_kg(const State& state, std::size_t link) {
    const double flow = std::abs(state.flow_kg_s[link]);
    const double inlet = state.mixing.inlet_j_kg(link);
    return flow == 0.0 ? state.mixing.node_j_kg()[state.mixing.downstream(link)]
                       : outlet_j_kg(state.laws[link - state.first.stores()], inlet, flow, state.water);
}

double station_heat_w(const State& state, std::size_t link) {
    if (state.stepped) {
        return link_heat_w(state, link);
    }
    const double flow = std::abs(state.flow_kg_s[link]);
    return flow == 0.0 ? 0.0 : flow * (station_outlet_j_kg(state, link) - state.mixing.inlet_j_kg(link));
}

double sum_of(const State& state, std::size_t begin, std::size_t end) {
    double sum = 0.0;
    for (std::size_t link = begin; link < end; ++link) {
        sum += station_heat_w(state, link);
    }
    return sum;
}

/// Of the last step; before the first one, of the water as it is.
double store_loss_w(const State& state, std::size_t store) {
    return state.stepped ? state.volumes.heat_lost_j(store) / state.scenario.step_s : state.volumes.loss_w(store);
}

double pipe_loss_w(const State& state, std::size_t pipe) {
    double sum = store_loss_w(state, pipe);
    if (state.far_half[pipe] >= 0) {
        const auto& far = state.network.pipes[static_cast<std::size_t>(state.far_half[pipe])];
        sum += store_loss_w(state, static_cast<std::size_t>(state.far_half[pipe]));
        // Parts between two leaks lie between the first part and the last, end to end.
        for (auto node = state.network.pipes[pipe].to; node != far.from;) {
            const auto part =
                std::find_if(state.network.pipes.begin() + static_cast<std::ptrdiff_t>(state.pipes_described),
                             state.network.pipes.end(), [&](const Pipe& p) { return p.from == node; });
            sum += store_loss_w(state, static_cast<std::size_t>(part - state.network.pipes.begin()));
            node = part->to;
        }
    }
    return sum;
}

double all_losses_w(const State& state) {
    double sum = 0.0;
    for (std::size_t store = 0; store < state.first.stores(); ++store) {
        sum += store_loss_w(state, store);
    }
    return sum;
}

double make_up_kg_s(const State& state) {
    double sum = 0.0;
    for (std::size_t node = 0; node < state.network.nodes.size(); ++node) {
        if (state.network.nodes[node].held_pressure_pa) {
            sum += state.hydraulics.node_inflow_kg_s[node];
        }
    }
    return sum;
}

double tank_mean_c(const State& state, std::size_t store) {
    return state.water.temperature_c(state.volumes.stored_j(store) / state.volumes.mass_kg(store));
}

using Read = double (*)(const State& state, std::size_t index);

/// One row of the table of quantities.
struct QuantityRow {
    std::string_view name;
    std::optional<ElementKind> kind;
    Read read;
};

template <auto flows, auto list>
double from_flows(const State& state, std::size_t i) {
    return (state.hydraulics.*flows.*list)[i];
}

using S = Solution;
using F = LinkFlows;
constexpr auto flow = &F::mass_flow_kg_s;
constexpr auto drop = &F::pressure_drop_pa;
using Kind = ElementKind;
constexpr std::optional<ElementKind> own = std::nullopt;

constexpr auto rows = std::to_array<QuantityRow>({
    {"network.source_heat_w", own,
     [](const State& s, std::size_t) { return sum_of(s, s.first.sources, s.first.consumers); }},
    {"network.consumer_heat_w", own,
     [](const State& s, std::size_t) { return -sum_of(s, s.first.consumers, s.first.count); }},
    {"network.heat_loss_w", own, [](const State& s, std::size_t) { return all_losses_w(s); }},
    {"network.stored_heat_j", own, [](const State& s, std::size_t) { return s.account().stored_j; }},
    {"network.make_up_kg_s", own, [](const State& s, std::size_t) { return make_up_kg_s(s); }},
    {"network.heat_balance_error", own, [](const State& s, std::size_t) { return s.account().error(); }},
    {"node.pressure_pa", Kind::node, [](const State& s, std::size_t i) { return s.hydraulics.node_pressure_pa[i]; }},
    {"node.temperature_c", Kind::node, node_temperature_c},
    {"pipe.mass_flow_kg_s", Kind::pipe, from_flows<&S::pipes, flow>},
    {"pipe.from_temperature_c", Kind::pipe,
     [](const State& s, std::size_t i) { return end_temperature_c(s, i, End::from); }},
    {"pipe.to_temperature_c", Kind::pipe,
     [](const State& s, std::size_t i) { return end_temperature_c(s, last_part(s, i), End::to); }},
    {"pipe.heat_loss_w", Kind::pipe, pipe_loss_w},
    {"pump.mass_flow_kg_s", Kind::pump, from_flows<&S::pumps, flow>},
    {"pump.pressure_drop_pa", Kind::pump, from_flows<&S::pumps, drop>},
    {"valve.mass_flow_kg_s", Kind::valve, from_flows<&S::valves, flow>},
    {"valve.pressure_drop_pa", Kind::valve, from_flows<&S::valves, drop>},
    {"source.mass_flow_kg_s", Kind::source, from_flows<&S::sources, flow>},
    {"source.supply_temperature_c", Kind::source,
     [](const State& s, std::size_t i) { return s.water.temperature_c(station_outlet_j_kg(s, s.first.sources + i)); }},
    {"source.return_temperature_c", Kind::source,
     [](const State& s,
        std::size_t i) { return node_temperature_c(s, static_cast<std::size_t>(s.network.sources[i].from)); }},
    {"source.heat_w", Kind::source,
     [](const State& s, std::size_t i) { return station_heat_w(s, s.first.sources + i); }},
    {"consumer.mass_flow_kg_s", Kind::consumer, from_flows<&S::consumers, flow>},
    {"consumer.supply_temperature_c", Kind::consumer,
     [](const State& s,
        std::size_t i) { return node_temperature_c(s, static_cast<std::size_t>(s.network.consumers[i].from)); }},
    {"consumer.return_temperature_c", Kind::consumer,
     [](const State& s,
        std::size_t i) { return s.water.temperature_c(station_outlet_j_kg(s, s.first.consumers + i)); }},
    {"consumer.heat_w", Kind::consumer,
     [](const State& s, std::size_t i) { return -station_heat_w(s, s.first.consumers + i); }},
    {"consumer.differential_pressure_pa", Kind::consumer, from_flows<&S::consumers, drop>},
    {"leak.mass_flow_kg_s", Kind::leak,
     [](const State& s, std::size_t i) { return s.hydraulics.leak_mass_flow_kg_s[i]; }},
    {"tank.mass_flow_kg_s", Kind::tank, from_flows<&S::tanks, flow>},
    {"tank.top_temperature_c", Kind::tank,
     [](const State& s, std::size_t i) { return end_temperature_c(s, s.first.tanks + i, End::from); }},
    {"tank.bottom_temperature_c", Kind::tank,
     [](const State& s, std::size_t i) { return end_temperature_c(s, s.first.tanks + i, End::to); }},
    {"tank.mean_temperature_c", Kind::tank,
     [](const State& s, std::size_t i) { return tank_mean_c(s, s.first.tanks + i); }},
});

constexpr auto names = [] {
    std::array<std::string_view, rows.size()> result;
    std::transform(rows.begin(), rows.end(), result.begin(), [](const QuantityRow& row) { return row.name; });
    return result;
}();

const QuantityRow& row_of(Quantity quantity) {
    const auto at = static_cast<std::size_t>(quantity);
    NUANSHU_CHECK(at < rows.size(), "quantity {}", at);
    return rows[at];
}

/// Fills the temperatures of links of one kind from the nodes at their ends.
template <class List>
void take_end_temperatures(const State& state, const List& elements, std::size_t first, LinkFlows& flows) {
    for (std::size_t i = 0; i < elements.size(); ++i) {
        const auto link = first + i;
        const double up = state.water.temperature_c(state.mixing.inlet_j_kg(link));
        const double down = state.water.temperature_c(station_outlet_j_kg(state, link));
        const bool forward = state.flow_kg_s[link] >= 0.0;
        flows.from_temperature_c[i] = forward ? up : down;
        flows.to_temperature_c[i] = forward ? down : up;
    }
}

void size_temperatures(LinkFlows& flows, std::size_t count) {
    flows.mass_flow_kg_s.resize(count);
    flows.pressure_drop_pa.resize(count);
    flows.from_temperature_c.assign(count, 0.0);
    flows.to_temperature_c.assign(count, 0.0);
}

void take_store_temperatures(const State& state, std::size_t first, LinkFlows& flows) {
    for (std::size_t i = 0; i < flows.mass_flow_kg_s.size(); ++i) {
        const auto last = first == state.first.pipes ? last_part(state, i) : first + i;
        flows.from_temperature_c[i] = end_temperature_c(state, first + i, End::from);
        flows.to_temperature_c[i] = end_temperature_c(state, last, End::to);
    }
}

}  // namespace

std::string_view to_string(Quantity quantity) {
    return row_of(quantity).name;
}

std::span<const std::string_view> quantity_names() {
    return names;
}

std::optional<ElementKind> kind_of(Quantity quantity) {
    return row_of(quantity).kind;
}

std::string name_of(const Network& network, ScenarioOutput output) {
    const auto& row = row_of(output.quantity);
    if (!row.kind) {
        return std::string(row.name);
    }
    const auto point = row.name.find('.');
    return fmt::format("{}.{}{}", row.name.substr(0, point), id_of(network, {*row.kind, output.index}),
                       row.name.substr(point));
}

double Simulation::value(ScenarioOutput output) const {
    return row_of(output.quantity).read(*state_, static_cast<std::size_t>(output.index));
}

Solution Simulation::State::solution() const {
    auto result = hydraulics;
    const auto nodes = network.nodes.size() - (network.pipes.size() - pipes_described);
    result.node_pressure_pa.resize(nodes);
    result.node_inflow_kg_s.resize(nodes);
    result.node_temperature_c.resize(nodes);
    for (std::size_t node = 0; node < nodes; ++node) {
        result.node_temperature_c[node] = node_temperature_c(*this, node);
    }
    size_temperatures(result.pipes, pipes_described);
    take_store_temperatures(*this, first.pipes, result.pipes);
    result.pipe_heat_loss_w.resize(pipes_described);
    for (std::size_t i = 0; i < pipes_described; ++i) {
        if (far_half[i] >= 0) {
            result.pipes.pressure_drop_pa[i] =
                result.node_pressure_pa[static_cast<std::size_t>(network.pipes[i].from)] -
                result.node_pressure_pa[static_cast<std::size_t>(
                    network.pipes[static_cast<std::size_t>(far_half[i])].to)];
        }
        result.pipe_heat_loss_w[i] = pipe_loss_w(*this, i);
    }
    size_temperatures(result.tanks, network.tanks.size());
    take_store_temperatures(*this, first.tanks, result.tanks);
    const auto take = [&](const auto& elements, std::size_t begin, LinkFlows& flows) {
        size_temperatures(flows, elements.size());
        take_end_temperatures(*this, elements, begin, flows);
    };
    take(network.pumps, first.pumps, result.pumps);
    take(network.valves, first.valves, result.valves);
    take(network.sources, first.sources, result.sources);
    take(network.consumers, first.consumers, result.consumers);
    result.source_heat_w.resize(network.sources.size());
    result.consumer_heat_w.resize(network.consumers.size());
    for (std::size_t i = 0; i < network.sources.size(); ++i) {
        result.source_heat_w[i] = station_heat_w(*this, first.sources + i);
    }
    for (std::size_t i = 0; i < network.consumers.size(); ++i) {
        result.consumer_heat_w[i] = -station_heat_w(*this, first.consumers + i);
    }
    result.heat_balance_error = account().error();
    return result;
}

}  // namespace nuanshu::network

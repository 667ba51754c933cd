#include "engines/network/src/simulation_state.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include <fmt/format.h>

#include "engines/network/src/element_heat.h"

namespace nuanshu::network {
namespace {

constexpr double usual_heat_capacity_j_kgk = 4190.0;
constexpr double still_share = 1e-9;     ///< of the largest flow there has been: no flow, but rounding
constexpr double standing_share = 1e-4;  ///< when no flow is larger, the whole network stands
constexpr int losses_every_steps = 16;
constexpr double least_lift_k = 5.0;

std::size_t at(std::int32_t index) {
    return static_cast<std::size_t>(index);
}

double volume_m3(const Pipe& pipe) {
    return std::numbers::pi / 4.0 * pipe.inner_diameter_m * pipe.inner_diameter_m * pipe.length_m;
}

/// Cuts a pipe at the leak's place; the leak then stands at the new node.
/// @param end where the pipe now ends, as a position on the described one
void cut(Network& network, Leak& leak, double end) {
    const double position = std::clamp(leak.position, 1e-6, 1.0 - 1e-6);
    const double share = std::clamp(position / end, 1e-6, 1.0 - 1e-6);
    auto& near = network.pipes[at(leak.pipe)];
    const auto& a = network.nodes[at(near.from)];
    const auto& b = network.nodes[at(near.to)];
    Node node{.id = "leak:" + leak.id,
              .elevation_m = std::lerp(a.elevation_m, b.elevation_m, share),
              .x = {},
              .y = {},
              .side = a.side,
              .demand_kg_s = 0.0,
              .held_pressure_pa = {},
              .inflow_temperature_c = a.inflow_temperature_c};
    Pipe far = near;
    const auto middle = static_cast<NodeIndex>(network.nodes.size());
    far.id = near.id + ":" + leak.id;
    far.from = middle;
    far.length_m *= 1.0 - share;
    far.minor_loss *= 1.0 - share;
    near.to = middle;
    near.length_m *= share;
    near.minor_loss *= share;
    leak.node = middle;
    leak.pipe = -1;
    network.nodes.push_back(std::move(node));
    network.pipes.push_back(std::move(far));
}

/// Cuts all pipes that leak, from their far ends on. @return by described pipe: its last part, or −1
std::vector<std::int32_t> cut_leaking_pipes(Network& network) {
    std::vector<std::int32_t> far_half(network.pipes.size(), -1);
    std::vector<double> end(network.pipes.size(), 1.0);
    std::vector<std::size_t> order(network.leaks.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return network.leaks[a].position > network.leaks[b].position;
    });
    for (const auto i : order) {
        auto& leak = network.leaks[i];
        if (leak.pipe < 0) {
            continue;
        }
        const auto pipe = at(leak.pipe);
        cut(network, leak, end[pipe]);
        end[pipe] = leak.position;
        if (far_half[pipe] < 0) {
            far_half[pipe] = static_cast<std::int32_t>(network.pipes.size()) - 1;
        }
    }
    return far_half;
}

/// Water and wall, as water.
double mass_of(const Pipe& pipe, const FluidProperties& fluid, double temperature_c) {
    return volume_m3(pipe) * fluid.density_kg_m3(temperature_c) +
           pipe.wall_heat_capacity_j_mk * pipe.length_m / fluid.specific_heat_j_kgk(temperature_c);
}

double start_temperature_c(const Network& network, const Pipe& pipe, const SolveSettings& settings) {
    return network.nodes[at(pipe.from)].side == Side::return_side ? settings.return_start_temperature_c
                                                                  : settings.start_temperature_c;
}

/// A pipe's mass is that at the start temperatures of its side: flows are steady, so no water is pushed out by growing
/// warm.
std::vector<double> masses_of(const Network& network, const SolveSettings& settings) {
    const FluidProperties fluid(network.fluid);
    std::vector<double> mass;
    mass.reserve(network.pipes.size() + network.tanks.size());
    for (const auto& pipe : network.pipes) {
        mass.push_back(mass_of(pipe, fluid, start_temperature_c(network, pipe, settings)));
    }
    for (const auto& tank : network.tanks) {
        mass.push_back(tank.volume_m3 *
                       fluid.density_kg_m3(0.5 * (tank.top_temperature_c + tank.bottom_temperature_c)));
    }
    return mass;
}

std::vector<Mixing::Ends> ends_of(const Network& network) {
    std::vector<Mixing::Ends> ends;
    const auto add = [&](const auto& elements) {
        for (const auto& element : elements) {
            ends.push_back({element.from, element.to});
        }
    };
    add(network.pipes);
    add(network.tanks);
    add(network.pumps);
    add(network.valves);
    add(network.sources);
    add(network.consumers);
    return ends;
}

/// A consumer whose flow is fixed takes it even against the pressure, as if it had a pump; really it gets none.
bool drawn_against_pressure(const LinkFlows& consumers) {
    for (std::size_t i = 0; i < consumers.mass_flow_kg_s.size(); ++i) {
        if (consumers.mass_flow_kg_s[i] > 0.0 && consumers.pressure_drop_pa[i] < 0.0) {
            return true;
        }
    }
    return false;
}

bool all_served(const Solution& solution) {
    return solution.converged && !drawn_against_pressure(solution.consumers) &&
           std::none_of(solution.findings.begin(), solution.findings.end(), [](const Finding& finding) {
               return finding.kind == FindingKind::not_served || finding.kind == FindingKind::cut_off;
           });
}

constexpr std::size_t reasons_max = 5;

tl::unexpected<Error> no_solution(const Network& network, const Solution& solution, double time_s) {
    std::string reasons;
    for (std::size_t i = 0; i < std::min(solution.findings.size(), reasons_max); ++i) {
        reasons += (i == 0 ? "" : "; ") + sentence(network, solution.findings[i]);
    }
    return fail(ErrorCode::exhausted, fmt::format("{:.0f} s", time_s), "hydraulics have no solution: {}",
                reasons.empty() ? "they did not converge" : reasons);
}

}  // namespace

LinkFirst::LinkFirst(const Network& network) {
    tanks = network.pipes.size();
    pumps = tanks + network.tanks.size();
    valves = pumps + network.pumps.size();
    sources = valves + network.valves.size();
    consumers = sources + network.sources.size();
    count = consumers + network.consumers.size();
}

Simulation::State::State(Network described, Scenario asked, SimulationSettings how)
    : network(std::move(described)),
      pipes_described(network.pipes.size()),
      far_half(cut_leaking_pipes(network)),
      scenario(std::move(asked)),
      settings(how),
      first(network),
      water(FluidProperties(network.fluid)),
      course(network),
      volumes(masses_of(network, settings.solve), settings.merge_tolerance_k * usual_heat_capacity_j_kgk),
      mixing(network.nodes.size(), ends_of(network), first.stores()),
      flow_kg_s(first.count, 0.0),
      passes(first.count, 1),
      laws(first.count - first.stores()),
      wanted_kg_s(network.consumers.size()),
      inflow(network.nodes.size()),
      outflow_kg_s(network.nodes.size()),
      outflow(first.stores()),
      store_inlet_j_kg(first.stores()),
      loss_w_k(first.stores()) {
    for (const auto& consumer : network.consumers) {
        control.push_back(consumer.control);
    }
    for (std::size_t i = 0; i < network.pipes.size(); ++i) {
        loss_w_k[i] = heat_transmission_w_mk(network.pipes[i]) * network.pipes[i].length_m;
    }
    for (std::size_t i = 0; i < network.tanks.size(); ++i) {
        loss_w_k[first.tanks + i] = network.tanks[i].heat_loss_w_k;
        volumes.stratify(first.tanks + i);
    }
}

Result<> Simulation::State::start() {
    course.apply(scenario, 0.0, network);
    auto how = settings.solve;
    how.with_heat = true;
    auto steady = network::solve(network, how);
    if (!all_served(steady) && how.demand == SolveSettings::Demand::as_asked) {
        how.demand = SolveSettings::Demand::pressure_driven;
        driven = true;
        steady = network::solve(network, how);
    }
    if (!steady.converged) {
        return no_solution(network, steady, 0.0);
    }
    for (std::size_t node = 0; node < network.nodes.size(); ++node) {
        mixing.node_j_kg()[node] = water.enthalpy_j_kg(steady.node_temperature_c[node]);
    }
    hydraulics = steady;
    take_flows();
    fill_volumes(steady);
    double hottest_j_kg = 0.0;
    for (const auto& source : network.sources) {
        hottest_j_kg = std::max(hottest_j_kg, water.enthalpy_j_kg(source.supply_temperature_c));
    }
    for (std::size_t i = 0; i < network.consumers.size(); ++i) {
        auto& consumer = network.consumers[i];
        const double here = mixing.node_j_kg()[at(consumer.from)];
        const double cold = water.enthalpy_j_kg(consumer.return_temperature_c.value_or(0.0) + least_lift_k);
        reference_j_kg.push_back(here > cold ? here : hottest_j_kg);
        if (wants_heat(consumer.control)) {
            consumer.control = ConsumerControl::flow;
            consumer.mass_flow_kg_s = steady.consumers.mass_flow_kg_s[i];
        }
    }
    set_laws();
    solved_node_j_kg.assign(mixing.node_j_kg().begin(), mixing.node_j_kg().end());
    settle_still_nodes();
    stored_start_j = stored_j();
    return {};
}

void Simulation::State::fill_volumes(const Solution& steady) {
    set_losses();
    for (std::size_t i = 0; i < network.pipes.size(); ++i) {
        const double flow = flow_kg_s[i];
        const double from = water.enthalpy_j_kg(steady.pipes.from_temperature_c[i]);
        const double to = water.enthalpy_j_kg(steady.pipes.to_temperature_c[i]);
        if (flow == 0.0) {
            volumes.fill_layers(i, 1.0, 0.5 * (from + to), 0.0);
        } else {
            volumes.fill(i, flow > 0.0 ? PlugFlow::End::from : PlugFlow::End::to, flow > 0.0 ? from : to,
                         volumes.mass_kg(i) / std::abs(flow));
        }
    }
    for (std::size_t i = 0; i < network.tanks.size(); ++i) {
        const auto& tank = network.tanks[i];
        volumes.fill_layers(first.tanks + i, tank.hot_fraction, water.enthalpy_j_kg(tank.top_temperature_c),
                            water.enthalpy_j_kg(tank.bottom_temperature_c));
    }
    set_losses();
}

/// k = U·L·(T − T_a) / (h − h_a) / m at the volume's mean: exact where the specific heat is constant.
void Simulation::State::set_losses() {
    const auto set = [&](std::size_t volume, double ambient_c) {
        const double mean_c = water.temperature_c(volumes.stored_j(volume) / volumes.mass_kg(volume));
        const double ambient_j_kg = water.enthalpy_j_kg(ambient_c);
        const double over_k = mean_c - ambient_c;
        const double heat_capacity = std::abs(over_k) > 1e-3 ? (water.enthalpy_j_kg(mean_c) - ambient_j_kg) / over_k
                                                             : water.specific_heat_j_kgk(mean_c);
        volumes.set_loss(volume, {loss_w_k[volume] / (volumes.mass_kg(volume) * heat_capacity), ambient_j_kg});
    };
    for (std::size_t i = 0; i < network.pipes.size(); ++i) {
        set(i, network.pipes[i].ambient_temperature_c.value_or(network.ambient_temperature_c));
    }
    for (std::size_t i = 0; i < network.tanks.size(); ++i) {
        set(first.tanks + i, network.tanks[i].ambient_temperature_c);
    }
}

void Simulation::State::set_laws() {
    const auto set = [&](std::size_t link, HeatLaw law) {
        const bool forward = flow_kg_s[link] >= 0.0;
        laws[link - first.stores()] = forward ? law : HeatLaw{};
        passes[link] = forward && law.independent() ? 0 : 1;
    };
    for (std::size_t i = 0; i < network.sources.size(); ++i) {
        set(first.sources + i, law_of(network.sources[i], water));
    }
    for (std::size_t i = 0; i < network.consumers.size(); ++i) {
        set(first.consumers + i, law_of(network.consumers[i], control[i], water));
    }
    mixing.arrange(flow_kg_s, passes);
}

/// From the last hydraulics.
void Simulation::State::take_flows() {
    const auto take = [&](const LinkFlows& flows, std::size_t begin) {
        std::copy(flows.mass_flow_kg_s.begin(), flows.mass_flow_kg_s.end(),
                  flow_kg_s.begin() + static_cast<std::ptrdiff_t>(begin));
    };
    take(hydraulics.pipes, first.pipes);
    take(hydraulics.tanks, first.tanks);
    take(hydraulics.pumps, first.pumps);
    take(hydraulics.valves, first.valves);
    take(hydraulics.sources, first.sources);
    take(hydraulics.consumers, first.consumers);
    double largest_now_kg_s = 0.0;
    for (const double flow : flow_kg_s) {
        largest_now_kg_s = std::max(largest_now_kg_s, std::abs(flow));
    }
    largest_kg_s = std::max(largest_kg_s, largest_now_kg_s);
    const bool stands = largest_now_kg_s <= standing_share * largest_kg_s;
    const double still_kg_s = stands ? largest_now_kg_s : still_share * largest_kg_s;
    for (std::size_t link = 0; link < first.count; ++link) {
        if (std::abs(flow_kg_s[link]) <= still_kg_s) {
            flow_kg_s[link] = 0.0;
        }
        if (link < first.stores()) {
            passes[link] = std::abs(flow_kg_s[link]) * scenario.step_s > volumes.mass_kg(link) ? 1 : 0;
        }
    }
    take_node_flows();
}

void Simulation::State::take_node_flows() {
    for (std::size_t node = 0; node < network.nodes.size(); ++node) {
        const double enters = hydraulics.node_inflow_kg_s[node];
        inflow[node] = {std::max(enters, 0.0), water.enthalpy_j_kg(network.nodes[node].inflow_temperature_c)};
        outflow_kg_s[node] = std::max(-enters, 0.0);
    }
    for (std::size_t i = 0; i < network.leaks.size(); ++i) {
        outflow_kg_s[at(network.leaks[i].node)] += std::max(hydraulics.leak_mass_flow_kg_s[i], 0.0);
    }
}

Result<> Simulation::State::solve_hydraulics() {
    auto how = settings.solve;
    how.with_heat = false;
    how.demand = driven ? SolveSettings::Demand::pressure_driven : how.demand;
    ++hydraulic_solves;
    auto solution = (driven ? driven_solver : solver).solve(network, how);
    const bool served = all_served(solution);
    if (!served && how.demand == SolveSettings::Demand::as_asked) {
        driven = true;
        return solve_hydraulics();
    }
    if (!solution.converged) {
        return no_solution(network, solution, static_cast<double>(steps) * scenario.step_s);
    }
    driven = driven && !served;
    hydraulics = std::move(solution);
    solved_node_j_kg.assign(mixing.node_j_kg().begin(), mixing.node_j_kg().end());
    take_flows();
    set_laws();
    return {};
}

/// What consumers of heat want with the water they have. @return whether any wants a noticeably different flow
bool Simulation::State::choose_flows() {
    bool changed = false;
    for (std::size_t i = 0; i < network.consumers.size(); ++i) {
        if (!wants_heat(control[i])) {
            continue;
        }
        auto& consumer = network.consumers[i];
        const double usual = needed_flow_kg_s(consumer, control[i], reference_j_kg[i], water);
        const double flow_max = settings.flow_max_share * std::max(consumer.design_mass_flow_kg_s, usual);
        const double now = mixing.node_j_kg()[at(consumer.from)];
        const double wanted = std::min(needed_flow_kg_s(consumer, control[i], now, water), flow_max);
        if (std::abs(wanted - consumer.mass_flow_kg_s) > settings.flow_tolerance * consumer.mass_flow_kg_s) {
            wanted_kg_s[i] = wanted;
            changed = true;
        } else {
            wanted_kg_s[i] = consumer.mass_flow_kg_s;
        }
    }
    return changed;
}

bool Simulation::State::temperatures_moved() const {
    const double limit = settings.temperature_tolerance_k * usual_heat_capacity_j_kgk;
    const auto now = mixing.node_j_kg();
    for (std::size_t node = 0; node < now.size(); ++node) {
        if (std::abs(now[node] - solved_node_j_kg[node]) > limit) {
            return true;
        }
    }
    return false;
}

Result<> Simulation::State::step() {
    const double middle_s = (static_cast<double>(steps) + 0.5) * scenario.step_s;
    const auto effects = course.apply(scenario, middle_s, network);
    const auto had = [&](Effect effect) { return (effects >> static_cast<unsigned>(effect) & 1U) != 0; };
    bool dirty = had(Effect::hydraulics);
    if (had(Effect::stations)) {
        set_laws();
    }
    if (choose_flows()) {
        dirty = true;
        for (std::size_t i = 0; i < network.consumers.size(); ++i) {
            if (wants_heat(control[i])) {
                network.consumers[i].mass_flow_kg_s = wanted_kg_s[i];
            }
        }
    }
    if (dirty || temperatures_moved()) {
        NUANSHU_TRY_VOID(solve_hydraulics());
    }
    if (had(Effect::inflows)) {
        take_node_flows();
    }
    if (had(Effect::surroundings) || steps % losses_every_steps == 0) {
        set_losses();
    }
    carry_heat();
    ++steps;
    stepped = true;
    return {};
}

void Simulation::State::carry_heat() {
    const auto stores = std::span(flow_kg_s).first(first.stores());
    volumes.draw(scenario.step_s, stores, outflow);
    mixing.mix(outflow, laws, inflow, water);
    for (std::size_t store = 0; store < first.stores(); ++store) {
        store_inlet_j_kg[store] = mixing.inlet_j_kg(store);
    }
    volumes.push(scenario.step_s, stores, store_inlet_j_kg);
    settle_still_nodes();
    keep_account();
}

/// Where nothing arrives, a node is as warm as the water that stands in a pipe there.
void Simulation::State::settle_still_nodes() {
    for (const auto node : mixing.still_nodes()) {
        const auto store = mixing.store_at(node);
        if (store >= 0 && inflow[at(node)].mass_flow_kg_s == 0.0) {
            const bool from = mixing.ends()[at(store)].from == node;
            mixing.node_j_kg()[at(node)] = volumes.end_j_kg(at(store), from ? PlugFlow::End::from : PlugFlow::End::to);
        }
    }
}

void Simulation::State::keep_account() {
    const double dt = scenario.step_s;
    const auto gained_w = [&](std::size_t begin, std::size_t end) {
        double sum = 0.0;
        for (std::size_t link = begin; link < end; ++link) {
            sum += flow_kg_s[link] == 0.0
                       ? 0.0
                       : std::abs(flow_kg_s[link]) * (mixing.outlet_j_kg()[link] - mixing.inlet_j_kg(link));
        }
        return sum;
    };
    source_w = gained_w(first.sources, first.consumers);
    consumer_w = -gained_w(first.consumers, first.count);
    double lost_j = 0.0;
    for (std::size_t store = 0; store < first.stores(); ++store) {
        lost_j += volumes.heat_lost_j(store);
    }
    loss_w = lost_j / dt;
    heat.sources_j += source_w * dt;
    heat.consumers_j += consumer_w * dt;
    heat.losses_j += lost_j;
    for (std::size_t node = 0; node < inflow.size(); ++node) {
        heat.inflow_j += dt * inflow[node].mass_flow_kg_s * inflow[node].enthalpy_j_kg;
        heat.outflow_j += dt * outflow_kg_s[node] * mixing.node_j_kg()[node];
    }
}

double Simulation::State::stored_j() const {
    double sum = 0.0;
    for (std::size_t store = 0; store < first.stores(); ++store) {
        sum += volumes.stored_j(store);
    }
    return sum;
}

HeatAccount Simulation::State::account() const {
    auto result = heat;
    result.stored_j = stored_j() - stored_start_j;
    return result;
}

}  // namespace nuanshu::network

#include "engines/network/src/boundary_values.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engines/network/src/element_heat.h"

namespace nuanshu::network {
namespace {

template <class T>
void put(std::vector<T>& elements, const T& element) {
    elements.push_back(element);
    elements.back().from = 0;
    elements.back().to = 1;
}

template <class T>
void take_ends(const Network& network, const T& element, Network& single) {
    single.nodes.push_back(network.nodes[element.from]);
    single.nodes.push_back(network.nodes[element.to]);
}

double* roughness_of(Network& single) {
    auto& pipe = single.pipes.front();
    return single.friction == Friction::hazen_williams ? &pipe.hazen_williams : &pipe.roughness_m;
}

double* u_value_of(Pipe& pipe) {
    pipe.insulation.u_value_w_mk = heat_transmission_w_mk(pipe);
    return &pipe.insulation.u_value_w_mk;
}

double* ambient_of(Network& single) {
    auto& ambient = single.pipes.front().ambient_temperature_c;
    ambient = ambient.value_or(single.ambient_temperature_c);
    return &*ambient;
}

double* return_of(Consumer& consumer) {
    return consumer.return_temperature_c ? &*consumer.return_temperature_c : nullptr;
}

}  // namespace

std::string_view to_string(BoundaryKind kind) {
    static constexpr std::array<std::string_view, 23> names = {"node_demand_kg_s",
                                                               "held_pressure_pa",
                                                               "inflow_temperature_c",
                                                               "pipe_roughness_m",
                                                               "pipe_u_value_w_mk",
                                                               "pipe_ambient_c",
                                                               "ambient_c",
                                                               "pump_speed",
                                                               "pump_pressure_rise_pa",
                                                               "pump_mass_flow_kg_s",
                                                               "valve_opening",
                                                               "valve_set_pressure_pa",
                                                               "valve_set_mass_flow_kg_s",
                                                               "source_pressure_rise_pa",
                                                               "source_speed",
                                                               "source_mass_flow_kg_s",
                                                               "source_supply_temperature_c",
                                                               "source_heat_w",
                                                               "consumer_heat_w",
                                                               "consumer_mass_flow_kg_s",
                                                               "consumer_return_temperature_c",
                                                               "consumer_opening",
                                                               "leak_area_m2"};
    return names.at(static_cast<std::size_t>(kind));
}

std::optional<Element> element_of(const BoundaryValue& boundary) {
    switch (boundary.kind) {
        case BoundaryKind::node_demand_kg_s:
        case BoundaryKind::held_pressure_pa:
        case BoundaryKind::inflow_temperature_c:
            return Element{ElementKind::node, boundary.index};
        case BoundaryKind::pipe_roughness_m:
        case BoundaryKind::pipe_u_value_w_mk:
        case BoundaryKind::pipe_ambient_c:
            return Element{ElementKind::pipe, boundary.index};
        case BoundaryKind::ambient_c:
            return std::nullopt;
        case BoundaryKind::pump_speed:
        case BoundaryKind::pump_pressure_rise_pa:
        case BoundaryKind::pump_mass_flow_kg_s:
            return Element{ElementKind::pump, boundary.index};
        case BoundaryKind::valve_opening:
        case BoundaryKind::valve_set_pressure_pa:
        case BoundaryKind::valve_set_mass_flow_kg_s:
            return Element{ElementKind::valve, boundary.index};
        case BoundaryKind::source_pressure_rise_pa:
        case BoundaryKind::source_speed:
        case BoundaryKind::source_mass_flow_kg_s:
        case BoundaryKind::source_supply_temperature_c:
        case BoundaryKind::source_heat_w:
            return Element{ElementKind::source, boundary.index};
        case BoundaryKind::consumer_heat_w:
        case BoundaryKind::consumer_mass_flow_kg_s:
        case BoundaryKind::consumer_return_temperature_c:
        case BoundaryKind::consumer_opening:
            return Element{ElementKind::consumer, boundary.index};
        case BoundaryKind::leak_area_m2:
            return Element{ElementKind::leak, boundary.index};
    }
    return std::nullopt;
}

bool exists(const Network& network, Element element) {
    const auto below = [&](const auto& elements) {
        return element.index >= 0 && static_cast<std::size_t>(element.index) < elements.size();
    };
    switch (element.kind) {
        case ElementKind::node:
            return below(network.nodes);
        case ElementKind::pipe:
            return below(network.pipes);
        case ElementKind::pump:
            return below(network.pumps);
        case ElementKind::valve:
            return below(network.valves);
        case ElementKind::source:
            return below(network.sources);
        case ElementKind::consumer:
            return below(network.consumers);
        case ElementKind::leak:
            return below(network.leaks);
        case ElementKind::tank:
            return below(network.tanks);
    }
    return false;
}

Network only(const Network& network, Element link) {
    Network single;
    single.fluid = network.fluid;
    single.friction = network.friction;
    single.gravity_m_s2 = network.gravity_m_s2;
    single.ambient_temperature_c = network.ambient_temperature_c;
    const auto take = [&](const auto& from, auto& to) {
        take_ends(network, from[link.index], single);
        put(to, from[link.index]);
    };
    switch (link.kind) {
        case ElementKind::pipe:
            take(network.pipes, single.pipes);
            break;
        case ElementKind::pump:
            take(network.pumps, single.pumps);
            break;
        case ElementKind::valve:
            take(network.valves, single.valves);
            break;
        case ElementKind::source:
            take(network.sources, single.sources);
            break;
        case ElementKind::consumer:
            take(network.consumers, single.consumers);
            break;
        default:
            break;
    }
    return single;
}

double* value_of(Network& single, BoundaryKind kind) {
    switch (kind) {
        case BoundaryKind::pipe_roughness_m:
            return roughness_of(single);
        case BoundaryKind::pipe_u_value_w_mk:
            return u_value_of(single.pipes.front());
        case BoundaryKind::pipe_ambient_c:
            return ambient_of(single);
        case BoundaryKind::pump_speed:
            return &single.pumps.front().speed;
        case BoundaryKind::pump_pressure_rise_pa:
            return &single.pumps.front().pressure_rise_pa;
        case BoundaryKind::pump_mass_flow_kg_s:
            return &single.pumps.front().mass_flow_kg_s;
        case BoundaryKind::valve_opening:
            return &single.valves.front().throttle.opening;
        case BoundaryKind::valve_set_pressure_pa:
            return &single.valves.front().set_pressure_pa;
        case BoundaryKind::valve_set_mass_flow_kg_s:
            return &single.valves.front().set_mass_flow_kg_s;
        case BoundaryKind::source_pressure_rise_pa:
            return &single.sources.front().pressure_rise_pa;
        case BoundaryKind::source_speed:
            return &single.sources.front().speed;
        case BoundaryKind::source_mass_flow_kg_s:
            return &single.sources.front().mass_flow_kg_s;
        case BoundaryKind::source_supply_temperature_c:
            return &single.sources.front().supply_temperature_c;
        case BoundaryKind::source_heat_w:
            return &single.sources.front().heat_w;
        case BoundaryKind::consumer_heat_w:
            return &single.consumers.front().heat_w;
        case BoundaryKind::consumer_mass_flow_kg_s:
            return &single.consumers.front().mass_flow_kg_s;
        case BoundaryKind::consumer_return_temperature_c:
            return return_of(single.consumers.front());
        case BoundaryKind::consumer_opening:
            return &single.consumers.front().throttle.opening;
        default:
            return nullptr;
    }
}

double step_of(BoundaryKind kind, double value) {
    const double size = kind == BoundaryKind::pipe_roughness_m ? 1e-5 : 1.0;
    return 1e-5 * std::max(std::abs(value), size);
}

}  // namespace nuanshu::network

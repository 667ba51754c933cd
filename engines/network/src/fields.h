#pragma once

#include <span>
#include <string_view>
#include <type_traits>

#include "engines/network/network.h"

/// The fields of a network's elements, named once: reading, writing and the schema are three visitors of describe().
/// A visitor has `operator()(name, pointer to member, need)` for values, and `node()`, `pipe()` for what JSON names by
/// id and the structs hold as a position.
namespace nuanshu::network {

enum class Need : bool { optional, required };

/// JSON's words for an enumeration, by its values' order.
template <class Enumeration>
std::span<const std::string_view> words_of();

template <class T>
using Of = std::type_identity<T>;

template <class Visitor>
void describe(Visitor& field, Of<Node>) {
    field("id", &Node::id, Need::required);
    field("elevation_m", &Node::elevation_m);
    field("x", &Node::x);
    field("y", &Node::y);
    field("side", &Node::side);
    field("demand_kg_s", &Node::demand_kg_s);
    field("held_pressure_pa", &Node::held_pressure_pa);
    field("inflow_temperature_c", &Node::inflow_temperature_c);
}

template <class Visitor>
void describe(Visitor& field, Of<InsulationLayer>) {
    field("thickness_m", &InsulationLayer::thickness_m, Need::required);
    field("conductivity_w_mk", &InsulationLayer::conductivity_w_mk, Need::required);
}

template <class Visitor>
void describe(Visitor& field, Of<Insulation>) {
    field("u_value_w_mk", &Insulation::u_value_w_mk);
    field("layers", &Insulation::layers);
    field("burial_depth_m", &Insulation::burial_depth_m);
    field("ground_conductivity_w_mk", &Insulation::ground_conductivity_w_mk);
}

/// Every link has an id and two nodes.
template <class Link, class Visitor>
void describe_ends(Visitor& field) {
    field("id", &Link::id, Need::required);
    field.node("from", &Link::from, Need::required);
    field.node("to", &Link::to, Need::required);
}

template <class Visitor>
void describe(Visitor& field, Of<Pipe>) {
    describe_ends<Pipe>(field);
    field("length_m", &Pipe::length_m, Need::required);
    field("inner_diameter_m", &Pipe::inner_diameter_m, Need::required);
    field("roughness_m", &Pipe::roughness_m);
    field("hazen_williams", &Pipe::hazen_williams);
    field("minor_loss", &Pipe::minor_loss);
    field("insulation", &Pipe::insulation);
    field("ambient_temperature_c", &Pipe::ambient_temperature_c);
    field("wall_heat_capacity_j_mk", &Pipe::wall_heat_capacity_j_mk);
    field("open", &Pipe::open);
    field("check_valve", &Pipe::check_valve);
}

template <class Visitor>
void describe(Visitor& field, Of<PumpCurve::Point>) {
    field("volume_flow_m3_s", &PumpCurve::Point::volume_flow_m3_s, Need::required);
    field("head_m", &PumpCurve::Point::head_m, Need::required);
}

template <class Visitor>
void describe(Visitor& field, Of<PumpCurve>) {
    field("form", &PumpCurve::form);
    field("points", &PumpCurve::points);
    field("coefficients", &PumpCurve::coefficients);
}

template <class Visitor>
void describe(Visitor& field, Of<Pump>) {
    describe_ends<Pump>(field);
    field("control", &Pump::control);
    field("curve", &Pump::curve);
    field("speed", &Pump::speed);
    field("pressure_rise_pa", &Pump::pressure_rise_pa);
    field("mass_flow_kg_s", &Pump::mass_flow_kg_s);
    field("efficiency", &Pump::efficiency);
    field("running", &Pump::running);
}

template <class Visitor>
void describe(Visitor& field, Of<Throttle>) {
    field("kvs_m3_h", &Throttle::kvs_m3_h);
    field("opening", &Throttle::opening);
    field("characteristic", &Throttle::characteristic);
    field("rangeability", &Throttle::rangeability);
}

template <class Visitor>
void describe(Visitor& field, Of<Valve>) {
    describe_ends<Valve>(field);
    field("kind", &Valve::kind);
    field("inner_diameter_m", &Valve::inner_diameter_m);
    field("loss_coefficient", &Valve::loss_coefficient);
    field("throttle", &Valve::throttle);
    field("set_pressure_pa", &Valve::set_pressure_pa);
    field("set_mass_flow_kg_s", &Valve::set_mass_flow_kg_s);
    field.node("sense_high", &Valve::sense_high);
    field.node("sense_low", &Valve::sense_low);
    field("open", &Valve::open);
    field("operable", &Valve::operable);
}

template <class Visitor>
void describe(Visitor& field, Of<Source>) {
    describe_ends<Source>(field);
    field("control", &Source::control);
    field("pressure_rise_pa", &Source::pressure_rise_pa);
    field("curve", &Source::curve);
    field("speed", &Source::speed);
    field("mass_flow_kg_s", &Source::mass_flow_kg_s);
    field("loss_coefficient_pa_s2_kg2", &Source::loss_coefficient_pa_s2_kg2);
    field("heat_control", &Source::heat_control);
    field("supply_temperature_c", &Source::supply_temperature_c);
    field("heat_w", &Source::heat_w);
    field("running", &Source::running);
}

template <class Visitor>
void describe(Visitor& field, Of<Exchanger>) {
    field("ua_w_k", &Exchanger::ua_w_k);
    field("secondary_mass_flow_kg_s", &Exchanger::secondary_mass_flow_kg_s);
    field("secondary_inlet_temperature_c", &Exchanger::secondary_inlet_temperature_c);
}

template <class Visitor>
void describe(Visitor& field, Of<Consumer>) {
    describe_ends<Consumer>(field);
    field("control", &Consumer::control);
    field("heat_w", &Consumer::heat_w);
    field("return_temperature_c", &Consumer::return_temperature_c);
    field("temperature_drop_k", &Consumer::temperature_drop_k);
    field("mass_flow_kg_s", &Consumer::mass_flow_kg_s);
    field("throttle", &Consumer::throttle);
    field("loss_coefficient_pa_s2_kg2", &Consumer::loss_coefficient_pa_s2_kg2);
    field("exchanger", &Consumer::exchanger);
    field("differential_pressure_limit_pa", &Consumer::differential_pressure_limit_pa);
    field("required_differential_pressure_pa", &Consumer::required_differential_pressure_pa);
    field("design_mass_flow_kg_s", &Consumer::design_mass_flow_kg_s);
    field("open", &Consumer::open);
}

template <class Visitor>
void describe(Visitor& field, Of<Leak>) {
    field("id", &Leak::id, Need::required);
    field.node("node", &Leak::node);
    field.pipe("pipe", &Leak::pipe);
    field("position", &Leak::position);
    field("area_m2", &Leak::area_m2, Need::required);
    field("discharge_coefficient", &Leak::discharge_coefficient);
}

template <class Visitor>
void describe(Visitor& field, Of<Tank>) {
    describe_ends<Tank>(field);
    field("volume_m3", &Tank::volume_m3, Need::required);
    field("height_m", &Tank::height_m);
    field("charge_mass_flow_kg_s", &Tank::charge_mass_flow_kg_s);
    field("top_temperature_c", &Tank::top_temperature_c);
    field("bottom_temperature_c", &Tank::bottom_temperature_c);
    field("hot_fraction", &Tank::hot_fraction);
    field("heat_loss_w_k", &Tank::heat_loss_w_k);
    field("ambient_temperature_c", &Tank::ambient_temperature_c);
}

template <class Visitor>
void describe(Visitor& field, Of<Fluid>) {
    field("constant", &Fluid::constant);
    field("density_kg_m3", &Fluid::density_kg_m3);
    field("kinematic_viscosity_m2_s", &Fluid::kinematic_viscosity_m2_s);
    field("specific_heat_j_kgk", &Fluid::specific_heat_j_kgk);
}

/// Nodes first, then pipes, since what follows names them.
template <class Visitor>
void describe(Visitor& field, Of<Network>) {
    field("title", &Network::title);
    field("fluid", &Network::fluid);
    field("friction", &Network::friction);
    field("gravity_m_s2", &Network::gravity_m_s2);
    field("ambient_temperature_c", &Network::ambient_temperature_c);
    field("nodes", &Network::nodes, Need::required);
    field("pipes", &Network::pipes);
    field("pumps", &Network::pumps);
    field("valves", &Network::valves);
    field("sources", &Network::sources);
    field("consumers", &Network::consumers);
    field("leaks", &Network::leaks);
    field("tanks", &Network::tanks);
}

}  // namespace nuanshu::network

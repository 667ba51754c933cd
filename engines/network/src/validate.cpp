#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "engines/network/network.h"

namespace nuanshu::network {
namespace {

/// What a value may be, and what a value outside often means.
struct Range {
    double min = 0.0, max = 0.0;
    bool min_excluded = false;
    std::string_view hint = "";
};

constexpr Range length_range{0.0, 1e6, true, "; is it in millimetres?"};
constexpr Range diameter_range{0.0, 20.0, true, "; is it in millimetres?"};
constexpr Range optional_diameter_range{0.0, 20.0, false, "; is it in millimetres?"};
constexpr Range elevation_range{-1000.0, 9000.0, false, ""};
constexpr Range temperature_range{0.0, 200.0, false, "; is it in kelvin or in tenths?"};
constexpr Range ambient_range{-60.0, 120.0, false, "; is it in kelvin or in tenths?"};
constexpr Range pressure_range{-1e5, 2e7, false, "; is it in pascals over the atmosphere?"};
constexpr Range rise_range{0.0, 2e7, false, "; is it in pascals?"};
constexpr Range flow_range{0.0, 1e5, false, "; is it in kg/s?"};
constexpr Range signed_flow_range{-1e5, 1e5, false, "; is it in kg/s?"};
constexpr Range heat_range{0.0, 1e10, false, "; is it in watts?"};
constexpr Range signed_heat_range{-1e10, 1e10, false, "; is it in watts?"};
constexpr Range not_negative{0.0, 1e12, false, ""};
constexpr Range positive{0.0, 1e12, true, ""};
constexpr Range share{0.0, 1.0, false, "; it is a share, not per cent"};
constexpr Range positive_share{0.0, 1.0, true, "; it is a share, not per cent"};

/// Collects the faults of one kind of elements, e.g. "pipes".
class Checker {
 public:
    Checker(Diagnostics& faults, const Network& network, std::string_view list)
        : faults_(faults), nodes_(static_cast<NodeIndex>(network.nodes.size())), list_(list) {}

    void fault(const std::string& id, std::string_view field, std::string text) {
        faults_.push_back(
            {"", 0, fmt::format("{}.{}{}{}", list_, id, field.empty() ? "" : ".", field), std::move(text)});
    }
    void value(const std::string& id, std::string_view field, double value, const Range& range) {
        const bool above_min = range.min_excluded ? value > range.min : value >= range.min;
        if (!(above_min && value <= range.max)) {
            out_of_range(id, field, value, range);
        }
    }
    void value(const std::string& id, std::string_view field, const std::optional<double>& value, const Range& range) {
        if (value) {
            this->value(id, field, *value, range);
        }
    }
    bool node(const std::string& id, std::string_view field, NodeIndex node) {
        if (node >= 0 && node < nodes_) {
            return true;
        }
        fault(id, field, fmt::format("there is no node at position {}; the positions are 0 to {}", node, nodes_ - 1));
        return false;
    }
    template <class Link>
    void ends(const Link& link) {
        const bool known = node(link.id, "from", link.from) & node(link.id, "to", link.to);
        if (known && link.from == link.to) {
            fault(link.id, "to", "begins and ends at the same node; join two nodes");
        }
    }

 private:
    void out_of_range(const std::string& id, std::string_view field, double value, const Range& range) {
        if (!std::isfinite(value)) {
            fault(id, field, "is no finite number");
        } else if (value <= range.min) {
            fault(id, field,
                  fmt::format("{} is not {} {}", value, range.min_excluded ? "above" : "at least", range.min));
        } else {
            fault(id, field, fmt::format("{} is above {}{}", value, range.max, range.hint));
        }
    }

    Diagnostics& faults_;
    NodeIndex nodes_;
    std::string_view list_;
};

template <class Element>
void check_ids(Checker& checker, const std::vector<Element>& elements) {
    std::unordered_map<std::string_view, std::size_t> first;
    first.reserve(elements.size());
    for (std::size_t i = 0; i < elements.size(); ++i) {
        const auto& id = elements[i].id;
        if (id.empty()) {
            checker.fault(std::to_string(i), "id", "is empty; give each element an id of its own");
        } else if (const auto [at, added] = first.emplace(id, i); !added) {
            checker.fault(id, "id", fmt::format("is given twice: to elements {} and {} of the list", at->second, i));
        }
    }
}

void check_fluid(const Network& network, Diagnostics& faults) {
    Checker checker(faults, network, "fluid");
    const auto& fluid = network.fluid;
    if (fluid.constant) {
        checker.value("density_kg_m3", "", fluid.density_kg_m3, {100.0, 5000.0, false, ""});
        checker.value("kinematic_viscosity_m2_s", "", fluid.kinematic_viscosity_m2_s,
                      {0.0, 1.0, true, "; is it in mm²/s?"});
        checker.value("specific_heat_j_kgk", "", fluid.specific_heat_j_kgk, {0.0, 1e5, true, ""});
    }
    Checker whole(faults, network, "network");
    whole.value("gravity_m_s2", "", network.gravity_m_s2, {0.0, 100.0, false, ""});
    whole.value("ambient_temperature_c", "", network.ambient_temperature_c, ambient_range);
}

void check_node(Checker& checker, const Node& node) {
    checker.value(node.id, "elevation_m", node.elevation_m, elevation_range);
    checker.value(node.id, "demand_kg_s", node.demand_kg_s, signed_flow_range);
    checker.value(node.id, "held_pressure_pa", node.held_pressure_pa, pressure_range);
    checker.value(node.id, "inflow_temperature_c", node.inflow_temperature_c, temperature_range);
    checker.value(node.id, "x", node.x, {-1e9, 1e9, false, ""});
    checker.value(node.id, "y", node.y, {-1e9, 1e9, false, ""});
    if (node.x.has_value() != node.y.has_value()) {
        checker.fault(node.id, node.x ? "y" : "x", "is missing; a node has both coordinates or none");
    }
}

void check_insulation(Checker& checker, const Pipe& pipe) {
    const auto& insulation = pipe.insulation;
    checker.value(pipe.id, "insulation.u_value_w_mk", insulation.u_value_w_mk, {-1e12, 1e6, false, ""});
    checker.value(pipe.id, "insulation.burial_depth_m", insulation.burial_depth_m, {0.0, 100.0, false, ""});
    checker.value(pipe.id, "insulation.ground_conductivity_w_mk", insulation.ground_conductivity_w_mk,
                  {0.0, 100.0, true, ""});
    double radius_m = pipe.inner_diameter_m / 2;
    for (const auto& layer : insulation.layers) {
        checker.value(pipe.id, "insulation.layers.thickness_m", layer.thickness_m,
                      {0.0, 2.0, false, "; is it in millimetres?"});
        checker.value(pipe.id, "insulation.layers.conductivity_w_mk", layer.conductivity_w_mk, {0.0, 1000.0, true, ""});
        radius_m += layer.thickness_m;
    }
    if (insulation.burial_depth_m > 0.0 && insulation.u_value_w_mk < 0.0 && insulation.burial_depth_m <= radius_m) {
        checker.fault(
            pipe.id, "insulation.burial_depth_m",
            fmt::format("{} m is not below the pipe's own radius of {:.3f} m; it is the axis' depth, 0 in air",
                        insulation.burial_depth_m, radius_m));
    }
}

void check_pipe(Checker& checker, const Pipe& pipe, Friction friction) {
    checker.ends(pipe);
    checker.value(pipe.id, "length_m", pipe.length_m, length_range);
    checker.value(pipe.id, "inner_diameter_m", pipe.inner_diameter_m, diameter_range);
    checker.value(pipe.id, "minor_loss", pipe.minor_loss, not_negative);
    checker.value(pipe.id, "ambient_temperature_c", pipe.ambient_temperature_c, ambient_range);
    checker.value(pipe.id, "wall_heat_capacity_j_mk", pipe.wall_heat_capacity_j_mk, not_negative);
    if (friction == Friction::hazen_williams) {
        checker.value(pipe.id, "hazen_williams", pipe.hazen_williams, {0.0, 1e4, true, ""});
    } else {
        checker.value(pipe.id, "roughness_m", pipe.roughness_m, {0.0, 0.1, false, "; is it in millimetres?"});
    }
    check_insulation(checker, pipe);
}

void check_points(Checker& checker, const std::string& id, const std::vector<PumpCurve::Point>& points) {
    for (std::size_t i = 1; i < points.size(); ++i) {
        if (!(points[i].volume_flow_m3_s > points[i - 1].volume_flow_m3_s) ||
            !(points[i].head_m < points[i - 1].head_m)) {
            checker.fault(id, "curve.points",
                          fmt::format("point {} does not have more flow and less head than the one before it", i + 1));
            return;
        }
    }
    for (const auto& point : points) {
        checker.value(id, "curve.points.volume_flow_m3_s", point.volume_flow_m3_s,
                      {0.0, 1e3, false, "; is it in m³/s?"});
        checker.value(id, "curve.points.head_m", point.head_m, {-1e4, 1e4, false, "; is it in metres?"});
    }
}

void check_curve(Checker& checker, const std::string& id, const PumpCurve& curve) {
    if (curve.form == PumpCurve::Form::polynomial) {
        if (curve.coefficients.empty()) {
            checker.fault(id, "curve.coefficients", "is empty; give the head at zero flow and what follows");
        }
        for (const double coefficient : curve.coefficients) {
            checker.value(id, "curve.coefficients", coefficient, {-1e12, 1e12, false, ""});
        }
        return;
    }
    const bool power = curve.form == PumpCurve::Form::power;
    if (power ? curve.points.size() != 3 || curve.points[0].volume_flow_m3_s != 0.0 : curve.points.size() < 2) {
        checker.fault(
            id, "curve.points",
            power ? "a power curve goes through three points, the first at zero flow" : "at least two are wanted");
    }
    check_points(checker, id, curve.points);
}

void check_pump(Checker& checker, const Pump& pump) {
    checker.ends(pump);
    checker.value(pump.id, "speed", pump.speed, {0.0, 10.0, false, "; it is relative to the curve's, not per cent"});
    checker.value(pump.id, "efficiency", pump.efficiency, positive_share);
    checker.value(pump.id, "pressure_rise_pa", pump.pressure_rise_pa, rise_range);
    checker.value(pump.id, "mass_flow_kg_s", pump.mass_flow_kg_s, flow_range);
    if (pump.control == PumpControl::curve) {
        check_curve(checker, pump.id, pump.curve);
    }
}

void check_throttle(Checker& checker, const std::string& id, const Throttle& throttle) {
    checker.value(id, "throttle.kvs_m3_h", throttle.kvs_m3_h, {0.0, 1e6, false, ""});
    checker.value(id, "throttle.opening", throttle.opening, share);
    checker.value(id, "throttle.rangeability", throttle.rangeability, {1.0, 1e4, true, ""});
}

bool needs_body(ValveKind kind) {
    return kind == ValveKind::throttle;
}

void check_sensing(Checker& checker, const Valve& valve) {
    const bool known =
        checker.node(valve.id, "sense_high", valve.sense_high) & checker.node(valve.id, "sense_low", valve.sense_low);
    if (known && valve.sense_high == valve.sense_low) {
        checker.fault(valve.id, "sense_low", "is the node of sense_high; a difference is between two nodes");
    } else if (known && valve.sense_high == valve.from && valve.sense_low == valve.to) {
        checker.fault(
            valve.id, "sense_high",
            "the valve measures over itself, where throttling raises the difference; measure over what it serves");
    }
}

void check_valve(Checker& checker, const Valve& valve) {
    checker.ends(valve);
    checker.value(valve.id, "inner_diameter_m", valve.inner_diameter_m, optional_diameter_range);
    checker.value(valve.id, "loss_coefficient", valve.loss_coefficient, not_negative);
    checker.value(valve.id, "set_mass_flow_kg_s", valve.set_mass_flow_kg_s, flow_range);
    checker.value(valve.id, "set_pressure_pa", valve.set_pressure_pa, pressure_range);
    check_throttle(checker, valve.id, valve.throttle);
    if (valve.loss_coefficient > 0.0 && valve.throttle.kvs_m3_h <= 0.0) {
        checker.value(valve.id, "inner_diameter_m", valve.inner_diameter_m, {0.0, 1e9, true, ""});
    }
    if (needs_body(valve.kind) && valve.throttle.kvs_m3_h <= 0.0 && valve.inner_diameter_m <= 0.0) {
        checker.fault(valve.id, "throttle.kvs_m3_h",
                      "a throttle wants kvs_m3_h, or loss_coefficient and inner_diameter_m");
    }
    if (valve.kind == ValveKind::differential_pressure) {
        check_sensing(checker, valve);
    }
}

void check_source(Checker& checker, const Source& source) {
    checker.ends(source);
    checker.value(source.id, "pressure_rise_pa", source.pressure_rise_pa, rise_range);
    checker.value(source.id, "speed", source.speed,
                  {0.0, 10.0, false, "; it is relative to the curve's, not per cent"});
    checker.value(source.id, "mass_flow_kg_s", source.mass_flow_kg_s, flow_range);
    checker.value(source.id, "loss_coefficient_pa_s2_kg2", source.loss_coefficient_pa_s2_kg2, not_negative);
    checker.value(source.id, "supply_temperature_c", source.supply_temperature_c, temperature_range);
    checker.value(source.id, "heat_w", source.heat_w, signed_heat_range);
    if (source.control == SourceControl::pump_curve) {
        check_curve(checker, source.id, source.curve);
    }
}

void check_consumer_control(Checker& checker, const Consumer& consumer) {
    switch (consumer.control) {
        case ConsumerControl::heat_and_return:
            if (!consumer.return_temperature_c) {
                checker.fault(consumer.id, "return_temperature_c", "is missing; control heat_and_return wants it");
            }
            break;
        case ConsumerControl::heat_and_drop:
            if (!consumer.temperature_drop_k) {
                checker.fault(consumer.id, "temperature_drop_k", "is missing; control heat_and_drop wants it");
            }
            break;
        case ConsumerControl::valve:
            if (consumer.throttle.kvs_m3_h <= 0.0) {
                checker.fault(consumer.id, "throttle.kvs_m3_h", "is not above 0; control valve wants it");
            }
            break;
        case ConsumerControl::flow:
            break;
    }
}

void check_consumer(Checker& checker, const Consumer& consumer) {
    checker.ends(consumer);
    checker.value(consumer.id, "heat_w", consumer.heat_w, heat_range);
    checker.value(consumer.id, "return_temperature_c", consumer.return_temperature_c, temperature_range);
    checker.value(consumer.id, "temperature_drop_k", consumer.temperature_drop_k, {0.0, 200.0, true, ""});
    checker.value(consumer.id, "mass_flow_kg_s", consumer.mass_flow_kg_s, flow_range);
    checker.value(consumer.id, "loss_coefficient_pa_s2_kg2", consumer.loss_coefficient_pa_s2_kg2, not_negative);
    checker.value(consumer.id, "design_mass_flow_kg_s", consumer.design_mass_flow_kg_s, flow_range);
    checker.value(consumer.id, "differential_pressure_limit_pa", consumer.differential_pressure_limit_pa, rise_range);
    checker.value(consumer.id, "required_differential_pressure_pa", consumer.required_differential_pressure_pa,
                  rise_range);
    checker.value(consumer.id, "exchanger.ua_w_k", consumer.exchanger.ua_w_k, not_negative);
    if (consumer.exchanger.ua_w_k > 0.0) {
        checker.value(consumer.id, "exchanger.secondary_mass_flow_kg_s", consumer.exchanger.secondary_mass_flow_kg_s,
                      flow_range);
        checker.value(consumer.id, "exchanger.secondary_inlet_temperature_c",
                      consumer.exchanger.secondary_inlet_temperature_c, temperature_range);
    }
    check_throttle(checker, consumer.id, consumer.throttle);
    check_consumer_control(checker, consumer);
}

void check_leak(Checker& checker, const Leak& leak, const Network& network) {
    checker.value(leak.id, "area_m2", leak.area_m2, {0.0, 10.0, false, "; is it in mm²?"});
    checker.value(leak.id, "discharge_coefficient", leak.discharge_coefficient, positive_share);
    checker.value(leak.id, "position", leak.position, share);
    if ((leak.node >= 0) == (leak.pipe >= 0)) {
        checker.fault(leak.id, "node", "a leak is at a node or on a pipe: give one of the two");
    } else if (leak.node >= 0) {
        checker.node(leak.id, "node", leak.node);
    } else if (leak.pipe >= static_cast<std::int32_t>(network.pipes.size())) {
        checker.fault(leak.id, "pipe", fmt::format("there is no pipe at position {}", leak.pipe));
    }
}

void check_tank(Checker& checker, const Tank& tank) {
    checker.ends(tank);
    checker.value(tank.id, "volume_m3", tank.volume_m3, positive);
    checker.value(tank.id, "height_m", tank.height_m, {0.0, 200.0, true, ""});
    checker.value(tank.id, "charge_mass_flow_kg_s", tank.charge_mass_flow_kg_s, signed_flow_range);
    checker.value(tank.id, "top_temperature_c", tank.top_temperature_c, temperature_range);
    checker.value(tank.id, "bottom_temperature_c", tank.bottom_temperature_c, temperature_range);
    checker.value(tank.id, "hot_fraction", tank.hot_fraction, share);
    checker.value(tank.id, "heat_loss_w_k", tank.heat_loss_w_k, not_negative);
    checker.value(tank.id, "ambient_temperature_c", tank.ambient_temperature_c, ambient_range);
}

template <class Element, class Check>
void check_list(const Network& network, Diagnostics& faults, std::string_view list,
                const std::vector<Element>& elements, const Check& check) {
    Checker checker(faults, network, list);
    check_ids(checker, elements);
    for (const auto& element : elements) {
        check(checker, element);
    }
}

/// Which nodes hang together.
class Parts {
 public:
    explicit Parts(std::size_t nodes) : parent_(nodes) { std::iota(parent_.begin(), parent_.end(), NodeIndex{0}); }

    NodeIndex of(NodeIndex node) {
        while (parent_[static_cast<std::size_t>(node)] != node) {
            auto& parent = parent_[static_cast<std::size_t>(node)];
            parent = parent_[static_cast<std::size_t>(parent)];
            node = parent;
        }
        return node;
    }
    void join(NodeIndex a, NodeIndex b) { parent_[static_cast<std::size_t>(of(a))] = of(b); }
    template <class Links>
    void join_all(const Links& links) {
        for (const auto& link : links) {
            join(link.from, link.to);
        }
    }

 private:
    std::vector<NodeIndex> parent_;
};

/// Every zone needs a node that holds its pressure. Shut links count as joining: a part that is shut off for now is no
/// fault of the description, the solver names it.
void check_zones_hold_pressure(const Network& network, Diagnostics& faults) {
    Parts parts(network.nodes.size());
    parts.join_all(network.pipes);
    parts.join_all(network.pumps);
    parts.join_all(network.valves);
    parts.join_all(network.sources);
    parts.join_all(network.consumers);
    parts.join_all(network.tanks);
    std::vector<NodeIndex> sizes(network.nodes.size());
    std::vector<char> held(network.nodes.size()), demand(network.nodes.size());
    for (std::size_t i = 0; i < network.nodes.size(); ++i) {
        const auto part = static_cast<std::size_t>(parts.of(static_cast<NodeIndex>(i)));
        ++sizes[part];
        held[part] |= network.nodes[i].held_pressure_pa.has_value();
        demand[part] |= network.nodes[i].demand_kg_s != 0.0;
    }
    Checker checker(faults, network, "nodes");
    for (std::size_t i = 0; i < network.nodes.size(); ++i) {
        if (sizes[i] > 0 && held[i] == 0 && (sizes[i] > 1 || demand[i] != 0)) {
            checker.fault(
                network.nodes[i].id, "held_pressure_pa",
                fmt::format("no node holds the pressure of the {} nodes that hang together with this one; let "
                            "one of them hold it, usually where make-up water enters the return",
                            sizes[i]));
        }
    }
}

/// Two nodes that hold the pressure of one heating circuit drive make-up water from one to the other without end. Water
/// nets fed by several reservoirs are meant so: they have neither heat sources nor consumers. Pumps and valves that
/// hold pressures separate zones.
void check_one_holder_a_zone(const Network& network, Diagnostics& faults) {
    Parts parts(network.nodes.size());
    std::vector<char> heating(network.nodes.size());
    const auto join_open = [&](const auto& links, const auto& open) {
        for (const auto& link : links) {
            if (open(link)) {
                parts.join(link.from, link.to);
            }
        }
    };
    join_open(network.pipes, [](const Pipe& pipe) { return pipe.open; });
    join_open(network.valves, [](const Valve& valve) {
        return valve.open && (valve.kind <= ValveKind::check || valve.kind >= ValveKind::differential_pressure);
    });
    join_open(network.consumers, [](const Consumer& consumer) { return consumer.open; });
    join_open(network.sources, [](const Source& source) { return source.running; });
    const auto mark = [&](const auto& links) {
        for (const auto& link : links) {
            heating[static_cast<std::size_t>(parts.of(link.from))] = 1;
        }
    };
    mark(network.consumers);
    mark(network.sources);
    std::vector<NodeIndex> holder(network.nodes.size(), -1);
    Checker checker(faults, network, "nodes");
    for (std::size_t i = 0; i < network.nodes.size(); ++i) {
        if (!network.nodes[i].held_pressure_pa) {
            continue;
        }
        const auto part = static_cast<std::size_t>(parts.of(static_cast<NodeIndex>(i)));
        if (heating[part] != 0 && holder[part] >= 0) {
            checker.fault(network.nodes[i].id, "held_pressure_pa",
                          fmt::format("node {} holds the pressure of the same zone; let only one of them hold it",
                                      network.nodes[static_cast<std::size_t>(holder[part])].id));
        }
        holder[part] = static_cast<NodeIndex>(i);
    }
}

/// The node whose pressure a valve holds, or none.
NodeIndex held_by(const Valve& valve) {
    switch (valve.kind) {
        case ValveKind::pressure_reducing:
            return valve.to;
        case ValveKind::pressure_sustaining:
            return valve.from;
        default:
            return -1;
    }
}

void check_one_control_a_node(const Network& network, Diagnostics& faults) {
    Checker checker(faults, network, "valves");
    std::unordered_map<NodeIndex, const Valve*> controls;
    for (const auto& valve : network.valves) {
        const auto node = held_by(valve);
        if (node < 0 || !valve.open) {
            continue;
        }
        const auto& held = network.nodes[static_cast<std::size_t>(node)];
        if (held.held_pressure_pa) {
            checker.fault(
                valve.id, "set_pressure_pa",
                fmt::format("node {} has a held pressure already; the valve can hold nothing there", held.id));
        } else if (const auto [at, added] = controls.emplace(node, &valve);
                   !added && at->second->set_pressure_pa != valve.set_pressure_pa) {
            checker.fault(valve.id, "set_pressure_pa",
                          fmt::format("valve {} holds another pressure at the same node {}", at->second->id, held.id));
        }
    }
}

}  // namespace

Diagnostics validate(const Network& network) {
    Diagnostics faults;
    check_fluid(network, faults);
    check_list(network, faults, "nodes", network.nodes, check_node);
    check_list(network, faults, "pipes", network.pipes,
               [&](Checker& checker, const Pipe& pipe) { check_pipe(checker, pipe, network.friction); });
    check_list(network, faults, "pumps", network.pumps, check_pump);
    check_list(network, faults, "valves", network.valves, check_valve);
    check_list(network, faults, "sources", network.sources, check_source);
    check_list(network, faults, "consumers", network.consumers, check_consumer);
    check_list(network, faults, "leaks", network.leaks,
               [&](Checker& checker, const Leak& leak) { check_leak(checker, leak, network); });
    check_list(network, faults, "tanks", network.tanks, check_tank);
    const bool ends_known = std::none_of(faults.begin(), faults.end(), [](const Diagnostic& fault) {
        return fault.text.find("there is no node") != std::string::npos;
    });
    if (ends_known) {
        check_zones_hold_pressure(network, faults);
        check_one_holder_a_zone(network, faults);
        check_one_control_a_node(network, faults);
    }
    return faults;
}

}  // namespace nuanshu::network

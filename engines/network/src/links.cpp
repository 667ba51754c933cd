#include "engines/network/src/links.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/check.h"

namespace nuanshu::network {
namespace {

constexpr double bar_pa = 1e5;
constexpr double seconds_per_hour = 3600.0;
constexpr double water_density_kg_m3 = 1000.0;

std::int32_t size_of(const auto& elements) {
    return static_cast<std::int32_t>(elements.size());
}

double area_m2(double diameter_m) {
    return std::numbers::pi / 4.0 * diameter_m * diameter_m;
}

/// ζ/(2A²); 0 without a diameter.
double minor_geometry(double loss_coefficient, double diameter_m) {
    return diameter_m > 0.0 ? loss_coefficient / (2.0 * std::pow(area_m2(diameter_m), 2)) : 0.0;
}

/// Δp = 1 bar·(V/Kv)²·ρ/1000 with V = 3600·G/ρ m³/h.
double throttle_geometry(const Throttle& throttle) {
    const double kv = kv_m3_h(throttle);
    return kv > 0.0 ? bar_pa * std::pow(seconds_per_hour / kv, 2) / water_density_kg_m3 : 0.0;
}

/// k·G² holds at 1 000 kg/m³ and falls with density as other resistances do.
double own_loss_geometry(double loss_coefficient_pa_s2_kg2) {
    return loss_coefficient_pa_s2_kg2 * water_density_kg_m3;
}

/// Hazen and Williams in metres and m³/s: h/L = 10.667·C^−1.852·d^−4.871·Q^1.852, from 4.727 in feet (EPANET 2.2
/// manual, table 3.1).
double hazen_williams_geometry(const Pipe& pipe, double gravity_m_s2) {
    static const double in_metres = 4.727 * std::pow(0.3048, 4.871) / std::pow(std::pow(0.3048, 3), 1.852);
    return gravity_m_s2 * in_metres * std::pow(pipe.hazen_williams, -1.852) * std::pow(pipe.inner_diameter_m, -4.871) *
           pipe.length_m;
}

LinkShape shape_of(const Pipe& pipe, const Network& network) {
    const double area = area_m2(pipe.inner_diameter_m);
    const double per_area = 1.0 / (2.0 * area * area);
    return {.reynolds_geometry = 4.0 / (std::numbers::pi * pipe.inner_diameter_m),
            .relative_roughness = pipe.roughness_m / pipe.inner_diameter_m,
            .friction_geometry = network.friction == Friction::hazen_williams
                                     ? hazen_williams_geometry(pipe, network.gravity_m_s2)
                                     : pipe.length_m / pipe.inner_diameter_m * per_area,
            .minor_geometry = pipe.minor_loss * per_area};
}

LinkShape shape_of(const Pump& pump) {
    return {.pressure_rise_pa = pump.control == PumpControl::pressure_rise ? pump.pressure_rise_pa : 0.0};
}

LinkShape shape_of(const Valve& valve) {
    return {.minor_geometry =
                minor_geometry(valve.loss_coefficient, valve.inner_diameter_m) + throttle_geometry(valve.throttle)};
}

LinkShape shape_of(const Source& source) {
    return {.minor_geometry = own_loss_geometry(source.loss_coefficient_pa_s2_kg2),
            .pressure_rise_pa = source.control == SourceControl::pressure_rise ? source.pressure_rise_pa : 0.0};
}

LinkShape shape_of(const Consumer& consumer) {
    return {.minor_geometry =
                own_loss_geometry(consumer.loss_coefficient_pa_s2_kg2) + throttle_geometry(consumer.throttle)};
}

/// G = Cd·A·√(2ρp).
LinkShape shape_of(const Leak& leak) {
    return {.minor_geometry = 0.5 / std::pow(leak.discharge_coefficient * leak.area_m2, 2)};
}

bool shut(const Throttle& throttle) {
    return throttle.kvs_m3_h > 0.0 && throttle.opening <= 0.0;
}

bool lets_through(const Pump& pump) {
    return pump.running && pump.speed > 0.0 && pump.control != PumpControl::flow;
}
bool lets_through(const Source& source) {
    return source.running && source.control != SourceControl::flow;
}
bool lets_through(const Valve& valve) {
    return valve.open && (valve.kind != ValveKind::throttle || !shut(valve.throttle));
}

/// What a consumer without a stated need is taken to need where the pressure drives.
constexpr double usual_required_pressure_pa = 3e4;
constexpr double least_required_pressure_pa = 1e4;

class Builder {
 public:
    Builder(const Network& network, const SolveSettings& settings) : network_(network) {
        count_links();
        add_nodes();
        add_pipes();
        add_machines();
        add_consumers();
        add_leaks();
        links_.ranges.demands = static_cast<std::int32_t>(links_.ends.size());
        if (settings.demand == SolveSettings::Demand::pressure_driven) {
            drive_consumers();
            drive_demands(settings);
        }
        links_.ranges.count = static_cast<std::int32_t>(links_.ends.size());
    }
    Links take() { return std::move(links_); }

 private:
    void count_links() {
        auto& r = links_.ranges;
        r.pumps = size_of(network_.pipes);
        r.valves = r.pumps + size_of(network_.pumps);
        r.sources = r.valves + size_of(network_.valves);
        r.consumers = r.sources + size_of(network_.sources);
        r.tanks = r.consumers + size_of(network_.consumers);
        r.leaks = r.tanks + size_of(network_.tanks);
        r.halves = r.leaks + size_of(network_.leaks);
        const auto reserve = static_cast<std::size_t>(r.halves) + network_.leaks.size();
        links_.ends.reserve(reserve);
        links_.shapes.reserve(reserve);
        links_.present.reserve(reserve);
    }

    void add_nodes() {
        const auto reserve = network_.nodes.size() + network_.leaks.size() + 1;
        links_.held.reserve(reserve);
        for (auto* values : {&links_.elevation_m, &links_.demand_kg_s, &links_.held_pressure_pa}) {
            values->reserve(reserve);
        }
        for (const auto& node : network_.nodes) {
            add_node(node.elevation_m, node.held_pressure_pa.has_value(), node.held_pressure_pa.value_or(0.0),
                     node.demand_kg_s);
        }
    }

    std::int32_t add_node(double elevation_m, bool held, double held_pressure_pa = 0.0, double demand_kg_s = 0.0) {
        links_.elevation_m.push_back(elevation_m);
        links_.held.push_back(held ? 1 : 0);
        links_.held_pressure_pa.push_back(held_pressure_pa);
        links_.demand_kg_s.push_back(demand_kg_s);
        return links_.node_count++;
    }

    std::int32_t add(Ends ends, LinkShape shape, bool present) {
        const auto elevation = [&](std::int32_t node) { return links_.elevation_m[static_cast<std::size_t>(node)]; };
        shape.rise_m = elevation(ends.to) - elevation(ends.from);
        shape.into_air = ends.to == links_.surroundings;
        links_.ends.push_back(ends);
        links_.shapes.push_back(shape);
        links_.present.push_back(present ? 1 : 0);
        return static_cast<std::int32_t>(links_.ends.size()) - 1;
    }

    void add_special(SpecialLaw law) { links_.specials.push_back(law); }

    void add_pipes() {
        for (const auto& pipe : network_.pipes) {
            const auto link = add({pipe.from, pipe.to}, shape_of(pipe, network_), pipe.open);
            if (pipe.check_valve && pipe.open) {
                add_special({.link = link, .kind = SpecialLaw::Kind::one_way});
            }
        }
    }

    void add_pumping(std::int32_t link, bool on_curve, const PumpCurve& curve, double speed) {
        add_special({.link = link, .kind = SpecialLaw::Kind::one_way});
        if (on_curve) {
            add_special({.link = link, .kind = SpecialLaw::Kind::pump, .value = speed, .curve = &curve});
        }
    }

    void add_machines() {
        for (const auto& pump : network_.pumps) {
            const auto link = add({pump.from, pump.to}, shape_of(pump), lets_through(pump));
            if (lets_through(pump)) {
                add_pumping(link, pump.control == PumpControl::curve, pump.curve, pump.speed);
            }
        }
        for (const auto& valve : network_.valves) {
            add_valve(valve);
        }
        for (const auto& source : network_.sources) {
            const auto link = add({source.from, source.to}, shape_of(source), lets_through(source));
            if (lets_through(source) && source.control != SourceControl::passive) {
                add_pumping(link, source.control == SourceControl::pump_curve, source.curve, source.speed);
            }
        }
    }

    void add_valve(const Valve& valve) {
        const auto link = add({valve.from, valve.to}, shape_of(valve), lets_through(valve));
        if (!valve.open) {
            return;
        }
        switch (valve.kind) {
            case ValveKind::check:
                add_special({.link = link, .kind = SpecialLaw::Kind::one_way});
                break;
            case ValveKind::pressure_breaker:
                add_special({.link = link, .kind = SpecialLaw::Kind::breaker, .value = valve.set_pressure_pa});
                break;
            case ValveKind::flow_control:
                add_special({.link = link, .kind = SpecialLaw::Kind::limit, .value = valve.set_mass_flow_kg_s});
                break;
            default:
                break;
        }
    }

    void add_consumers() {
        for (const auto& consumer : network_.consumers) {
            const bool by_valve = consumer.control == ConsumerControl::valve;
            const bool present = consumer.open && by_valve && !shut(consumer.throttle);
            const auto link = add({consumer.from, consumer.to}, shape_of(consumer), present);
            if (present && consumer.differential_pressure_limit_pa > 0.0) {
                limit_differential_pressure(link, consumer);
            }
        }
        for (const auto& tank : network_.tanks) {
            add({tank.from, tank.to}, {}, false);
        }
    }

    /// A Δp controller in series with the throttle lets through at most what the throttle takes at the limit.
    void limit_differential_pressure(std::int32_t link, const Consumer& consumer) {
        const double kv = kv_m3_h(consumer.throttle);
        const double limit =
            kv / seconds_per_hour * water_density_kg_m3 * std::sqrt(consumer.differential_pressure_limit_pa / bar_pa);
        add_special({.link = link, .kind = SpecialLaw::Kind::limit, .value = limit});
    }

    void add_leaks() {
        for (const auto& leak : network_.leaks) {
            const auto node = leak.pipe >= 0 ? split(leak) : leak.node;
            leak_nodes_.push_back(node);
        }
        links_.surroundings = add_node(0.0, true);
        // Leak links must follow the tanks; the far halves come after them.
        for (std::size_t i = 0; i < network_.leaks.size(); ++i) {
            const auto& leak = network_.leaks[i];
            const auto link = add({leak_nodes_[i], links_.surroundings}, shape_of(leak), leak.area_m2 > 0.0);
            add_special({.link = link, .kind = SpecialLaw::Kind::one_way});
        }
        for (const auto& half : halves_) {
            add(half.ends, half.shape, half.present);
        }
    }

    /// Cuts the pipe's link in two at a new node and returns the node.
    std::int32_t split(const Leak& leak) {
        const auto at = static_cast<std::size_t>(leak.pipe);
        const auto ends = links_.ends[at];
        const auto elevation = [&](std::int32_t node) { return links_.elevation_m[static_cast<std::size_t>(node)]; };
        const double share = std::clamp(leak.position, 1e-6, 1.0 - 1e-6);
        const auto node = add_node(std::lerp(elevation(ends.from), elevation(ends.to), share), false);
        auto near = links_.shapes[at];
        auto far = near;
        near.friction_geometry *= share;
        near.minor_geometry *= share;
        far.friction_geometry *= 1.0 - share;
        far.minor_geometry *= 1.0 - share;
        near.rise_m = elevation(node) - elevation(ends.from);
        links_.shapes[at] = near;
        links_.ends[at].to = node;
        halves_.push_back({{node, ends.to}, far, links_.present[at] != 0});
        return node;
    }

    void drive_consumers() {
        for (std::size_t i = 0; i < network_.consumers.size(); ++i) {
            const auto& consumer = network_.consumers[i];
            if (!consumer.open || consumer.control == ConsumerControl::valve) {
                continue;
            }
            const auto link = links_.ranges.consumers + static_cast<std::int32_t>(i);
            links_.present[static_cast<std::size_t>(link)] = 1;
            links_.shapes[static_cast<std::size_t>(link)].minor_geometry = 0.0;
            const double needed = consumer.required_differential_pressure_pa;
            add_special({.link = link,
                         .kind = SpecialLaw::Kind::wagner,
                         .value = consumer.mass_flow_kg_s,
                         .pressure = needed > 0.0 ? needed : usual_required_pressure_pa});
        }
    }

    void drive_demands(const SolveSettings& settings) {
        for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
            const double wanted = network_.nodes[i].demand_kg_s;
            if (wanted > 0.0 && !network_.nodes[i].held_pressure_pa) {
                const auto link = add({static_cast<std::int32_t>(i), links_.surroundings}, {}, true);
                links_.demand_kg_s[i] = 0.0;
                add_special({.link = link,
                             .kind = SpecialLaw::Kind::wagner,
                             .value = wanted,
                             .pressure = std::max(settings.required_node_pressure_pa, least_required_pressure_pa)});
            }
        }
    }

    struct Half {
        Ends ends;
        LinkShape shape;
        bool present;
    };
    const Network& network_;
    Links links_;
    std::vector<std::int32_t> leak_nodes_;
    std::vector<Half> halves_;
};

}  // namespace

double kv_m3_h(const Throttle& throttle) {
    const double opening = std::clamp(throttle.opening, 0.0, 1.0);
    if (opening <= 0.0) {
        return 0.0;
    }
    switch (throttle.characteristic) {
        case Characteristic::linear:
            return throttle.kvs_m3_h * opening;
        case Characteristic::equal_percentage:
            return throttle.kvs_m3_h * std::pow(throttle.rangeability, opening - 1.0);
        case Characteristic::quick_opening:
            return throttle.kvs_m3_h * std::sqrt(opening);
    }
    NUANSHU_CHECK(false, "characteristic {}", static_cast<int>(throttle.characteristic));
}

Element Links::element_of(std::int32_t link) const {
    const auto& r = ranges;
    if (link < r.pumps) {
        return {ElementKind::pipe, link};
    }
    if (link < r.valves) {
        return {ElementKind::pump, link - r.pumps};
    }
    if (link < r.sources) {
        return {ElementKind::valve, link - r.valves};
    }
    if (link < r.consumers) {
        return {ElementKind::source, link - r.sources};
    }
    if (link < r.tanks) {
        return {ElementKind::consumer, link - r.consumers};
    }
    if (link < r.leaks) {
        return {ElementKind::tank, link - r.tanks};
    }
    return link < r.demands ? Element{ElementKind::leak, std::min(link, r.halves - 1) - r.leaks}
                            : Element{ElementKind::node, ends[static_cast<std::size_t>(link)].from};
}

std::int32_t Links::link_of(Element element) const {
    switch (element.kind) {
        case ElementKind::pipe:
            return ranges.pipes + element.index;
        case ElementKind::pump:
            return ranges.pumps + element.index;
        case ElementKind::valve:
            return ranges.valves + element.index;
        case ElementKind::source:
            return ranges.sources + element.index;
        case ElementKind::consumer:
            return ranges.consumers + element.index;
        case ElementKind::tank:
            return ranges.tanks + element.index;
        case ElementKind::leak:
            return ranges.leaks + element.index;
        case ElementKind::node:
            break;
    }
    NUANSHU_CHECK(false, "a node is no link");
}

std::optional<LinkShape> changed_shape(const Network& network, const Links& links, Element element) {
    LinkShape shape;
    bool present = false;
    const auto index = static_cast<std::size_t>(element.index);
    if (element.kind == ElementKind::pipe && network.leaks.empty()) {
        const auto& pipe = network.pipes.at(index);
        shape = shape_of(pipe, network);
        present = pipe.open && !pipe.check_valve;
    } else if (element.kind == ElementKind::valve) {
        const auto& valve = network.valves.at(index);
        shape = shape_of(valve);
        present = lets_through(valve) && (valve.kind == ValveKind::throttle || valve.kind == ValveKind::shut_off);
    } else if (element.kind == ElementKind::consumer) {
        const auto& consumer = network.consumers.at(index);
        shape = shape_of(consumer);
        present = consumer.open && consumer.control == ConsumerControl::valve && !shut(consumer.throttle) &&
                  consumer.differential_pressure_limit_pa <= 0.0;
    }
    if (!present || links.present[static_cast<std::size_t>(links.link_of(element))] == 0) {
        return std::nullopt;
    }
    shape.rise_m = links.shapes[static_cast<std::size_t>(links.link_of(element))].rise_m;
    return shape;
}

Links build_links(const Network& network, const SolveSettings& settings) {
    return Builder(network, settings).take();
}

}  // namespace nuanshu::network

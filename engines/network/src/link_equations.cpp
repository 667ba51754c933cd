#include "engines/network/src/link_equations.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engines/network/src/element_heat.h"
#include "engines/network/src/friction.h"
#include "engines/network/src/special_laws.h"

namespace nuanshu::network {
namespace {

constexpr double least_slope_pa_s_kg = 1e-4;  // as the hydraulics add to every link
constexpr double usual_density_kg_m3 = 970.0;
constexpr double still_kg_s = 1e-9;
constexpr double least_flow_kg_s = 1e-9;  // friction of still water is that of this flow
constexpr double close_to = 1e-6;         // relative: this near to a limit a flow is at it

bool is_near(double value, double other) {
    return std::abs(value - other) <= close_to * std::max(std::abs(value), std::abs(other)) + still_kg_s;
}

double mean_c(const LinkState& state) {
    return 0.5 * (state.inlet_c + state.outlet_c);
}

/// Pressure-holding valves by kind; `still` for what is none.
LinkForm holding_form(ValveKind kind) {
    switch (kind) {
        case ValveKind::pressure_reducing:
            return LinkForm::holds_to;
        case ValveKind::pressure_sustaining:
            return LinkForm::holds_from;
        case ValveKind::differential_pressure:
            return LinkForm::holds_difference;
        default:
            return LinkForm::still;
    }
}

bool holds_pressure(ValveKind kind) {
    return holding_form(kind) != LinkForm::still;
}

}  // namespace

double reference_density_kg_m3(const Fluid& fluid) {
    return fluid.constant ? fluid.density_kg_m3 : usual_density_kg_m3;
}

LinkEquations::LinkEquations(const Network& network)
    : network_(network),
      water_(network.fluid),
      links_(build_links(network, SolveSettings{})),
      special_begin_(links_.ends.size() + 1, 0) {
    specials_ = links_.specials;
    std::stable_sort(specials_.begin(), specials_.end(),
                     [](const auto& one, const auto& other) { return one.link < other.link; });
    for (const auto& special : specials_) {
        ++special_begin_[special.link + 1];
    }
    for (std::size_t at = 1; at < special_begin_.size(); ++at) {
        special_begin_[at] += special_begin_[at - 1];
    }
}

double LinkEquations::limit_kg_s(std::int32_t link) const {
    double limit = std::numeric_limits<double>::infinity();
    for (auto at = special_begin_[link]; at < special_begin_[link + 1]; ++at) {
        if (specials_[at].kind == SpecialLaw::Kind::limit) {
            limit = std::min(limit, specials_[at].value);
        }
    }
    return limit;
}

LinkForm LinkEquations::form(std::int32_t link, const LinkState& state, ValveStatus status) const {
    const auto element = element_of(link);
    if (!std::isfinite(state.from_pressure_pa) || !std::isfinite(state.to_pressure_pa)) {
        return LinkForm::still;
    }
    if (links_.present[link] == 0) {
        return is_near(state.mass_flow_kg_s, given_flow_kg_s(element, state)) ? LinkForm::given : LinkForm::still;
    }
    if (element.kind == ElementKind::valve) {
        const auto kind = network_.valves[element.index].kind;
        if (status == ValveStatus::closed) {
            return LinkForm::still;
        }
        if (status == ValveStatus::active && holds_pressure(kind)) {
            return holding_form(kind);
        }
    }
    if (const double limit = limit_kg_s(link); state.mass_flow_kg_s >= limit * (1.0 - close_to)) {
        return LinkForm::limited;
    }
    for (auto at = special_begin_[link]; at < special_begin_[link + 1]; ++at) {
        if (specials_[at].kind == SpecialLaw::Kind::one_way && state.mass_flow_kg_s < still_kg_s) {
            return LinkForm::still;
        }
    }
    return LinkForm::drop;
}

double LinkEquations::given_flow_kg_s(Element element, const LinkState& state) const {
    switch (element.kind) {
        case ElementKind::pump: {
            const auto& pump = network_.pumps[element.index];
            const bool runs = pump.running && pump.speed > 0.0 && pump.control == PumpControl::flow;
            return runs ? pump.mass_flow_kg_s : 0.0;
        }
        case ElementKind::source: {
            const auto& source = network_.sources[element.index];
            return source.running && source.control == SourceControl::flow ? source.mass_flow_kg_s : 0.0;
        }
        case ElementKind::consumer: {
            const auto& consumer = network_.consumers[element.index];
            const bool by_valve = consumer.control == ConsumerControl::valve;
            return by_valve ? 0.0 : wanted_flow_kg_s(consumer, water_, state.inlet_c);
        }
        case ElementKind::tank:
            return network_.tanks[element.index].charge_mass_flow_kg_s;
        default:
            return 0.0;
    }
}

double LinkEquations::resistance_pa(const LinkShape& shape, double mass_flow_kg_s, double density,
                                    double temperature_c) const {
    const double size = std::max(std::abs(mass_flow_kg_s), least_flow_kg_s);
    double factor = shape.minor_geometry / density;
    if (network_.friction == Friction::hazen_williams) {
        factor += shape.friction_geometry * std::pow(density, -0.852) * std::pow(size, -0.148);
    } else if (shape.friction_geometry > 0.0) {
        const double reynolds = shape.reynolds_geometry * size / water_.dynamic_viscosity_pa_s(temperature_c);
        factor += friction_factor(network_.friction, reynolds, shape.relative_roughness).lambda *
                  shape.friction_geometry / density;
    }
    return factor * mass_flow_kg_s * size;
}

double LinkEquations::drop_pa(std::int32_t link, const LinkState& state) const {
    const auto& shape = links_.shapes[link];
    const double temperature = mean_c(state);
    const double density = water_.density_kg_m3(temperature);
    double drop = resistance_pa(shape, state.mass_flow_kg_s, density, temperature);
    drop += density * network_.gravity_m_s2 * shape.rise_m - shape.pressure_rise_pa;
    drop += least_slope_pa_s_kg * state.mass_flow_kg_s;
    for (auto at = special_begin_[link]; at < special_begin_[link + 1]; ++at) {
        drop += special_drop(specials_[at], state.mass_flow_kg_s, reference_density_kg_m3(network_.fluid),
                             network_.gravity_m_s2)
                    .drop_pa;
    }
    return drop;
}

double LinkEquations::law(std::int32_t link, LinkForm form, const LinkState& state) const {
    const auto element = element_of(link);
    switch (form) {
        case LinkForm::drop:
            return state.from_pressure_pa - state.to_pressure_pa - drop_pa(link, state);
        case LinkForm::given:
            return state.mass_flow_kg_s - given_flow_kg_s(element, state);
        case LinkForm::limited:
            return state.mass_flow_kg_s - limit_kg_s(link);
        case LinkForm::still:
            return state.mass_flow_kg_s;
        case LinkForm::holds_to:
            return state.to_pressure_pa - network_.valves[element.index].set_pressure_pa;
        case LinkForm::holds_from:
            return state.from_pressure_pa - network_.valves[element.index].set_pressure_pa;
        case LinkForm::holds_difference:
            return state.high_pressure_pa - state.low_pressure_pa - network_.valves[element.index].set_pressure_pa;
    }
    return 0.0;
}

double LinkEquations::pipe_outlet_c(const Pipe& pipe, const LinkState& state) const {
    const double ambient = pipe.ambient_temperature_c.value_or(network_.ambient_temperature_c);
    const double capacity = std::abs(state.mass_flow_kg_s) * water_.specific_heat_j_kgk(state.inlet_c);
    return ambient + (state.inlet_c - ambient) * std::exp(-heat_transmission_w_mk(pipe) * pipe.length_m / capacity);
}

double LinkEquations::outlet_c(std::int32_t link, const LinkState& state) const {
    const auto element = element_of(link);
    const double flow = state.mass_flow_kg_s;
    if (std::abs(flow) <= still_kg_s) {
        return state.inlet_c;
    }
    if (element.kind == ElementKind::pipe) {
        return pipe_outlet_c(network_.pipes[element.index], state);
    }
    if (element.kind == ElementKind::consumer && flow > 0.0) {
        return consumer_return_temperature_c(network_.consumers[element.index], water_, flow, state.inlet_c);
    }
    if (element.kind == ElementKind::source && flow > 0.0) {
        const auto& source = network_.sources[element.index];
        return source.heat_control == HeatControl::supply_temperature
                   ? source.supply_temperature_c
                   : water_.temperature_c(water_.enthalpy_j_kg(state.inlet_c) + source.heat_w / flow);
    }
    return state.inlet_c;
}

}  // namespace nuanshu::network

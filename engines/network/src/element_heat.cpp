#include "engines/network/src/element_heat.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace nuanshu::network {
namespace {

double temperature_after_heat(const FluidProperties& fluid, double temperature_c, double heat_w,
                              double mass_flow_kg_s) {
    return fluid.temperature_c(fluid.enthalpy_j_kg(temperature_c) - heat_w / mass_flow_kg_s);
}

double exchanger_return_c(const Exchanger& exchanger, const FluidProperties& fluid, double mass_flow_kg_s,
                          double supply_c) {
    const double primary = mass_flow_kg_s * fluid.specific_heat_j_kgk(supply_c);
    const double secondary =
        exchanger.secondary_mass_flow_kg_s * fluid.specific_heat_j_kgk(exchanger.secondary_inlet_temperature_c);
    const double effectiveness = counterflow_effectiveness(exchanger.ua_w_k, primary, secondary);
    const double heat =
        effectiveness * std::min(primary, secondary) * (supply_c - exchanger.secondary_inlet_temperature_c);
    return temperature_after_heat(fluid, supply_c, heat, mass_flow_kg_s);
}

}  // namespace

double heat_transmission_w_mk(const Pipe& pipe) {
    const auto& insulation = pipe.insulation;
    if (insulation.u_value_w_mk >= 0.0) {
        return insulation.u_value_w_mk;
    }
    constexpr double full_circle = 2.0 * std::numbers::pi;
    double radius = pipe.inner_diameter_m / 2.0;
    double resistance = 0.0;
    for (const auto& layer : insulation.layers) {
        resistance += std::log1p(layer.thickness_m / radius) / (full_circle * layer.conductivity_w_mk);
        radius += layer.thickness_m;
    }
    if (insulation.burial_depth_m > radius) {
        resistance +=
            std::log(2.0 * insulation.burial_depth_m / radius) / (full_circle * insulation.ground_conductivity_w_mk);
    }
    return resistance > 0.0 ? 1.0 / resistance : 0.0;
}

double counterflow_effectiveness(double ua_w_k, double capacity_a_w_k, double capacity_b_w_k) {
    const double smaller = std::min(capacity_a_w_k, capacity_b_w_k);
    if (smaller <= 0.0) {
        return 0.0;
    }
    const double units = ua_w_k / smaller;
    const double ratio = smaller / std::max(capacity_a_w_k, capacity_b_w_k);
    if (1.0 - ratio < 1e-9) {
        return units / (1.0 + units);
    }
    const double decay = std::exp(-units * (1.0 - ratio));
    return (1.0 - decay) / (1.0 - ratio * decay);
}

double consumer_return_temperature_c(const Consumer& consumer, const FluidProperties& fluid, double mass_flow_kg_s,
                                     double supply_temperature_c) {
    if (mass_flow_kg_s <= 0.0) {
        return supply_temperature_c;
    }
    if (consumer.exchanger.ua_w_k > 0.0) {
        return exchanger_return_c(consumer.exchanger, fluid, mass_flow_kg_s, supply_temperature_c);
    }
    if (consumer.return_temperature_c && consumer.control != ConsumerControl::heat_and_drop) {
        return std::min(*consumer.return_temperature_c, supply_temperature_c);
    }
    if (consumer.temperature_drop_k) {
        return supply_temperature_c - *consumer.temperature_drop_k;
    }
    return consumer.heat_w != 0.0 ? temperature_after_heat(fluid, supply_temperature_c, consumer.heat_w, mass_flow_kg_s)
                                  : supply_temperature_c;
}

double wanted_flow_kg_s(const Consumer& consumer, const FluidProperties& fluid, double supply_temperature_c) {
    if (!consumer.open) {
        return 0.0;
    }
    if (!wants_heat(consumer)) {
        return consumer.mass_flow_kg_s;
    }
    double drop = consumer.temperature_drop_k.value_or(least_drop_k);
    if (consumer.control == ConsumerControl::heat_and_return) {
        drop = supply_temperature_c - consumer.return_temperature_c.value_or(supply_temperature_c);
    }
    drop = std::max(drop, least_drop_k);
    return consumer.heat_w /
           (fluid.enthalpy_j_kg(supply_temperature_c) - fluid.enthalpy_j_kg(supply_temperature_c - drop));
}

}  // namespace nuanshu::network

#include "engines/network/src/element_heat.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace nuanshu::network {
namespace {

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

double temperature_after_heat(const FluidProperties& fluid, double temperature_c, double heat_w,
                              double mass_flow_kg_s) {
    const double coldest = fluid.enthalpy_j_kg(std::min(freezing_c, temperature_c));
    const double hottest = fluid.enthalpy_j_kg(std::max(hottest_c, temperature_c));
    const double enthalpy = fluid.enthalpy_j_kg(temperature_c) - heat_w / mass_flow_kg_s;
    return fluid.temperature_c(std::clamp(enthalpy, coldest, hottest));
}

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

Wish wish_of(const Consumer& consumer) {
    if (!consumer.open) {
        return {};
    }
    const bool to_return = consumer.control == ConsumerControl::heat_and_return && consumer.return_temperature_c;
    return {.mass_flow_kg_s = consumer.mass_flow_kg_s,
            .heat_w = consumer.heat_w,
            .return_c = to_return ? *consumer.return_temperature_c : std::numeric_limits<double>::quiet_NaN(),
            .drop_k = consumer.temperature_drop_k.value_or(least_drop_k),
            .by_heat = wants_heat(consumer)};
}

double wanted_flow_kg_s(const Wish& wish, const FluidProperties& fluid, double supply_temperature_c) {
    if (!wish.by_heat) {
        return wish.mass_flow_kg_s;
    }
    const double drop =
        std::max(std::isnan(wish.return_c) ? wish.drop_k : supply_temperature_c - wish.return_c, least_drop_k);
    return wish.heat_w / (fluid.enthalpy_j_kg(supply_temperature_c) - fluid.enthalpy_j_kg(supply_temperature_c - drop));
}

}  // namespace nuanshu::network

#include "engines/network/src/heat_laws.h"

#include <algorithm>
#include <cmath>

namespace nuanshu::network {
namespace {

constexpr double hottest_c = 200.0;

/// ε of a counterflow exchanger. @param ratio C_min / C_max
double effectiveness(double ntu, double ratio) {
    if (1.0 - ratio < 1e-9) {
        return ntu / (1.0 + ntu);
    }
    const double fall = std::exp(-ntu * (1.0 - ratio));
    return (1.0 - fall) / (1.0 - ratio * fall);
}

/// Heat the exchanger takes; negative when the secondary side is hotter.
double exchanged_heat_w(const Exchanger& exchanger, double inlet_c, double mass_flow_kg_s, const EnthalpyTable& water) {
    const double primary = mass_flow_kg_s * water.specific_heat_j_kgk(inlet_c);
    const double secondary =
        exchanger.secondary_mass_flow_kg_s * water.specific_heat_j_kgk(exchanger.secondary_inlet_temperature_c);
    const double smaller = std::min(primary, secondary);
    if (smaller <= 0.0) {
        return 0.0;
    }
    const double share = effectiveness(exchanger.ua_w_k / smaller, smaller / std::max(primary, secondary));
    return share * smaller * (inlet_c - exchanger.secondary_inlet_temperature_c);
}

double heated_j_kg(double inlet_j_kg, double heat_w, double mass_flow_kg_s, const EnthalpyTable& water) {
    const double coldest = std::min(inlet_j_kg, 0.0);
    const double hottest = std::max(inlet_j_kg, water.enthalpy_j_kg(hottest_c));
    return std::clamp(inlet_j_kg + heat_w / mass_flow_kg_s, coldest, hottest);
}

double dropped_j_kg(double inlet_j_kg, double drop_k, const EnthalpyTable& water) {
    return water.enthalpy_j_kg(water.temperature_c(inlet_j_kg) - drop_k);
}

bool by_heat(const Consumer& consumer) {
    return consumer.control == ConsumerControl::heat_and_return || consumer.control == ConsumerControl::heat_and_drop;
}

}  // namespace

HeatLaw law_of(const Source& source, const EnthalpyTable& water) {
    if (source.heat_control == HeatControl::heat) {
        return {.kind = HeatLaw::Kind::heat, .heat_w = source.heat_w};
    }
    return {.kind = HeatLaw::Kind::supply, .enthalpy_j_kg = water.enthalpy_j_kg(source.supply_temperature_c)};
}

HeatLaw law_of(const Consumer& consumer, const EnthalpyTable& water) {
    const bool drops = consumer.control == ConsumerControl::heat_and_drop || !consumer.return_temperature_c;
    if (by_heat(consumer) && consumer.heat_w <= 0.0) {
        return {};
    }
    if (!drops) {
        return {.kind = HeatLaw::Kind::at_most, .enthalpy_j_kg = water.enthalpy_j_kg(*consumer.return_temperature_c)};
    }
    if (consumer.temperature_drop_k) {
        return {.kind = HeatLaw::Kind::drop, .drop_k = *consumer.temperature_drop_k};
    }
    if (consumer.heat_w > 0.0) {
        return {.kind = HeatLaw::Kind::heat, .heat_w = -consumer.heat_w};
    }
    if (consumer.exchanger.ua_w_k > 0.0) {
        return {.kind = HeatLaw::Kind::exchanger, .exchanger = consumer.exchanger};
    }
    return {};
}

double outlet_j_kg(const HeatLaw& law, double inlet_j_kg, double mass_flow_kg_s, const EnthalpyTable& water) {
    switch (law.kind) {
        case HeatLaw::Kind::pass:
            return inlet_j_kg;
        case HeatLaw::Kind::supply:
            return law.enthalpy_j_kg;
        case HeatLaw::Kind::at_most:
            return std::min(inlet_j_kg, law.enthalpy_j_kg);
        case HeatLaw::Kind::drop:
            return dropped_j_kg(inlet_j_kg, law.drop_k, water);
        case HeatLaw::Kind::heat:
            return heated_j_kg(inlet_j_kg, law.heat_w, mass_flow_kg_s, water);
        case HeatLaw::Kind::exchanger:
            break;
    }
    const double heat_w = exchanged_heat_w(law.exchanger, water.temperature_c(inlet_j_kg), mass_flow_kg_s, water);
    return heated_j_kg(inlet_j_kg, -heat_w, mass_flow_kg_s, water);
}

double wanted_flow_kg_s(const Consumer& consumer, double inlet_j_kg, double flow_max_kg_s, const EnthalpyTable& water) {
    const auto law = law_of(consumer, water);
    if (consumer.heat_w <= 0.0) {
        return 0.0;
    }
    const double given_j_kg = inlet_j_kg - outlet_j_kg(law, inlet_j_kg, flow_max_kg_s, water);
    return given_j_kg * flow_max_kg_s <= consumer.heat_w ? flow_max_kg_s : consumer.heat_w / given_j_kg;
}

}  // namespace nuanshu::network

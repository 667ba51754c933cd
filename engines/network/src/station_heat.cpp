#include "engines/network/src/station_heat.h"

#include <algorithm>

#include "engines/network/src/element_heat.h"

namespace nuanshu::network {
namespace {

constexpr double hottest_c = 200.0;
constexpr double least_heat_capacity_j_kgk = 4175.0;

/// Heat the exchanger takes; negative when the secondary side is hotter.
double exchanged_heat_w(const Exchanger& exchanger, double inlet_c, double mass_flow_kg_s, const EnthalpyTable& water) {
    const double primary = mass_flow_kg_s * water.specific_heat_j_kgk(inlet_c);
    const double secondary =
        exchanger.secondary_mass_flow_kg_s * water.specific_heat_j_kgk(exchanger.secondary_inlet_temperature_c);
    const double share = counterflow_effectiveness(exchanger.ua_w_k, primary, secondary);
    return share * std::min(primary, secondary) * (inlet_c - exchanger.secondary_inlet_temperature_c);
}

double heated_j_kg(double inlet_j_kg, double heat_w, double mass_flow_kg_s, const EnthalpyTable& water) {
    const double coldest = std::min(inlet_j_kg, 0.0);
    const double hottest = std::max(inlet_j_kg, water.enthalpy_j_kg(hottest_c));
    return std::clamp(inlet_j_kg + heat_w / mass_flow_kg_s, coldest, hottest);
}

double dropped_j_kg(double inlet_j_kg, double drop_k, const EnthalpyTable& water) {
    return water.enthalpy_j_kg(water.temperature_c(inlet_j_kg) - drop_k);
}

}  // namespace

HeatLaw law_of(const Source& source, const EnthalpyTable& water) {
    if (source.heat_control == HeatControl::heat) {
        return {.kind = HeatLaw::Kind::heat, .heat_w = source.heat_w};
    }
    return {.kind = HeatLaw::Kind::supply, .enthalpy_j_kg = water.enthalpy_j_kg(source.supply_temperature_c)};
}

HeatLaw law_of(const Consumer& consumer, ConsumerControl control, const EnthalpyTable& water) {
    if (consumer.exchanger.ua_w_k > 0.0) {
        return {.kind = HeatLaw::Kind::exchanger, .exchanger = consumer.exchanger};
    }
    if (consumer.return_temperature_c && control != ConsumerControl::heat_and_drop) {
        return {.kind = HeatLaw::Kind::at_most, .enthalpy_j_kg = water.enthalpy_j_kg(*consumer.return_temperature_c)};
    }
    if (consumer.temperature_drop_k) {
        return {.kind = HeatLaw::Kind::drop, .drop_k = *consumer.temperature_drop_k};
    }
    return {.kind = HeatLaw::Kind::heat, .heat_w = -consumer.heat_w};
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

double needed_flow_kg_s(const Consumer& consumer, ConsumerControl control, double inlet_j_kg,
                        const EnthalpyTable& water) {
    if (!consumer.open || consumer.heat_w <= 0.0) {
        return 0.0;
    }
    const bool drops = control == ConsumerControl::heat_and_drop || !consumer.return_temperature_c;
    const double outlet = drops ? dropped_j_kg(inlet_j_kg, consumer.temperature_drop_k.value_or(least_drop_k), water)
                                : water.enthalpy_j_kg(*consumer.return_temperature_c);
    return consumer.heat_w / std::max(inlet_j_kg - outlet, least_drop_k * least_heat_capacity_j_kgk);
}

bool wants_heat(ConsumerControl control) {
    return control == ConsumerControl::heat_and_return || control == ConsumerControl::heat_and_drop;
}

}  // namespace nuanshu::network

#include "sim/src/thermal.h"

#include <algorithm>
#include <cmath>

#include "sim/src/weather.h"

namespace nuanshu::sim {

namespace {

constexpr double no_flow_kg_s = 1e-6;

double effectiveness(double transfer_units, double ratio) {
    if (std::abs(1.0 - ratio) < 1e-6) {
        return transfer_units / (1.0 + transfer_units);
    }
    const double e = std::exp(-transfer_units * (1.0 - ratio));
    return (1.0 - e) / (1.0 - ratio * e);
}

}  // namespace

ExchangerResult exchange(const ExchangerFlows& flows, double transfer_w_k) {
    if (flows.hot_kg_s < no_flow_kg_s || flows.cold_kg_s < no_flow_kg_s) {
        return {0.0, flows.hot_in_c, flows.cold_in_c};
    }
    const double hot = flows.hot_kg_s * water_heat_j_kg_k;
    const double cold = flows.cold_kg_s * water_heat_j_kg_k;
    const double least = std::min(hot, cold);
    const double heat =
        effectiveness(transfer_w_k / least, least / std::max(hot, cold)) * least * (flows.hot_in_c - flows.cold_in_c);
    return {heat, flows.hot_in_c - heat / hot, flows.cold_in_c + heat / cold};
}

double plate_transfer_w_k(double design_w_k, double relative_hot_flow, double relative_cold_flow) {
    const auto film = [](double relative) { return std::pow(std::max(relative, 1e-4), -0.7); };
    return design_w_k / (0.5 * film(relative_hot_flow) + 0.5 * film(relative_cold_flow));
}

double log_mean_difference_k(double one_k, double other_k) {
    return std::abs(one_k - other_k) < 1e-9 ? one_k : (one_k - other_k) / std::log(one_k / other_k);
}

RadiatorResult radiate(const Radiator& radiator, double flow_kg_s, double supply_c, double room_c, double guess_c) {
    if (flow_kg_s < no_flow_kg_s || supply_c <= room_c) {
        return {std::min(supply_c, room_c), 0.0};
    }
    const double capacity = flow_kg_s * water_heat_j_kg_k;
    double back_c = std::clamp(guess_c, room_c, supply_c);
    // Newton's steps on capacity·(supply − back) = emission((supply + back)/2); the emission grows with `back`, so
    // there is one root.
    for (int i = 0; i < 3; ++i) {
        const double excess = std::max(0.5 * (supply_c + back_c) - room_c, 1e-3);
        const double emission = radiator.design_w * std::pow(excess / radiator.design_excess_k, radiator.exponent);
        const double slope = capacity + 0.5 * radiator.exponent * emission / excess;
        const double step = (capacity * (supply_c - back_c) - emission) / slope;
        back_c = std::clamp(back_c + step, 2.0 * room_c - supply_c, supply_c);
        if (std::abs(step) < 1e-4) {
            break;
        }
    }
    back_c = std::max(back_c, room_c);
    return {back_c, capacity * (supply_c - back_c)};
}

double relative_load(double indoor_c, double outdoor_c) {
    return std::clamp((indoor_c - outdoor_c) / (design_indoor_c - design_outdoor_c), 0.0, 1.2);
}

double secondary_curve_c(double design_supply_c, double design_return_c, double exponent, double indoor_c,
                         double outdoor_c) {
    const double load = relative_load(indoor_c, outdoor_c);
    const double mean_excess = 0.5 * (design_supply_c + design_return_c) - design_indoor_c;
    return indoor_c + mean_excess * std::pow(load, 1.0 / exponent) + 0.5 * (design_supply_c - design_return_c) * load;
}

double primary_curve_c(double indoor_c, double outdoor_c) {
    return secondary_curve_c(radiator_supply_c, radiator_return_c, radiator_exponent, indoor_c, outdoor_c) +
           (primary_design_supply_c - radiator_supply_c) * relative_load(indoor_c, outdoor_c);
}

BuildingTemperatures step_building(const BuildingMass& building, const BuildingTemperatures& now, double heat_w,
                                   double outdoor_c, double seconds) {
    const double air = building.air_j_k / seconds, mass = building.mass_j_k / seconds;
    const double a11 = air + building.air_mass_w_k + building.air_outdoor_w_k;
    const double a22 = mass + building.air_mass_w_k + building.mass_outdoor_w_k;
    const double a12 = -building.air_mass_w_k;
    const double b1 = air * now.air_c + heat_w + building.air_outdoor_w_k * outdoor_c;
    const double b2 = mass * now.mass_c + building.mass_outdoor_w_k * outdoor_c;
    const double determinant = a11 * a22 - a12 * a12;
    return {(b1 * a22 - a12 * b2) / determinant, (a11 * b2 - a12 * b1) / determinant};
}

double lag(double value, double target, double seconds, double time_constant_s) {
    return target + (value - target) * std::exp(-seconds / std::max(time_constant_s, 1e-6));
}

double approach(double value, double target, double most) {
    return value + std::clamp(target - value, -most, most);
}

}  // namespace nuanshu::sim

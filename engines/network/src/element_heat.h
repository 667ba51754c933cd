#pragma once

#include "engines/network/network.h"
#include "engines/network/src/fluid.h"

/// What heat does in single elements.
namespace nuanshu::network {

/// W per m of pipe and K between water and surroundings: the stated U-value, or 1/(ΣRlayer + Rground), with
/// ln(ro/ri)/(2πλ) for each layer from the inner diameter outward and ln(4h/D)/(2πλg) for the ground (EN 13941-1). 0
/// when nothing is stated.
double heat_transmission_w_mk(const Pipe& pipe);

/// No water in a network is colder or hotter.
inline constexpr double freezing_c = 0.0, hottest_c = 250.0;

/// Of water that gives off this heat, W (negative: takes it). Nothing cools it below 0 °C or heats it above 250 °C,
/// however little flows.
double temperature_after_heat(const FluidProperties& fluid, double temperature_c, double heat_w, double mass_flow_kg_s);

/// Temperature at which water leaves a consumer, by its law. Water that runs backward, or none, keeps its own.
double consumer_return_temperature_c(const Consumer& consumer, const FluidProperties& fluid, double mass_flow_kg_s,
                                     double supply_temperature_c);

/// ε of a counterflow exchanger (VDI Heat Atlas C1): the share of (T_in − t_in) by which the stream of smaller capacity
/// changes.
/// @param ua_w_k, @param capacity_a_w_k, @param capacity_b_w_k  UA and the two streams' G·c, W/K; a stream that stands
/// still gives 0
double counterflow_effectiveness(double ua_w_k, double capacity_a_w_k, double capacity_b_w_k);

/// What a consumer asks for, as far as its flow depends on it.
struct Wish {
    double mass_flow_kg_s = 0.0;  ///< where it asks for no heat
    double heat_w = 0.0;
    double return_c = 0.0;  ///< not a number: it asks for a drop
    double drop_k = 0.0;
    bool by_heat = false;
};
Wish wish_of(const Consumer& consumer);

/// The flow that fulfils a wish with water of this temperature. A drop under `least_drop_k` counts as that.
double wanted_flow_kg_s(const Wish& wish, const FluidProperties& fluid, double supply_temperature_c);
inline double wanted_flow_kg_s(const Consumer& consumer, const FluidProperties& fluid, double supply_temperature_c) {
    return wanted_flow_kg_s(wish_of(consumer), fluid, supply_temperature_c);
}
inline constexpr double least_drop_k = 1.0;

/// Whether the consumer's flow follows from its heat.
inline bool wants_heat(const Consumer& consumer) {
    return consumer.control == ConsumerControl::heat_and_return || consumer.control == ConsumerControl::heat_and_drop;
}

}  // namespace nuanshu::network

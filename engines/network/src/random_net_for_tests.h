#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <string>

#include "engines/network/network.h"

/// Networks of any shape, sensible and not, the same for the same seed.
namespace nuanshu::network {

class RandomNet {
 public:
    explicit RandomNet(std::uint64_t seed) : random_(seed) {}

    /// 3 … 60 nodes; pipes with absurd diameters, closed valves, pumps that work against each other, islands, zero
    /// demands.
    Network make() {
        network_ = {};
        network_.friction = pick({Friction::colebrook_white, Friction::swamee_jain, Friction::colebrook_white});
        network_.fluid.constant = chance(0.4);
        const int nodes = whole(3, 60);
        for (int i = 0; i < nodes; ++i) {
            add_node(i);
        }
        const int links = whole(nodes / 2, 2 * nodes);
        for (int i = 0; i < links; ++i) {
            add_link(i);
        }
        if (chance(0.3)) {
            network_.leaks.push_back({.id = "leak", .node = any_node(), .area_m2 = logarithmic(1e-7, 1e-2)});
        }
        return network_;
    }

    double between(double low, double high) { return std::uniform_real_distribution<double>(low, high)(random_); }
    int whole(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
    bool chance(double share) { return between(0.0, 1.0) < share; }
    double logarithmic(double low, double high) { return std::exp(between(std::log(low), std::log(high))); }

 private:
    template <class T>
    T pick(std::initializer_list<T> values) {
        return values.begin()[whole(0, static_cast<int>(values.size()) - 1)];
    }
    NodeIndex any_node() { return whole(0, static_cast<int>(network_.nodes.size()) - 1); }

    void add_node(int i) {
        auto& node = network_.nodes.emplace_back();
        node.id = "n" + std::to_string(i);
        node.elevation_m = chance(0.5) ? between(-20.0, 60.0) : 0.0;
        if (chance(0.3)) {
            node.demand_kg_s = chance(0.2) ? -between(0.0, 5.0) : between(0.0, 20.0);
        }
        if (i == 0 || chance(0.05)) {
            node.held_pressure_pa = between(1e5, 1e6);
        }
    }

    template <class T>
    T& between_nodes(std::vector<T>& elements, const char* kind, int i) {
        auto& element = elements.emplace_back();
        element.id = kind + std::to_string(i);
        element.from = any_node();
        do {
            element.to = any_node();
        } while (element.to == element.from);
        return element;
    }

    void add_link(int i) {
        const double share = between(0.0, 1.0);
        if (share < 0.6) {
            add_pipe(i);
        } else if (share < 0.75) {
            add_valve(i);
        } else if (share < 0.83) {
            add_pump(i);
        } else if (share < 0.88) {
            add_source(i);
        } else {
            add_consumer(i);
        }
    }

    void add_pipe(int i) {
        auto& pipe = between_nodes(network_.pipes, "p", i);
        pipe.length_m = logarithmic(0.01, 5e4);
        pipe.inner_diameter_m = logarithmic(0.003, 3.0);
        pipe.roughness_m = pipe.inner_diameter_m * (chance(0.1) ? 0.0 : logarithmic(1e-6, 0.05));
        pipe.minor_loss = chance(0.3) ? between(0.0, 20.0) : 0.0;
        pipe.insulation.u_value_w_mk = chance(0.2) ? 0.0 : logarithmic(0.05, 5.0);
        pipe.open = !chance(0.1);
        pipe.check_valve = chance(0.05);
    }

    void add_valve(int i) {
        auto& valve = between_nodes(network_.valves, "v", i);
        valve.inner_diameter_m = logarithmic(0.02, 1.0);
        valve.kind = pick({ValveKind::shut_off, ValveKind::throttle, ValveKind::check, ValveKind::flow_control,
                           ValveKind::pressure_reducing, ValveKind::pressure_sustaining, ValveKind::pressure_breaker,
                           ValveKind::differential_pressure});
        valve.loss_coefficient = between(0.0, 50.0);
        valve.throttle = {.kvs_m3_h = chance(0.5) ? logarithmic(0.5, 500.0) : 0.0, .opening = between(0.0, 1.0)};
        valve.set_pressure_pa = between(5e4, 6e5);
        valve.set_mass_flow_kg_s = between(0.1, 20.0);
        valve.sense_high = any_node();
        do {
            valve.sense_low = any_node();
        } while (valve.sense_low == valve.sense_high);
        valve.open = !chance(0.2);
    }

    PumpCurve falling_curve() {
        PumpCurve curve;
        const double head = between(5.0, 80.0), flow = logarithmic(1e-3, 0.3);
        curve.form = chance(0.5) ? PumpCurve::Form::points : PumpCurve::Form::power;
        curve.points = {{0.0, head}, {flow, 0.8 * head}, {2.0 * flow, 0.3 * head}};
        return curve;
    }

    void add_pump(int i) {
        auto& pump = between_nodes(network_.pumps, "pump", i);
        pump.control = pick({PumpControl::curve, PumpControl::pressure_rise, PumpControl::flow});
        pump.curve = falling_curve();
        pump.speed = chance(0.1) ? 0.0 : between(0.3, 1.2);
        pump.pressure_rise_pa = between(0.0, 6e5);
        pump.mass_flow_kg_s = between(0.0, 20.0);
        pump.running = !chance(0.1);
    }

    void add_source(int i) {
        auto& source = between_nodes(network_.sources, "s", i);
        source.control = pick(
            {SourceControl::pressure_rise, SourceControl::pump_curve, SourceControl::flow, SourceControl::passive});
        source.pressure_rise_pa = between(0.0, 6e5);
        source.curve = falling_curve();
        source.mass_flow_kg_s = between(0.0, 20.0);
        source.loss_coefficient_pa_s2_kg2 = between(0.0, 100.0);
        source.heat_control = pick({HeatControl::supply_temperature, HeatControl::heat});
        source.supply_temperature_c = between(60.0, 130.0);
        source.heat_w = between(0.0, 1e6);
    }

    void add_consumer(int i) {
        auto& consumer = between_nodes(network_.consumers, "c", i);
        consumer.control = pick({ConsumerControl::heat_and_return, ConsumerControl::heat_and_drop,
                                 ConsumerControl::flow, ConsumerControl::valve});
        consumer.heat_w = between(0.0, 5e5);
        if (chance(0.7) || consumer.control == ConsumerControl::heat_and_return) {
            consumer.return_temperature_c = between(25.0, 55.0);
        }
        consumer.temperature_drop_k = between(5.0, 40.0);
        consumer.mass_flow_kg_s = between(0.0, 10.0);
        consumer.throttle = {.kvs_m3_h = logarithmic(0.5, 100.0), .opening = between(0.0, 1.0)};
        consumer.exchanger.ua_w_k = chance(0.3) ? logarithmic(10.0, 1e5) : 0.0;
        consumer.exchanger.secondary_mass_flow_kg_s = between(0.0, 10.0);
        consumer.differential_pressure_limit_pa = chance(0.2) ? between(1e4, 1e5) : 0.0;
        consumer.open = !chance(0.1);
    }

    std::mt19937_64 random_;
    Network network_;
};

}  // namespace nuanshu::network

#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "engines/network/src/hydraulics.h"

/// Valves whose law is not a function of their own flow: pressure reducing, pressure sustaining, and differential
/// pressure measured elsewhere.
///
/// A reducing valve that works holds the potential of its `to` node, as a held node would, and takes at its `from` node
/// what flows on from there; a sustaining one the other way round. A differential-pressure valve is a throttle whose
/// resistance follows what it measures. After each solution every valve is asked whether it should be open, active or
/// closed. Statuses are finitely many and none is tried twice, so that this ends: with an answer, or with the valves
/// that follow each other in a circle.
namespace nuanshu::network {

class Controls {
 public:
    /// @param links shapes of differential-pressure valves are changed there
    void begin(const Network& network, Links& links);
    bool any() const { return !valves_.empty(); }
    /// Ends of controlled valves: they stay in the core.
    std::span<const std::int32_t> pinned() const { return pinned_; }

    HydraulicReport find_flows(Hydraulics& hydraulics, const Boundary& boundary, const HydraulicSettings& settings,
                               int rounds_max);
    /// By node, after find_flows(): what valves hold and what the network holds.
    std::span<const double> held_pressure_pa() const { return held_pressure_pa_; }
    /// Adds the flows through active valves, which are no links while they are.
    void add_flows(std::span<double> link_flow_kg_s) const;
    /// Of every valve of the network.
    std::vector<ValveStatus> statuses(const Network& network, const Links& links,
                                      std::span<const double> link_flow_kg_s) const;
    /// Valves that found no consistent status.
    const std::vector<Element>& cycling() const { return cycling_; }

 private:
    struct Controlled {
        std::int32_t valve = 0, link = 0;
        ValveKind kind = ValveKind::pressure_reducing;
        ValveStatus status = ValveStatus::open;
        double flow_kg_s = 0.0;   ///< while active: what passes
        double resistance = 0.0;  ///< differential pressure: Pa·s²/kg² beyond its own
        double own_geometry = 0.0;
    };
    /// What a valve is judged by.
    struct Reading {
        double from_pa, to_pa, flow_kg_s;
    };

    void apply(const Boundary& boundary);
    bool review(const Hydraulics& hydraulics);
    ValveStatus reducing(const Valve& valve, const Controlled& controlled, const Reading& reading) const;
    ValveStatus sustaining(const Valve& valve, const Controlled& controlled, const Reading& reading) const;
    bool adjust_differential(const Valve& valve, Controlled& controlled, const Reading& reading,
                             std::span<const double> pressure_pa);
    double passing_kg_s(const Controlled& controlled) const;
    std::vector<std::uint8_t> signature() const;

    const Network* network_ = nullptr;
    Links* links_ = nullptr;
    std::vector<Controlled> valves_;
    std::vector<std::int32_t> pinned_;
    std::vector<Element> cycling_;
    std::vector<std::uint8_t> present_, held_;
    std::vector<double> held_pressure_pa_, supply_kg_s_, link_flow_kg_s_;
};

}  // namespace nuanshu::network

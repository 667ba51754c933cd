#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engines/network/src/element_heat.h"
#include "engines/network/src/links.h"
#include "engines/network/src/water_order.h"

/// Steady temperatures for given flows.
///
/// Water carries enthalpy: at a node the streams mix, Σ G·h of what arrives over ΣG; along a pipe T falls to the
/// ambient's by exp(−U·L/(G·c)). Nodes are visited in the order in which the water reaches them, so that one pass is
/// exact. Where water comes round again, some links are *torn*: what leaves them is taken as known during a pass. That
/// costs nothing where a source holds its supply temperature or a consumer its return; where a source of fixed heat
/// feeds its own return, the torn temperatures are found by Newton's method with differences, and the rest follows them
/// nearly linearly.
namespace nuanshu::network {

/// Less than this is still water, and carries no heat: rounding, or what a closed check valve lets through.
inline constexpr double still_kg_s = 1e-7;

struct Temperatures {
    std::vector<double> node_c;        ///< by node of the links
    std::vector<double> from_c, to_c;  ///< by link, at its two ends
};

class Heat {
 public:
    explicit Heat(const Links& links) : links_(links) {}

    /// Reads what the network says of fluid, insulation and surroundings; it must stay until the next refresh().
    void refresh(const Network& network, double start_c);
    /// @param flow_kg_s by link, those of fixed flow too; @param inflow_kg_s by node: what enters from outside, beyond
    /// what leaves
    /// @return whether the torn temperatures have settled
    bool find(std::span<const double> flow_kg_s, std::span<const double> inflow_kg_s);
    double node_c(std::int32_t node) const { return spots_[static_cast<std::size_t>(node)].temperature_c; }
    /// Mean of the link's two ends.
    double link_c(std::int32_t link) const;

    /// The torn link whose outlet was furthest from settled in the last find(); −1 when all had settled.
    std::int32_t unsettled_link() const { return unsettled_link_; }

    /// Everything at the last temperatures.
    Temperatures temperatures() const;
    /// W lost by each pipe, given by each source and taken by each consumer. @param temperatures the same
    void find_powers(std::span<const double> flow_kg_s, const Temperatures& temperatures, std::span<double> pipe_loss_w,
                     std::span<double> source_w, std::span<double> consumer_w) const;

 private:
    /// A node during a pass: what has arrived so far, and its temperature.
    struct Spot {
        double mass_kg_s = 0.0, mass_temperature = 0.0, enthalpy_w = 0.0;
        double temperature_c = 0.0;
        std::int32_t arriving = 0;  ///< streams that meet here
    };

    bool directions_changed(std::span<const double> flow_kg_s, std::span<const double> inflow_kg_s);
    void order(std::span<const double> flow_kg_s);
    Tearing tearing_of(std::int32_t link, double flow_kg_s) const;
    void feed(std::span<const double> inflow_kg_s);
    void pass(std::span<const double> flow_kg_s, std::span<const double> inflow_kg_s);
    void arrive(Spot& spot, double flow_kg_s, double temperature_c);
    double enthalpy_j_kg(double temperature_c);
    void mix(Spot& spot) const;
    double outlet(const Arc& arc, double flow_kg_s, double inlet_c) const;
    double pipe_outlet(std::size_t surface, double flow_kg_s, double inlet_c) const;
    std::vector<double> torn_outlets(std::span<const double> flow_kg_s) const;
    bool settle_torn(std::span<const double> flow_kg_s, std::span<const double> inflow_kg_s);
    bool newton_on_torn(std::span<const double> flow_kg_s, std::span<const double> inflow_kg_s);

    const Links& links_;
    const Network* network_ = nullptr;
    FluidProperties fluid_{Fluid{}};
    std::vector<double> transmission_w_k_, ambient_c_;  ///< by pipe, then by far half

    std::vector<std::int8_t> direction_;  ///< by link: the flow's sign when the order was made
    std::vector<std::uint8_t> fed_;       ///< by node: water enters from outside
    WaterOrder order_;
    std::vector<double> arc_c_;         ///< outlet temperature of each arc …
    std::vector<double> torn_c_;        ///< … and of each torn one
    std::vector<double> torn_limit_c_;  ///< by torn arc: a consumer's fixed return; not a number for others
    std::vector<std::int32_t>
        link_arc_;  ///< by link: place in arcs, or −1 − place in torn; still_link where nothing flows
    std::int32_t unsettled_link_ = -1;
    std::vector<Spot> spots_;  ///< by node
    double last_temperature_c_ = 0.0, last_enthalpy_j_kg_ = 0.0;
};

}  // namespace nuanshu::network

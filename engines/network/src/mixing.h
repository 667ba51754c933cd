#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engines/network/src/plug_flow.h"
#include "engines/network/src/station_heat.h"

/// One step's mixing: enthalpies of all nodes from what flows in.
///
/// Links are numbered with those that store water (pipes, tanks) first. What leaves a store that is not passed within
/// the step is known beforehand; what passes depends on its inlet. Dependent links are put in the order of the flow, so
/// that one sweep settles all nodes. Where they close a ring (no pipe on it holds the water back for a step), that ring
/// is swept until it is settled.
namespace nuanshu::network {

class Mixing {
 public:
    struct Ends {
        std::int32_t from = 0, to = 0;
    };
    struct Inflow {
        double mass_flow_kg_s = 0.0;  ///< that enters from outside; positive
        double enthalpy_j_kg = 0.0;
    };

    /// @param ends of all links; @param stores how many of them hold water
    Mixing(std::size_t nodes, std::vector<Ends> ends, std::size_t stores);

    /// New flows. @param passes by link: what leaves may be what entered in the same step
    void arrange(std::span<const double> flow_kg_s, std::span<const std::uint8_t> passes);

    /// @param outflow of the stores; @param laws of the other links; @param inflow by node
    void mix(std::span<const PlugFlow::Outflow> outflow, std::span<const HeatLaw> laws, std::span<const Inflow> inflow,
             const EnthalpyTable& water);

    /// By node; where nothing flows in, the last one stands.
    std::span<const double> node_j_kg() const { return node_j_kg_; }
    std::span<double> node_j_kg() { return node_j_kg_; }
    std::span<const double> outlet_j_kg() const { return outlet_j_kg_; }
    void restore(std::span<const double> node_j_kg, std::span<const double> outlet_j_kg) {
        node_j_kg_.assign(node_j_kg.begin(), node_j_kg.end());
        outlet_j_kg_.assign(outlet_j_kg.begin(), outlet_j_kg.end());
    }
    double inlet_j_kg(std::size_t link) const { return node_j_kg_[upstream(link)]; }
    /// Nodes without any inflow from links.
    std::span<const std::int32_t> still_nodes() const { return still_nodes_; }
    /// A link that stores water and ends there; −1 if there is none.
    std::int32_t store_at(std::int32_t node) const { return store_at_[static_cast<std::size_t>(node)]; }
    const std::vector<Ends>& ends() const { return ends_; }
    std::size_t upstream(std::size_t link) const {
        return static_cast<std::size_t>(flow_kg_s_[link] < 0.0 ? ends_[link].to : ends_[link].from);
    }
    std::size_t downstream(std::size_t link) const {
        return static_cast<std::size_t>(flow_kg_s_[link] < 0.0 ? ends_[link].from : ends_[link].to);
    }

 private:
    using LinkList = std::vector<std::int32_t>;
    struct Step {
        std::span<const PlugFlow::Outflow> outflow;
        std::span<const HeatLaw> laws;
        const EnthalpyTable& water;
    };
    bool take_signs(std::span<const double> flow_kg_s, std::span<const std::uint8_t> passes);
    void sort_links();
    void order_dependent();
    double outlet_of(const Step& step, std::size_t link, double inlet_j_kg) const;
    void deliver(const Step& step, std::size_t link);
    void settle_rings(const Step& step);

    std::vector<Ends> ends_;
    std::size_t stores_;
    std::vector<std::int32_t> store_at_;
    std::vector<double> flow_kg_s_;
    std::vector<std::int8_t> sign_;  ///< 0 still, ±1 independent of its inlet, ±2 dependent
    LinkList independent_, ordered_, rings_;
    std::vector<std::int32_t> still_nodes_;
    std::vector<std::int32_t> out_begin_, out_links_, waiting_, ready_;  ///< for ordering
    std::vector<double> in_kg_s_, in_w_, node_j_kg_, outlet_j_kg_;
};

}  // namespace nuanshu::network

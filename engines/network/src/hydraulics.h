#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engines/network/src/fluid.h"
#include "engines/network/src/friction.h"
#include "engines/network/src/links.h"
#include "engines/network/src/reduction.h"
#include "engines/network/src/sparse_ldl.h"
#include "engines/network/src/special_laws.h"

/// Flows and potentials of a network for given demands: Newton's method on the core that reduction.h leaves.
///
/// With Q the flow at the beginning of each chain, h(Q) its pressure law (rising), P the potentials of the core's nodes
/// and A their incidence:
///
///   P(from) − P(to) = h(Q)     for each chain
///   A·Q = s                    for each core node of unknown potential
///
/// One step solves (A·D⁻¹·Aᵀ)·δP = imbalance with D = h′(Q), then δQ = (P(from) − P(to) − h + δP(from) − δP(to))/D
/// (Todini and Pilati 1988, in increments, so that rounding shrinks with the steps). As every law rises, the flows
/// minimise a convex function, the content (Collins et al. 1978); its slope along δQ is checked and the step shortened
/// where it overshoots, so that the method ends from any start.
namespace nuanshu::network {

/// What is given besides the links themselves.
struct Boundary {
    std::span<const double> supply_kg_s;  ///< by node: water that enters, less what leaves, by elements of fixed flow
    std::span<const double> held_pressure_pa;    ///< by node; read where held
    std::span<const double> link_temperature_c;  ///< empty for a constant fluid
    bool temperatures_stay = false;              ///< from one call to the next
};

struct HydraulicSettings {
    double tolerance = 1e-6;
    int iterations_max = 400;
};

struct HydraulicReport {
    bool converged = true;
    int iterations = 0;
    double largest_miss_share = 0.0;       ///< of a chain's law, of the largest drop
    double largest_imbalance_share = 0.0;  ///< of a core node, of the largest flow
};

class Hydraulics {
 public:
    explicit Hydraulics(const Links& links) : links_(links) {}

    /// Fluid, friction and gravity are the network's from now on, and the shapes are read again from the links.
    void refresh(const Network& network);

    /// Reduces and orders. @see reduce()
    void analyse(std::span<const std::uint8_t> present, std::span<const std::uint8_t> held,
                 std::span<const std::int32_t> pinned);
    /// Replaces the laws beyond resistance, e.g. after the flow wanted by a driven demand has changed.
    void set_specials(std::span<const SpecialLaw> specials);
    /// The shape of this link has changed in the links, and nothing else.
    void refresh_link(std::int32_t link);

    /// Finds the flows. With the same structure it starts from the last ones.
    HydraulicReport find_flows(const Boundary& boundary, const HydraulicSettings& settings);
    /// Then, the potentials of all nodes.
    void find_pressures(const Boundary& boundary);

    /// The chain whose law is missed most, by its first link; link −1 when there are no chains.
    struct WorstLink {
        std::int32_t link = -1;
        double miss_pa = 0.0;
    };
    WorstLink worst_link() const;

    const Reduction& reduction() const { return reduction_; }
    /// Adds the flows along present links to others' that are there already.
    void add_flows(std::span<double> link_flow_kg_s) const;
    /// Along the slot, at the last flows.
    double slot_drop_pa(std::size_t slot) const { return slot_drop_[slot]; }
    /// By node, over the atmosphere. After find_pressures().
    void copy_pressures(std::span<double> pressure_pa) const;
    /// d(Δp)/dG by link at the last flows, for sensitivities; 0 where not present. After find_pressures().
    void copy_derivatives(std::span<double> derivative) const;

 private:
    struct SlotSpecial {
        std::int32_t slot;
        double sign;
        SpecialLaw law;
    };

    void order_core();
    void prepare_slots(const Boundary& boundary, std::size_t begin, std::size_t end);
    void prepare_changed(const Boundary& boundary);
    void distribute(std::span<const double> supply_kg_s);
    void set_potentials(const Boundary& boundary);
    void start_from_linear();
    void set_slot_flows();
    void evaluate_slots(std::size_t begin, std::size_t end, std::span<const SlotSpecial> specials);
    void sum_chains();
    void evaluate_chains();
    void settle_changed_chains();
    void settle_chain(std::size_t chain);
    void sum_chain(std::size_t chain);
    void find_imbalance();
    bool step();
    bool advance(bool guarded);
    struct Pace {
        int steps_max;
        bool guarded;  ///< steps that overshoot are shortened
    };
    void iterate(const HydraulicSettings& settings, Pace pace, HydraulicReport& report);
    void approach(const HydraulicSettings& settings, HydraulicReport& report);
    double curvature_of_step() const;
    double slope_along_step() const;
    void shorten_step(double slope_before);
    bool has_converged(const HydraulicSettings& settings, HydraulicReport& report) const;
    double rounding_of(std::size_t chain) const;
    double imbalance_share();
    void polish(HydraulicReport& report);
    double miss_of(std::size_t chain) const;
    double potential_of(std::int32_t end) const;

    const Links& links_;
    Friction friction_ = Friction::colebrook_white;
    FluidProperties fluid_{Fluid{}};
    double gravity_m_s2_ = 9.80665;
    double reference_density_kg_m3_ = 1000.0;

    std::vector<std::uint8_t> held_;  ///< by node
    Reduction reduction_;
    std::vector<std::int32_t> chain_from_, chain_to_;  ///< row of an unknown node, or −1 − (place in given_node_)
    std::vector<std::int32_t> given_node_;
    std::vector<double> given_potential_pa_;
    SparseLdl matrix_;

    Resistances resistances_;      ///< by slot
    std::vector<double> lift_pa_;  ///< by slot
    std::vector<SlotSpecial> chain_specials_, leaf_specials_;
    std::vector<std::int32_t> changed_links_;  ///< to be prepared again
    std::vector<std::int32_t> slot_of_link_;   ///< made when first needed
    std::vector<bool> chain_is_special_;
    bool chains_prepared_ = false, leaves_prepared_ = false;  ///< their resistances have the water in them

    std::vector<double> node_supply_;  ///< after the leaves were taken off
    std::vector<double> slot_offset_, slot_flow_, slot_drop_, slot_derivative_;
    std::vector<double> chain_flow_, chain_drop_, chain_derivative_, chain_step_, chain_offset_;
    std::vector<double> potential_pa_;  ///< by unknown node
    std::vector<double> imbalance_;
    std::vector<double> node_potential_pa_;
    double forbidden_slope_ = forbidden_slope_pa_s_kg;
    bool warm_ = false;
    bool balanced_ = false;  ///< chain_flow_ satisfies the nodes' balances, so that content has a slope
};

}  // namespace nuanshu::network

#include "engines/network/src/hydraulics.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <numeric>

#include "engines/network/src/special_laws.h"

namespace nuanshu::network {
namespace {

using Index = std::int32_t;

std::size_t at(Index index) {
    return static_cast<std::size_t>(index);
}

/// Added to every link, so that one without resistance, and still water, have a slope: 0.1 Pa at 1 t/s.
constexpr double least_slope_pa_s_kg = 1e-4;
/// Potentials of water that changes its density are measured against this one.
constexpr double usual_density_kg_m3 = 970.0;
/// The first flows come from laws made linear at these.
constexpr double start_velocity_m_s = 0.8;
constexpr double start_drop_pa = 3e4;
}  // namespace

void Hydraulics::refresh(const Network& network) {
    friction_ = network.friction;
    fluid_ = FluidProperties(network.fluid);
    gravity_m_s2_ = network.gravity_m_s2;
    reference_density_kg_m3_ = network.fluid.constant ? network.fluid.density_kg_m3 : usual_density_kg_m3;
    chains_prepared_ = leaves_prepared_ = false;
}

void Hydraulics::analyse(std::span<const std::uint8_t> present, std::span<const std::uint8_t> held,
                         std::span<const std::int32_t> pinned) {
    held_.assign(held.begin(), held.end());
    reduction_ = reduce(links_, present, held, pinned);
    order_core();
    const auto slots = reduction_.slot_link.size();
    const auto chains = reduction_.chain_count();
    resistances_.resize(slots);
    for (auto* values : {&lift_pa_, &slot_offset_, &slot_flow_, &slot_drop_, &slot_derivative_}) {
        values->assign(slots, 0.0);
    }
    for (auto* values : {&chain_flow_, &chain_drop_, &chain_derivative_, &chain_step_, &chain_offset_}) {
        values->assign(chains, 0.0);
    }
    potential_pa_.assign(reduction_.unknown_node.size(), 0.0);
    imbalance_.resize(reduction_.unknown_node.size());
    node_potential_pa_.assign(at(links_.node_count), 0.0);
    set_specials(links_.specials);
    chains_prepared_ = leaves_prepared_ = false;
    slot_of_link_.clear();
    warm_ = false;
}

/// Numbers the core's nodes and lays out their matrix.
void Hydraulics::order_core() {
    constexpr Index nothing = -1;
    std::vector<Index> row(at(links_.node_count), nothing);
    for (std::size_t i = 0; i < reduction_.unknown_node.size(); ++i) {
        row[at(reduction_.unknown_node[i])] = static_cast<Index>(i);
    }
    given_node_.clear();
    std::vector<Index> given(at(links_.node_count), nothing);
    const auto end_of = [&](Index node) {
        if (row[at(node)] >= 0) {
            return row[at(node)];
        }
        if (given[at(node)] < 0) {
            given[at(node)] = static_cast<Index>(given_node_.size());
            given_node_.push_back(node);
        }
        return -1 - given[at(node)];
    };
    chain_from_.resize(reduction_.chain_count());
    chain_to_.resize(reduction_.chain_count());
    std::vector<SparseLdl::Edge> edges;
    for (std::size_t chain = 0; chain < reduction_.chain_count(); ++chain) {
        chain_from_[chain] = end_of(reduction_.chain_from[chain]);
        chain_to_[chain] = end_of(reduction_.chain_to[chain]);
        if (chain_from_[chain] >= 0 && chain_to_[chain] >= 0) {
            edges.emplace_back(chain_from_[chain], chain_to_[chain]);
        }
    }
    given_potential_pa_.assign(given_node_.size(), 0.0);
    matrix_.analyse(static_cast<Index>(reduction_.unknown_node.size()), edges);
}

void Hydraulics::set_specials(std::span<const SpecialLaw> specials) {
    chain_specials_.clear();
    leaf_specials_.clear();
    chain_is_special_.assign(reduction_.chain_count(), false);
    if (specials.empty()) {
        return;
    }
    std::vector<Index> slot_of(links_.ends.size(), -1);
    for (std::size_t slot = 0; slot < reduction_.slot_link.size(); ++slot) {
        slot_of[at(reduction_.slot_link[slot])] = static_cast<Index>(slot);
    }
    for (const auto& law : specials) {
        const auto slot = slot_of[at(law.link)];
        if (slot >= 0) {
            auto& list = at(slot) < reduction_.chain_slots() ? chain_specials_ : leaf_specials_;
            list.push_back({slot, static_cast<double>(reduction_.slot_sign[at(slot)]), law});
            if (at(slot) < reduction_.chain_slots()) {
                const auto after = std::ranges::upper_bound(reduction_.chain_begin, slot);
                chain_is_special_[static_cast<std::size_t>(after - reduction_.chain_begin.begin()) - 1] = true;
            }
        }
    }
}

/// Puts the water into the shapes of slots [begin, end).
void Hydraulics::prepare_slots(const Boundary& boundary, std::size_t begin, std::size_t end) {
    const bool hazen_williams = friction_ == Friction::hazen_williams;
    double density = reference_density_kg_m3_, inverse = 1.0 / density;
    double fluidity = 1.0 / fluid_.dynamic_viscosity_pa_s(20.0);
    for (auto slot = begin; slot < end; ++slot) {
        const auto link = at(reduction_.slot_link[slot]);
        const auto& shape = links_.shapes[link];
        if (!fluid_.constant()) {
            density = fluid_.density_kg_m3(boundary.link_temperature_c[link]);
            inverse = 1.0 / density;
            fluidity = 1.0 / fluid_.dynamic_viscosity_pa_s(boundary.link_temperature_c[link]);
        }
        resistances_.reynolds_per_flow[slot] = shape.reynolds_geometry * fluidity;
        resistances_.relative_roughness[slot] = shape.relative_roughness;
        resistances_.friction_scale[slot] =
            shape.friction_geometry * (hazen_williams ? std::pow(density, -0.852) : inverse);
        resistances_.minor_scale[slot] = shape.minor_geometry * inverse;
        const double column_density = shape.into_air ? 0.0 : density;
        const double column = (column_density - reference_density_kg_m3_) * gravity_m_s2_ * shape.rise_m;
        lift_pa_[slot] = reduction_.slot_sign[slot] * (column - shape.pressure_rise_pa);
    }
}

void Hydraulics::refresh_link(Index link) {
    changed_links_.push_back(link);
}

void Hydraulics::prepare_changed(const Boundary& boundary) {
    if (slot_of_link_.empty() && !changed_links_.empty()) {
        slot_of_link_.assign(links_.ends.size(), -1);
        for (std::size_t slot = 0; slot < reduction_.slot_link.size(); ++slot) {
            slot_of_link_[at(reduction_.slot_link[slot])] = static_cast<Index>(slot);
        }
    }
    for (const auto link : changed_links_) {
        if (const auto slot = slot_of_link_[at(link)]; slot >= 0) {
            prepare_slots(boundary, at(slot), at(slot) + 1);
        }
    }
    changed_links_.clear();
}

/// Flows of the leaves, and what the slots of a chain carry beyond the flow at its beginning.
void Hydraulics::distribute(std::span<const double> supply_kg_s) {
    node_supply_.assign(supply_kg_s.begin(), supply_kg_s.end());
    const auto first_leaf = reduction_.chain_slots();
    for (std::size_t i = 0; i < reduction_.leaf_count(); ++i) {
        const double flow = node_supply_[at(reduction_.leaf_node[i])];
        slot_flow_[first_leaf + i] = flow;
        node_supply_[at(reduction_.slot_end[first_leaf + i])] += flow;
    }
    for (std::size_t chain = 0; chain < reduction_.chain_count(); ++chain) {
        double offset = 0.0;
        for (auto slot = at(reduction_.chain_begin[chain]); slot < at(reduction_.chain_begin[chain + 1]); ++slot) {
            slot_offset_[slot] = offset;
            offset += node_supply_[at(reduction_.slot_end[slot])];
        }
        chain_offset_[chain] = slot_offset_[at(reduction_.chain_begin[chain + 1]) - 1];
    }
}

void Hydraulics::set_potentials(const Boundary& boundary) {
    const auto held_potential = [&](Index node) {
        return boundary.held_pressure_pa[at(node)] +
               reference_density_kg_m3_ * gravity_m_s2_ * links_.elevation_m[at(node)];
    };
    std::ranges::transform(given_node_, given_potential_pa_.begin(), held_potential);
}

double Hydraulics::potential_of(Index end) const {
    return end >= 0 ? potential_pa_[at(end)] : given_potential_pa_[at(-1 - end)];
}

/// Each slot's law as a straight line through its drop at an ordinary flow: a first step that fits the size of the
/// network.
void Hydraulics::start_from_linear() {
    const auto slots = reduction_.chain_slots();
    for (std::size_t slot = 0; slot < slots; ++slot) {
        const double per_diameter = links_.shapes[at(reduction_.slot_link[slot])].reynolds_geometry;
        const double minor = resistances_.minor_scale[slot];
        if (per_diameter > 0.0) {
            slot_flow_[slot] =
                reference_density_kg_m3_ * start_velocity_m_s * 4.0 / (std::numbers::pi * per_diameter * per_diameter);
        } else {
            slot_flow_[slot] = minor > 0.0 ? std::sqrt(start_drop_pa / minor) : 1.0;
        }
    }
    evaluate_slots(0, slots, {});
    for (std::size_t slot = 0; slot < slots; ++slot) {
        slot_derivative_[slot] = (slot_drop_[slot] - lift_pa_[slot]) / slot_flow_[slot];
        slot_drop_[slot] = lift_pa_[slot] + slot_derivative_[slot] * slot_offset_[slot];
    }
    for (const auto& special : chain_specials_) {
        const auto slot = at(special.slot);
        if (special.law.kind == SpecialLaw::Kind::pump) {
            slot_drop_[slot] +=
                special.sign * special_drop(special.law, 0.0, reference_density_kg_m3_, gravity_m_s2_).drop_pa;
        } else if (special.law.kind == SpecialLaw::Kind::wagner && special.law.value > 0.0) {
            slot_derivative_[slot] += special.law.pressure / special.law.value;
        }
    }
    std::ranges::fill(chain_flow_, 0.0);
    sum_chains();
    balanced_ = false;
}

void Hydraulics::set_slot_flows() {
    for (std::size_t chain = 0; chain < reduction_.chain_count(); ++chain) {
        for (auto slot = at(reduction_.chain_begin[chain]); slot < at(reduction_.chain_begin[chain + 1]); ++slot) {
            slot_flow_[slot] = chain_flow_[chain] + slot_offset_[slot];
        }
    }
}

/// Drops and derivatives of slots [begin, end) at their flows.
void Hydraulics::evaluate_slots(std::size_t begin, std::size_t end, std::span<const SlotSpecial> specials) {
    if (begin == end) {
        return;
    }
    const auto count = end - begin;
    evaluate(friction_, resistances_, begin, std::span(slot_flow_).subspan(begin, count),
             std::span(slot_drop_).subspan(begin, count), std::span(slot_derivative_).subspan(begin, count));
    for (auto slot = begin; slot < end; ++slot) {
        slot_drop_[slot] += least_slope_pa_s_kg * slot_flow_[slot] + lift_pa_[slot];
        slot_derivative_[slot] += least_slope_pa_s_kg;
    }
    for (const auto& special : specials) {
        const auto slot = at(special.slot);
        const auto drop = special_drop(special.law, special.sign * slot_flow_[slot], reference_density_kg_m3_,
                                       gravity_m_s2_, forbidden_slope_);
        slot_drop_[slot] += special.sign * drop.drop_pa;
        slot_derivative_[slot] += drop.derivative;
    }
}

void Hydraulics::sum_chain(std::size_t chain) {
    double drop = 0.0, derivative = 0.0;
    for (auto slot = at(reduction_.chain_begin[chain]); slot < at(reduction_.chain_begin[chain + 1]); ++slot) {
        drop += slot_drop_[slot];
        derivative += slot_derivative_[slot];
    }
    chain_drop_[chain] = drop;
    chain_derivative_[chain] = derivative;
}

void Hydraulics::sum_chains() {
    for (std::size_t chain = 0; chain < reduction_.chain_count(); ++chain) {
        sum_chain(chain);
    }
}

void Hydraulics::evaluate_chains() {
    set_slot_flows();
    evaluate_slots(0, reduction_.chain_slots(), chain_specials_);
    sum_chains();
}

/// Potentials of the core, then along chains, then out to the leaves.
void Hydraulics::find_pressures(const Boundary& boundary) {
    if (!leaves_prepared_) {
        prepare_slots(boundary, reduction_.chain_slots(), reduction_.slot_link.size());
        leaves_prepared_ = fluid_.constant() || boundary.temperatures_stay;
    }
    const auto first_leaf = reduction_.chain_slots();
    evaluate_slots(first_leaf, reduction_.slot_link.size(), leaf_specials_);
    for (Index node = 0; node < links_.node_count; ++node) {
        if (held_[at(node)] != 0) {
            node_potential_pa_[at(node)] = boundary.held_pressure_pa[at(node)] +
                                           reference_density_kg_m3_ * gravity_m_s2_ * links_.elevation_m[at(node)];
        }
    }
    for (const auto node : reduction_.floating_node) {
        node_potential_pa_[at(node)] = reference_density_kg_m3_ * gravity_m_s2_ * links_.elevation_m[at(node)];
    }
    for (std::size_t i = 0; i < potential_pa_.size(); ++i) {
        node_potential_pa_[at(reduction_.unknown_node[i])] = potential_pa_[i];
    }
    for (std::size_t chain = 0; chain < reduction_.chain_count(); ++chain) {
        double potential = potential_of(chain_from_[chain]);
        for (auto slot = at(reduction_.chain_begin[chain]); slot + 1 < at(reduction_.chain_begin[chain + 1]); ++slot) {
            potential -= slot_drop_[slot];
            node_potential_pa_[at(reduction_.slot_end[slot])] = potential;
        }
    }
    for (auto i = reduction_.leaf_count(); i-- > 0;) {
        node_potential_pa_[at(reduction_.leaf_node[i])] =
            node_potential_pa_[at(reduction_.slot_end[first_leaf + i])] + slot_drop_[first_leaf + i];
    }
}

void Hydraulics::add_flows(std::span<double> link_flow_kg_s) const {
    for (std::size_t slot = 0; slot < reduction_.slot_link.size(); ++slot) {
        link_flow_kg_s[at(reduction_.slot_link[slot])] += reduction_.slot_sign[slot] * slot_flow_[slot];
    }
}

void Hydraulics::copy_pressures(std::span<double> pressure_pa) const {
    for (std::size_t node = 0; node < pressure_pa.size(); ++node) {
        pressure_pa[node] =
            node_potential_pa_[node] - reference_density_kg_m3_ * gravity_m_s2_ * links_.elevation_m[node];
    }
}

void Hydraulics::copy_derivatives(std::span<double> derivative) const {
    std::ranges::fill(derivative, 0.0);
    for (std::size_t slot = 0; slot < reduction_.slot_link.size(); ++slot) {
        derivative[at(reduction_.slot_link[slot])] = slot_derivative_[slot];
    }
}

}  // namespace nuanshu::network

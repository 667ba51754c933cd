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
/// A step is too long when content rises at its end by more than this share of its fall at the beginning.
constexpr double overshoot_max = 0.5;
constexpr int shortenings_max = 40;
/// Most networks need fewer steps than this, and whole ones are the quickest.
constexpr int quick_steps = 14;
constexpr double changed_share = 1e-4, settled_share = 1e-6;
constexpr int steps_each_slope = 25;
constexpr double soft_slope_pa_s_kg = 1e4, hardening = 100.0;
constexpr double rough_tolerance = 1e-3;
constexpr double least_correction_kg_s = 1e-12;
constexpr double least_flow_kg_s = 1e-3;
constexpr double balance_tolerance = 1e-10;
constexpr int polishings_max = 3;

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

/// Between two solutions mostly a few links change a lot and all others hardly. What changed goes its way alone, at the
/// potentials of the last solution, so that the whole network needs a step or two.
void Hydraulics::settle_changed_chains() {
    double drop = 1.0;
    for (const double chain_drop : chain_drop_) {
        drop = std::max(drop, std::fabs(chain_drop));
    }
    for (std::size_t chain = 0; chain < reduction_.chain_count(); ++chain) {
        if (std::fabs(miss_of(chain)) > changed_share * drop && !chain_is_special_[chain]) {
            settle_chain(chain);
        }
    }
}

void Hydraulics::settle_chain(std::size_t chain) {
    const auto begin = at(reduction_.chain_begin[chain]), end = at(reduction_.chain_begin[chain + 1]);
    for (int step = 0; step < quick_steps; ++step) {
        const double change = miss_of(chain) / chain_derivative_[chain];
        chain_flow_[chain] += change;
        for (auto slot = begin; slot < end; ++slot) {
            slot_flow_[slot] = chain_flow_[chain] + slot_offset_[slot];
        }
        evaluate_slots(begin, end, {});
        sum_chain(chain);
        if (std::fabs(change) <= settled_share * std::fabs(chain_flow_[chain])) {
            break;
        }
    }
}

void Hydraulics::evaluate_chains() {
    set_slot_flows();
    evaluate_slots(0, reduction_.chain_slots(), chain_specials_);
    sum_chains();
}

double Hydraulics::miss_of(std::size_t chain) const {
    return potential_of(chain_from_[chain]) - potential_of(chain_to_[chain]) - chain_drop_[chain];
}

/// What each core node gets beyond what it gives, at the present flows.
void Hydraulics::find_imbalance() {
    for (std::size_t i = 0; i < imbalance_.size(); ++i) {
        imbalance_[i] = node_supply_[at(reduction_.unknown_node[i])];
    }
    for (std::size_t chain = 0; chain < reduction_.chain_count(); ++chain) {
        if (chain_from_[chain] >= 0) {
            imbalance_[at(chain_from_[chain])] -= chain_flow_[chain];
        }
        if (chain_to_[chain] >= 0) {
            imbalance_[at(chain_to_[chain])] += chain_flow_[chain] + chain_offset_[chain];
        }
    }
}

/// One step of Newton's method. @return false when the matrix has no solution
bool Hydraulics::step() {
    find_imbalance();
    matrix_.clear();
    std::size_t edge = 0;
    for (std::size_t chain = 0; chain < reduction_.chain_count(); ++chain) {
        const auto from = chain_from_[chain], to = chain_to_[chain];
        const double conductance = 1.0 / chain_derivative_[chain];
        const double flow = miss_of(chain) * conductance;
        chain_step_[chain] = flow;
        if (from >= 0) {
            matrix_.add_diagonal(from, conductance);
            imbalance_[at(from)] -= flow;
        }
        if (to >= 0) {
            matrix_.add_diagonal(to, conductance);
            imbalance_[at(to)] += flow;
        }
        if (from >= 0 && to >= 0) {
            matrix_.add_edge(edge++, -conductance);
        }
    }
    if (matrix_.factor() >= 0) {
        return false;
    }
    matrix_.solve(imbalance_);
    const auto change_of = [&](Index end) { return end >= 0 ? imbalance_[at(end)] : 0.0; };
    for (std::size_t chain = 0; chain < reduction_.chain_count(); ++chain) {
        chain_step_[chain] += (change_of(chain_from_[chain]) - change_of(chain_to_[chain])) / chain_derivative_[chain];
        chain_flow_[chain] += chain_step_[chain];
    }
    std::ranges::transform(potential_pa_, imbalance_, potential_pa_.begin(), std::plus<>());
    return true;
}

/// Slope of content along the last step, at the present flows.
double Hydraulics::slope_along_step() const {
    double slope = 0.0;
    for (std::size_t chain = 0; chain < reduction_.chain_count(); ++chain) {
        slope -= miss_of(chain) * chain_step_[chain];
    }
    return slope;
}

/// Goes back along the last step until content no longer rises much there. @param slope_before at its beginning,
/// negative
void Hydraulics::shorten_step(double slope_before) {
    double low = 0.0, high = 1.0, share = 1.0;
    for (int round = 0; round < shortenings_max; ++round) {
        const double slope = slope_along_step();
        if (std::fabs(slope) <= overshoot_max * std::fabs(slope_before) || (round == 0 && slope <= 0.0)) {
            return;
        }
        (slope > 0.0 ? high : low) = share;
        const double next = 0.5 * (low + high);
        for (std::size_t chain = 0; chain < reduction_.chain_count(); ++chain) {
            chain_flow_[chain] += (next - share) * chain_step_[chain];
        }
        share = next;
        evaluate_chains();
    }
}

/// What rounding alone can miss a chain's law by.
double Hydraulics::rounding_of(std::size_t chain) const {
    const double size = std::fabs(chain_flow_[chain]) * chain_derivative_[chain] +
                        std::fabs(potential_of(chain_from_[chain])) + std::fabs(potential_of(chain_to_[chain]));
    return 4.0 * std::numeric_limits<double>::epsilon() * size;
}

/// Whether all laws hold within a share of the largest drop, and whether the flows stand still or would hardly move if
/// they were corrected. (The latter alone would not do: at very large drops rounding is worth a flow in links of very
/// small resistance.)
bool Hydraulics::has_converged(const HydraulicSettings& settings, HydraulicReport& report) const {
    double miss = 0.0, correction = 0.0, step = 0.0, flow = 0.0, drop = 1.0;
    for (std::size_t chain = 0; chain < reduction_.chain_count(); ++chain) {
        const double chain_miss = std::max(std::fabs(miss_of(chain)) - rounding_of(chain), 0.0);
        miss = std::max(miss, chain_miss);
        correction = std::max(correction, chain_miss / chain_derivative_[chain]);
        step = std::max(step, std::fabs(chain_step_[chain]));
        flow = std::max(flow, std::fabs(chain_flow_[chain]));
        drop = std::max(drop, std::fabs(chain_drop_[chain]));
    }
    report.largest_miss_share = miss / drop;
    const double still = settings.tolerance * flow + least_correction_kg_s;
    return miss <= settings.tolerance * drop && (correction <= still || step <= still);
}

/// Minus the slope of content at the beginning of the last step: Σ D·δQ². Before the laws are evaluated at its end.
double Hydraulics::curvature_of_step() const {
    return std::transform_reduce(chain_step_.begin(), chain_step_.end(), chain_derivative_.begin(), 0.0, std::plus<>(),
                                 [](double step, double derivative) { return derivative * step * step; });
}

/// One step, shortened where that is due. @return false when it cannot be made
bool Hydraulics::advance(bool guarded) {
    if (!step()) {
        return false;
    }
    const double slope_before = -curvature_of_step();
    evaluate_chains();
    if (guarded && balanced_) {
        shorten_step(slope_before);
    }
    balanced_ = true;
    return true;
}

/// The last steps are so small that their rounding no longer disturbs the balance of the nodes.
void Hydraulics::polish(HydraulicReport& report) {
    report.largest_imbalance_share = imbalance_share();
    for (int i = 0; report.converged && report.largest_imbalance_share > balance_tolerance && i < polishings_max; ++i) {
        advance(false);
        report.largest_imbalance_share = imbalance_share();
    }
}

/// Steps until the laws hold, or there are too many.
void Hydraulics::iterate(const HydraulicSettings& settings, Pace pace, HydraulicReport& report) {
    const int end = std::min(report.iterations + pace.steps_max, settings.iterations_max);
    report.converged = false;
    while (!report.converged && report.iterations < end && advance(pace.guarded)) {
        ++report.iterations;
        report.converged = has_converged(settings, report);
    }
}

/// For networks where whole steps go round in circles: laws with kinks begin soft and become hard by and by, and steps
/// are kept from overshooting.
void Hydraulics::approach(const HydraulicSettings& settings, HydraulicReport& report) {
    auto rough = settings;
    rough.tolerance = rough_tolerance;
    forbidden_slope_ = soft_slope_pa_s_kg;
    start_from_linear();
    for (; forbidden_slope_ < forbidden_slope_pa_s_kg; forbidden_slope_ *= hardening) {
        iterate(rough, {.steps_max = steps_each_slope, .guarded = true}, report);
    }
    forbidden_slope_ = forbidden_slope_pa_s_kg;
    evaluate_chains();
    iterate(settings, {.steps_max = settings.iterations_max, .guarded = true}, report);
}

double Hydraulics::imbalance_share() {
    find_imbalance();
    double imbalance = 0.0, flow = least_flow_kg_s;
    for (const double value : imbalance_) {
        imbalance = std::max(imbalance, std::fabs(value));
    }
    for (const double value : chain_flow_) {
        flow = std::max(flow, std::fabs(value));
    }
    return imbalance / flow;
}

HydraulicReport Hydraulics::find_flows(const Boundary& boundary, const HydraulicSettings& settings) {
    if (!chains_prepared_) {
        prepare_slots(boundary, 0, reduction_.chain_slots());
        chains_prepared_ = fluid_.constant();
    }
    distribute(boundary.supply_kg_s);
    set_potentials(boundary);
    HydraulicReport report;
    if (reduction_.chain_count() == 0) {
        return report;
    }
    if (warm_) {
        evaluate_chains();
        settle_changed_chains();
        balanced_ = false;  // demands may have changed
    } else {
        start_from_linear();
    }
    report.converged = false;
    iterate(settings, {.steps_max = quick_steps, .guarded = false}, report);
    if (!report.converged) {
        approach(settings, report);
    }
    warm_ = report.converged;
    polish(report);
    return report;
}

Hydraulics::WorstLink Hydraulics::worst_link() const {
    WorstLink worst;
    for (std::size_t chain = 0; chain < reduction_.chain_count(); ++chain) {
        const double miss = std::fabs(miss_of(chain));
        if (worst.link < 0 || !(miss <= worst.miss_pa)) {
            worst = {reduction_.slot_link[at(reduction_.chain_begin[chain])], miss};
        }
    }
    return worst;
}

/// Potentials of the core, then along chains, then out to the leaves.
void Hydraulics::find_pressures(const Boundary& boundary) {
    if (!leaves_prepared_) {
        prepare_slots(boundary, reduction_.chain_slots(), reduction_.slot_link.size());
        leaves_prepared_ = fluid_.constant();
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

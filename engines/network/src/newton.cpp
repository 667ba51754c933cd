#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "engines/network/src/hydraulics.h"

/// Newton's method on the core: the part of Hydraulics that finds flows. @see hydraulics.h for the equations
namespace nuanshu::network {
namespace {

using Index = std::int32_t;

std::size_t at(Index index) {
    return static_cast<std::size_t>(index);
}

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
        chains_prepared_ = fluid_.constant() || boundary.temperatures_stay;
    }
    prepare_changed(boundary);
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

}  // namespace nuanshu::network

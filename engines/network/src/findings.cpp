#include <algorithm>
#include <cmath>

#include "engines/network/src/parts.h"
#include "engines/network/src/results.h"

namespace nuanshu::network {
namespace {

using Index = std::int32_t;

std::size_t at(Index index) {
    return static_cast<std::size_t>(index);
}

constexpr double atmosphere_pa = 101325.0;
constexpr double forced_share = 1e-8;  ///< of the largest flow: more than rounding is forced through a closed element
constexpr double least_forced_kg_s = 1e-6;
constexpr double missing_share = 1e-6;  ///< of what is asked for
constexpr double least_shortage_pa = 1.0;
constexpr double missing_heat_share = 1e-3;

class Finder {
 public:
    Finder(const SolvedState& state, Solution& solution) : state_(state), network_(state.network), solution_(solution) {
        for (const double flow : state.link_flow_kg_s) {
            largest_flow_ = std::max(largest_flow_, std::fabs(flow));
        }
    }

    void run() {
        find_unconverged();
        find_unheld();
        find_consumers();
        find_sources();
        find_nodes();
        find_forced();
        find_pumps();
    }

 private:
    void add(FindingKind kind, Element element, double amount = 0.0) {
        solution_.findings.push_back({kind, element, amount});
    }

    void find_unconverged() {
        for (const auto& element : state_.controls.cycling()) {
            add(FindingKind::controls_cycle, element);
        }
        if (!solution_.converged && solution_.findings.empty() && state_.unsettled) {
            add(FindingKind::unsettled, *state_.unsettled);
        }
        if (!solution_.converged && solution_.findings.empty()) {
            const auto worst = state_.hydraulics.worst_link();
            const auto element = worst.link >= 0 ? state_.links.element_of(worst.link) : Element{};
            add(FindingKind::did_not_converge, element, worst.miss_pa);
        }
    }

    void find_unheld() {
        if (state_.hydraulics.reduction().floating_node.empty()) {
            return;
        }
        std::vector<std::uint8_t> joined(at(state_.links.node_count), 0);
        for (std::size_t link = 0; link < state_.links.ends.size(); ++link) {
            if (state_.links.present[link] != 0) {
                joined[at(state_.links.ends[link].from)] = joined[at(state_.links.ends[link].to)] = 1;
            }
        }
        for (const auto node : state_.hydraulics.reduction().floating_node) {
            if (joined[at(node)] != 0 && at(node) < network_.nodes.size()) {
                add(FindingKind::no_pressure_held, {ElementKind::node, node});
            }
        }
    }

    bool is_cut_off(Index node) const { return state_.cut_off[at(node)] != 0; }

    void find_consumers() {
        for (Index i = 0; i < static_cast<Index>(network_.consumers.size()); ++i) {
            const auto& consumer = network_.consumers[at(i)];
            const double wanted = state_.wanted_kg_s[at(i)];
            if (wanted <= 0.0) {
                continue;
            }
            const Element element{ElementKind::consumer, i};
            const double missing = wanted - solution_.consumers.mass_flow_kg_s[at(i)];
            if (is_cut_off(consumer.from) || is_cut_off(consumer.to)) {
                add(FindingKind::cut_off, element, wanted);
            } else if (missing > missing_share * wanted) {
                add(FindingKind::not_served, element, missing);
            } else {
                find_consumer_pressure(consumer, element);
            }
            find_consumer_heat(consumer, element);
        }
    }

    void find_consumer_pressure(const Consumer& consumer, Element element) {
        const double there = solution_.consumers.pressure_drop_pa[at(element.index)];
        const double shortage = consumer.required_differential_pressure_pa - there;
        if (shortage > least_shortage_pa && state_.settings.demand == SolveSettings::Demand::as_asked) {
            add(FindingKind::low_pressure, element, shortage);
        }
    }

    void find_consumer_heat(const Consumer& consumer, Element element) {
        const double shortage = consumer.heat_w - solution_.consumer_heat_w[at(element.index)];
        const bool flows = solution_.consumers.mass_flow_kg_s[at(element.index)] > 0.0;
        if (state_.has_heat() && wants_heat(consumer) && flows && shortage > missing_heat_share * consumer.heat_w &&
            state_.settings.demand == SolveSettings::Demand::as_asked) {
            add(FindingKind::no_flow_heat, element, shortage);
        }
    }

    /// A source of fixed heat whose heat the water does not take up.
    void find_sources() {
        for (Index i = 0; i < static_cast<Index>(network_.sources.size()) && state_.has_heat(); ++i) {
            const auto& source = network_.sources[at(i)];
            const double left = source.heat_w - solution_.source_heat_w[at(i)];
            if (source.heat_control == HeatControl::heat && source.running &&
                left > missing_heat_share * source.heat_w) {
                add(FindingKind::no_flow_heat, {ElementKind::source, i}, left);
            }
        }
    }

    void find_nodes() {
        const bool driven = state_.settings.demand == SolveSettings::Demand::pressure_driven;
        std::vector<std::uint8_t> floating(at(state_.links.node_count), 0);
        if (!state_.hydraulics.reduction().floating_node.empty()) {
            mark_floating(floating);
        }
        for (Index i = 0; i < static_cast<Index>(network_.nodes.size()); ++i) {
            const double demand = state_.links.held[at(i)] != 0 ? 0.0
                                  : driven                      ? network_.nodes[at(i)].demand_kg_s
                                                                : state_.links.demand_kg_s[at(i)];
            const Element element{ElementKind::node, i};
            if (demand != 0.0 && is_cut_off(i)) {
                add(FindingKind::cut_off, element, std::fabs(demand));
            } else if (driven && demand > 0.0 && demand + solution_.node_inflow_kg_s[at(i)] > missing_share * demand) {
                add(FindingKind::not_served, element, demand + solution_.node_inflow_kg_s[at(i)]);
            } else if (!driven && demand > 0.0 && solution_.node_pressure_pa[at(i)] < -least_shortage_pa) {
                add(FindingKind::low_pressure, element, -solution_.node_pressure_pa[at(i)]);
            }
            find_vapour(element, floating[at(i)] != 0);
        }
    }

    /// Nodes whose pressures are only relative.
    void mark_floating(std::vector<std::uint8_t>& floating) const {
        mark_parts(state_.links, state_.hydraulics.reduction().floating_node, floating);
    }

    void find_vapour(Element element, bool floating) {
        if (floating || !state_.has_heat() || !solution_.converged) {
            return;
        }
        const double shortage = vapour_pressure_pa(solution_.node_temperature_c[at(element.index)]) - atmosphere_pa -
                                solution_.node_pressure_pa[at(element.index)];
        if (shortage > least_shortage_pa) {
            add(FindingKind::below_vapour, element, shortage);
        }
    }

    /// Water that flows where its element lets none through: nothing else in the network can carry it.
    void find_forced() {
        for (const auto& law : state_.links.specials) {
            const double flow = state_.link_flow_kg_s[at(law.link)];
            const bool limited = law.kind == SpecialLaw::Kind::limit || law.kind == SpecialLaw::Kind::wagner;
            const bool one_way = law.kind == SpecialLaw::Kind::one_way || law.kind == SpecialLaw::Kind::wagner;
            const double forced = std::max(one_way ? -flow : 0.0, limited ? flow - law.value : 0.0);
            if (forced > least_forced_kg_s + forced_share * largest_flow_) {
                add(FindingKind::not_served, state_.links.element_of(law.link), forced);
                solution_.converged = false;
            }
        }
    }

    void find_pumps() {
        const FluidProperties fluid(network_.fluid);
        for (const auto& law : state_.links.specials) {
            if (law.kind == SpecialLaw::Kind::pump) {
                const double temperature = fluid.constant() ? 0.0 : state_.link_temperature_c[at(law.link)];
                const double density = fluid.density_kg_m3(temperature);
                const double beyond =
                    state_.link_flow_kg_s[at(law.link)] - density * curve_end_m3_s(*law.curve, law.value);
                if (beyond > missing_share * largest_flow_) {
                    add(FindingKind::pump_out_of_range, state_.links.element_of(law.link), beyond);
                }
            }
        }
    }

    const SolvedState& state_;
    const Network& network_;
    Solution& solution_;
    double largest_flow_ = 0.0;
};

}  // namespace

void find_findings(const SolvedState& state, Solution& solution) {
    Finder(state, solution).run();
}

}  // namespace nuanshu::network

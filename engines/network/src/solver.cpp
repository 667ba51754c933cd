#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "engines/network/solve.h"
#include "engines/network/src/controls.h"
#include "engines/network/src/follower.h"
#include "engines/network/src/heat.h"
#include "engines/network/src/hydraulics.h"
#include "engines/network/src/parts.h"
#include "engines/network/src/results.h"

namespace nuanshu::network {
namespace {

using Index = std::int32_t;

std::size_t at(Index index) {
    return static_cast<std::size_t>(index);
}

bool same_structure(const Links& a, const Links& b) {
    return a.node_count == b.node_count && a.present == b.present && a.held == b.held &&
           std::ranges::equal(a.ends, b.ends, [](Ends x, Ends y) { return x.from == y.from && x.to == y.to; });
}

/// The hottest supply that a source holds: consumers' first guess of what reaches them.
double hottest_supply_c(const Network& network, double otherwise_c) {
    double hottest = -std::numeric_limits<double>::infinity();
    for (const auto& source : network.sources) {
        if (source.heat_control == HeatControl::supply_temperature && source.running) {
            hottest = std::max(hottest, source.supply_temperature_c);
        }
    }
    return std::isfinite(hottest) ? hottest : otherwise_c;
}

/// How far apart the temperatures may stay that density and viscosity are taken at and that are found, by what it does
/// to a pressure drop: no more than this share of the largest one. Water at 60 … 130 °C loses 0.5 … 0.9 kg/m³ and 0.1 …
/// 0.2 % of its friction by a kelvin.
constexpr double drop_tolerance = 1e-6;
constexpr double density_by_temperature_kg_m3k = 0.7;
constexpr double friction_by_temperature_k = 2e-3;

/// A consumer whose flow is its own choice, with what a round needs of it.
struct Taker {
    Index consumer = 0, from = 0, to = 0;
    Wish wish;
    double supply_c = 0.0;  ///< the temperature it chooses its flow with
    double flow_kg_s = 0.0;
};

}  // namespace

/// One network being solved: structure, flows, temperatures and how they stand to each other.
struct Solver::State {
    Links links;
    Hydraulics hydraulics{links};
    Heat heat{links};
    bool analysed = false;
    bool has_temperatures = false;

    const Network* network = nullptr;
    SolveSettings settings;
    std::vector<double> link_flow_kg_s, link_temperature_c;  ///< by link
    std::vector<double> supply_kg_s, inflow_kg_s;            ///< by node
    std::vector<Taker> takers;
    bool takers_by_heat = false;
    Follower taker_follower, core_follower;
    std::vector<std::uint8_t> cut_off;  ///< by node: what it asks for cannot come
    Temperatures temperatures;
    std::optional<Element> unsettled;
    Controls controls;
    Solution solution;

    Solution solve(const Network& given, const SolveSettings& wanted, std::span<const Element> changed);
    bool take_changes(std::span<const Element> changed, const SolveSettings& wanted);
    void prepare();
    void prepare_temperatures();
    void prepare_takers();
    void find_wanted_flows();
    void drive_takers();
    void find_supplies();
    void move(Element element, Index from, Index to, double flow_kg_s);
    double demanded_supply_kg_s(std::size_t node) const { return cut_off[node] != 0 ? 0.0 : -links.demand_kg_s[node]; }
    void take_fixed_flows();
    bool find_flows();
    bool find_cut_off();
    void collect_flows();
    void find_inflows();
    bool solve_rounds();
    bool coupled() const;
    bool find_temperatures();
    double follow_takers();
    double follow_core();
    void take_leaf_temperatures();
    Temperatures start_temperatures() const;
    std::vector<double> wanted_kg_s;  ///< by consumer, for the findings
    Element most_unsettled() const;
    SolvedState solved() const;
};

void Solver::State::prepare() {
    auto built = build_links(*network, settings);
    const bool same = analysed && same_structure(built, links);
    links = std::move(built);
    hydraulics.refresh(*network);
    controls.begin(*network, links);
    if (same && !controls.any()) {
        hydraulics.set_specials(links.specials);
    } else {
        hydraulics.analyse(links.present, links.held, controls.pinned());
        analysed = true;
    }
    cut_off.assign(at(links.node_count), 0);
}

/// Takers start from the temperatures of the last solution, or the hottest that can be.
void Solver::State::prepare_takers() {
    const double hottest = hottest_supply_c(*network, settings.start_temperature_c);
    const double guess = settings.with_heat ? hottest : settings.start_temperature_c;
    takers.clear();
    takers_by_heat = false;
    for (std::size_t i = 0; i < network->consumers.size(); ++i) {
        const auto& consumer = network->consumers[i];
        if (consumer.open && consumer.control != ConsumerControl::valve) {
            takers.push_back({.consumer = static_cast<Index>(i),
                              .from = consumer.from,
                              .to = consumer.to,
                              .wish = wish_of(consumer),
                              .supply_c = has_temperatures ? heat.node_c(consumer.from) : guess});
            takers_by_heat |= takers.back().wish.by_heat;
        }
    }
}

/// Temperatures of the last solution where there is one of this shape, else by side.
void Solver::State::prepare_temperatures() {
    has_temperatures = has_temperatures && settings.with_heat && link_temperature_c.size() == links.ends.size();
    if (settings.with_heat) {
        heat.refresh(*network, settings.start_temperature_c);
    }
    if (has_temperatures) {
        return;
    }
    if (network->fluid.constant && !settings.with_heat) {
        return;
    }
    link_temperature_c.resize(links.ends.size());
    for (std::size_t link = 0; link < link_temperature_c.size(); ++link) {
        const auto node = at(links.ends[link].from);
        const bool in_return = node < network->nodes.size() && network->nodes[node].side == Side::return_side;
        link_temperature_c[link] = in_return ? settings.return_start_temperature_c : settings.start_temperature_c;
    }
}

void Solver::State::find_wanted_flows() {
    const FluidProperties fluid(network->fluid);
    for (auto& taker : takers) {
        taker.flow_kg_s = wanted_flow_kg_s(taker.wish, fluid, taker.supply_c);
    }
    if (settings.demand == SolveSettings::Demand::pressure_driven) {
        drive_takers();
    }
}

/// Where the pressure drives, what takers want is the end of their law.
void Solver::State::drive_takers() {
    std::vector<double> wanted(network->consumers.size(), 0.0);
    for (const auto& taker : takers) {
        wanted[at(taker.consumer)] = taker.flow_kg_s;
    }
    for (auto& law : links.specials) {
        if (law.kind == SpecialLaw::Kind::wagner && law.link < links.ranges.tanks) {
            law.value = wanted[at(law.link - links.ranges.consumers)];
        }
    }
    hydraulics.set_specials(links.specials);
}

/// Water that an element of fixed flow takes at one node and gives at another; none where either is cut off.
void Solver::State::move(Element element, Index from, Index to, double flow_kg_s) {
    const bool possible = cut_off[at(from)] == 0 && cut_off[at(to)] == 0;
    const double flow = possible ? flow_kg_s : 0.0;
    supply_kg_s[at(from)] -= flow;
    supply_kg_s[at(to)] += flow;
    link_flow_kg_s[at(links.link_of(element))] = flow;
}

void Solver::State::take_fixed_flows() {
    for (Index i = 0; i < static_cast<Index>(network->pumps.size()); ++i) {
        const auto& pump = network->pumps[at(i)];
        if (pump.control == PumpControl::flow && pump.running) {
            move({ElementKind::pump, i}, pump.from, pump.to, pump.mass_flow_kg_s);
        }
    }
    for (Index i = 0; i < static_cast<Index>(network->sources.size()); ++i) {
        const auto& source = network->sources[at(i)];
        if (source.control == SourceControl::flow && source.running) {
            move({ElementKind::source, i}, source.from, source.to, source.mass_flow_kg_s);
        }
    }
    for (Index i = 0; i < static_cast<Index>(network->tanks.size()); ++i) {
        const auto& tank = network->tanks[at(i)];
        move({ElementKind::tank, i}, tank.from, tank.to, tank.charge_mass_flow_kg_s);
    }
    if (settings.demand == SolveSettings::Demand::as_asked) {
        for (const auto& taker : takers) {
            move({ElementKind::consumer, taker.consumer}, taker.from, taker.to, taker.flow_kg_s);
        }
    }
}

void Solver::State::find_supplies() {
    supply_kg_s.resize(at(links.node_count));
    for (std::size_t node = 0; node < supply_kg_s.size(); ++node) {
        supply_kg_s[node] = demanded_supply_kg_s(node);
    }
    link_flow_kg_s.assign(links.ends.size(), 0.0);
    take_fixed_flows();
}

/// Flows for the present temperatures. Parts of the network that nothing feeds lose their demands, and it is tried
/// again.
bool Solver::State::find_flows() {
    const HydraulicSettings limits{.tolerance = settings.tolerance, .iterations_max = settings.iterations_max};
    while (true) {
        find_supplies();
        const Boundary boundary{supply_kg_s, links.held_pressure_pa, link_temperature_c, !settings.with_heat};
        const auto report = controls.any()
                                ? controls.find_flows(hydraulics, boundary, limits, settings.control_rounds_max)
                                : hydraulics.find_flows(boundary, limits);
        solution.iterations += report.iterations;
        solution.residual = std::max(report.largest_miss_share, report.largest_imbalance_share);
        collect_flows();
        if (!report.converged) {
            return false;
        }
        if (!find_cut_off()) {
            return true;
        }
    }
}

/// Adds flows by pressure to the fixed ones, which are there already.
void Solver::State::collect_flows() {
    hydraulics.add_flows(link_flow_kg_s);
    controls.add_flows(link_flow_kg_s);
    find_inflows();
}

/// What held nodes, and the first nodes of parts where nothing is held, must get from outside for their balance.
void Solver::State::find_inflows() {
    std::vector<std::uint8_t> open(links.held);
    for (const auto node : hydraulics.reduction().floating_node) {
        open[at(node)] = 1;
    }
    inflow_kg_s.resize(at(links.node_count));
    for (std::size_t node = 0; node < open.size(); ++node) {
        inflow_kg_s[node] = open[node] != 0 ? 0.0 : demanded_supply_kg_s(node);
    }
    for (std::size_t link = 0; link < links.ends.size(); ++link) {
        const auto& ends = links.ends[link];
        if (open[at(ends.from)] != 0) {
            inflow_kg_s[at(ends.from)] += link_flow_kg_s[link];
        }
        if (open[at(ends.to)] != 0) {
            inflow_kg_s[at(ends.to)] -= link_flow_kg_s[link];
        }
    }
}

/// @return whether a part was found that takes what nothing gives, or gives what nothing takes
bool Solver::State::find_cut_off() {
    const auto& floating = hydraulics.reduction().floating_node;
    if (floating.empty()) {
        return false;
    }
    const auto by_size = [](double a, double b) { return std::fabs(a) < std::fabs(b); };
    const double largest = std::fabs(*std::ranges::max_element(link_flow_kg_s, by_size));
    std::vector<Index> unfed;
    for (const auto node : floating) {
        const double unbalanced = std::fabs(inflow_kg_s[at(node)] - demanded_supply_kg_s(at(node)));
        if (cut_off[at(node)] == 0 && unbalanced > 1e-9 * largest + 1e-12) {
            unfed.push_back(node);
        }
    }
    if (unfed.empty()) {
        return false;
    }
    mark_parts(links, unfed, cut_off);
    return true;
}

bool Solver::State::coupled() const {
    return !network->fluid.constant || takers_by_heat;
}

/// Temperatures for the present flows; those that flows depend on follow them.
/// @return whether they agree: at consumers within the tolerance, elsewhere as exactly as density needs
bool Solver::State::find_temperatures() {
    if (solution.heat_rounds++ == 0) {
        taker_follower.begin(takers.size());
    }
    const bool settled = heat.find(link_flow_kg_s, inflow_kg_s);
    has_temperatures = true;
    if (!coupled()) {
        return settled;
    }
    bool agree = follow_takers() <= settings.heat_tolerance_k;
    if (!network->fluid.constant) {
        agree &= follow_core() <= drop_tolerance;
    }
    return agree && settled;
}

/// Moves the temperatures that takers choose their flows with towards those found. @return the largest difference
double Solver::State::follow_takers() {
    double largest = 0.0;
    for (std::size_t i = 0; i < takers.size(); ++i) {
        if (takers[i].wish.by_heat) {
            largest = std::max(largest, taker_follower.follow(i, heat.node_c(takers[i].from), takers[i].supply_c));
        }
    }
    return largest;
}

/// Moves the temperatures that the core's density and viscosity are taken at towards those found; leaves' flows do not
/// depend on theirs.
/// @return the largest error of a link's pressure drop that their difference makes, as a share of the largest drop
double Solver::State::follow_core() {
    const auto& reduction = hydraulics.reduction();
    if (solution.heat_rounds == 1 ||
        core_follower.size() != reduction.chain_slots()) {  // controls may have changed the core
        core_follower.begin(reduction.chain_slots());
    }
    double largest_drop = 1.0, largest_error = 0.0;
    for (std::size_t slot = 0; slot < reduction.chain_slots(); ++slot) {
        const auto link = at(reduction.slot_link[slot]);
        const double miss = core_follower.follow(slot, heat.link_c(static_cast<Index>(link)), link_temperature_c[link]);
        const double drop = std::fabs(hydraulics.slot_drop_pa(slot));
        const double column =
            density_by_temperature_kg_m3k * network->gravity_m_s2 * std::fabs(links.shapes[link].rise_m);
        largest_drop = std::max(largest_drop, drop);
        largest_error = std::max(largest_error, miss * (column + friction_by_temperature_k * drop));
    }
    return largest_error / largest_drop;
}

/// Leaves' pressures are found last, with their own temperatures.
void Solver::State::take_leaf_temperatures() {
    const auto& reduction = hydraulics.reduction();
    for (auto slot = reduction.chain_slots(); slot < reduction.slot_link.size(); ++slot) {
        const auto link = at(reduction.slot_link[slot]);
        link_temperature_c[link] = heat.link_c(static_cast<Index>(link));
    }
}

/// Where temperatures and flows agree least: a link whose water comes round again, else a consumer, else the first
/// source.
Element Solver::State::most_unsettled() const {
    if (const auto link = heat.unsettled_link(); link >= 0) {
        return links.element_of(link);
    }
    const auto miss = [&](const Taker& taker) { return std::fabs(heat.node_c(taker.from) - taker.supply_c); };
    const auto worst = std::ranges::max_element(takers, {}, miss);
    return worst != takers.end() ? Element{ElementKind::consumer, worst->consumer} : Element{};
}

/// Flows, then temperatures, until neither changes the other.
bool Solver::State::solve_rounds() {
    while (true) {
        find_wanted_flows();
        if (!find_flows()) {
            return false;
        }
        if (!settings.with_heat) {
            return true;
        }
        if (find_temperatures()) {
            return true;
        }
        if (solution.heat_rounds >= (coupled() ? settings.heat_rounds_max : 1)) {
            unsettled = most_unsettled();
            return false;
        }
    }
}

SolvedState Solver::State::solved() const {
    return {.network = *network,
            .settings = settings,
            .links = links,
            .hydraulics = hydraulics,
            .heat = heat,
            .temperatures = temperatures,
            .controls = controls,
            .link_flow_kg_s = link_flow_kg_s,
            .link_temperature_c = link_temperature_c,
            .inflow_kg_s = inflow_kg_s,
            .wanted_kg_s = wanted_kg_s,
            .cut_off = cut_off,
            .unsettled = unsettled};
}

/// @return false when more has to be looked at than these elements
bool Solver::State::take_changes(std::span<const Element> changed, const SolveSettings& wanted) {
    const bool alike = analysed && !controls.any() && wanted.demand == SolveSettings::Demand::as_asked &&
                       settings.demand == wanted.demand && settings.with_heat == wanted.with_heat;
    if (changed.empty() || !alike) {
        return false;
    }
    for (const auto& element : changed) {
        const auto shape = changed_shape(*network, links, element);
        if (!shape) {
            return false;
        }
        links.shapes[at(links.link_of(element))] = *shape;
        hydraulics.refresh_link(links.link_of(element));
    }
    return true;
}

/// Where flows were not found, no temperatures were either: what the search began with.
Temperatures Solver::State::start_temperatures() const {
    return {std::vector<double>(at(links.node_count), settings.start_temperature_c), link_temperature_c,
            link_temperature_c};
}

Solution Solver::State::solve(const Network& given, const SolveSettings& wanted, std::span<const Element> changed) {
    network = &given;
    const bool known = take_changes(changed, wanted);
    settings = wanted;
    solution = {};
    unsettled.reset();
    if (!known) {
        prepare();
        prepare_temperatures();
        prepare_takers();
    } else if (settings.with_heat) {
        heat.refresh(*network, settings.start_temperature_c);
    }
    solution.converged = solve_rounds();
    if (has_temperatures && !network->fluid.constant) {
        take_leaf_temperatures();
    }
    const auto held = controls.any() ? controls.held_pressure_pa() : std::span<const double>(links.held_pressure_pa);
    hydraulics.find_pressures({supply_kg_s, held, link_temperature_c, !settings.with_heat});
    wanted_kg_s.assign(network->consumers.size(), 0.0);
    for (const auto& taker : takers) {
        wanted_kg_s[at(taker.consumer)] = taker.flow_kg_s;
    }
    temperatures = {};
    if (settings.with_heat) {
        temperatures = has_temperatures ? heat.temperatures() : start_temperatures();
    }
    fill_results(solved(), solution);
    find_findings(solved(), solution);
    has_temperatures = has_temperatures && solution.converged;
    return std::move(solution);
}

Solver::Solver() : state_(std::make_unique<State>()) {}
Solver::~Solver() = default;
Solver::Solver(Solver&&) noexcept = default;
Solver& Solver::operator=(Solver&&) noexcept = default;

Solution Solver::solve(const Network& network, const SolveSettings& settings) {
    return state_->solve(network, settings, {});
}

Solution Solver::solve_changed(const Network& network, std::span<const Element> changed,
                               const SolveSettings& settings) {
    return state_->solve(network, settings, changed);
}

Solution solve(const Network& network, const SolveSettings& settings) {
    return Solver().solve(network, settings);
}

}  // namespace nuanshu::network

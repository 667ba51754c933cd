#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engines/network/solve.h"
#include "engines/network/src/controls.h"
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

/// Temperatures decide flows through density and viscosity too, but far less than through consumers' heat.
constexpr double density_tolerance = 1000.0;
constexpr double slow_share = 1e-3;
constexpr double stride_min = 0.02;

bool flow_follows_heat(const Network& network) {
    return std::ranges::any_of(network.consumers, wants_heat);
}

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
    std::vector<double> link_miss_k,
        link_stride;                        ///< by link: found less used temperature, and the share of it that is taken
    std::vector<double> consumer_supply_c;  ///< by consumer, in the last round
    std::vector<double> wanted_kg_s;        ///< by consumer
    std::vector<std::uint8_t> cut_off;      ///< by node: what it asks for cannot come
    Controls controls;
    Solution solution;

    Solution solve(const Network& given, const SolveSettings& wanted);
    void prepare();
    void prepare_temperatures();
    double supply_temperature_c(const Consumer& consumer) const;
    void find_wanted_flows();
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
    double change_at_consumers();
    double follow_temperatures(bool first);
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

double Solver::State::supply_temperature_c(const Consumer& consumer) const {
    return heat.temperatures().node_c[at(consumer.from)];
}

void Solver::State::find_wanted_flows() {
    const FluidProperties fluid(network->fluid);
    const double guess =
        settings.with_heat ? hottest_supply_c(*network, settings.start_temperature_c) : settings.start_temperature_c;
    wanted_kg_s.resize(network->consumers.size());
    for (std::size_t i = 0; i < wanted_kg_s.size(); ++i) {
        const auto& consumer = network->consumers[i];
        wanted_kg_s[i] =
            consumer.control == ConsumerControl::valve
                ? 0.0
                : wanted_flow_kg_s(consumer, fluid, has_temperatures ? supply_temperature_c(consumer) : guess);
    }
    if (settings.demand == SolveSettings::Demand::pressure_driven && flow_follows_heat(*network)) {
        for (auto& law : links.specials) {
            if (law.kind == SpecialLaw::Kind::wagner && law.link < links.ranges.tanks) {
                law.value = wanted_kg_s[at(law.link - links.ranges.consumers)];
            }
        }
        hydraulics.set_specials(links.specials);
    }
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
        for (Index i = 0; i < static_cast<Index>(network->consumers.size()); ++i) {
            const auto& consumer = network->consumers[at(i)];
            if (consumer.control != ConsumerControl::valve) {
                move({ElementKind::consumer, i}, consumer.from, consumer.to, wanted_kg_s[at(i)]);
            }
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
        const Boundary boundary{supply_kg_s, links.held_pressure_pa, link_temperature_c};
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
    return !network->fluid.constant || flow_follows_heat(*network);
}

/// Temperatures for the present flows, and towards them those that the hydraulics use. Where a slow stream's buoyancy
/// makes them swing, steps follow Aitken's rule. @return whether they agree: at consumers whose flow follows their heat
/// within the tolerance, elsewhere as exactly as density needs
bool Solver::State::find_temperatures() {
    const bool first = !has_temperatures;
    const double settled = heat.find(link_flow_kg_s, inflow_kg_s) ? 0.0 : std::numeric_limits<double>::infinity();
    ++solution.heat_rounds;
    has_temperatures = true;
    const double consumer_change = std::max(settled, change_at_consumers());
    if (network->fluid.constant) {
        return !first && consumer_change <= settings.heat_tolerance_k;
    }
    const double link_miss = follow_temperatures(first);
    return !first && consumer_change <= settings.heat_tolerance_k &&
           link_miss <= density_tolerance * settings.heat_tolerance_k;
}

/// Largest change since the last round of a supply temperature that decides a flow.
double Solver::State::change_at_consumers() {
    double change = 0.0;
    consumer_supply_c.resize(network->consumers.size(), 0.0);
    for (std::size_t i = 0; i < network->consumers.size(); ++i) {
        const auto& consumer = network->consumers[i];
        if (wants_heat(consumer) && consumer.open) {
            const double now = supply_temperature_c(consumer);
            change = std::max(change, std::fabs(now - std::exchange(consumer_supply_c[i], now)));
        }
    }
    return change;
}

/// @return the largest difference between found and used temperatures; slow streams count less, as their share of the
/// largest flow
double Solver::State::follow_temperatures(bool first) {
    const auto by_size = [](double a, double b) { return std::fabs(a) < std::fabs(b); };
    const double much = slow_share * std::fabs(*std::ranges::max_element(link_flow_kg_s, by_size)) + 1e-12;
    const auto& temperatures = heat.temperatures();
    if (first || solution.heat_rounds == 1) {
        link_miss_k.assign(link_temperature_c.size(), 0.0);
        link_stride.assign(link_temperature_c.size(), 1.0);
    }
    double largest = 0.0;
    for (std::size_t link = 0; link < link_temperature_c.size(); ++link) {
        const double found = 0.5 * (temperatures.from_c[link] + temperatures.to_c[link]);
        const double miss = found - link_temperature_c[link];
        const double before = std::exchange(link_miss_k[link], miss);
        if (before != 0.0) {
            const double wanted = link_stride[link] * before / (before - miss);
            link_stride[link] = wanted > 0.0 ? std::clamp(wanted, stride_min, 1.0) : 1.0;
        }
        link_temperature_c[link] += link_stride[link] * miss;
        largest = std::max(largest, std::fabs(miss) * std::min(1.0, std::fabs(link_flow_kg_s[link]) / much));
    }
    return largest;
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
        const bool agree = find_temperatures();
        if (agree || !coupled()) {
            return true;
        }
        if (solution.heat_rounds >= settings.heat_rounds_max) {
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
            .controls = controls,
            .link_flow_kg_s = link_flow_kg_s,
            .link_temperature_c = link_temperature_c,
            .inflow_kg_s = inflow_kg_s,
            .wanted_kg_s = wanted_kg_s,
            .cut_off = cut_off};
}

Solution Solver::State::solve(const Network& given, const SolveSettings& wanted) {
    network = &given;
    settings = wanted;
    solution = {};
    prepare();
    prepare_temperatures();
    solution.converged = solve_rounds();
    hydraulics.find_pressures({supply_kg_s, links.held_pressure_pa, link_temperature_c});
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
    return state_->solve(network, settings);
}

Solution solve(const Network& network, const SolveSettings& settings) {
    return Solver().solve(network, settings);
}

}  // namespace nuanshu::network

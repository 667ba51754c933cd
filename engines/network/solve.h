#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engines/network/network.h"

/// Steady hydraulics and heat of a network. Equations, sources and limits: docs/network.md.
namespace nuanshu::network {

struct SolveSettings {
    /// Hydraulics end when no link's flow changes by more than this share of the largest flow in its part of the
    /// network … and no link's law is missed by more than this share of the largest pressure drop.
    double tolerance = 1e-6;
    int iterations_max = 400;      ///< of Newton's method, for one set of control statuses
    int control_rounds_max = 200;  ///< changes of control statuses before giving up
    bool with_heat = true;         ///< false: hydraulics only, at each node's start temperature
    double heat_tolerance_k =
        1e-5;  ///< coupled: a consumer's flow is asked for with the temperature that then arrives, to this
    int heat_rounds_max = 60;
    /// What a consumer that lacks differential pressure gets: all it asks for, though the pressures then cannot be, or
    /// what the pressure drives through its fully open valve (Wagner: G = G_wanted·√(Δp/Δp_required)).
    enum class Demand : std::uint8_t { as_asked, pressure_driven } demand = Demand::as_asked;
    double required_node_pressure_pa = 0.0;  ///< pressure_driven: at nodes with a demand, over the atmosphere
    /// The temperature of the water where heat is not solved, and where no heat has come yet.
    double start_temperature_c = 60.0;
    double return_start_temperature_c = 40.0;
};

/// Why a solution is none, or what a person should know about it.
enum class FindingKind : std::uint8_t {
    no_pressure_held,   ///< this part of the network has no node whose pressure is held; its pressures are relative
    cut_off,            ///< nothing connects this element's demand with a source
    not_served,         ///< `amount`: kg/s asked for and not delivered, where the pressure drives
    low_pressure,       ///< takes what it asks for, but that would need `amount` Pa more than there is
    below_vapour,       ///< `amount`: Pa under the vapour pressure of its water
    controls_cycle,     ///< these controls have no consistent set of statuses, or none was found
    pump_out_of_range,  ///< runs beyond its curve; `amount`: kg/s
    no_flow_heat,  ///< asks for heat, but no water warm enough arrives, or gives heat that no water takes up; `amount`:
                   ///< W
    unsettled,  ///< its temperatures find no steady state: heat that cannot leave, or flow and temperature that swing
    did_not_converge,  ///< `amount`: Pa by which its law is missed
};

struct Finding {
    FindingKind kind = FindingKind::did_not_converge;
    Element element;
    double amount = 0.0;
};

/// What it is called in JSON: "cut_off", "not_served", …
std::string_view to_string(FindingKind kind);
/// One sentence for people: "consumer c12: 0.4 kg/s of what it asks for cannot be delivered".
std::string sentence(const Network& network, const Finding& finding);

/// Water through links of one kind, by their position in the network's vector. A link that is closed or cut off has
/// flow 0 and the pressure difference of its ends as drop.
struct LinkFlows {
    std::vector<double> mass_flow_kg_s;
    std::vector<double>
        pressure_drop_pa;  ///< p(from) − p(to); friction alone differs by the weight of the water column
    std::vector<double> from_temperature_c,
        to_temperature_c;  ///< of the water in the link at its two ends; empty without heat
};

enum class ValveStatus : std::uint8_t { closed, open, active };

struct Solution {
    bool converged = false;
    int iterations = 0;  ///< Newton steps in all
    int heat_rounds = 0;
    double residual = 0.0;            ///< largest miss of a node's mass balance, as a share of the largest flow
    double heat_balance_error = 0.0;  ///< (sources + inflows − consumers − losses − outflows) / (heat turned over)
    std::vector<Finding> findings;

    std::vector<double> node_pressure_pa;    ///< relative where nothing holds it: see no_pressure_held
    std::vector<double> node_temperature_c;  ///< where no water passes: the ambient's; empty without heat
    std::vector<double>
        node_inflow_kg_s;  ///< at nodes that hold the pressure: make-up; elsewhere minus the demand served
    LinkFlows pipes, pumps, valves, sources, consumers, tanks;
    std::vector<double> pipe_heat_loss_w;
    std::vector<ValveStatus> valve_status;
    std::vector<double> source_heat_w, consumer_heat_w;
    std::vector<double> leak_mass_flow_kg_s;

    double head_m(const Network& network, NodeIndex node) const;
};

/// Solves a network again and again: keeps the structure it has analysed and starts from its last answer. When only
/// values have changed since (openings, demands, temperatures, speeds), a solve costs a few Newton steps; when the
/// shape has changed, it is analysed anew. The answer does not depend on what was solved before, beyond the tolerance.
/// Not thread-safe; one each thread.
class Solver {
 public:
    Solver();
    ~Solver();
    Solver(Solver&&) noexcept;
    Solver& operator=(Solver&&) noexcept;

    /// @pre validate(network) is empty
    Solution solve(const Network& network, const SolveSettings& settings = {});

    /// The same for the network solved last, of which only these elements' values have changed since: a valve's
    /// opening, a pipe's roughness. Looks at nothing else, which saves about half of what solve() takes then.
    Solution solve_changed(const Network& network, std::span<const Element> changed,
                           const SolveSettings& settings = {});

 private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Whether there is any heat to follow: sources, consumers, pipes that lose some, or water of different temperatures
/// that enters.
bool carries_heat(const Network& network);

/// Solves it once. @pre validate(network) is empty
Solution solve(const Network& network, const SolveSettings& settings = {});

}  // namespace nuanshu::network

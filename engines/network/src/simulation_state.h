#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engines/network/simulate.h"
#include "engines/network/src/enthalpy_table.h"
#include "engines/network/src/mixing.h"
#include "engines/network/src/plug_flow.h"
#include "engines/network/src/scenario_fields.h"
#include "engines/network/src/station_heat.h"

/// What a Simulation holds between steps.
///
/// A leak on a pipe stands at a node of its own: the pipe is cut there, its far half is the network's last pipes. Links
/// are numbered pipes, tanks, pumps, valves, sources, consumers: first those that store water.
namespace nuanshu::network {

/// Position of each kind's first link.
struct LinkFirst {
    std::size_t pipes = 0, tanks = 0, pumps = 0, valves = 0, sources = 0, consumers = 0, count = 0;

    explicit LinkFirst(const Network& network);
    std::size_t stores() const { return pumps; }
};

struct Simulation::State {
    State(Network described, Scenario asked, SimulationSettings how);

    Result<> start();
    Result<> step();
    /// Flows for the network as it stands now.
    Result<> solve_hydraulics();

    HeatAccount account() const;
    Solution solution() const;

    Network network;  ///< boundaries as they are now; leaking pipes cut
    std::size_t pipes_described;
    std::vector<std::int32_t> far_half;  ///< by described pipe: where its other half is, or −1
    Scenario scenario;
    SimulationSettings settings;
    LinkFirst first;
    EnthalpyTable water;
    ScenarioCourse course;
    Solver solver, driven_solver;
    bool driven = false;  ///< not all that is asked for can be delivered: pressure decides
    Solution hydraulics;  ///< the last; flows and pressures
    int hydraulic_solves = 0;

    PlugFlow volumes;
    Mixing mixing;
    std::vector<double> flow_kg_s;  ///< by link
    double largest_kg_s = 0.0;      ///< of all links, since the beginning
    std::vector<std::uint8_t> passes;
    std::vector<HeatLaw> laws;             ///< by link that does not store
    std::vector<double> wanted_kg_s;       ///< by consumer
    std::vector<double> reference_j_kg;    ///< by consumer: supply at the beginning
    std::vector<ConsumerControl> control;  ///< by consumer, as described: the network's holds flows
    std::vector<Mixing::Inflow> inflow;    ///< by node
    std::vector<double> outflow_kg_s;      ///< by node: demand, leaks
    std::vector<PlugFlow::Outflow> outflow;
    std::vector<double> store_inlet_j_kg;
    std::vector<double> solved_node_j_kg;  ///< when hydraulics were last solved
    std::vector<double> loss_w_k;          ///< by store: to its surroundings

    double middle_of_last_step_s() const { return std::max(0.0, (static_cast<double>(steps) - 0.5) * scenario.step_s); }

    std::int64_t steps = 0;
    bool stepped = false;  ///< since it began or was restored
    HeatAccount heat;      ///< all but stored_j
    double stored_start_j = 0.0;
    double source_w = 0.0, consumer_w = 0.0, loss_w = 0.0;  ///< of the last step

 private:
    friend class Simulation;
    void fill_volumes(const Solution& steady);
    void take_flows();
    void take_node_flows();
    void set_laws();
    void set_losses();
    bool choose_flows();
    bool temperatures_moved() const;
    void carry_heat();
    void settle_still_nodes();
    void keep_account();
    double stored_j() const;
};

}  // namespace nuanshu::network

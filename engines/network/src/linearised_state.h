#pragma once

#include <cmath>
#include <vector>

#include "engines/network/src/linearised.h"
#include "engines/network/src/link_equations.h"
#include "engines/network/src/sparse_lu.h"

namespace nuanshu::network {

/// A share of a leak's water, taken at one node.
struct LeakShare {
    NodeIndex node = 0;
    double share = 1.0;
};

/// A leak on a pipe draws from its two ends, by where it is between them.
std::vector<LeakShare> shares_of(const Network& network, const Leak& leak);

/// What the linearised system remembers of the network and its solution.
struct Linearised::State {
    State(const Network& network, const Solution& solution, Physics physics);

    std::int32_t size() const { return (with_heat ? 2 : 1) * (links + nodes); }
    std::int32_t flow_at(LinkIndex link) const { return link; }
    std::int32_t pressure_at(NodeIndex node) const { return links + node; }
    std::int32_t outlet_at(LinkIndex link) const { return links + nodes + link; }
    std::int32_t temperature_at(NodeIndex node) const { return 2 * links + nodes + node; }
    bool forward(LinkIndex link) const { return states[link].mass_flow_kg_s >= 0.0; }
    NodeIndex upstream(LinkIndex link) const { return forward(link) ? graph.link(link).from : graph.link(link).to; }
    NodeIndex downstream(LinkIndex link) const { return forward(link) ? graph.link(link).to : graph.link(link).from; }
    bool flows(LinkIndex link) const { return std::abs(states[link].mass_flow_kg_s) > 1e-9; }

    LinkState state_of(const Network& network, const Solution& solution, LinkIndex link) const;
    bool assemble(const LinkEquations& equations);
    void add_law(const LinkEquations& equations, LinkIndex link, Triplets& matrix) const;
    void add_law_slopes(const LinkEquations& equations, LinkIndex link, Triplets& matrix) const;
    void add_masses(const Network& network, Triplets& matrix) const;
    void add_leaks(const Network& network, Triplets& matrix) const;
    void add_cooling(const LinkEquations& equations, LinkIndex link, Triplets& matrix) const;
    void add_mixing(const LinkEquations& equations, Triplets& matrix) const;
    void note_mixing();

    Graph graph;
    bool with_heat;
    std::int32_t links, nodes;
    std::vector<LinkForm> forms;
    std::vector<LinkState> states;
    std::vector<double> pressures, temperatures, inflows, leak_flows;
    std::vector<char> held;
    std::vector<double> arriving_kg_s;  ///< by node: all water that mixes there
    SparseLu factors;
};

}  // namespace nuanshu::network

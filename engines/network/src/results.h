#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "engines/network/src/controls.h"
#include "engines/network/src/heat.h"
#include "engines/network/src/hydraulics.h"
#include "engines/network/src/links.h"

namespace nuanshu::network {

/// Everything that a finished solve knows, from which answers and findings are written.
struct SolvedState {
    const Network& network;
    const SolveSettings& settings;
    const Links& links;
    const Hydraulics& hydraulics;
    const Heat& heat;
    const Temperatures& temperatures;  ///< empty without heat
    const Controls& controls;
    std::span<const double> link_flow_kg_s, link_temperature_c, inflow_kg_s, wanted_kg_s;
    std::span<const std::uint8_t> cut_off;
    std::optional<Element> unsettled;  ///< where temperatures and flows did not agree, if they did not

    bool has_heat() const { return !temperatures.node_c.empty(); }
};

/// Writes pressures, flows, temperatures, powers and the heat balance.
void fill_results(const SolvedState& state, Solution& solution);

/// Looks for what a person should know. Clears `converged` where flows are forced through what lets none through.
void find_findings(const SolvedState& state, Solution& solution);

}  // namespace nuanshu::network

#pragma once

#include <string>

#include "base/diagnostic.h"
#include "engines/network/network.h"
#include "engines/network/solve.h"

/// Networks and solutions as text. Numbers are written with as many digits as tell them from all others.
namespace nuanshu::network {

/// Our own form, one element a line, without the fields that have their default. read_json() gives the same network,
/// its numbers within one unit of the last of 16 digits.
/// @pre validate(network) is empty
std::string write_json(const Network& network);

/// EPANET 2's input file, hydraulics only, in litres a second and metres; water of 60 °C where the fluid is not
/// constant. What EPANET cannot say becomes what comes nearest, or is left out; `notes` says what.
std::string write_epanet(const Network& network, Diagnostics& notes);

/// A FeatureCollection: nodes as Points, links as LineStrings, where there are coordinates; with a solution, its
/// pressures, flows and temperatures are properties.
std::string write_geojson(const Network& network, const Solution* solution = nullptr);

/// One line an element under one header: kind, id, its nodes, then what the solution says of it; a cell that says
/// nothing is empty. Columns:
/// kind,id,from,to,mass_flow_kg_s,velocity_m_s,pressure_drop_pa,from_temperature_c,to_temperature_c,
/// pressure_pa,head_m,temperature_c,inflow_kg_s,heat_w (heat lost, given or taken),status.
std::string write_solution_csv(const Network& network, const Solution& solution);

}  // namespace nuanshu::network

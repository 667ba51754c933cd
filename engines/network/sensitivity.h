#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engines/network/solve.h"

/// How a steady state answers to small changes of what is given: ∂pressure, ∂flow, ∂temperature by any boundary value.
/// Method: docs/network.md, "Sensitivities".
namespace nuanshu::network {

/// A value that somebody gives. The unit is the one of the field it stands for.
enum class BoundaryKind : std::uint8_t {
    node_demand_kg_s,
    held_pressure_pa,
    inflow_temperature_c,
    pipe_roughness_m,   ///< with Hazen–Williams: of hazen_williams
    pipe_u_value_w_mk,  ///< also where it follows from insulation layers
    pipe_ambient_c,     ///< of this pipe, also where it is the network's
    ambient_c,          ///< the network's, of every pipe without one of its own; `index` does not count
    pump_speed,
    pump_pressure_rise_pa,
    pump_mass_flow_kg_s,
    valve_opening,
    valve_set_pressure_pa,
    valve_set_mass_flow_kg_s,
    source_pressure_rise_pa,
    source_speed,
    source_mass_flow_kg_s,
    source_supply_temperature_c,
    source_heat_w,
    consumer_heat_w,
    consumer_mass_flow_kg_s,
    consumer_return_temperature_c,
    consumer_opening,
    leak_area_m2,
};

/// "pipe_roughness_m", …
std::string_view to_string(BoundaryKind kind);

struct BoundaryValue {
    BoundaryKind kind = BoundaryKind::node_demand_kg_s;
    std::int32_t index = 0;  ///< of the element in its vector
    bool operator==(const BoundaryValue&) const = default;
};

enum class OutputKind : std::uint8_t {
    pressure_pa,     ///< at a node
    temperature_c,   ///< at a node
    mass_flow_kg_s,  ///< through a pipe, pump, valve, source, consumer or tank; at a node that holds the pressure:
                     ///< make-up
};

struct Output {
    OutputKind kind = OutputKind::pressure_pa;
    Element element;
};

struct Sensitivities {
    std::size_t outputs = 0, boundaries = 0;
    std::vector<double> values;  ///< by output, then boundary: ∂output/∂boundary in the output's unit by the boundary's

    double at(std::size_t output, std::size_t boundary) const { return values[output * boundaries + boundary]; }
};

/// Derivatives of each output by each boundary at a solution of this network, as one factored linear system: one
/// solution of it for each boundary or for each output (adjoint), whichever are fewer.
///
/// They hold while no status changes: a check valve stays as it is, a control valve goes on controlling. A boundary
/// that does not act (the opening of a shut valve, the heat of a consumer with fixed flow) has derivative 0.
/// @return invalid: an output or boundary of an element that does not exist; unsupported: the solution is none
Result<Sensitivities> sensitivities(const Network& network, const Solution& solution, std::span<const Output> outputs,
                                    std::span<const BoundaryValue> boundaries);

}  // namespace nuanshu::network

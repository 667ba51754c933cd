#pragma once

#include <cstdint>

#include "engines/network/network.h"
#include "engines/network/src/enthalpy_table.h"

/// What stations do to the water that passes them.
namespace nuanshu::network {

/// Enthalpy at the outlet by that at the inlet and the flow.
struct HeatLaw {
    enum class Kind : std::uint8_t {
        pass,       ///< unchanged
        supply,     ///< `enthalpy_j_kg`, whatever comes in
        at_most,    ///< `enthalpy_j_kg`, or what comes in if that is colder
        drop,       ///< `drop_k` colder
        heat,       ///< `heat_w` more (negative: less), between 0 and 200 °C
        exchanger,  ///< counterflow, ε–NTU
    };
    Kind kind = Kind::pass;
    double enthalpy_j_kg = 0.0;
    double drop_k = 0.0;
    double heat_w = 0.0;
    Exchanger exchanger{};

    /// Nothing of the inlet reaches the outlet.
    bool independent() const { return kind == Kind::supply; }
};

HeatLaw law_of(const Source& source, const EnthalpyTable& water);
/// @param control as described: a simulation turns what wants heat into what wants a flow
HeatLaw law_of(const Consumer& consumer, ConsumerControl control, const EnthalpyTable& water);

/// @param mass_flow_kg_s positive
double outlet_j_kg(const HeatLaw& law, double inlet_j_kg, double mass_flow_kg_s, const EnthalpyTable& water);

/// The flow with which a consumer of heat gets it from water of this enthalpy; as in steady states, a drop of less than
/// 1 K counts as that.
double needed_flow_kg_s(const Consumer& consumer, ConsumerControl control, double inlet_j_kg,
                        const EnthalpyTable& water);

bool wants_heat(ConsumerControl control);

}  // namespace nuanshu::network

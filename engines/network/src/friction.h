#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engines/network/network.h"

/// Pressure lost by flowing water, for very many links at once.
///
/// Every resistance of a network is one law, Δp = (λ(Re)·c + k)·G·|G|, with G in kg/s:
///
///   pipe      c = L/(2ρdA²), k = ζ/(2ρA²), Re = |G|·4/(πdμ)
///   throttle  c = 0, k = ρ-corrected 1/Kv²
///
/// λ is Darcy's factor. Laminar flow (Re < 2 000) has 64/Re, turbulent flow (Re > 4 000) the chosen formula, and
/// between them runs the cubic that has value and slope of both ends (Dunlop, 1991), so that Δp and its derivative are
/// continuous and rise for ever.
///
/// Colebrook–White: x = 1/√λ solves x + c·ln(a + b·x) = 0 with c = 2/ln 10, a = k/(3.71·d), b = 2.51/Re. A start from
/// the rough and smooth limits is within 0.7 of x; two steps of Halley's method leave an error under 1e-10 (measured by
/// the test over Re 4e3 … 1e9, k/d 0 … 0.07).
namespace nuanshu::network {

/// λ and how it follows the Reynolds number: slope = d ln λ / d ln Re.
struct FrictionFactor {
    double lambda = 0.0;
    double slope = 0.0;
};

/// @param reynolds positive
/// @param relative_roughness k/d, 0 … 0.1
FrictionFactor friction_factor(Friction friction, double reynolds, double relative_roughness);

/// Structure of arrays of resistances, one entry each.
struct Resistances {
    std::vector<double> reynolds_per_flow;   ///< Re = this · |G|; 0 for throttles
    std::vector<double> relative_roughness;  ///< k/d
    std::vector<double> friction_scale;      ///< c above; with Hazen–Williams Δp = c·|G|^0.852·G
    std::vector<double> minor_scale;         ///< k above

    void resize(std::size_t count);
    std::size_t size() const { return friction_scale.size(); }
};

/// Δp and dΔp/dG of resistances [begin, begin + flows.size()).
void evaluate(Friction friction, const Resistances& resistances, std::size_t begin, std::span<const double> flows_kg_s,
              std::span<double> drop_pa, std::span<double> derivative);

}  // namespace nuanshu::network

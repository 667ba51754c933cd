#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engines/network/sensitivity.h"
#include "engines/network/src/graph.h"

/// The equations of a network, linearised at a solution and factored once.
///
/// Unknowns x, in this order: a mass flow for each link of Graph, a pressure for each node and, with heat, the
/// temperature in which each link gives its water on, and a temperature for each node. One residual F stands against
/// each: the law of the link, the mass balance of the node (or its held pressure), the cooling along the link, the
/// mixing at the node. J = ∂F/∂x at the solution, so that for any boundary value b
///
///     dx/db = −J⁻¹ ∂F/∂b     and, for one unknown i,     dxᵢ/db = −λ·∂F/∂b  with  Jᵀλ = eᵢ.
///
/// KLU factors J (block triangular form, AMD). docs/network.md, "Sensitivities".
namespace nuanshu::network {

enum class Physics : std::uint8_t { hydraulics, hydraulics_and_heat };

/// One entry of ∂F/∂b.
struct ResidualEntry {
    std::int32_t row = 0;
    double value = 0.0;
};

class Linearised {
 public:
    /// Keeps references to neither.
    /// @return unsupported: the solution has not converged, or is of another network
    static Result<Linearised> create(const Network& network, const Solution& solution, Physics physics);

    Linearised(Linearised&&) noexcept;
    Linearised& operator=(Linearised&&) noexcept;
    ~Linearised();

    std::int32_t unknown_count() const;
    /// Positions among the unknowns. A leak has no unknown of its own.
    std::int32_t mass_flow(Element link) const;
    std::int32_t pressure(NodeIndex node) const;
    std::int32_t temperature(NodeIndex node) const;       ///< @pre with heat
    std::int32_t outlet_temperature(Element link) const;  ///< @pre with heat

    /// J x = b in place. The solves share work space: one thread at a time.
    void solve(std::span<double> b) const;
    /// Jᵀ λ = b in place.
    void solve_transposed(std::span<double> b) const;

    /// ∂F/∂boundary: a handful of entries, but for the network's ambient temperature. `network` is the one it was made
    /// of.
    std::vector<ResidualEntry> residual_derivative(const Network& network, BoundaryValue boundary) const;
    /// dx/dboundary of every unknown: one solution.
    std::vector<double> direction(const Network& network, BoundaryValue boundary) const;
    /// λ of one unknown: one solution. Its derivative by any boundary is then derivative(λ, …), without another one.
    std::vector<double> adjoint(std::int32_t unknown) const;
    /// What a node that holds the pressure lets in, as coefficients of unknowns; empty for other nodes.
    std::vector<ResidualEntry> make_up(NodeIndex node) const;
    double derivative(std::span<const double> adjoint, const Network& network, BoundaryValue boundary) const;

 private:
    struct State;
    std::vector<ResidualEntry> link_derivative(const Network& network, BoundaryValue boundary) const;
    explicit Linearised(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace nuanshu::network

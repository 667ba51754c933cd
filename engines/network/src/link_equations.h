#pragma once

#include <vector>

#include "engines/network/solve.h"
#include "engines/network/src/fluid.h"
#include "engines/network/src/links.h"

/// The equations of single links at a state of the network, for whoever needs their derivatives: the same laws that the
/// solver solves, one link at a time.
namespace nuanshu::network {

/// What stands around one link.
struct LinkState {
    double mass_flow_kg_s = 0.0;
    double from_pressure_pa = 0.0, to_pressure_pa = 0.0;
    double high_pressure_pa = 0.0, low_pressure_pa = 0.0;  ///< where a differential pressure valve measures
    double inlet_c = 0.0;                                  ///< of the water that enters it
    double outlet_c = 0.0;                                 ///< of the water as it leaves it
};

/// Which equation decides a link's flow; it stays that for small changes.
enum class LinkForm : std::uint8_t {
    drop,             ///< p(from) − p(to) = Δp(G)
    given,            ///< G = what the element asks for, which may follow the temperature that reaches it
    limited,          ///< G = the most that its limit lets through
    still,            ///< G stays as it is: shut, cut off, or held back
    holds_to,         ///< p(to) = set pressure
    holds_from,       ///< p(from) = set pressure
    holds_difference  ///< p(high) − p(low) = set pressure
};

/// Reads a network once; keeps a reference to it. Leaks are left out: they are no links between nodes.
class LinkEquations {
 public:
    explicit LinkEquations(const Network& network);
    LinkEquations(const LinkEquations&) = delete;
    LinkEquations& operator=(const LinkEquations&) = delete;

    const Network& network() const { return network_; }
    const FluidProperties& water() const { return water_; }
    Element element_of(std::int32_t link) const { return links_.element_of(link); }

    LinkForm form(std::int32_t link, const LinkState& state, ValveStatus status) const;
    /// Zero where the link's law holds; Pa, or kg/s for `given`, `limited` and `still`.
    double law(std::int32_t link, LinkForm form, const LinkState& state) const;
    /// Temperature in which the link gives on the water that enters it in `inlet_c`.
    double outlet_c(std::int32_t link, const LinkState& state) const;
    /// Δp along the link in this state, Pa.
    double drop_pa(std::int32_t link, const LinkState& state) const;

 private:
    double resistance_pa(const LinkShape& shape, double mass_flow_kg_s, double density, double temperature_c) const;
    double given_flow_kg_s(Element element, const LinkState& state) const;
    double limit_kg_s(std::int32_t link) const;
    double pipe_outlet_c(const Pipe& pipe, const LinkState& state) const;

    const Network& network_;
    FluidProperties water_;
    Links links_;
    std::vector<std::int32_t> special_begin_;  ///< by link, into specials_
    std::vector<SpecialLaw> specials_;
};

/// Density that the solver gives to what has no temperature of its own.
double reference_density_kg_m3(const Fluid& fluid);

}  // namespace nuanshu::network

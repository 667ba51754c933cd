#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engines/network/solve.h"
#include "engines/network/src/pump_curve.h"

/// A network as flat arrays of links between nodes: what the hydraulics see.
///
/// Every element that lets water through by pressure is a link with Δp = lift + resistance(G) + special laws(G), where
/// Δp is the difference of *potentials* P = p + ρ₀gz and `lift` collects what does not depend on the flow: buoyancy,
/// pumps of fixed rise. Elements of fixed flow (consumers that draw it, pumps and tanks told so) are no links: they
/// give and take at their nodes.
namespace nuanshu::network {

/// What a link does beyond resisting; each is a rising function of the flow, added to the resistance.
struct SpecialLaw {
    enum class Kind : std::uint8_t {
        one_way,  ///< no flow below zero
        limit,    ///< no flow above `value`
        pump,     ///< minus the pressure rise of `curve` at `value` times its speed
        breaker,  ///< `value` Pa against the flow
        wagner,   ///< 0 … `value` kg/s need up to `pressure` Pa; no more flow above, none below zero
    };
    std::int32_t link = 0;
    Kind kind = Kind::one_way;
    double value = 0.0;
    double pressure = 0.0;
    const PumpCurve* curve = nullptr;
};

/// Resistance without the water in it: ρ and μ are put in by the temperature of the link.
struct LinkShape {
    double reynolds_geometry = 0.0;  ///< 4/(πd): Re = this·|G|/μ
    double relative_roughness = 0.0;
    double friction_geometry = 0.0;  ///< L/(2dA²), over ρ the scale of friction.h; Hazen–Williams: over ρ^0.852
    double minor_geometry = 0.0;     ///< ζ/(2A²), over ρ
    double rise_m = 0.0;             ///< z(to) − z(from)
    double pressure_rise_pa = 0.0;   ///< of a pump or source that holds it
    bool into_air = false;           ///< leaks and demands: `to` is outside
};

struct Ends {
    std::int32_t from = 0, to = 0;
};

/// First link of each kind of element; then leaks, the far halves of leaking pipes, and demands that the pressure
/// drives.
struct LinkRanges {
    std::int32_t pipes = 0, pumps = 0, valves = 0, sources = 0, consumers = 0, tanks = 0;
    std::int32_t leaks = 0, halves = 0, demands = 0, count = 0;
};

struct Links {
    LinkRanges ranges;
    std::int32_t node_count = 0;  ///< nodes of the network, then one in each leaking pipe, then the surroundings
    std::vector<Ends> ends;
    std::vector<LinkShape> shapes;
    std::vector<std::uint8_t> present;     ///< 0: shut, or of fixed flow
    std::vector<SpecialLaw> specials;      ///< by link
    std::vector<std::uint8_t> held;        ///< by node: its potential is given
    std::vector<double> elevation_m;       ///< by node
    std::vector<double> demand_kg_s;       ///< by node: taken whatever the pressure
    std::vector<double> held_pressure_pa;  ///< by node: where held, else 0
    std::int32_t surroundings = -1;        ///< the node outside, at pressure 0 and elevation 0

    Element element_of(std::int32_t link) const;
    /// The first link of an element. @pre not a node
    std::int32_t link_of(Element element) const;
};

/// `as_asked`: consumers asked for a flow or heat take it whatever the pressure; `pressure_driven`: they are links too.
/// The shape of a pipe, or of a valve or consumer that is a mere throttle, after its values have changed; nothing where
/// more than a resistance changes: it opens or shuts, or has laws beside it.
std::optional<LinkShape> changed_shape(const Network& network, const Links& links, Element element);

Links build_links(const Network& network, const SolveSettings& settings);

/// Kv at this opening. @see Characteristic
double kv_m3_h(const Throttle& throttle);

}  // namespace nuanshu::network

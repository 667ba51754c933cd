#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engines/network/solve.h"

/// Pressure profile (水压图): heads along a way through the network, and what they may be. Equations: docs/network.md,
/// "Profile".
///
/// A head is z + p/(ρg) in metres over the elevations' zero, with one density ρ for the whole profile, so that heads
/// compare. What is allowed is judged by pressures, not by heads.
namespace nuanshu::network {

struct ProfileSettings {
    /// The pressure that what hangs on the network bears: 1.6 MPa for pipes and stations of PN 16, 0.4 MPa where
    /// cast-iron radiators are connected directly.
    double allowed_pressure_pa = 1.6e6;
    double vapour_reserve_m = 3.0;  ///< head over the vapour pressure that must be left; 2 … 5 m by custom
    double atmospheric_pressure_pa = 101'325.0;
};

struct ProfilePoint {
    NodeIndex node = 0;
    Element arrived_through;  ///< the link before it on the way; the node itself for the first one
    double distance_m = 0.0;  ///< along the pipes from where the way begins
    double elevation_m = 0.0;
    double pressure_pa = 0.0;  ///< over the atmosphere
    double temperature_c = 0.0;
    double head_m = 0.0;
    double static_pressure_pa = 0.0;  ///< when pumps stand still; NaN without a static line
    double vapour_head_m = 0.0;       ///< below this head, reserve included, the water boils
    double allowed_head_m = 0.0;      ///< above this head it presses too hard
};

enum class ViolationKind : std::uint8_t {
    over_allowed,         ///< running
    boils,                ///< running: less than the reserve over the vapour pressure
    static_over_allowed,  ///< standing still
    static_boils,         ///< standing still, still hot
    not_enough,           ///< at the consumer: less differential pressure than it requires
};
/// "over_allowed", …
std::string_view to_string(ViolationKind kind);

struct ProfileViolation {
    ViolationKind kind = ViolationKind::over_allowed;
    Element element;
    double amount_pa = 0.0;  ///< too much, or missing
};

struct Profile {
    std::vector<ProfilePoint> supply;  ///< the way there: from the source to the consumer, or from node to node
    std::vector<ProfilePoint> back;  ///< from the consumer back to the source, in this order; distances from the source
    std::optional<std::int32_t> source, consumer;
    std::optional<double> static_head_m;  ///< 静压线: what the held pressure makes of the whole network at standstill
    double density_kg_m3 = 0.0;           ///< that heads are counted with
    std::vector<ProfileViolation> violations;
};

/// Along the shortest way by length through open links, from node to node. Consumers and sources are passed only if
/// there is no other way.
/// @return not_found: nothing connects them; invalid: no such node, or the solution has no pressure there
Result<Profile> profile_between(const Network& network, const Solution& solution, NodeIndex from, NodeIndex to,
                                const ProfileSettings& settings = {});

/// From the nearest running source (by length of supply pipe) to a consumer and back. In open networks without
/// sources: from the nearest node that holds the pressure.
Result<Profile> profile_to_consumer(const Network& network, const Solution& solution, std::int32_t consumer,
                                    const ProfileSettings& settings = {});

}  // namespace nuanshu::network

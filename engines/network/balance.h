#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engines/network/solve.h"

/// Hydraulic balance of stations: who is worst off, who gets too much or too little, and valve openings that give
/// everyone what was designed. Equations: docs/network.md, "Balance".
namespace nuanshu::network {

/// How one station stands in a solution.
struct StationBalance {
    std::int32_t consumer = 0;
    double available_pressure_pa = 0.0;  ///< p(supply) − p(return) at the station; NaN where no pressure is known
    double required_pressure_pa = 0.0;
    double mass_flow_kg_s = 0.0;
    double design_mass_flow_kg_s = 0.0;  ///< 0: not known
    double imbalance = 0.0;              ///< 水力失调度 x = G/G′; NaN where the design flow is not known
};

/// Of the stations whose design flow is known.
struct ImbalanceStatistics {
    std::size_t stations = 0;
    double min = 0.0, mean = 0.0, max = 0.0;
    double deviation = 0.0;  ///< standard deviation of x
    std::size_t under = 0;   ///< x < 0.9
    std::size_t good = 0;    ///< 0.9 … 1.2
    std::size_t over = 0;    ///< x > 1.2
};

struct Balance {
    std::vector<StationBalance> stations;  ///< open ones, least pressure to spare (available − required) first
    ImbalanceStatistics imbalance;
    /// 最不利环路: the station with the least pressure to spare.
    std::optional<std::int32_t> worst;
};

/// The flow a station is designed for: its design_mass_flow_kg_s; else what its heat needs at the supply temperature
/// and its return temperature or drop; else its fixed flow; 0 where nothing says it.
double design_flow_kg_s(const Network& network, const Consumer& consumer, double supply_temperature_c);

/// @pre the solution is of this network
Balance assess_balance(const Network& network, const Solution& solution);

enum class OpeningOutcome : std::uint8_t {
    set,          ///< gets its design flow at `opening`
    fully_open,   ///< even fully open it gets less
    no_throttle,  ///< its description has no valve: only the Kv it would need is told
    no_design,    ///< nothing says what it should get; left as it is
};
/// "set", "fully_open", …
std::string_view to_string(OpeningOutcome outcome);

struct StationOpening {
    std::int32_t consumer = 0;
    OpeningOutcome outcome = OpeningOutcome::set;
    double opening_now = 0.0, opening = 0.0;  ///< 0 … 1
    double kv_m3_h = 0.0;                     ///< of the throttle at `opening`, or needed
    double design_mass_flow_kg_s = 0.0;
    double mass_flow_kg_s = 0.0;  ///< that it gets, by the verifying solution
    double shift() const { return opening - opening_now; }
};

struct Balancing {
    std::vector<StationOpening> stations;  ///< who lacks most first, then by how far the valve must move
    Network balanced;                      ///< the network with these openings; its consumers are valves
    Solution verified;                     ///< of `balanced`
    int solves = 0;
    double largest_miss = 0.0;      ///< |G/G′ − 1| over the stations that are `set`
    std::size_t short_of_flow = 0;  ///< stations that are `fully_open`
};

struct BalancingSettings {
    SolveSettings solve;
    double tolerance = 1e-4;  ///< of G/G′
    int solves_max = 40;
    /// Asked before every solve; true ends with `cancelled`.
    std::function<bool()> cancelled = {};
};

/// Openings of the consumers' throttles that give every station its design flow.
///
/// All stations take their design flow; from the pressures that leaves them follow the Kv's. A station whose pressure
/// does not suffice is opened fully and takes what it gets, which leaves more for the others; a few rounds settle who
/// these are. Then consumers are valves, and what they really get corrects the Kv's until it is within the tolerance.
/// @return unsupported: the network does not solve with design flows; exhausted: not within solves_max; cancelled
Result<Balancing> balance_openings(const Network& network, const BalancingSettings& settings = {});

}  // namespace nuanshu::network

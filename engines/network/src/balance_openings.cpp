#include <algorithm>
#include <array>
#include <cmath>

#include "engines/network/balance.h"
#include "engines/network/src/fluid.h"
#include "engines/network/src/links.h"

namespace nuanshu::network {
namespace {

constexpr double seconds_per_hour = 3600.0;
constexpr double bar_pa = 1e5;
constexpr double water_density_kg_m3 = 1000.0;
constexpr double nearly = 1e-9;

/// Opening at which the throttle has this Kv; over 1 where it has not.
double opening_for(const Throttle& throttle, double kv_m3_h) {
    const double share = kv_m3_h / throttle.kvs_m3_h;
    switch (throttle.characteristic) {
        case Characteristic::linear:
            return share;
        case Characteristic::equal_percentage:
            return std::max(1.0 + std::log(share) / std::log(throttle.rangeability), nearly);
        case Characteristic::quick_opening:
            return share * share;
    }
    return share;
}

/// Kv that takes this pressure at this flow; infinite where there is none to take.
double kv_for(double mass_flow_kg_s, double pressure_pa, double density_kg_m3) {
    const double volume_flow_m3_h = mass_flow_kg_s / density_kg_m3 * seconds_per_hour;
    return volume_flow_m3_h / std::sqrt(std::max(pressure_pa, 0.0) / bar_pa * water_density_kg_m3 / density_kg_m3);
}

class OpeningSearch {
 public:
    OpeningSearch(const Network& network, const BalancingSettings& settings)
        : original_(network), settings_(settings), water_(network.fluid) {
        result_.balanced = network;
    }

    Result<Balancing> run() {
        NUANSHU_TRY_VOID(find_design_flows());
        NUANSHU_TRY_VOID(find_who_can_be_served());
        become_valves();
        NUANSHU_TRY_VOID(correct_openings());
        tell();
        return std::move(result_);
    }

 private:
    Network& net() { return result_.balanced; }

    Result<> solve_again() {
        if (settings_.cancelled && settings_.cancelled()) {
            return fail(ErrorCode::cancelled, "balance", "stopped after {} solutions", result_.solves);
        }
        if (result_.solves >= settings_.solves_max) {
            return fail(ErrorCode::exhausted, "balance", "not balanced within {} solutions", settings_.solves_max);
        }
        ++result_.solves;
        result_.verified = solver_.solve(net(), settings_.solve);
        if (!result_.verified.converged) {
            return fail(ErrorCode::unsupported, "balance", "the network does not solve with these flows{}",
                        result_.verified.findings.empty() ? std::string()
                                                          : ": " + sentence(net(), result_.verified.findings.front()));
        }
        return {};
    }

    /// They may follow the supply temperature, which a first solution tells.
    Result<> find_design_flows() {
        NUANSHU_TRY_VOID(solve_again());
        result_.stations.clear();
        for (std::int32_t at = 0; const auto& consumer : original_.consumers) {
            StationOpening station{.consumer = at};
            station.opening_now = consumer.throttle.opening;
            station.opening = consumer.throttle.opening;
            station.design_mass_flow_kg_s =
                design_flow_kg_s(original_, consumer, result_.verified.node_temperature_c[consumer.from]);
            station.outcome = station.design_mass_flow_kg_s <= 0.0 ? OpeningOutcome::no_design
                              : consumer.throttle.kvs_m3_h <= 0.0  ? OpeningOutcome::no_throttle
                                                                   : OpeningOutcome::set;
            if (consumer.open) {
                result_.stations.push_back(station);
            }
            ++at;
        }
        return {};
    }

    void take_design_flow(const StationOpening& station) {
        auto& consumer = net().consumers[station.consumer];
        consumer.control = ConsumerControl::flow;
        consumer.mass_flow_kg_s = station.design_mass_flow_kg_s;
    }

    void open_fully(StationOpening& station) {
        station.outcome = OpeningOutcome::fully_open;
        station.opening = 1.0;
        auto& consumer = net().consumers[station.consumer];
        consumer.control = ConsumerControl::valve;
        consumer.throttle.opening = 1.0;
        consumer.differential_pressure_limit_pa = 0.0;
    }

    /// Pressure for the throttle when the station takes its design flow.
    double pressure_for_throttle(const StationOpening& station, double density) const {
        const auto& consumer = original_.consumers[station.consumer];
        const auto& pressure = result_.verified.node_pressure_pa;
        const double own = consumer.loss_coefficient_pa_s2_kg2 * water_density_kg_m3 / density *
                           station.design_mass_flow_kg_s * station.design_mass_flow_kg_s;
        const double column = density * original_.gravity_m_s2 *
                              (original_.nodes[consumer.to].elevation_m - original_.nodes[consumer.from].elevation_m);
        return pressure[consumer.from] - pressure[consumer.to] - own - column;
    }

    double density_at(std::int32_t consumer) const {
        const auto& flows = result_.verified.consumers;
        return water_.density_kg_m3(0.5 * (flows.from_temperature_c[consumer] + flows.to_temperature_c[consumer]));
    }

    Result<> find_who_can_be_served() {
        for (auto& station : result_.stations) {
            if (station.outcome != OpeningOutcome::no_design) {
                take_design_flow(station);
            }
        }
        for (bool changed = true; changed;) {
            NUANSHU_TRY_VOID(solve_again());
            changed = false;
            for (auto& station : result_.stations) {
                changed = review(station) || changed;
            }
        }
        return {};
    }

    /// @return whether it changed between throttled and fully open
    bool review(StationOpening& station) {
        const double density = density_at(station.consumer);
        const auto& throttle = original_.consumers[station.consumer].throttle;
        if (station.outcome == OpeningOutcome::fully_open) {
            const bool gets_enough = result_.verified.consumers.mass_flow_kg_s[station.consumer] >
                                     station.design_mass_flow_kg_s * (1.0 + settings_.tolerance);
            if (gets_enough) {
                station.outcome = OpeningOutcome::set;
                take_design_flow(station);
            }
            return gets_enough;
        }
        if (station.outcome == OpeningOutcome::no_design) {
            return false;
        }
        station.kv_m3_h = kv_for(station.design_mass_flow_kg_s, pressure_for_throttle(station, density), density);
        if (station.outcome == OpeningOutcome::no_throttle) {
            return false;
        }
        const double opening = opening_for(throttle, station.kv_m3_h);
        if (opening > 1.0 + nearly) {
            open_fully(station);
            return true;
        }
        station.opening = std::min(opening, 1.0);
        return false;
    }

    /// What a station gets by its valve alone, from now on.
    void become_valves() {
        for (const auto& station : result_.stations) {
            if (station.outcome == OpeningOutcome::set) {
                auto& consumer = net().consumers[station.consumer];
                consumer.control = ConsumerControl::valve;
                consumer.throttle.opening = station.opening;
                consumer.differential_pressure_limit_pa = 0.0;
            }
        }
    }

    /// Kv follows the flow that is missing; neighbours move each other, but less than themselves.
    Result<> correct_openings() {
        while (true) {
            NUANSHU_TRY_VOID(solve_again());
            result_.largest_miss = 0.0;
            for (auto& station : result_.stations) {
                if (station.outcome == OpeningOutcome::set) {
                    correct(station);
                }
            }
            if (result_.largest_miss <= settings_.tolerance) {
                return {};
            }
        }
    }

    void correct(StationOpening& station) {
        auto& throttle = net().consumers[station.consumer].throttle;
        const double got = result_.verified.consumers.mass_flow_kg_s[station.consumer];
        const double ratio = station.design_mass_flow_kg_s / std::max(got, nearly);
        const bool is_at_stop = throttle.opening >= 1.0 && ratio > 1.0;
        result_.largest_miss = std::max(result_.largest_miss, std::abs(1.0 / ratio - 1.0));
        if (is_at_stop || std::abs(ratio - 1.0) <= settings_.tolerance) {
            return;
        }
        throttle.opening = std::clamp(opening_for(throttle, kv_m3_h(throttle) * ratio), nearly, 1.0);
        station.opening = throttle.opening;
    }

    void tell() {
        for (auto& station : result_.stations) {
            const auto& consumer = net().consumers[station.consumer];
            station.mass_flow_kg_s = result_.verified.consumers.mass_flow_kg_s[station.consumer];
            const bool has_valve =
                station.outcome == OpeningOutcome::set || station.outcome == OpeningOutcome::fully_open;
            station.kv_m3_h = has_valve ? kv_m3_h(consumer.throttle) : station.kv_m3_h;
            result_.short_of_flow += station.outcome == OpeningOutcome::fully_open ? 1 : 0;
        }
        std::stable_sort(result_.stations.begin(), result_.stations.end(),
                         [](const auto& one, const auto& other) { return urgency(one) > urgency(other); });
    }

    /// Flow that is lacking as a share, and after that the way the valve must go.
    static std::pair<double, double> urgency(const StationOpening& station) {
        const bool lacks = station.outcome == OpeningOutcome::fully_open;
        return {lacks ? 1.0 - station.mass_flow_kg_s / station.design_mass_flow_kg_s : 0.0, std::abs(station.shift())};
    }

    const Network& original_;
    const BalancingSettings& settings_;
    FluidProperties water_;
    Solver solver_;
    Balancing result_;
};

}  // namespace

std::string_view to_string(OpeningOutcome outcome) {
    static constexpr std::array<std::string_view, 4> names = {"set", "fully_open", "no_throttle", "no_design"};
    return names.at(static_cast<std::size_t>(outcome));
}

Result<Balancing> balance_openings(const Network& network, const BalancingSettings& settings) {
    return OpeningSearch(network, settings).run();
}

}  // namespace nuanshu::network

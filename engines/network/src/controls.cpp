#include "engines/network/src/controls.h"

#include <algorithm>
#include <cmath>

namespace nuanshu::network {
namespace {

using Index = std::int32_t;

std::size_t at(Index index) {
    return static_cast<std::size_t>(index);
}

constexpr double pressure_tolerance_pa = 0.5;
constexpr double flow_tolerance_share = 1e-8;
constexpr double differential_tolerance = 1e-6;  ///< of the setting
constexpr double reverse_kg_s = 1e-6;
constexpr double resistance_max = 1e15;  ///< a valve that is as good as shut; Pa·s²/kg² times kg/m³

bool is_controlled(const Valve& valve) {
    return valve.open && (valve.kind == ValveKind::pressure_reducing || valve.kind == ValveKind::pressure_sustaining ||
                          valve.kind == ValveKind::differential_pressure);
}

}  // namespace

void Controls::begin(const Network& network, Links& links) {
    network_ = &network;
    links_ = &links;
    valves_.clear();
    pinned_.clear();
    cycling_.clear();
    for (Index i = 0; i < static_cast<Index>(network.valves.size()); ++i) {
        const auto& valve = network.valves[at(i)];
        if (is_controlled(valve)) {
            const auto link = links.ranges.valves + i;
            valves_.push_back(
                {.valve = i, .link = link, .kind = valve.kind, .own_geometry = links.shapes[at(link)].minor_geometry});
            pinned_.insert(pinned_.end(), {valve.from, valve.to});
        }
    }
}

/// Statuses as the hydraulics see them.
void Controls::apply(const Boundary& boundary) {
    present_ = links_->present;
    held_ = links_->held;
    held_pressure_pa_.assign(boundary.held_pressure_pa.begin(), boundary.held_pressure_pa.end());
    supply_kg_s_.assign(boundary.supply_kg_s.begin(), boundary.supply_kg_s.end());
    for (const auto& controlled : valves_) {
        const auto& valve = network_->valves[at(controlled.valve)];
        auto& shape = links_->shapes[at(controlled.link)];
        if (controlled.kind == ValveKind::differential_pressure) {
            shape.minor_geometry = controlled.own_geometry + controlled.resistance;
            continue;
        }
        present_[at(controlled.link)] = controlled.status == ValveStatus::open ? 1 : 0;
        if (controlled.status == ValveStatus::active) {
            const bool reduces = controlled.kind == ValveKind::pressure_reducing;
            const auto holds = reduces ? valve.to : valve.from;
            const auto gives = reduces ? valve.from : valve.to;
            held_[at(holds)] = 1;
            held_pressure_pa_[at(holds)] = valve.set_pressure_pa;
            supply_kg_s_[at(gives)] += reduces ? -controlled.flow_kg_s : controlled.flow_kg_s;
        }
    }
}

/// What passes an active valve: what its held node gives (reducing) or gets (sustaining).
double Controls::passing_kg_s(const Controlled& controlled) const {
    const auto& valve = network_->valves[at(controlled.valve)];
    const bool reduces = controlled.kind == ValveKind::pressure_reducing;
    const auto node = reduces ? valve.to : valve.from;
    double out = -supply_kg_s_[at(node)];
    for (std::size_t link = 0; link < links_->ends.size(); ++link) {
        out += links_->ends[link].from == node ? link_flow_kg_s_[link] : 0.0;
        out -= links_->ends[link].to == node ? link_flow_kg_s_[link] : 0.0;
    }
    return reduces ? out : -out;
}

ValveStatus Controls::reducing(const Valve& valve, const Controlled& controlled, const Reading& reading) const {
    const double set = valve.set_pressure_pa;
    switch (controlled.status) {
        case ValveStatus::active:
            if (reading.flow_kg_s < -reverse_kg_s) {
                return ValveStatus::closed;
            }
            return reading.from_pa < set - pressure_tolerance_pa ? ValveStatus::open : ValveStatus::active;
        case ValveStatus::open:
            if (reading.flow_kg_s < -reverse_kg_s) {
                return ValveStatus::closed;
            }
            return reading.to_pa > set + pressure_tolerance_pa ? ValveStatus::active : ValveStatus::open;
        case ValveStatus::closed:
            break;
    }
    if (reading.to_pa >= set || reading.from_pa <= reading.to_pa + pressure_tolerance_pa) {
        return ValveStatus::closed;
    }
    return reading.from_pa >= set ? ValveStatus::active : ValveStatus::open;
}

ValveStatus Controls::sustaining(const Valve& valve, const Controlled& controlled, const Reading& reading) const {
    const double set = valve.set_pressure_pa;
    switch (controlled.status) {
        case ValveStatus::active:
            if (reading.flow_kg_s < -reverse_kg_s) {
                return ValveStatus::closed;
            }
            return reading.to_pa > set + pressure_tolerance_pa ? ValveStatus::open : ValveStatus::active;
        case ValveStatus::open:
            if (reading.flow_kg_s < -reverse_kg_s) {
                return ValveStatus::closed;
            }
            return reading.from_pa < set - pressure_tolerance_pa ? ValveStatus::active : ValveStatus::open;
        case ValveStatus::closed:
            break;
    }
    if (reading.from_pa <= set || reading.from_pa <= reading.to_pa + pressure_tolerance_pa) {
        return ValveStatus::closed;
    }
    return reading.to_pa <= set ? ValveStatus::active : ValveStatus::open;
}

/// Moves the throttle so that, if the flow's other resistances were constant, the measured difference met the setting.
/// @return whether it had to move
bool Controls::adjust_differential(const Valve& valve, Controlled& controlled, const Reading& reading,
                                   std::span<const double> pressure_pa) {
    const double measured = pressure_pa[at(valve.sense_high)] - pressure_pa[at(valve.sense_low)];
    const double excess = measured - valve.set_pressure_pa;
    const bool idle = controlled.resistance <= 0.0 && excess <= 0.0;
    if (idle || std::fabs(excess) <= differential_tolerance * valve.set_pressure_pa ||
        reading.flow_kg_s <= reverse_kg_s) {
        controlled.status = controlled.resistance > 0.0 ? ValveStatus::active : ValveStatus::open;
        return false;
    }
    const double density_flow = reading.flow_kg_s * reading.flow_kg_s / network_->fluid.density_kg_m3;
    const double own = (reading.from_pa - reading.to_pa);
    const double wanted = std::max(0.0, measured * (own + excess) / (valve.set_pressure_pa * density_flow));
    controlled.resistance = std::clamp(wanted - controlled.own_geometry, 0.0, resistance_max);
    controlled.status = controlled.resistance > 0.0 ? ValveStatus::active : ValveStatus::open;
    return true;
}

/// Asks every valve. @return whether any changed its mind, or its flow
bool Controls::review(const Hydraulics& hydraulics) {
    std::vector<double> pressure(at(links_->node_count));
    hydraulics.copy_pressures(pressure);
    link_flow_kg_s_.assign(links_->ends.size(), 0.0);
    hydraulics.add_flows(link_flow_kg_s_);
    const double largest =
        std::fabs(*std::ranges::max_element(link_flow_kg_s_, {}, [](double flow) { return std::fabs(flow); }));
    bool changed = false;
    for (auto& controlled : valves_) {
        const auto& valve = network_->valves[at(controlled.valve)];
        const bool active =
            controlled.status == ValveStatus::active && controlled.kind != ValveKind::differential_pressure;
        const Reading reading{pressure[at(valve.from)], pressure[at(valve.to)],
                              active ? passing_kg_s(controlled) : link_flow_kg_s_[at(controlled.link)]};
        if (controlled.kind == ValveKind::differential_pressure) {
            changed |= adjust_differential(valve, controlled, reading, pressure);
            continue;
        }
        const auto next = controlled.kind == ValveKind::pressure_reducing ? reducing(valve, controlled, reading)
                                                                          : sustaining(valve, controlled, reading);
        const double flow = next == ValveStatus::active ? std::max(reading.flow_kg_s, 0.0) : 0.0;
        changed |= next != controlled.status || std::fabs(flow - controlled.flow_kg_s) > flow_tolerance_share * largest;
        controlled.status = next;
        controlled.flow_kg_s = flow;
    }
    return changed;
}

std::vector<std::uint8_t> Controls::signature() const {
    std::vector<std::uint8_t> statuses;
    for (const auto& controlled : valves_) {
        if (controlled.kind != ValveKind::differential_pressure) {
            statuses.push_back(static_cast<std::uint8_t>(controlled.status));
        }
    }
    return statuses;
}

HydraulicReport Controls::find_flows(Hydraulics& hydraulics, const Boundary& boundary,
                                     const HydraulicSettings& settings, int rounds_max) {
    std::set<std::vector<std::uint8_t>> tried;
    std::vector<std::uint8_t> last;
    HydraulicReport total;
    for (int round = 0; round < rounds_max; ++round) {
        apply(boundary);
        const auto now = signature();
        if (round == 0 || now != last) {
            if (!tried.insert(now).second) {
                break;
            }
            hydraulics.analyse(present_, held_, pinned_);
        }
        last = now;
        hydraulics.refresh(*network_);
        const Boundary controlled{supply_kg_s_, held_pressure_pa_, boundary.link_temperature_c, false};
        auto report = hydraulics.find_flows(controlled, settings);
        report.iterations += total.iterations;
        total = report;
        if (!total.converged) {
            return total;
        }
        hydraulics.find_pressures(controlled);
        if (!review(hydraulics)) {
            return total;
        }
    }
    total.converged = false;
    for (const auto& controlled : valves_) {
        cycling_.push_back({ElementKind::valve, controlled.valve});
    }
    return total;
}

void Controls::add_flows(std::span<double> link_flow_kg_s) const {
    for (const auto& controlled : valves_) {
        if (controlled.status == ValveStatus::active && controlled.kind != ValveKind::differential_pressure) {
            link_flow_kg_s[at(controlled.link)] = controlled.flow_kg_s;
        }
    }
}

std::vector<ValveStatus> Controls::statuses(const Network& network, const Links& links,
                                            std::span<const double> link_flow_kg_s) const {
    std::vector<ValveStatus> result(network.valves.size(), ValveStatus::open);
    for (std::size_t i = 0; i < result.size(); ++i) {
        const auto& valve = network.valves[i];
        const double flow = link_flow_kg_s[at(links.ranges.valves) + i];
        if (links.present[at(links.ranges.valves) + i] == 0 ||
            (valve.kind == ValveKind::check && flow <= reverse_kg_s)) {
            result[i] = ValveStatus::closed;
        } else if (valve.kind == ValveKind::flow_control && flow >= valve.set_mass_flow_kg_s * (1.0 - 1e-6)) {
            result[i] = ValveStatus::active;
        }
    }
    for (const auto& controlled : valves_) {
        result[at(controlled.valve)] = controlled.status;
    }
    return result;
}

}  // namespace nuanshu::network

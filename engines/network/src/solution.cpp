#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/check.h"
#include "engines/network/solve.h"
#include "engines/network/src/element_heat.h"

namespace nuanshu::network {

std::string_view to_string(FindingKind kind) {
    static constexpr std::array<std::string_view, 10> names = {
        "no_pressure_held", "cut_off",           "not_served",   "low_pressure", "below_vapour",
        "controls_cycle",   "pump_out_of_range", "no_flow_heat", "unsettled",    "did_not_converge"};
    return names.at(static_cast<std::size_t>(kind));
}

std::string sentence(const Network& network, const Finding& finding) {
    const auto name = fmt::format("{} {}", to_string(finding.element.kind), id_of(network, finding.element));
    switch (finding.kind) {
        case FindingKind::no_pressure_held:
            return fmt::format(
                "{}: nothing holds the pressure in its part of the network; pressures there are relative", name);
        case FindingKind::cut_off:
            return fmt::format("{}: no open way leads from a source or a held pressure to it; it gets no water", name);
        case FindingKind::not_served:
            return fmt::format("{}: {:.4g} kg/s of what it asks for cannot be delivered", name, finding.amount);
        case FindingKind::low_pressure:
            return fmt::format("{}: lacks {:.0f} Pa of the pressure that what it asks for needs", name, finding.amount);
        case FindingKind::below_vapour:
            return fmt::format("{}: {:.0f} Pa below the vapour pressure of its water; it would boil", name,
                               finding.amount);
        case FindingKind::controls_cycle:
            return fmt::format("{}: its control finds no setting that agrees with the others", name);
        case FindingKind::pump_out_of_range:
            return fmt::format("{}: runs {:.4g} kg/s beyond the end of its curve", name, finding.amount);
        case FindingKind::no_flow_heat:
            return finding.element.kind == ElementKind::source
                       ? fmt::format("{}: too little water passes to take up {:.4g} W of its heat", name,
                                     finding.amount)
                       : fmt::format("{}: the water that arrives is too cold for {:.4g} W of what it asks for", name,
                                     finding.amount);
        case FindingKind::unsettled:
            return fmt::format("{}: no steady temperatures; its heat cannot leave, or its flow and temperature swing",
                               name);
        case FindingKind::did_not_converge:
            return fmt::format("{}: no solution found; the largest miss there is {:.3g} Pa", name, finding.amount);
    }
    NUANSHU_CHECK(false, "finding {}", static_cast<int>(finding.kind));
}

bool carries_heat(const Network& network) {
    const auto loses = [](const Pipe& pipe) { return heat_transmission_w_mk(pipe) > 0.0; };
    const auto other = [&](const Node& node) {
        return node.inflow_temperature_c != network.nodes.front().inflow_temperature_c;
    };
    return !network.sources.empty() || !network.consumers.empty() || std::ranges::any_of(network.pipes, loses) ||
           std::ranges::any_of(network.nodes, other);
}

}  // namespace nuanshu::network

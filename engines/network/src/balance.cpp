#include "engines/network/balance.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engines/network/src/element_heat.h"
#include "engines/network/src/fluid.h"

namespace nuanshu::network {
namespace {

constexpr double good_from = 0.9, good_to = 1.2;

double spare_pa(const StationBalance& station) {
    return station.available_pressure_pa - station.required_pressure_pa;
}

/// Those of unknown pressure come last.
bool is_worse_off(const StationBalance& one, const StationBalance& other) {
    const double a = spare_pa(one), b = spare_pa(other);
    if (std::isnan(a) || std::isnan(b)) {
        return !std::isnan(a) && std::isnan(b);
    }
    return a < b;
}

ImbalanceStatistics statistics_of(const std::vector<StationBalance>& stations) {
    ImbalanceStatistics statistics;
    double sum = 0.0, squares = 0.0;
    for (const auto& station : stations) {
        const double x = station.imbalance;
        if (std::isnan(x)) {
            continue;
        }
        statistics.min = statistics.stations == 0 ? x : std::min(statistics.min, x);
        statistics.max = statistics.stations == 0 ? x : std::max(statistics.max, x);
        ++statistics.stations;
        ++(x < good_from ? statistics.under : x > good_to ? statistics.over : statistics.good);
        sum += x;
        squares += x * x;
    }
    if (statistics.stations > 0) {
        const auto count = static_cast<double>(statistics.stations);
        statistics.mean = sum / count;
        statistics.deviation = std::sqrt(std::max(squares / count - statistics.mean * statistics.mean, 0.0));
    }
    return statistics;
}

}  // namespace

double design_flow_kg_s(const Network& network, const Consumer& consumer, double supply_temperature_c) {
    if (consumer.design_mass_flow_kg_s > 0.0) {
        return consumer.design_mass_flow_kg_s;
    }
    auto asking = consumer;
    if (consumer.heat_w > 0.0 && (consumer.return_temperature_c || consumer.temperature_drop_k)) {
        asking.control =
            consumer.return_temperature_c ? ConsumerControl::heat_and_return : ConsumerControl::heat_and_drop;
        return wanted_flow_kg_s(asking, FluidProperties(network.fluid), supply_temperature_c);
    }
    return consumer.control == ConsumerControl::flow ? consumer.mass_flow_kg_s : 0.0;
}

Balance assess_balance(const Network& network, const Solution& solution) {
    Balance balance;
    for (std::int32_t at = 0; const auto& consumer : network.consumers) {
        if (consumer.open) {
            StationBalance station{.consumer = at,
                                   .available_pressure_pa = solution.node_pressure_pa[consumer.from] -
                                                            solution.node_pressure_pa[consumer.to],
                                   .required_pressure_pa = consumer.required_differential_pressure_pa,
                                   .mass_flow_kg_s = solution.consumers.mass_flow_kg_s[at],
                                   .design_mass_flow_kg_s =
                                       design_flow_kg_s(network, consumer, solution.node_temperature_c[consumer.from])};
            station.imbalance = station.design_mass_flow_kg_s > 0.0
                                    ? station.mass_flow_kg_s / station.design_mass_flow_kg_s
                                    : std::numeric_limits<double>::quiet_NaN();
            balance.stations.push_back(station);
        }
        ++at;
    }
    std::stable_sort(balance.stations.begin(), balance.stations.end(), is_worse_off);
    balance.imbalance = statistics_of(balance.stations);
    if (!balance.stations.empty() && !std::isnan(spare_pa(balance.stations.front()))) {
        balance.worst = balance.stations.front().consumer;
    }
    return balance;
}

}  // namespace nuanshu::network

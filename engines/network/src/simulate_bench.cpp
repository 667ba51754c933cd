// A city's day in steps of one minute: every consumer's heat follows the day, the supply temperature follows the
// weather and the plant stops once for ten minutes. `x_real_time` is simulated time over elapsed time.

#include <cmath>
#include <numbers>

#include <benchmark/benchmark.h>

#include "engines/network/generate.h"
#include "engines/network/simulate.h"

namespace nuanshu::network {
namespace {

constexpr double day_s = 86400.0;

Series course(ScenarioField field, double mean, double swing) {
    Series series{.field = field, .course = Series::Course::linear};
    for (int hour = 0; hour <= 24; ++hour) {
        series.time_s.push_back(3600.0 * hour);
        series.value.push_back(mean + swing * std::sin(2.0 * std::numbers::pi * hour / 24.0));
    }
    return series;
}

Scenario day(bool moving) {
    Scenario scenario{.title = "a day", .duration_s = day_s};
    scenario.series = {course(ScenarioField::source_supply_temperature_c, 105.0, 8.0)};
    if (moving) {
        scenario.series.push_back(course(ScenarioField::network_consumer_heat_factor, 0.8, 0.2));
        scenario.series.push_back(course(ScenarioField::network_ambient_temperature_c, -5.0, 6.0));
    }
    return scenario;
}

void run_day(benchmark::State& state, ConsumersAs consumers_as, bool moving) {
    const auto consumers = static_cast<std::int32_t>(state.range(0));
    const auto network =
        generate({.consumers = consumers, .seed = 1, .loops = consumers / 100, .consumers_as = consumers_as});
    std::size_t parcels = 0;
    int solves = 0;
    double error = 0.0;
    for (auto _ : state) {
        state.PauseTiming();
        auto simulation = value_or_throw(Simulation::create(network, day(moving)));
        state.ResumeTiming();
        while (!simulation.done()) {
            value_or_throw(simulation.step());
        }
        parcels = simulation.parcels();
        solves = simulation.hydraulic_solves();
        error = std::abs(simulation.account().error());
    }
    state.counters["x_real_time"] =
        benchmark::Counter(day_s * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
    state.counters["nodes"] = static_cast<double>(network.nodes.size());
    state.counters["parcels"] = static_cast<double>(parcels);
    state.counters["hydraulic_solves"] = solves;
    state.counters["heat_balance_error"] = error;
}

/// Consumers of fixed flow: only the supply temperature moves.
void BM_simulate_day_flow(benchmark::State& state) {
    run_day(state, ConsumersAs::flow, false);
}
BENCHMARK(BM_simulate_day_flow)->ArgName("consumers")->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond);

/// Consumers of heat, all moving every minute: hydraulics are solved in every step.
void BM_simulate_day_heat(benchmark::State& state) {
    run_day(state, ConsumersAs::heat, true);
}
BENCHMARK(BM_simulate_day_heat)->ArgName("consumers")->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond);

/// Valves: supply and return are coupled.
void BM_simulate_day_valve(benchmark::State& state) {
    run_day(state, ConsumersAs::valve, true);
}
BENCHMARK(BM_simulate_day_valve)->ArgName("consumers")->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace nuanshu::network

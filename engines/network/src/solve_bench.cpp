#include <benchmark/benchmark.h>

#include "engines/network/generate.h"
#include "engines/network/solve.h"

namespace nuanshu::network {
namespace {

Network city(std::int64_t consumers, ConsumersAs as) {
    return generate({.consumers = static_cast<std::int32_t>(consumers),
                     .loops = static_cast<std::int32_t>(consumers / 200),
                     .consumers_as = as});
}

void report(benchmark::State& state, const Network& network, const Solution& solution) {
    if (!solution.converged) {
        state.SkipWithError("the city was not solved");
    }
    state.counters["nodes"] = static_cast<double>(network.nodes.size());
    state.counters["steps"] = solution.iterations;
    state.counters["heat_rounds"] = solution.heat_rounds;
    state.counters["per_consumer"] =
        benchmark::Counter(static_cast<double>(network.consumers.size()),
                           benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

/// Everything from a network in memory to its solution, analysis of the structure included.
void solve_anew(benchmark::State& state, ConsumersAs as, bool with_heat) {
    const auto network = city(state.range(0), as);
    const SolveSettings settings{.with_heat = with_heat};
    Solution solution;
    for (auto _ : state) {
        solution = solve(network, settings);
    }
    report(state, network, solution);
}

void BM_hydraulics_fixed_flows(benchmark::State& state) {
    solve_anew(state, ConsumersAs::flow, false);
}
void BM_hydraulics_coupled_by_valves(benchmark::State& state) {
    solve_anew(state, ConsumersAs::valve, false);
}
void BM_hydraulics_and_heat(benchmark::State& state) {
    solve_anew(state, ConsumersAs::heat, true);
}

/// A valve moves, and the same solver solves again.
void BM_valve_move(benchmark::State& state) {
    auto network = city(state.range(0), ConsumersAs::valve);
    const SolveSettings settings{.with_heat = false};
    Solver solver;
    auto solution = solver.solve(network, settings);
    const Element moved{ElementKind::consumer, static_cast<std::int32_t>(network.consumers.size() / 2)};
    auto& opening = network.consumers[static_cast<std::size_t>(moved.index)].throttle.opening;
    for (auto _ : state) {
        opening = opening > 0.5 ? 0.4 : 0.6;
        solution = solver.solve_changed(network, {&moved, 1}, settings);
    }
    report(state, network, solution);
}

#define NUANSHU_CITIES(name) BENCHMARK(name)->Arg(1000)->Arg(10000)->Arg(100000)->Unit(benchmark::kMillisecond)
NUANSHU_CITIES(BM_hydraulics_fixed_flows);
NUANSHU_CITIES(BM_hydraulics_coupled_by_valves);
NUANSHU_CITIES(BM_hydraulics_and_heat);
NUANSHU_CITIES(BM_valve_move);

}  // namespace
}  // namespace nuanshu::network

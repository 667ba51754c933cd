#include <benchmark/benchmark.h>

#include "engines/network/generate.h"
#include "engines/network/src/linearised.h"

namespace nuanshu::network {
namespace {

Network city(std::int64_t consumers) {
    return generate({.consumers = static_cast<std::int32_t>(consumers), .seed = 1, .loops = 10});
}

/// Assembles and factors the equations at a solution.
void BM_linearise(benchmark::State& state) {
    const auto network = city(state.range(0));
    const auto solution = solve(network);
    const auto physics = state.range(1) != 0 ? Physics::hydraulics_and_heat : Physics::hydraulics;
    for (auto _ : state) {
        auto system = Linearised::create(network, solution, physics);
        benchmark::DoNotOptimize(system);
    }
}
BENCHMARK(BM_linearise)
    ->ArgNames({"consumers", "heat"})
    ->ArgsProduct({{1'000, 10'000}, {0, 1}})
    ->Unit(benchmark::kMillisecond);

/// One output by every boundary there may be.
void BM_adjoint(benchmark::State& state) {
    const auto network = city(state.range(0));
    const auto system = value_or_throw(Linearised::create(network, solve(network), Physics::hydraulics_and_heat));
    for (auto _ : state) {
        benchmark::DoNotOptimize(system.adjoint(system.pressure(0)));
    }
}
BENCHMARK(BM_adjoint)->ArgName("consumers")->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace nuanshu::network

#include <benchmark/benchmark.h>

#include "engines/network/generate.h"
#include "engines/network/isolate.h"

namespace nuanshu::network {
namespace {

Network city(std::int64_t consumers) {
    return generate({.consumers = static_cast<std::int32_t>(consumers), .seed = 1, .loops = 20});
}

void BM_closure_planner(benchmark::State& state) {
    const auto network = city(state.range(0));
    for (auto _ : state) {
        ClosurePlanner planner(network);
        benchmark::DoNotOptimize(planner.segment_count());
    }
}
BENCHMARK(BM_closure_planner)->ArgName("consumers")->Arg(10'000)->Arg(50'000)->Unit(benchmark::kMillisecond);

/// Another pipe leaks each time.
void BM_closure_plan(benchmark::State& state) {
    const auto network = city(state.range(0));
    const ClosurePlanner planner(network);
    std::int32_t pipe = 0;
    for (auto _ : state) {
        pipe = static_cast<std::int32_t>((static_cast<std::size_t>(pipe) + 7919) % network.pipes.size());
        const std::vector<Element> leaks = {{ElementKind::pipe, pipe}};
        benchmark::DoNotOptimize(planner.plan(leaks));
    }
}
BENCHMARK(BM_closure_plan)->ArgName("consumers")->Arg(10'000)->Arg(50'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace nuanshu::network

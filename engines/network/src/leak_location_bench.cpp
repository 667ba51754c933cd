// 100 leaks of a share of the circulating flow, put into cities whose pressures are metered at every fourth station.
// Counters: the share of trials in which the leaking segment is the first, among the first five, and in which the
// leak is significant (three standard deviations); and how far the estimated leak flow is off in the mean.

#include <cmath>

#include <benchmark/benchmark.h>

#include "engines/network/src/leak_trials_for_tests.h"

namespace nuanshu::network {
namespace {

void BM_locate_leak(benchmark::State& state) {
    const LeakTrialSettings settings{.leak_share = static_cast<double>(state.range(0)) * 1e-3};
    double first = 0.0, five = 0.0, significant = 0.0, flow_miss = 0.0, trials = 0.0;
    for (auto _ : state) {
        for (unsigned seed = 1; seed <= 100; ++seed) {
            const auto trial = LeakCity(settings, seed).run();
            first += trial.segment_rank == 0 ? 1.0 : 0.0;
            five += trial.segment_rank < 5 ? 1.0 : 0.0;
            significant += trial.significance > 3.0 ? 1.0 : 0.0;
            flow_miss += std::abs(trial.found_kg_s / trial.true_kg_s - 1.0);
            trials += 1.0;
        }
    }
    state.counters["first"] = first / trials;
    state.counters["top5"] = five / trials;
    state.counters["significant"] = significant / trials;
    state.counters["leak_flow_miss"] = flow_miss / trials;
}
BENCHMARK(BM_locate_leak)
    ->ArgName("permille")
    ->Arg(2)
    ->Arg(5)
    ->Arg(10)
    ->Arg(20)
    ->Arg(50)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace nuanshu::network

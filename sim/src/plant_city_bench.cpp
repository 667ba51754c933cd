#include <benchmark/benchmark.h>

#include "sim/src/instruments.h"
#include "sim/src/plant_city.h"

namespace nuanshu::sim {
namespace {

City city_of(int stations) {
    CityParameters parameters;
    parameters.stations = stations;
    parameters.buildings = 10 * stations + stations / 3;
    parameters.room_sensors = 10 * stations;
    return value_or_throw(make_city(parameters));
}

/// Plant seconds computed a second. 1× needs 1, the fastest demonstration 600; the share of a core is the speed divided
/// by this.
void BM_advance(benchmark::State& state) {
    CityPlant plant(city_of(static_cast<int>(state.range(0))));
    constexpr double seconds = 120.0;
    for (auto _ : state) {
        plant.advance(seconds);
    }
    state.counters["plant_s/s"] =
        benchmark::Counter(seconds * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(BM_advance)->ArgName("stations")->Arg(60)->Arg(600)->Unit(benchmark::kMillisecond);

/// What a running city does five times a second at 1×.
void BM_tick(benchmark::State& state) {
    CityPlant plant(city_of(static_cast<int>(state.range(0))));
    for (auto _ : state) {
        plant.advance(0.2);
    }
}
BENCHMARK(BM_tick)->ArgName("stations")->Arg(60)->Arg(600)->Unit(benchmark::kMicrosecond);

/// All instruments of the city read once.
void BM_read_instruments(benchmark::State& state) {
    const CityPlant plant(city_of(60));
    const Instruments instruments(plant, plant.layout().specs, 1);
    std::int64_t now_ms = 0;
    for (auto _ : state) {
        now_ms += 1'000;
        for (std::size_t slot = 0; slot < plant.points().size(); ++slot) {
            benchmark::DoNotOptimize(instruments.read(slot, now_ms));
        }
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(plant.points().size()) * state.iterations());
}
BENCHMARK(BM_read_instruments)->Unit(benchmark::kMicrosecond);

void BM_make_city(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(city_of(static_cast<int>(state.range(0))));
    }
}
BENCHMARK(BM_make_city)->ArgName("stations")->Arg(60)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace nuanshu::sim

#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "platform/drivers/mqtt/src/json_routes.h"
#include "platform/drivers/mqtt/src/sparkplug_host.h"

namespace nuanshu::drivers::mqtt {
namespace {

SparkplugMetric double_metric(std::string_view name, std::uint64_t alias, bool birth) {
    SparkplugMetric metric{.name = name, .alias = alias, .timestamp_ms = 1'700'000'000'000, .has_alias = true};
    metric.type = static_cast<std::uint32_t>(SparkplugType::float64);
    value_or_throw(set_metric_value(metric, 0.01 * static_cast<double>(alias)));
    metric.type = birth ? metric.type : 0;
    return metric;
}

std::vector<std::uint8_t> device_payload(std::int64_t metrics, bool birth) {
    std::vector<std::string> names;
    for (std::int64_t i = 0; i < metrics; ++i) {
        names.push_back(fmt::format("p{:04}", i));
    }
    SparkplugPayload payload{.timestamp_ms = 1'700'000'000'000};
    for (std::int64_t i = 0; i < metrics; ++i) {
        payload.metrics.push_back(
            double_metric(birth ? names[static_cast<std::size_t>(i)] : "", static_cast<std::uint64_t>(i), birth));
    }
    return encode_sparkplug(payload);
}

/// Bytes of a payload to its flat list of metrics.
void BM_decode_sparkplug(benchmark::State& state) {
    const auto bytes = device_payload(state.range(0), false);
    SparkplugPayload payload;
    for (auto _ : state) {
        benchmark::DoNotOptimize(decode_sparkplug(bytes, payload));
        benchmark::DoNotOptimize(payload.metrics.data());
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}
BENCHMARK(BM_decode_sparkplug)->ArgName("metrics")->Arg(10)->Arg(100)->Arg(1000);

/// A DDATA message to samples: decoding, alias look-up, types, times. Of 600 edge nodes in turn, so that caches are as
/// cold as in life.
void BM_take_sparkplug(benchmark::State& state) {
    constexpr int nodes = 600;
    SparkplugHost host;
    std::vector<std::string> names;
    Taken taken;
    std::uint32_t point = 0;
    const auto birth = device_payload(state.range(0), true);
    const auto data = device_payload(state.range(0), false);
    for (int node = 0; node < nodes; ++node) {
        names.push_back(fmt::format("h{:03}", node));
        SparkplugPlan plan{.group = "xc", .edge_node = names.back(), .bindings = {}};
        for (std::int64_t i = 0; i < state.range(0); ++i) {
            plan.bindings.push_back({.point = PointId{++point}, .device = "plc1", .metric = fmt::format("p{:04}", i)});
        }
        host.add(static_cast<DeviceKey>(node + 1), plan);
        host.take({.group = "xc", .message = SparkplugMessage::node_birth, .edge_node = names.back(), .device = ""}, {},
                  false, taken);
        host.take(
            {.group = "xc", .message = SparkplugMessage::device_birth, .edge_node = names.back(), .device = "plc1"},
            birth, false, taken);
    }
    std::size_t next = 0;
    for (auto _ : state) {
        taken.live.clear();
        taken.clear_message();
        const auto& name = names[next++ % nodes];
        host.take({.group = "xc", .message = SparkplugMessage::device_data, .edge_node = name, .device = "plc1"}, data,
                  false, taken);
    }
    if (taken.live.size() != static_cast<std::size_t>(state.range(0))) {
        state.SkipWithError("not every metric became a sample");
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_take_sparkplug)->ArgName("metrics")->Arg(10)->Arg(100)->Arg(1000);

/// One JSON object of a room sensor with four fields.
void BM_take_json(benchmark::State& state) {
    JsonRoutes routes;
    JsonPlan plan{
        .topic = *TopicTemplate::create("city/rooms/{code}/up"), .time = {"ts"}, .write_topic = "", .fields = {}};
    std::uint32_t point = 0;
    for (const auto* name : {"room_temperature", "humidity", "battery", "signal"}) {
        plan.fields.push_back({PointId{++point}, "xc.s01.n1.h001.b1.l01.u1.0301", {name}});
    }
    routes.add(1, plan);
    const std::string text =
        R"({"ts":1700000000000,"room_temperature":21.37,"humidity":41.5,"battery":3.02,"signal":-87})";
    Taken taken;
    for (auto _ : state) {
        taken.live.clear();
        taken.clear_message();
        routes.take("city/rooms/xc.s01.n1.h001.b1.l01.u1.0301/up",
                    {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, taken);
    }
    state.SetItemsProcessed(state.iterations() * 4);
}
BENCHMARK(BM_take_json);

}  // namespace
}  // namespace nuanshu::drivers::mqtt

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/metrics.h"
#include "base/time.h"
#include "platform/drivers/driver.h"
#include "platform/drivers/modbus_tcp/src/address.h"
#include "platform/drivers/modbus_tcp/src/frame.h"
#include "platform/drivers/modbus_tcp/src/test_devices.h"
#include "platform/drivers/modbus_tcp/src/value.h"

namespace nuanshu::drivers {
std::unique_ptr<Driver> make_modbus_tcp_driver(const DriverContext& context);
}

namespace nuanshu::modbus_tcp {
namespace {

/// A full read reply of 125 registers, as it comes over the wire.
std::vector<std::uint8_t> full_reply() {
    std::vector<std::uint8_t> bytes = {0, 1, 0, 0, 0, 253, 1, 3, 250};
    for (int i = 0; i < 250; ++i) {
        bytes.push_back(static_cast<std::uint8_t>(i));
    }
    return bytes;
}

/// Stream → frame → registers → 62 floats.
void BM_decode_reply(benchmark::State& state) {
    const auto stream = full_reply();
    const Request request{
        .unit = 1, .function = Function::read_holding_registers, .first = 0, .count = 125, .values = {}};
    const auto address = parse_address("holding 0 f32 cdab").value();
    for (auto _ : state) {
        const auto frame = take_frame(stream);
        const auto reply = decode_reply(request, (*frame)->data);
        const std::span<const std::uint16_t> items = reply->items;
        for (std::size_t i = 0; i + 2 <= items.size(); i += 2) {
            benchmark::DoNotOptimize(decode_value(address, items.subspan(i)));
        }
    }
    state.counters["registers/s"] =
        benchmark::Counter(static_cast<double>(state.iterations()) * 125, benchmark::Counter::kIsRate);
}
BENCHMARK(BM_decode_reply);

class CountingIntake final : public telemetry::Intake {
 public:
    bool offer(telemetry::RawBatch& batch) override {
        samples += batch.samples.size();
        ++batches;
        batch = {};
        batches.notify_all();
        return true;
    }
    void set_communication(std::span<const PointId>, bool) override {}

    std::atomic<std::size_t> samples{0};
    std::atomic<std::size_t> batches{0};
};

/// Polls of 62 floats each against a libmodbus server on this machine, as fast as they go: read_soon() after each
/// answer.
void BM_poll(benchmark::State& state) {
    ModbusServer server;
    CountingIntake intake;
    const SystemClock clock;
    Metrics metrics;
    std::vector<drivers::PointBinding> points;
    for (std::uint32_t i = 0; i < 62; ++i) {
        points.push_back({.point = {i + 1}, .code = "p", .address = fmt::format("holding {} f32", 2 * i)});
    }
    const auto driver = drivers::make_modbus_tcp_driver({intake, clock, metrics, ""});
    const auto settings = fmt::format(R"({{"host": "127.0.0.1", "port": {}, "poll_ms": 3600000}})", server.port());
    driver->configure({{.code = "plc", .driver = "modbus_tcp", .settings = settings, .points = points}});
    intake.batches.wait(0);
    for (auto _ : state) {
        const std::size_t before = intake.batches;
        driver->read_soon(PointId{1});
        intake.batches.wait(before);
    }
    state.counters["polls/s"] =
        benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
    driver->stop();
}
BENCHMARK(BM_poll)->UseRealTime();

/// The peer: the same polls by libmodbus' own client, one after the other.
void BM_poll_libmodbus(benchmark::State& state) {
    ModbusServer server;
    const std::unique_ptr<modbus_t, ContextDeleter> client(modbus_new_tcp("127.0.0.1", server.port()));
    modbus_set_slave(client.get(), 1);
    modbus_connect(client.get());
    std::vector<std::uint16_t> registers(124);
    for (auto _ : state) {
        if (modbus_read_registers(client.get(), 0, 124, registers.data()) != 124) {
            state.SkipWithError("no answer");
            break;
        }
        benchmark::DoNotOptimize(registers.data());
    }
    state.counters["polls/s"] =
        benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
    modbus_close(client.get());
}
BENCHMARK(BM_poll_libmodbus)->UseRealTime();

}  // namespace
}  // namespace nuanshu::modbus_tcp

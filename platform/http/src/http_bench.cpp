#include <benchmark/benchmark.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include "platform/http/src/house_for_tests.h"
#include "platform/http/src/live_session.h"

namespace nuanshu::http {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;

/// A frame of `points` values that all changed: what one subscriber costs a tick, without its socket.
void BM_live_frame(benchmark::State& state) {
    const auto points = static_cast<std::size_t>(state.range(0));
    std::uint64_t change = 0;
    LiveSource source;
    source.find_point = [](std::string_view code) { return PointId{static_cast<std::uint32_t>(code.size())}; };
    source.read_current = [&](std::span<const PointId> ids, std::span<telemetry::CurrentValue> out) {
        for (std::size_t i = 0; i < ids.size(); ++i) {
            out[i] = {23.5 + 0.1 * static_cast<double>(i), Quality::good, 1768465801000, 1768465801010, change};
        }
    };
    source.now_ms = [] { return std::int64_t{1768465801250}; };
    Counter sent;
    LiveSession session(std::move(source), sent);
    std::string message = R"({"op":"subscribe","id":"a","every_ms":50,"points":["p")";
    for (std::size_t i = 1; i < points; ++i) {
        message += R"(,"p")";
    }
    session.take(message + "]}", 0);
    std::string frame;
    std::int64_t now_ms = 0;
    for (auto _ : state) {
        ++change;
        now_ms += 50;
        benchmark::DoNotOptimize(session.write_due(now_ms, frame));
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(sent.value()));
    state.counters["bytes_per_value"] = static_cast<double>(frame.size()) / static_cast<double>(points);
}
BENCHMARK(BM_live_frame)->Arg(100)->Arg(2'000)->Arg(20'000)->ArgName("points");

std::string sign_in(House& house) {
    return value_or_throw(house.identity->sign_in("li", House::password)).token;
}

/// One client that asks again and again on one connection.
void ask_repeatedly(benchmark::State& state, House& house, const std::string& target) {
    net::io_context io;
    beast::tcp_stream stream(io);
    stream.connect({net::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(house.port())});
    beast::http::request<beast::http::empty_body> request(beast::http::verb::get, target, 11);
    request.set(beast::http::field::host, "localhost");
    request.set(beast::http::field::authorization, "Bearer " + sign_in(house));
    beast::flat_buffer buffer;
    std::size_t bytes = 0;
    for (auto _ : state) {
        beast::http::write(stream, request);
        beast::http::response<beast::http::string_body> response;
        beast::http::read(stream, buffer, response);
        bytes += response.body().size();
        if (response.result_int() != 200) {
            state.SkipWithError("not 200");
        }
    }
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}

void fill(House& house, int stations) {
    std::vector<records::Record> all;
    for (int i = 0; i < stations; ++i) {
        records::Record station;
        station.type = "station";
        station.code = fmt::format("xc.s{:04}", i);
        station.title = fmt::format("{} 号站", i);
        station.fields["heated_area"] = 1000.0 + i;
        all.push_back(std::move(station));
    }
    value_or_throw(house.records->upsert(all));
    value_or_throw(house.catalogue->rebuild());
    value_or_throw(house.pipeline->set_points(house.catalogue->point_settings()));
}

void BM_list_page_of_100_records(benchmark::State& state) {
    House house;
    fill(house, 1'000);
    ask_repeatedly(state, house, "/api/v1/records/station?limit=100&sort=-heated_area");
}
BENCHMARK(BM_list_page_of_100_records)->UseRealTime();

void BM_smallest_request(benchmark::State& state) {
    House house;
    ask_repeatedly(state, house, "/healthz");
}
BENCHMARK(BM_smallest_request)->UseRealTime();

/// Values a second over the socket to one subscriber whose every point always changed, at 50 ms: the pipeline is fed as
/// fast as it takes.
void BM_live_values_over_the_socket(benchmark::State& state) {
    House house;
    fill(house, 2'000);
    std::string message = R"({"op":"subscribe","id":"a","every_ms":50,"points":["xc.h1/flow")";
    std::vector<PointId> points;
    for (int i = 0; i < 2'000; ++i) {
        message += fmt::format(R"(,"xc.s{:04}/flow")", i);
        points.push_back(house.id_of(fmt::format("xc.s{:04}/flow", i)));
    }
    net::io_context io;
    beast::websocket::stream<beast::tcp_stream> stream(io);
    beast::get_lowest_layer(stream).connect(
        {net::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(house.port())});
    stream.handshake("localhost", "/api/v1/live?token=" + sign_in(house));
    stream.write(net::buffer(message + "]}"));
    beast::flat_buffer buffer;
    auto& sent = house.metrics.counter("nuanshu_http_live_values_total", "Values sent on live connections");
    double value = 0;
    for (auto _ : state) {
        telemetry::RawBatch batch;
        value = value < 90 ? value + 0.01 : 0;
        for (const auto point : points) {
            batch.samples.push_back({.point = point, .device_quality = Quality::good, .time_ms = 0, .value = value});
        }
        batch.received_ms = house.clock.now_ms();
        house.pipeline->offer(batch);
        buffer.clear();
        stream.read(buffer);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(sent.value()));
}
BENCHMARK(BM_live_values_over_the_socket)->UseRealTime();

}  // namespace
}  // namespace nuanshu::http

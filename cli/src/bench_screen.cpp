#include "cli/src/bench_screen.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/log.h"
#include "base/time.h"

namespace nuanshu::cli {
namespace net = boost::asio;
namespace beast = boost::beast;
namespace json = boost::json;
namespace {

net::ip::tcp::endpoint loopback(int port) {
    return {net::ip::address_v4::loopback(), static_cast<std::uint16_t>(port)};
}

std::string subscription(const std::vector<std::string>& points) {
    json::array codes;
    for (const auto& point : points) {
        codes.emplace_back(point);
    }
    return json::serialize(
        json::object{{"op", "subscribe"}, {"id", "bench"}, {"points", std::move(codes)}, {"every_ms", 50}});
}

}  // namespace

Result<std::string> ask_http(int port, const std::string& method, const std::string& target, const std::string& body) {
    beast::error_code error;
    net::io_context context;
    net::ip::tcp::socket socket(context);
    socket.connect(loopback(port), error);
    if (error) {
        return fail(ErrorCode::unavailable, target, "{}", error.message());
    }
    beast::http::request<beast::http::string_body> request(beast::http::string_to_verb(method), target, 11);
    request.set(beast::http::field::host, "127.0.0.1");
    request.set(beast::http::field::content_type, "application/json");
    request.body() = body;
    request.prepare_payload();
    beast::http::write(socket, request, error);
    beast::flat_buffer buffer;
    beast::http::response_parser<beast::http::string_body> parser;
    parser.body_limit(64U << 20U);
    if (!error) {
        beast::http::read(socket, buffer, parser, error);
    }
    if (error || parser.get().result_int() / 100 != 2) {
        return fail(ErrorCode::unavailable, target, "{} {}", parser.get().result_int(),
                    error ? error.message() : parser.get().body());
    }
    return parser.get().body();
}

struct Screen::Impl {
    net::io_context context;
    beast::websocket::stream<net::ip::tcp::socket> socket{context};
    SystemClock clock;
    std::atomic<std::int64_t> noted_from_ms{INT64_MAX};
    std::vector<double> ages_ms;
    std::thread reader;

    Result<> connect(int port, const std::string& token, const std::vector<std::string>& points) {
        beast::error_code error;
        socket.next_layer().connect(loopback(port), error);
        if (!error) {
            socket.handshake(fmt::format("127.0.0.1:{}", port), "/api/v1/live?token=" + token, error);
        }
        if (!error) {
            socket.write(net::buffer(subscription(points)), error);
        }
        return error ? Result<>(fail(ErrorCode::unavailable, "live values", "{}", error.message())) : Result<>();
    }

    void read_on() {
        beast::flat_buffer buffer;
        beast::error_code error;
        while (!error) {
            buffer.clear();
            socket.read(buffer, error);
            if (!error) {
                note(std::string_view(static_cast<const char*>(buffer.data().data()), buffer.size()));
            }
        }
    }

    void note(std::string_view text) {
        const auto now = clock.now_ms();
        const auto message = json::parse(json::string_view(text.data(), text.size()));
        const auto* values = message.as_object().if_contains("values");
        if (values == nullptr) {
            return;
        }
        for (const auto& row : values->as_array()) {
            const auto time_ms = row.at(1).to_number<std::int64_t>();
            if (time_ms >= noted_from_ms.load()) {
                ages_ms.push_back(static_cast<double>(now - time_ms));
            }
        }
    }
};

Screen::Screen(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Screen::~Screen() {
    finish();
}

Result<std::unique_ptr<Screen>> Screen::open(int port, const std::string& password,
                                             const std::vector<std::string>& points) {
    const auto credentials = json::serialize(json::object{{"user", "admin"}, {"password", password}});
    NUANSHU_TRY(const auto session, ask_http(port, "POST", "/api/v1/session", credentials));
    auto impl = std::make_unique<Impl>();
    NUANSHU_TRY_VOID(impl->connect(port, std::string(json::parse(session).at("token").as_string()), points));
    impl->reader = std::thread([raw = impl.get()] {
        try {
            raw->read_on();
        } catch (const std::exception& e) {
            log_error("bench", "live values: {}", e.what());
        }
    });
    return std::unique_ptr<Screen>(new Screen(std::move(impl)));
}

void Screen::start() {
    impl_->noted_from_ms = impl_->clock.now_ms();
}

std::vector<double> Screen::finish() {
    if (impl_->reader.joinable()) {
        ::shutdown(impl_->socket.next_layer().native_handle(), SHUT_RDWR);
        impl_->reader.join();
    }
    std::sort(impl_->ages_ms.begin(), impl_->ages_ms.end());
    return impl_->ages_ms;
}

}  // namespace nuanshu::cli

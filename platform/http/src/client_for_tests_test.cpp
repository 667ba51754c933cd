#include "platform/http/src/client_for_tests.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <gtest/gtest.h>

namespace nuanshu::http {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;

constexpr auto patience = std::chrono::seconds(10);

/// A connected stream whose asynchronous operations are waited for, with a deadline.
struct Line {
    net::io_context io;
    beast::tcp_stream stream{io};
    beast::flat_buffer buffer;

    explicit Line(int port) {
        const net::ip::tcp::endpoint endpoint(net::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(port));
        stream.connect(endpoint);
    }
};

/// Runs what was begun; throws its error.
void finish(net::io_context& io, const beast::error_code& error) {
    io.restart();
    io.run();
    if (error) {
        throw beast::system_error(error);
    }
}

}  // namespace

struct Client::Impl : Line {
    using Line::Line;
};

Client::Client(int port) : impl_(std::make_unique<Impl>(port)) {}
Client::~Client() = default;

void Client::send(std::string_view bytes) {
    beast::error_code error;
    impl_->stream.expires_after(patience);
    net::async_write(impl_->stream, net::buffer(bytes), [&](beast::error_code result, std::size_t) { error = result; });
    finish(impl_->io, error);
}

ClientAnswer Client::receive() {
    beast::error_code error;
    beast::http::response_parser<beast::http::string_body> parser;
    parser.body_limit(64 << 20);
    impl_->stream.expires_after(patience);
    beast::http::async_read(impl_->stream, impl_->buffer, parser,
                            [&](beast::error_code result, std::size_t) { error = result; });
    finish(impl_->io, error);
    const auto message = parser.release();
    ClientAnswer answer{.status = static_cast<int>(message.result_int()), .headers = {}, .body = message.body()};
    for (const auto& field : message) {
        std::string name(field.name_string());
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        answer.headers[name] = std::string(field.value());
    }
    return answer;
}

ClientAnswer Client::ask(std::string_view method, std::string_view target, std::string_view body,
                         const Headers& headers) {
    std::string bytes = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n", method, target);
    for (const auto& [name, value] : headers) {
        bytes += fmt::format("{}: {}\r\n", name, value);
    }
    if (!body.empty()) {
        bytes += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size());
    }
    send(bytes + "\r\n" + std::string(body));
    return receive();
}

std::string Client::read_to_end() {
    std::string all;
    while (true) {
        beast::error_code error;
        std::size_t got = 0;
        char piece[4096];
        impl_->stream.expires_after(patience);
        impl_->stream.async_read_some(net::buffer(piece), [&](beast::error_code result, std::size_t bytes) {
            error = result;
            got = bytes;
        });
        impl_->io.restart();
        impl_->io.run();
        all.append(piece, got);
        if (error == beast::error::timeout) {
            throw beast::system_error(error);
        }
        if (error) {
            return all;
        }
    }
}

struct LiveClient::Impl {
    net::io_context io;
    beast::websocket::stream<beast::tcp_stream> stream{io};
    beast::flat_buffer buffer;

    beast::error_code read() {
        beast::error_code error;
        buffer.clear();
        beast::get_lowest_layer(stream).expires_after(patience);
        stream.async_read(buffer, [&](beast::error_code result, std::size_t) { error = result; });
        io.restart();
        io.run();
        return error;
    }
};

LiveClient::LiveClient(int port, const std::string& target, const Headers& headers) : impl_(std::make_unique<Impl>()) {
    const net::ip::tcp::endpoint endpoint(net::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(port));
    beast::get_lowest_layer(impl_->stream).connect(endpoint);
    impl_->stream.set_option(
        beast::websocket::stream_base::decorator([headers](beast::websocket::request_type& request) {
            for (const auto& [name, value] : headers) {
                request.set(name, value);
            }
        }));
    beast::websocket::response_type response;
    beast::error_code error;
    impl_->stream.handshake(response, "localhost", target, error);
    if (error) {
        throw std::runtime_error(fmt::format("handshake: {}, status {}", error.message(), response.result_int()));
    }
}

LiveClient::~LiveClient() = default;

void LiveClient::send(std::string_view text) {
    impl_->stream.write(net::buffer(text));
}

std::string LiveClient::receive() {
    if (const auto error = impl_->read()) {
        throw beast::system_error(error);
    }
    return beast::buffers_to_string(impl_->buffer.data());
}

std::string LiveClient::receive_op(std::string_view op) {
    while (true) {
        auto frame = receive();
        if (frame.starts_with(fmt::format("{{\"op\":\"{}\"", op))) {
            return frame;
        }
    }
}

bool LiveClient::is_ended() {
    beast::error_code error;
    while (!error) {
        error = impl_->read();
    }
    return error != beast::error::timeout;
}

}  // namespace nuanshu::http

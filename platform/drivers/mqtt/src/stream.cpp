#include "platform/drivers/mqtt/src/stream.h"

#include <string>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace nuanshu::drivers::mqtt {
namespace {

constexpr auto as_values = net::as_tuple(net::use_awaitable);

boost::system::error_code trust(net::ssl::context& context, const BrokerUrl& url) {
    boost::system::error_code error;
    context.set_verify_mode(net::ssl::verify_peer, error);
    if (!error && url.ca_file.empty()) {
        context.set_default_verify_paths(error);
    } else if (!error) {
        context.load_verify_file(url.ca_file, error);
    }
    return error;
}

}  // namespace

Stream::Stream(net::io_context& io, BrokerUrl url)
    : url_(std::move(url)), resolver_(io), socket_(io), tls_context_(net::ssl::context::tls_client) {}

tl::unexpected<Error> Stream::failed(const char* doing, const boost::system::error_code& error) const {
    return fail(ErrorCode::unavailable, url_.endpoint(), "{}: {}", doing, error.message());
}

net::awaitable<Result<>> Stream::connect() {
    auto connected = co_await connect_socket();
    if (!connected || !url_.tls) {
        co_return connected;
    }
    co_return co_await shake_hands();
}

net::awaitable<Result<>> Stream::connect_socket() {
    const auto port = std::to_string(url_.port);
    auto [no_address, addresses] = co_await resolver_.async_resolve(url_.host, port, as_values);
    if (no_address) {
        co_return failed("finding its address", no_address);
    }
    if (closed_) {
        co_return failed("connecting", net::error::operation_aborted);
    }
    auto [refused, endpoint] = co_await net::async_connect(socket_, addresses, as_values);
    if (refused) {
        co_return failed("connecting", refused);
    }
    boost::system::error_code ignored;
    socket_.set_option(net::ip::tcp::no_delay(true), ignored);
    co_return Result<>();
}

net::awaitable<Result<>> Stream::shake_hands() {
    if (const auto error = trust(tls_context_, url_)) {
        co_return fail(ErrorCode::invalid, url_.endpoint(), "the certificates of {} cannot be used: {}",
                       url_.ca_file.empty() ? "the system" : url_.ca_file, error.message());
    }
    tls_.emplace(socket_, tls_context_);
    boost::system::error_code error;
    tls_->set_verify_callback(net::ssl::host_name_verification(url_.host), error);
    SSL_set_tlsext_host_name(tls_->native_handle(), url_.host.c_str());
    auto [refused] = co_await tls_->async_handshake(net::ssl::stream_base::client, as_values);
    if (refused) {
        co_return failed("TLS", refused);
    }
    co_return Result<>();
}

net::awaitable<Result<std::size_t>> Stream::read_some(net::mutable_buffer buffer) {
    boost::system::error_code error;
    std::size_t count = 0;
    if (tls_) {
        std::tie(error, count) = co_await tls_->async_read_some(buffer, as_values);
    } else {
        std::tie(error, count) = co_await socket_.async_read_some(buffer, as_values);
    }
    if (error) {
        co_return failed("reading", error);
    }
    co_return count;
}

net::awaitable<Result<>> Stream::write(net::const_buffer buffer) {
    boost::system::error_code error;
    std::size_t count = 0;
    if (tls_) {
        std::tie(error, count) = co_await net::async_write(*tls_, buffer, as_values);
    } else {
        std::tie(error, count) = co_await net::async_write(socket_, buffer, as_values);
    }
    if (error) {
        co_return failed("writing", error);
    }
    co_return Result<>();
}

bool Stream::has_waiting() const {
    boost::system::error_code error;
    return socket_.available(error) > 0 && !error;
}

void Stream::close() {
    closed_ = true;
    resolver_.cancel();
    boost::system::error_code ignored;
    socket_.shutdown(net::ip::tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
}

}  // namespace nuanshu::drivers::mqtt

#pragma once

#include <memory>
#include <optional>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>

#include "base/result.h"
#include "platform/drivers/mqtt/src/broker_url.h"

namespace nuanshu::drivers::mqtt {

namespace net = boost::asio;

/// A TCP connection to a broker, with TLS when its URL says mqtts. One thread; at most one read and one write at a
/// time.
class Stream {
 public:
    Stream(net::io_context& io, BrokerUrl url);

    /// Resolves, connects, shakes hands; the certificate has to be valid for the host's name. Errors: unavailable,
    /// invalid (the CA file).
    net::awaitable<Result<>> connect();
    /// At least one byte. Errors: unavailable.
    net::awaitable<Result<std::size_t>> read_some(net::mutable_buffer buffer);
    net::awaitable<Result<>> write(net::const_buffer buffer);

    /// Whether bytes have arrived that nobody has read (with TLS: perhaps).
    bool has_waiting() const;
    /// Ends whatever is going on; it fails then.
    void close();

 private:
    net::awaitable<Result<>> connect_socket();
    net::awaitable<Result<>> shake_hands();
    tl::unexpected<Error> failed(const char* doing, const boost::system::error_code& error) const;

    BrokerUrl url_;
    net::ip::tcp::resolver resolver_;
    net::ip::tcp::socket socket_;
    net::ssl::context tls_context_;
    std::optional<net::ssl::stream<net::ip::tcp::socket&>> tls_;
    bool closed_ = false;
};

}  // namespace nuanshu::drivers::mqtt

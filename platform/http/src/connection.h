#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "platform/http/src/shard.h"

namespace nuanshu::http {

/// Serves one accepted socket until either side ends it: requests one after the other, or live values after a WebSocket
/// handshake. Called on the shard's thread. `has_room` is false for a connection too many: it is told so and closed.
void serve_plain(Shard& shard, net::ip::tcp::socket socket, bool has_room);

/// The same over TLS; `tls` outlives the shard's connections.
void serve_tls(Shard& shard, net::ip::tcp::socket socket, net::ssl::context& tls, bool has_room);

}  // namespace nuanshu::http

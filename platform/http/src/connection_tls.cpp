#include "platform/http/src/connection.h"
#include "platform/http/src/stream_connection.h"

namespace nuanshu::http {

void serve_tls(Shard& shard, net::ip::tcp::socket socket, net::ssl::context& tls, bool has_room) {
    beast::ssl_stream<beast::tcp_stream> stream(beast::tcp_stream(std::move(socket)), tls);
    start_connection(shard, std::move(stream), has_room);
}

}  // namespace nuanshu::http

#include "platform/http/src/connection.h"
#include "platform/http/src/stream_connection.h"

namespace nuanshu::http {

void serve_plain(Shard& shard, net::ip::tcp::socket socket, bool has_room) {
    start_connection(shard, beast::tcp_stream(std::move(socket)), has_room);
}

}  // namespace nuanshu::http

#pragma once

// Only for the files that compile a connection for one kind of stream.

#include <boost/asio/write.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include "platform/http/src/live_connection.h"
#include "platform/http/src/problem.h"

namespace nuanshu::http {

template <class Stream>
constexpr bool is_tls = !std::is_same_v<Stream, beast::tcp_stream>;

/// What a request that could not be read is answered; nothing when the client went away or was too slow.
std::optional<Response> refusal_of(const beast::error_code& error);
/// What a request that was read is refused for before anybody looks at its path.
std::optional<Response> protocol_fault(const WireRequest& message);
/// How long this request's body may be.
std::uint64_t body_bytes_max_of(const Context& context, const WireRequest& message);

/// One HTTP/1.1 connection over `Stream`, a Beast TCP or TLS stream: requests one after the other until it ends.
template <class Stream>
class Connection {
 public:
    Connection(Shard& shard, Stream stream)
        : shard_(shard), stream_(std::move(stream)), entry_(shard, [this] { interrupt(); }) {
        beast::error_code ignored;
        const auto peer = beast::get_lowest_layer(stream_).socket().remote_endpoint(ignored);
        remote_ = ignored ? "?" : peer.address().to_string();
    }

    net::awaitable<void> run(bool has_room, std::shared_ptr<void> presence) {
        const bool greeted = co_await shake_hands();
        if (!greeted) {
            co_return;
        }
        if (!has_room) {
            co_await turn_away();
            co_return;
        }
        bool more = co_await read_message();
        while (more) {
            if (wants_live()) {
                co_await go_live(std::move(presence));
                co_return;
            }
            more = co_await answer_message();
            if (more) {
                more = co_await read_message();
            }
        }
        co_await close();
    }

 private:
    using Parser = beast::http::request_parser<beast::http::string_body>;
    static constexpr std::size_t buffer_bytes_max = 64 << 10;

    Context& context() { return shard_.context(); }
    const ServerSettings& settings() { return context().settings; }
    void allow_ms(std::int64_t patience_ms) {
        beast::get_lowest_layer(stream_).expires_after(std::chrono::milliseconds(patience_ms));
    }

    void interrupt() {
        if (live_) {
            live_->say_goodbye();
        } else if (idle_) {
            beast::get_lowest_layer(stream_).cancel();
        }
    }

    net::awaitable<bool> shake_hands() {
        if constexpr (is_tls<Stream>) {
            allow_ms(settings().transfer_ms);
            const auto [error] = co_await stream_.async_handshake(net::ssl::stream_base::server, quietly);
            co_return !error;
        }
        co_return true;
    }

    net::awaitable<void> turn_away() {
        Response response = problem(Error{ErrorCode::unavailable, "server", "too many connections; try again later"});
        response.headers.emplace_back("Retry-After", "5");
        co_await write_whole(std::move(response), false, 11, false);
        co_await close();
    }

    /// Waits for a request to begin, as long as a kept-alive connection may be idle.
    net::awaitable<bool> wait_for_bytes() {
        if (buffer_.size() > 0) {
            co_return !shard_.is_stopping();
        }
        if (shard_.is_stopping()) {
            co_return false;
        }
        idle_ = true;
        allow_ms(settings().idle_ms);
        const auto [error, bytes] = co_await stream_.async_read_some(buffer_.prepare(4096), quietly);
        idle_ = false;
        buffer_.commit(bytes);
        co_return !error;
    }

    /// Reads a whole request into message_; false when there is none, which has been answered if it could be.
    net::awaitable<bool> read_message() {
        const bool begun = co_await wait_for_bytes();
        if (!begun) {
            co_return false;
        }
        parser_.emplace();
        parser_->header_limit(settings().header_bytes_max);
        parser_->body_limit(boost::none);  // until the head tells what may come: read_parts() sets it
        const auto error = co_await read_parts();
        auto refusal = error ? refusal_of(error) : protocol_fault(parser_->get());
        if (refusal) {
            co_await write_whole(std::move(*refusal), false, 11, false);
        }
        if (error || refusal) {
            co_return false;
        }
        message_ = parser_->release();
        co_return true;
    }

    net::awaitable<beast::error_code> read_parts() {
        allow_ms(settings().transfer_ms);
        const auto [head_error, head_bytes] =
            co_await beast::http::async_read_header(stream_, buffer_, *parser_, quietly);
        if (head_error) {
            co_return head_error;
        }
        body_bytes_max_ = body_bytes_max_of(context(), parser_->get());
        parser_->body_limit(body_bytes_max_);
        if (parser_->content_length().value_or(0) > body_bytes_max_) {
            co_return beast::http::error::body_limit;
        }
        if (beast::iequals(parser_->get()[beast::http::field::expect], "100-continue")) {
            static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
            co_await net::async_write(stream_, net::buffer(go_on), quietly);
        }
        const auto [body_error, body_bytes] = co_await beast::http::async_read(stream_, buffer_, *parser_, quietly);
        co_return body_error;
    }

    bool wants_live() const {
        const std::string_view target = message_.target();
        return beast::websocket::is_upgrade(message_) && target.substr(0, target.find('?')) == "/api/v1/live";
    }

    net::awaitable<void> go_live(std::shared_ptr<void> presence) {
        WireRequest handshake = message_;
        const auto request = to_request(message_, remote_, is_tls<Stream>);
        Result<identity::Session> session;
        std::function<void()> look = [this, &request, &session] { session = admit(request); };
        co_await run_on(shard_.workers().general, std::move(look));
        if (!session) {
            auto refusal = problem(session.error());
            co_await write_whole(std::move(refusal), false, 11, false);
            co_await close();
            co_return;
        }
        live_ =
            std::make_shared<LiveConnection<Stream>>(shard_, std::move(stream_), session->token, std::move(presence));
        if (shard_.is_stopping()) {
            live_->say_goodbye();
        }
        co_await live_->run(std::move(handshake));
    }

    Result<identity::Session> admit(const Request& request) {
        try {
            return admit_live(context(), request);
        } catch (const std::exception& broken) {
            log_error("http", "live connection: {}", broken.what());
            return fail(ErrorCode::internal, "live connection", "a fault of the server; its log says more");
        }
    }

    net::thread_pool& pool_for(const Request& request) {
        const auto credentials = sent_password(request);
        const bool has_password = (request.method == "POST" && request.path.starts_with("/api/v1/session")) ||
                                  (credentials && !context().passwords->knows(*credentials));
        const bool writes_samples = request.changes_something() && body_bytes_max_ > settings().body_bytes_max;
        return has_password     ? shard_.workers().passwords
               : writes_samples ? shard_.workers().writers
                                : shard_.workers().general;
    }

    /// Answers message_; false when the connection is to end.
    net::awaitable<bool> answer_message() {
        const bool head_only = message_.method() == beast::http::verb::head;
        const unsigned version = message_.version();
        bool keep_alive = message_.keep_alive();
        const auto request = to_request(message_, remote_, is_tls<Stream>);
        Response response;
        std::string chunk;
        bool more = false;
        std::function<void()> work = [&] {
            response = answer(context(), request);
            more = response.next_chunk && begin_chunks(response, chunk);
        };
        co_await run_on(pool_for(request), std::move(work));
        keep_alive = keep_alive && !shard_.is_stopping();
        if (response.next_chunk) {
            co_return co_await write_chunks(std::move(response), std::move(chunk), more, keep_alive && version == 11,
                                            version, head_only);
        }
        co_return co_await write_whole(std::move(response), keep_alive, version, head_only);
    }

    /// The first piece is made before the status is sent: if that fails, there can still be a problem document.
    static bool begin_chunks(Response& response, std::string& chunk) {
        auto more = next_chunk(response, chunk);
        if (!more) {
            response = problem(more.error());
            return false;
        }
        return *more;
    }

    static Result<bool> next_chunk(const Response& response, std::string& chunk) {
        try {
            return response.next_chunk(chunk);
        } catch (const std::exception& broken) {
            log_error("http", "making an answer: {}", broken.what());
            return fail(ErrorCode::internal, "answer", "a fault of the server; its log says more");
        }
    }

    net::awaitable<bool> write_whole(Response response, bool keep_alive, unsigned version, bool head_only) {
        auto head = to_head(response, version, keep_alive, context().services.clock.now_ms());
        if (response.status != 204 && response.status != 304) {
            head.content_length(response.body.size());
        }
        beast::http::response<beast::http::string_body> message(std::move(head.base()));
        if (!head_only) {
            message.body() = std::move(response.body);
        }
        allow_ms(settings().transfer_ms);
        beast::http::response_serializer<beast::http::string_body> serializer(message);
        bool written = false;  // no co_await in `?:`: GCC 12 then lays the coroutine's frame out wrongly
        if (head_only) {
            const auto [error, bytes] = co_await beast::http::async_write_header(stream_, serializer, quietly);
            written = !error;
        } else {
            const auto [error, bytes] = co_await beast::http::async_write(stream_, serializer, quietly);
            written = !error;
        }
        co_return written&& keep_alive;
    }

    net::awaitable<bool> write_chunks(Response response, std::string chunk, bool more, bool keep_alive,
                                      unsigned version, bool head_only) {
        auto head = to_head(response, version, keep_alive, context().services.clock.now_ms());
        head.chunked(version == 11);
        beast::http::response_serializer<beast::http::empty_body> serializer(head);
        allow_ms(settings().transfer_ms);
        const auto [head_error, head_bytes] = co_await beast::http::async_write_header(stream_, serializer, quietly);
        if (head_error || head_only) {
            co_return !head_error && keep_alive;
        }
        bool whole = co_await write_chunk(chunk, version);
        while (whole && more) {
            chunk.clear();
            Result<bool> next;
            std::function<void()> make = [&] { next = next_chunk(response, chunk); };
            co_await run_on(shard_.workers().general, std::move(make));
            more = next.value_or(false);
            whole = next.has_value();
            if (whole) {
                whole = co_await write_chunk(chunk, version);
            }
        }
        if (!whole || version != 11) {
            co_return false;
        }
        const auto last = beast::http::make_chunk_last();
        const auto [last_error, last_bytes] = co_await net::async_write(stream_, last, quietly);
        co_return !last_error && keep_alive;
    }

    net::awaitable<bool> write_chunk(const std::string& chunk, unsigned version) {
        if (chunk.empty()) {
            co_return true;
        }
        allow_ms(settings().transfer_ms);
        if (version != 11) {
            const auto [plain_error, plain_bytes] = co_await net::async_write(stream_, net::buffer(chunk), quietly);
            co_return !plain_error;
        }
        const auto framed = beast::http::make_chunk(net::buffer(chunk));
        const auto [error, bytes] = co_await net::async_write(stream_, framed, quietly);
        co_return !error;
    }

    /// Sends what is left and waits a moment for the client to be done, so that it gets the answer rather than a reset.
    net::awaitable<void> close() {
        allow_ms(1'000);
        beast::error_code ignored;
        if constexpr (is_tls<Stream>) {
            co_await stream_.async_shutdown(quietly);
        } else {
            stream_.socket().shutdown(net::ip::tcp::socket::shutdown_send, ignored);
            if (!shard_.is_stopping()) {
                co_await drain();
            }
        }
        beast::get_lowest_layer(stream_).close();
    }

    net::awaitable<void> drain() {
        constexpr std::size_t most = 8 << 20;
        buffer_.clear();
        for (std::size_t drained = 0; drained < most;) {
            const auto [error, bytes] = co_await stream_.async_read_some(buffer_.prepare(16 << 10), quietly);
            if (error) {
                co_return;
            }
            drained += bytes;
        }
    }

    Shard& shard_;
    Stream stream_;
    std::string remote_;
    beast::flat_buffer buffer_{buffer_bytes_max};
    std::optional<Parser> parser_;
    WireRequest message_;
    std::uint64_t body_bytes_max_ = 0;  ///< of message_
    std::shared_ptr<LiveConnection<Stream>> live_;
    bool idle_ = false;
    Shard::Entry entry_;
};

/// Runs a connection to its end. It is counted as long as anything of it lives.
template <class Stream>
net::awaitable<void> serve_connection(std::shared_ptr<Connection<Stream>> connection, bool has_room,
                                      std::shared_ptr<void> presence) {
    co_await connection->run(has_room, std::move(presence));
}

template <class Stream>
void start_connection(Shard& shard, Stream stream, bool has_room) {
    const auto leave = [&count = shard.count()](void*) { count.leave(); };
    std::shared_ptr<void> presence(nullptr, leave);
    auto connection = std::make_shared<Connection<Stream>>(shard, std::move(stream));
    net::co_spawn(shard.io(), serve_connection(std::move(connection), has_room, std::move(presence)), log_broken);
}

}  // namespace nuanshu::http

#pragma once

// Only for the files that compile a connection for one kind of stream.

#include <deque>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

#include "base/log.h"
#include "platform/http/src/live_session.h"
#include "platform/http/src/shard.h"
#include "platform/http/src/wire.h"

namespace nuanshu::http {

/// For co_await: errors as the first part of a tuple.
inline constexpr auto quietly = net::as_tuple(net::use_awaitable);

/// What is done with a coroutine's last words.
inline void log_broken(std::exception_ptr broken) {
    try {
        if (broken) {
            std::rethrow_exception(broken);
        }
    } catch (const std::exception& exception) {
        log_error("http", "a connection broke: {}", exception.what());
    }
}

/// What a live session needs, taken from the services.
LiveSource live_source(const Services& services);

/// One live connection. A reader takes the client's messages; a writer alone writes, one frame at a time, and makes
/// each values frame only when the one before has left: so a slow client misses states, never gets old ones. Everything
/// runs on the shard's thread.
template <class Stream>
class LiveConnection : public std::enable_shared_from_this<LiveConnection<Stream>> {
 public:
    /// `presence` is let go when reader and writer have both ended.
    LiveConnection(Shard& shard, Stream stream, std::string token, std::shared_ptr<void> presence)
        : shard_(shard),
          socket_(std::move(stream)),
          token_(std::move(token)),
          presence_(std::move(presence)),
          session_(live_source(shard.context().services),
                   shard.context().services.metrics.counter("nuanshu_http_live_values_total",
                                                            "Values sent on live connections")),
          gauge_(shard.context().services.metrics.gauge("nuanshu_http_live_connections", "Open live connections")),
          wake_(shard.io()),
          drained_(shard.io()),
          watch_(shard.io()) {}

    /// From the handshake to the end.
    net::awaitable<void> run(WireRequest request) {
        const bool greeted = co_await shake_hands(std::move(request));
        if (!greeted) {
            co_return;
        }
        gauge_.add(1);
        const auto ticket = shard_.context().live->listen(listener());
        push(std::make_shared<const std::string>(session_.hello(shard_.context().settings.version)));
        net::co_spawn(shard_.io(), write_frames(this->shared_from_this()), log_broken);
        net::co_spawn(shard_.io(), watch_session(this->shared_from_this()), log_broken);
        co_await read_messages();
        finish();
        gauge_.add(-1);
    }

    /// Says goodbye and ends, as far as the client lets it.
    void say_goodbye() {
        goodbye_ = true;
        finish();
    }

 private:
    static constexpr std::size_t outbox_max = 256;
    static constexpr std::size_t replies_max = 16;  ///< a client that sends without reading is not read further
    static constexpr std::size_t message_bytes_max = 4 << 20;

    static std::int64_t steady_ms() {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::steady_clock::now().time_since_epoch())
            .count();
    }

    net::awaitable<bool> shake_hands(WireRequest request) {
        beast::get_lowest_layer(socket_).expires_never();
        beast::websocket::stream_base::timeout patience{std::chrono::seconds(10), std::chrono::seconds(60), true};
        socket_.set_option(patience);
        socket_.read_message_max(message_bytes_max);
        socket_.auto_fragment(false);
        socket_.text(true);
        const auto [error] = co_await socket_.async_accept(request, quietly);
        co_return !error;
    }

    /// News for all come from other threads: they are handed over to this one.
    LiveHub::Listener listener() {
        return [weak = this->weak_from_this(), &io = shard_.io()](const SharedFrame& frame) {
            net::post(io, [weak, frame] {
                if (const auto self = weak.lock()) {
                    self->push(frame);
                }
            });
        };
    }

    void push(SharedFrame frame) {
        if (outbox_.size() >= outbox_max) {
            finish();
            return;
        }
        outbox_.push_back(std::move(frame));
        wake_.cancel();
    }

    net::awaitable<void> read_messages() {
        beast::flat_buffer buffer(message_bytes_max);
        while (!closing_) {
            buffer.clear();
            const auto [error, bytes] = co_await socket_.async_read(buffer, quietly);
            if (error) {
                co_return;
            }
            const auto data = buffer.cdata();
            auto reply = session_.take({static_cast<const char*>(data.data()), data.size()}, steady_ms());
            if (!reply.empty()) {
                push(std::make_shared<const std::string>(std::move(reply)));
            }
            wake_.cancel();
            co_await wait_for_room();
        }
    }

    net::awaitable<void> wait_for_room() {
        while (outbox_.size() >= replies_max && !closing_) {
            drained_.expires_after(std::chrono::seconds(1));
            co_await drained_.async_wait(quietly);
        }
    }

    /// The frame to write next: what waits in the outbox first, then values; nothing when neither is there.
    const std::string* next_frame() {
        if (!outbox_.empty()) {
            in_hand_ = std::move(outbox_.front());
            outbox_.pop_front();
            drained_.cancel();
            return in_hand_.get();
        }
        return session_.write_due(steady_ms(), values_frame_) ? &values_frame_ : nullptr;
    }

    net::awaitable<void> wait_for_work() {
        const auto due_ms = session_.next_due_ms().value_or(steady_ms() + 3'600'000);
        wake_.expires_at(std::chrono::steady_clock::time_point(std::chrono::milliseconds(due_ms)));
        co_await wake_.async_wait(quietly);
    }

    static net::awaitable<void> write_frames(std::shared_ptr<LiveConnection> self) {
        while (!self->closing_) {
            const auto* frame = self->next_frame();
            if (frame == nullptr) {
                co_await self->wait_for_work();
                continue;
            }
            const auto [error, bytes] = co_await self->socket_.async_write(net::buffer(*frame), quietly);
            if (error) {
                break;
            }
        }
        if (self->goodbye_) {
            beast::websocket::close_reason reason(beast::websocket::close_code::going_away);
            co_await self->socket_.async_close(reason, quietly);
        }
        self->finish();
        beast::get_lowest_layer(self->socket_).close();
    }

    /// Ends the connection when its session has ended: signed out, or expired.
    static net::awaitable<void> watch_session(std::shared_ptr<LiveConnection> self) {
        bool ended = false;
        while (!self->closing_ && !ended) {
            self->watch_.expires_after(std::chrono::milliseconds(self->shard_.context().settings.session_check_ms));
            co_await self->watch_.async_wait(quietly);
            if (self->closing_) {
                co_return;
            }
            std::function<void()> look = [live = self.get(), &ended] { ended = live->session_has_ended(); };
            co_await run_on(self->shard_.workers().general, std::move(look));
        }
        self->finish();
    }

    bool session_has_ended() const {
        try {
            const auto session = shard_.context().services.identity.session(token_);
            return !session && session.error().code == ErrorCode::unauthenticated;
        } catch (const std::exception& broken) {
            log_error("http", "checking a live connection's session: {}", broken.what());
            return false;
        }
    }

    void finish() {
        closing_ = true;
        wake_.cancel();
        drained_.cancel();
        watch_.cancel();
    }

    Shard& shard_;
    beast::websocket::stream<Stream> socket_;
    std::string token_;
    std::shared_ptr<void> presence_;
    LiveSession session_;
    Gauge& gauge_;
    net::steady_timer wake_, drained_, watch_;
    std::deque<SharedFrame> outbox_;
    SharedFrame in_hand_;
    std::string values_frame_;
    bool closing_ = false;
    bool goodbye_ = false;
};

}  // namespace nuanshu::http

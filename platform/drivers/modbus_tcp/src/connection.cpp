#include "platform/drivers/modbus_tcp/src/connection.h"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/log.h"

namespace nuanshu::modbus_tcp {

namespace {

/// A connection on which nothing has come for so many questions may be dead without anybody having said so.
constexpr unsigned silent_in_a_row_max = 3;

}  // namespace

void log_failure(const std::exception_ptr& failure) {
    try {
        if (failure) {
            std::rethrow_exception(failure);
        }
    } catch (const std::exception& error) {
        log_error("drivers/modbus_tcp", "a conversation ended: {}", error.what());
    }
}

/// A question under way; its timer is cancelled when the answer is there.
struct Connection::Open {
    const Request& request;
    net::steady_timer timer;
    std::optional<Result<Reply>> answer;

    void close(Result<Reply> with) {
        answer = std::move(with);
        timer.cancel();
    }
};

Connection::Connection(tcp::socket socket, std::function<void()> on_broken)
    : socket_(std::move(socket)), on_broken_(std::move(on_broken)) {}

void Connection::start() {
    net::co_spawn(socket_.get_executor(), read_answers(shared_from_this()), log_failure);
}

net::awaitable<Result<Reply>> Connection::ask(std::shared_ptr<Connection> self, Request request,
                                              std::chrono::milliseconds timeout) {
    if (self->broken_) {
        co_return tl::unexpected<Error>(*self->broken_);
    }
    Open open{.request = request, .timer = net::steady_timer(self->socket_.get_executor(), timeout), .answer = {}};
    const auto transaction = self->new_transaction();
    const auto dropped_before = self->dropped_;
    self->open_[transaction] = &open;
    self->send(encode_request(transaction, request));
    if (!open.answer) {
        co_await open.timer.async_wait(as_result);
    }
    if (!open.answer) {
        self->open_.erase(transaction);
        co_return tl::unexpected<Error>(self->silence(timeout, dropped_before));
    }
    co_return std::move(*open.answer);
}

void Connection::break_off(Error why) {
    if (broken_) {
        return;
    }
    broken_ = std::move(why);
    boost::system::error_code ignored;
    socket_.close(ignored);
    for (const auto& [transaction, open] : open_) {
        open->close(tl::unexpected<Error>(*broken_));
    }
    open_.clear();
    on_broken_();
}

net::awaitable<void> Connection::read_answers(std::shared_ptr<Connection> self) {
    std::vector<std::uint8_t> chunk(4'096);
    std::vector<std::uint8_t> stream;
    while (!self->broken_) {
        const auto [error, size] = co_await self->socket_.async_read_some(net::buffer(chunk), as_result);
        if (error) {
            const bool closed = error == net::error::eof || error == net::error::connection_reset;
            const Error why = {ErrorCode::unavailable, "",
                               closed ? "the device closed the connection" : error.message()};
            self->break_off(why);
            co_return;
        }
        stream.insert(stream.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(size));
        self->take_answers(stream);
    }
}

void Connection::take_answers(std::vector<std::uint8_t>& stream) {
    std::size_t taken = 0;
    while (!broken_) {
        const auto frame = take_frame(std::span(stream).subspan(taken));
        if (!frame) {
            return break_off(frame.error());
        }
        if (!*frame) {
            break;
        }
        take_answer(**frame);
        taken += (*frame)->size;
    }
    stream.erase(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(taken));
}

void Connection::take_answer(const Frame& frame) {
    silent_in_a_row_ = 0;
    const auto found = open_.find(frame.transaction);
    if (found == open_.end()) {
        ++dropped_;
        return;
    }
    const Request& request = found->second->request;
    if (frame.unit != request.unit) {
        return break_off({ErrorCode::corrupt, to_string(request),
                          fmt::format("unit {} answers in place of unit {}", frame.unit, request.unit)});
    }
    auto reply = decode_reply(request, frame.data);
    if (!reply) {
        return break_off(within(fmt::format("{} unit {}", to_string(request), request.unit), reply.error()).value());
    }
    found->second->close(std::move(reply));
    open_.erase(found);
}

/// A question is a few bytes and few are open: what does not go into the socket's buffer at once will not go soon.
void Connection::send(const std::vector<std::uint8_t>& frame) {
    boost::system::error_code error;
    const std::size_t sent = socket_.write_some(net::buffer(frame), error);
    if (error || sent != frame.size()) {
        break_off({ErrorCode::unavailable, "",
                   fmt::format("nothing can be sent: {}", error ? error.message() : "the connection is clogged")});
    }
}

std::uint16_t Connection::new_transaction() {
    do {
        ++last_transaction_;
    } while (open_.contains(last_transaction_));
    return last_transaction_;
}

Error Connection::silence(std::chrono::milliseconds timeout, std::uint64_t dropped_before) {
    const auto dropped = dropped_ - dropped_before;
    Error error = {ErrorCode::timeout, "", fmt::format("no answer in {} ms", timeout.count())};
    if (dropped > 0) {
        error.what += fmt::format(" ({} late or foreign answers were dropped meanwhile)", dropped);
    }
    if (++silent_in_a_row_ >= silent_in_a_row_max) {
        break_off(
            {ErrorCode::unavailable, "", fmt::format("{} questions in a row got no answer", silent_in_a_row_max)});
    }
    return error;
}

}  // namespace nuanshu::modbus_tcp

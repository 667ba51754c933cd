#include "platform/drivers/mqtt/src/connection.h"

#include <algorithm>
#include <utility>

#include <boost/asio/co_spawn.hpp>

#include "base/log.h"

namespace nuanshu::drivers::mqtt {
namespace {

constexpr std::size_t read_size = 256 * 1024;

}  // namespace

Connection::Connection(net::io_context& io, const BrokerUrl& url, std::size_t packet_bytes_max)
    : io_(io),
      stream_(io, url),
      packet_bytes_max_(packet_bytes_max),
      in_(read_size),
      last_sent_(std::chrono::steady_clock::now()) {}

Result<std::optional<Frame>> Connection::next_packet() const {
    return find_frame(Bytes(in_).subspan(begin_, end_ - begin_), packet_bytes_max_);
}

// What is left of the last packet moves to the front; a packet that does not fit gets a larger buffer, up to the bound
// that next_packet() has checked.
void Connection::make_room() {
    std::copy(in_.begin() + static_cast<std::ptrdiff_t>(begin_), in_.begin() + static_cast<std::ptrdiff_t>(end_),
              in_.begin());
    end_ -= std::exchange(begin_, 0);
    if (end_ == in_.size()) {
        in_.resize(std::min(2 * in_.size(), packet_bytes_max_ + read_size));
    }
}

net::awaitable<Result<>> Connection::read_more() {
    make_room();
    listening_since_ = std::chrono::steady_clock::now();
    auto read = co_await stream_.read_some(net::buffer(in_.data() + end_, in_.size() - end_));
    listening_since_.reset();
    if (!read) {
        co_return tl::unexpected<Error>(std::move(read.error()));
    }
    end_ += *read;
    co_return Result<>();
}

void Connection::send() {
    if (writing_ || closed_ || out_.empty()) {
        return;
    }
    writing_ = true;
    net::co_spawn(io_, write_loop(), [self = shared_from_this()](std::exception_ptr failure) {
        if (failure) {
            log_error("drivers/mqtt", "writing to the broker ended by an exception");
            self->close();
        }
    });
}

net::awaitable<void> Connection::write_loop() {
    while (!out_.empty() && !closed_) {
        sending_.clear();
        std::swap(sending_, out_);
        const auto written = co_await stream_.write(net::buffer(sending_));
        last_sent_ = std::chrono::steady_clock::now();
        if (!written) {
            close();
        }
    }
    sending_.clear();
    writing_ = false;
    if (finishing_) {
        close();
    }
}

void Connection::finish() {
    finishing_ = true;
    if (!writing_ && out_.empty()) {
        close();
    }
    send();
}

void Connection::close() {
    closed_ = true;
    stream_.close();
}

}  // namespace nuanshu::drivers::mqtt

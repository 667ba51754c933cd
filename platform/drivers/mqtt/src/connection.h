#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include <boost/asio/steady_timer.hpp>

#include "platform/drivers/mqtt/src/packet.h"
#include "platform/drivers/mqtt/src/stream.h"

namespace nuanshu::drivers::mqtt {

/// One connection from its first byte to its last: packets in, packets out, and when each last moved. A new try is a
/// new connection, so nothing of the old one can disturb it. One thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
    using TimePoint = std::chrono::steady_clock::time_point;

    Connection(net::io_context& io, const BrokerUrl& url, std::size_t packet_bytes_max);

    net::awaitable<Result<>> connect() { return stream_.connect(); }

    /// The next whole packet, if it has been read already; valid until drop_packet(). Errors: as find_frame.
    Result<std::optional<Frame>> next_packet() const;
    /// Nothing before anything has come.
    std::optional<std::uint8_t> first_byte() const {
        return begin_ == end_ ? std::nullopt : std::optional(in_[begin_]);
    }
    void drop_packet(std::size_t size) { begin_ += size; }
    /// Reads what has come, at least a byte.
    net::awaitable<Result<>> read_more();
    bool has_waiting() const { return stream_.has_waiting(); }

    /// Append packets here, then send().
    Buffer& out() { return out_; }
    std::size_t unsent() const { return out_.size() + sending_.size(); }
    void send();
    /// Closes when everything has been written.
    void finish();
    void close();
    bool closed() const { return closed_; }

    /// Since when we have been waiting for the broker to say something; nothing while we do not listen.
    std::optional<TimePoint> listening_since() const { return listening_since_; }
    TimePoint last_sent() const { return last_sent_; }

 private:
    net::awaitable<void> write_loop();
    void make_room();

    net::io_context& io_;
    Stream stream_;
    const std::size_t packet_bytes_max_;
    Buffer in_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    Buffer out_;
    Buffer sending_;
    std::optional<TimePoint> listening_since_;
    TimePoint last_sent_;
    bool writing_ = false;
    bool finishing_ = false;
    bool closed_ = false;
};

}  // namespace nuanshu::drivers::mqtt

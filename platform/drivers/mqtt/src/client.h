#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/result.h"
#include "platform/drivers/mqtt/src/broker_url.h"
#include "platform/drivers/mqtt/src/confirmations.h"
#include "platform/drivers/mqtt/src/connection.h"
#include "platform/drivers/mqtt/src/packet.h"

namespace nuanshu::drivers::mqtt {

struct ClientSettings {
    BrokerUrl url;
    std::string client_id;
    bool clean_start = false;
    std::uint32_t session_expiry_s = 86'400;  ///< how long the broker keeps our messages while we are away
    std::uint16_t keep_alive_s = 20;
    std::uint16_t receive_maximum = 4'096;  ///< messages not yet acknowledged; then the broker waits
    std::uint32_t packet_bytes_max = 16 * 1024 * 1024;
};

/// What a client tells its owner, from its thread.
class ClientEvents {
 public:
    enum class Next { go_on, settle };

    virtual ~ClientEvents() = default;
    virtual std::optional<Will> will() = 0;
    /// Subscriptions have been sent, nothing is read from the broker until it returns; then comes connected().
    virtual net::awaitable<void> prepare(bool session_present) = 0;
    virtual void connected(bool session_present) = 0;
    /// Also when a connection could not be made. It will be tried again.
    virtual void disconnected(const Error& why) = 0;
    virtual void subscription_refused(const std::string& filter, const std::string& why) = 0;
    /// A message; one with a packet id is to be given to acknowledge() in its turn. `settle` asks for settle() before
    /// the next one.
    virtual Next received(const Publish& message) = 0;
    /// Whether settle() has anything to do.
    virtual bool unsettled() const = 0;
    /// Hands on what came; nothing is read from the broker until it returns.
    virtual net::awaitable<void> settle() = 0;
    /// About twice a second, connected or not.
    virtual void tick() = 0;
};

struct PublishOptions {
    std::uint8_t qos = 0;
    bool retain = false;
    std::uint32_t expiry_s = 0;
};

/// A client of MQTT 5 that acknowledges a message when it is told to, not when it has read it: the reason why it exists
/// (docs/decisions/0002). Keeps one session with one broker, connecting again with growing, jittered pauses. All
/// members in the io_context's thread.
class Client {
 public:
    using Done = Confirmations::Done;

    static constexpr std::size_t unconfirmed_max = 1'000;
    static constexpr std::size_t unsent_bytes_max = 4 * 1024 * 1024;

    Client(net::io_context& io, ClientSettings settings, ClientEvents& events);

    /// `owner` keeps the client and its events alive while anything is going on.
    void start(std::shared_ptr<void> owner);
    void subscribe(std::vector<Filter> filters);
    void unsubscribe(const std::vector<std::string>& filters);
    /// `done` is called once: with QoS 1 when the broker has taken the message, or not in 10 s, or cannot. Errors:
    /// unavailable (not connected, connection lost, nobody subscribed), exhausted, refused, timeout.
    void publish(std::string_view topic, Bytes payload, PublishOptions options, Done done);
    void acknowledge(std::span<const std::uint16_t> packet_ids);
    bool connected() const { return connected_; }
    /// Says goodbye, and connects no more.
    void stop();

 private:
    using Clock = std::chrono::steady_clock;

    net::awaitable<void> run();
    net::awaitable<void> tick_loop();
    net::awaitable<Error> one_connection();
    net::awaitable<Result<ConnectAck>> open(std::shared_ptr<Connection> connection);
    net::awaitable<Error> serve(std::shared_ptr<Connection> connection);
    net::awaitable<void> gather(std::shared_ptr<Connection> connection);
    void close_later(std::chrono::seconds time);
    net::awaitable<void> pause(std::chrono::milliseconds time);
    Result<ClientEvents::Next> take_packet(const Frame& frame);
    Result<> take_subscribe_ack(const Frame& frame);
    Error ended_by_broker(const Frame& frame);
    void send_subscriptions(std::span<const Filter> filters);
    void send_connect(Connection& connection);
    void keep_alive();
    void lose_connection(const Error& why);
    std::chrono::milliseconds next_pause(Clock::duration connected_for);
    std::uint16_t next_packet_id();

    net::io_context& io_;
    const ClientSettings settings_;
    ClientEvents& events_;
    std::shared_ptr<Connection> connection_;
    std::map<std::string, Filter> filters_;
    std::unordered_map<std::uint16_t, std::vector<std::string>> unconfirmed_filters_;
    Confirmations unconfirmed_;
    net::steady_timer pause_timer_;
    net::steady_timer tick_timer_;
    std::chrono::milliseconds pause_;
    std::chrono::seconds keep_alive_s_;
    std::minstd_rand random_;
    std::size_t unconfirmed_limit_ = unconfirmed_max;
    std::size_t packet_bytes_limit_ = remaining_length_max;
    std::uint16_t packet_id_ = 0;
    bool taken_over_ = false;
    bool connected_ = false;
    bool stopping_ = false;
};

}  // namespace nuanshu::drivers::mqtt

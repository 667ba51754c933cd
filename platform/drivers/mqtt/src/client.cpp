#include "platform/drivers/mqtt/src/client.h"

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "platform/drivers/mqtt/src/reason.h"

namespace nuanshu::drivers::mqtt {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto as_values = net::as_tuple(net::use_awaitable);
constexpr std::string_view room = "drivers/mqtt";

constexpr milliseconds first_pause{250};
constexpr milliseconds longest_pause{30'000};
constexpr milliseconds taken_over_pause{5'000};
constexpr seconds settled_after{5};
constexpr seconds open_within{10};
constexpr seconds confirm_within{10};
constexpr seconds goodbye_within{1};
constexpr milliseconds tick_every{500};
constexpr milliseconds gather_for{2};
constexpr std::size_t filters_a_packet = 100;
constexpr std::uint8_t session_taken_over = 0x8E;
constexpr std::uint8_t malformed_packet = 0x81;
constexpr std::uint8_t connect_ack_byte = 0x20;

/// Closes the connection when the time is over, unless it goes out of scope before.
class Deadline {
 public:
    Deadline(net::io_context& io, const std::shared_ptr<Connection>& connection, seconds within) : timer_(io, within) {
        timer_.async_wait([connection](boost::system::error_code cancelled) {
            if (!cancelled) {
                connection->close();
            }
        });
    }

 private:
    net::steady_timer timer_;
};

auto log_failure(std::shared_ptr<void> owner, std::string_view what) {
    return [owner = std::move(owner), what](std::exception_ptr failure) {
        if (!failure) {
            return;
        }
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& error) {
            log_error(room, "{} ended: {}", what, error.what());
        }
    };
}

}  // namespace

Client::Client(net::io_context& io, ClientSettings settings, ClientEvents& events)
    : io_(io),
      settings_(std::move(settings)),
      events_(events),
      unconfirmed_(settings_.url.endpoint()),
      pause_timer_(io),
      tick_timer_(io),
      pause_(first_pause),
      keep_alive_s_(settings_.keep_alive_s),
      random_(std::random_device()()) {}

void Client::start(std::shared_ptr<void> owner) {
    net::co_spawn(io_, run(), log_failure(owner, "the connection to a broker"));
    net::co_spawn(io_, tick_loop(), log_failure(owner, "the supervision of a broker"));
}

void Client::stop() {
    stopping_ = true;
    pause_timer_.cancel();
    tick_timer_.cancel();
    if (!connection_) {
        return;
    }
    if (connected_) {
        append_disconnect(connection_->out(), 0);
        connection_->finish();
        close_later(goodbye_within);
    } else {
        connection_->close();
    }
}

void Client::close_later(seconds time) {
    pause_timer_.expires_after(time);
    pause_timer_.async_wait([connection = connection_](boost::system::error_code cancelled) {
        if (!cancelled) {
            connection->close();
        }
    });
}

net::awaitable<void> Client::pause(milliseconds time) {
    pause_timer_.expires_after(time);
    co_await pause_timer_.async_wait(as_values);
}

milliseconds Client::next_pause(Clock::duration connected_for) {
    if (connected_for > settled_after) {
        pause_ = first_pause;
    }
    auto wait = std::exchange(pause_, std::min(2 * pause_, longest_pause));
    if (std::exchange(taken_over_, false)) {
        wait = std::max(wait, taken_over_pause);
    }
    // Between half and the whole of it, so that many clients do not come back at the same moment.
    return wait / 2 +
           milliseconds(static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(wait.count() / 2 + 1)));
}

net::awaitable<void> Client::run() {
    while (!stopping_) {
        const auto began = Clock::now();
        const Error why = co_await one_connection();
        const auto wait = next_pause(Clock::now() - began);
        co_await events_.settle();
        lose_connection(why);
        if (!stopping_) {
            co_await pause(wait);
        }
    }
}

void Client::lose_connection(const Error& why) {
    connected_ = false;
    pause_timer_.cancel();
    connection_->close();
    connection_.reset();
    unconfirmed_filters_.clear();
    unconfirmed_.lose(why.what);
    events_.disconnected(why);
}

net::awaitable<Error> Client::one_connection() {
    auto connection = std::make_shared<Connection>(io_, settings_.url, settings_.packet_bytes_max);
    connection_ = connection;
    const auto ack = co_await open(connection);
    if (!ack) {
        co_return ack.error();
    }
    keep_alive_s_ = seconds(ack->keep_alive_s.value_or(settings_.keep_alive_s));
    unconfirmed_limit_ = std::min<std::size_t>(unconfirmed_max, ack->receive_maximum);
    packet_bytes_limit_ = ack->packet_bytes_max;
    connected_ = true;
    std::vector<Filter> filters;
    for (const auto& [topics, filter] : filters_) {
        filters.push_back(filter);
    }
    send_subscriptions(filters);
    co_await events_.prepare(ack->session_present);
    events_.connected(ack->session_present);
    co_return co_await serve(connection);
}

void Client::send_connect(Connection& connection) {
    Connect connect{.client_id = settings_.client_id,
                    .user = settings_.url.user,
                    .password = settings_.url.password,
                    .keep_alive_s = settings_.keep_alive_s,
                    .clean_start = settings_.clean_start,
                    .session_expiry_s = settings_.session_expiry_s,
                    .receive_maximum = settings_.receive_maximum,
                    .packet_bytes_max = settings_.packet_bytes_max,
                    .will = events_.will()};
    append_connect(connection.out(), connect);
    connection.send();
}

net::awaitable<Result<ConnectAck>> Client::open(std::shared_ptr<Connection> connection) {
    const Deadline deadline(io_, connection, open_within);
    auto reached = co_await connection->connect();
    if (!reached) {
        co_return tl::unexpected<Error>(std::move(reached.error()));
    }
    send_connect(*connection);
    while (true) {
        if (connection->first_byte().value_or(connect_ack_byte) != connect_ack_byte) {
            co_return fail(ErrorCode::corrupt, settings_.url.endpoint(), "its first packet is no MQTT connect answer");
        }
        const auto frame = connection->next_packet();
        if (!frame) {
            co_return tl::unexpected<Error>(frame.error());
        }
        if (*frame) {
            auto ack = decode_connect_ack(**frame);
            connection->drop_packet((*frame)->size);
            if (ack && ack->reason != 0) {
                co_return fail(ErrorCode::refused, settings_.url.endpoint(), "{}",
                               describe_reason(ack->reason, ack->reason_text));
            }
            co_return ack;
        }
        auto read = co_await connection->read_more();
        if (!read) {
            co_return tl::unexpected<Error>(std::move(read.error()));
        }
    }
}

net::awaitable<Error> Client::serve(std::shared_ptr<Connection> connection) {
    while (true) {
        const auto frame = connection->next_packet();
        if (!frame) {
            append_disconnect(connection->out(), malformed_packet);
            connection->finish();
            co_return frame.error();
        }
        if (*frame) {
            const auto next = take_packet(**frame);
            if (!next) {
                co_return next.error();
            }
            connection->drop_packet((*frame)->size);
            if (*next == ClientEvents::Next::settle) {
                co_await events_.settle();
            }
            continue;
        }
        co_await gather(connection);
        const auto read = co_await connection->read_more();
        if (!read) {
            co_return read.error();
        }
    }
}

// All packets that were read have been taken. When nothing more is waiting, what comes within a moment still joins the
// batch.
net::awaitable<void> Client::gather(std::shared_ptr<Connection> connection) {
    if (!events_.unsettled() || connection->has_waiting()) {
        co_return;
    }
    net::steady_timer timer(io_, gather_for);
    co_await timer.async_wait(as_values);
    if (!connection->has_waiting()) {
        co_await events_.settle();
    }
}

Result<ClientEvents::Next> Client::take_packet(const Frame& frame) {
    auto next = ClientEvents::Next::go_on;
    switch (frame.type) {
        case PacketType::publish: {
            NUANSHU_TRY(const auto message, decode_publish(frame));
            next = events_.received(message);
            break;
        }
        case PacketType::publish_ack: {
            NUANSHU_TRY(const auto ack, decode_publish_ack(frame));
            unconfirmed_.confirm(ack);
            break;
        }
        case PacketType::subscribe_ack:
        case PacketType::unsubscribe_ack:
            NUANSHU_TRY_VOID(take_subscribe_ack(frame));
            break;
        case PacketType::disconnect:
            return tl::unexpected<Error>(ended_by_broker(frame));
        case PacketType::ping_answer:
            break;
        default:
            return fail(ErrorCode::corrupt, settings_.url.endpoint(), "a packet of type {} out of its place",
                        static_cast<unsigned>(frame.type));
    }
    return next;
}

Error Client::ended_by_broker(const Frame& frame) {
    const auto bye = decode_disconnect(frame);
    if (!bye) {
        return bye.error();
    }
    taken_over_ = bye->reason == session_taken_over;
    auto what = fmt::format("the broker ended the connection: {}", describe_reason(bye->reason, bye->reason_text));
    if (taken_over_) {
        what += fmt::format(
            "; another client calls itself `{}` too: give each platform its own ?client_id= in the broker's URL",
            settings_.client_id);
    }
    return {ErrorCode::unavailable, settings_.url.endpoint(), what};
}

Result<> Client::take_subscribe_ack(const Frame& frame) {
    NUANSHU_TRY(const auto ack, decode_subscribe_ack(frame));
    const auto found = unconfirmed_filters_.find(ack.packet_id);
    if (found == unconfirmed_filters_.end()) {
        return {};
    }
    const auto filters = std::move(found->second);
    unconfirmed_filters_.erase(found);
    for (std::size_t i = 0; i < std::min(filters.size(), ack.reasons.size()); ++i) {
        if (ack.reasons[i] >= first_refusal) {
            events_.subscription_refused(filters[i], describe_reason(ack.reasons[i], ""));
        }
    }
    return {};
}

std::uint16_t Client::next_packet_id() {
    do {
        ++packet_id_;
    } while (packet_id_ == 0 || unconfirmed_.awaits(packet_id_) || unconfirmed_filters_.contains(packet_id_));
    return packet_id_;
}

void Client::subscribe(std::vector<Filter> filters) {
    std::erase_if(filters, [&](const Filter& filter) { return !filters_.try_emplace(filter.topics, filter).second; });
    if (connected_) {
        send_subscriptions(filters);
    }
}

void Client::send_subscriptions(std::span<const Filter> filters) {
    while (!filters.empty()) {
        const auto some = filters.first(std::min(filters.size(), filters_a_packet));
        filters = filters.subspan(some.size());
        const auto id = next_packet_id();
        for (const auto& filter : some) {
            unconfirmed_filters_[id].push_back(filter.topics);
        }
        append_subscribe(connection_->out(), id, some);
    }
    connection_->send();
}

void Client::unsubscribe(const std::vector<std::string>& filters) {
    for (const auto& filter : filters) {
        filters_.erase(filter);
    }
    if (!connected_ || filters.empty()) {
        return;
    }
    for (std::span<const std::string> rest = filters; !rest.empty();) {
        const auto some = rest.first(std::min(rest.size(), filters_a_packet));
        rest = rest.subspan(some.size());
        append_unsubscribe(connection_->out(), next_packet_id(), some);
    }
    connection_->send();
}

void Client::publish(std::string_view topic, Bytes payload, PublishOptions options, Done done) {
    if (!connected_) {
        return tell(done, fail(ErrorCode::unavailable, settings_.url.endpoint(), "the broker is not connected"));
    }
    if (connection_->unsent() > unsent_bytes_max || unconfirmed_.size() >= unconfirmed_limit_) {
        return tell(done, fail(ErrorCode::exhausted, settings_.url.endpoint(),
                               "{} messages wait for the broker already", unconfirmed_.size()));
    }
    if (topic.size() + payload.size() + 32 > packet_bytes_limit_) {
        return tell(done, fail(ErrorCode::invalid, settings_.url.endpoint(), "{} bytes; the broker takes {}",
                               payload.size(), packet_bytes_limit_));
    }
    Publish message{
        .topic = topic, .payload = payload, .qos = options.qos, .retain = options.retain, .expiry_s = options.expiry_s};
    if (options.qos > 0) {
        message.packet_id = next_packet_id();
        unconfirmed_.await(message.packet_id, std::move(done), Clock::now() + confirm_within);
    }
    append_publish(connection_->out(), message);
    connection_->send();
    if (options.qos == 0) {
        tell(done, {});
    }
}

void Client::acknowledge(std::span<const std::uint16_t> packet_ids) {
    if (!connected_) {
        return;
    }
    for (const auto id : packet_ids) {
        append_publish_ack(connection_->out(), id);
    }
    connection_->send();
}

net::awaitable<void> Client::tick_loop() {
    while (!stopping_) {
        tick_timer_.expires_after(tick_every);
        co_await tick_timer_.async_wait(as_values);
        if (!stopping_) {
            keep_alive();
            unconfirmed_.expire(Clock::now());
            events_.tick();
        }
    }
}

void Client::keep_alive() {
    if (!connected_ || keep_alive_s_.count() == 0) {
        return;
    }
    const auto now = Clock::now();
    const auto since = connection_->listening_since();
    if (since && now - *since > keep_alive_s_ + keep_alive_s_ / 2) {
        log_warn(room, "{}: silent for {} s; connecting again", settings_.url.endpoint(),
                 keep_alive_s_.count() * 3 / 2);
        return connection_->close();
    }
    if (connection_->unsent() == 0 && now - connection_->last_sent() > keep_alive_s_ / 2) {
        append_ping(connection_->out());
        connection_->send();
    }
}

}  // namespace nuanshu::drivers::mqtt

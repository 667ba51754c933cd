#include "platform/drivers/mqtt/src/birth_lesson.h"

#include <chrono>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"

namespace nuanshu::drivers::mqtt {
namespace {

constexpr auto as_values = net::as_tuple(net::use_awaitable);
constexpr std::chrono::milliseconds quiet_for{1'500};

}  // namespace

BirthLesson::BirthLesson(net::io_context& io, ClientSettings settings, std::vector<Filter> filters, SparkplugHost& host)
    : host_(&host), client_(io, std::move(settings), *this), timer_(io), filters_(std::move(filters)) {}

net::awaitable<void> BirthLesson::run(std::vector<Outgoing> requests) {
    requests_ = std::move(requests);
    client_.subscribe(filters_);
    client_.start(shared_from_this());
    // Each birth puts the end off; stop() and the last birth bring it at once.
    timer_.expires_after(2 * quiet_for);
    bool waiting = true;
    while (waiting) {
        const auto due = timer_.expiry();
        co_await timer_.async_wait(as_values);
        waiting = host_ != nullptr && !host_->every_node_is_born() && timer_.expiry() != due;
    }
    stop();
}

void BirthLesson::stop() {
    host_ = nullptr;
    client_.stop();
    timer_.cancel();
}

net::awaitable<void> BirthLesson::prepare(bool) {
    co_return;
}

void BirthLesson::connected(bool) {
    for (const auto& request : requests_) {
        client_.publish(request.topic, request.payload, {}, nullptr);
    }
}

void BirthLesson::disconnected(const Error&) {}

void BirthLesson::subscription_refused(const std::string& filter, const std::string& why) {
    log_warn("drivers/mqtt", "subscription to {}: {}", filter, why);
}

ClientEvents::Next BirthLesson::received(const Publish& message) {
    if (message.packet_id != 0) {
        client_.acknowledge(std::span(&message.packet_id, 1));
    }
    const auto topic = parse_sparkplug_topic(message.topic);
    const bool birth =
        topic && (topic->message == SparkplugMessage::node_birth || topic->message == SparkplugMessage::device_birth);
    if (birth && host_ != nullptr) {
        scratch_ = Taken();
        host_->take(*topic, message.payload, message.duplicate, scratch_);
        timer_.expires_after(quiet_for);
    }
    return Next::go_on;
}

net::awaitable<void> BirthLesson::settle() {
    co_return;
}

}  // namespace nuanshu::drivers::mqtt

#include "platform/drivers/mqtt/src/peer_for_tests.h"

#include <chrono>
#include <cmath>
#include <stdexcept>

#include <gtest/gtest.h>
#include <mosquitto.h>
#include <sys/socket.h>

namespace nuanshu::drivers::mqtt::testing {
namespace {

constexpr std::chrono::seconds patience{10};

}  // namespace

bool WatchedIntake::offer(telemetry::RawBatch& batch) {
    std::function<void()> stored;
    {
        const std::scoped_lock lock(mutex_);
        if (refuses) {
            ++refusals;
            changed_.notify_all();
            return false;
        }
        auto& target = batch.historical ? historical : live;
        target.insert(target.end(), batch.samples.begin(), batch.samples.end());
        stored = std::move(batch.stored);
        batch = {};
        if (keeps_stored_back && stored) {
            kept_back_.push_back(std::exchange(stored, nullptr));
        }
        changed_.notify_all();
    }
    if (stored) {
        stored();
    }
    return true;
}

void WatchedIntake::set_communication(std::span<const PointId> points, bool ok) {
    const std::scoped_lock lock(mutex_);
    for (const auto point : points) {
        communication[point] = ok;
    }
    changed_.notify_all();
}

bool WatchedIntake::wait(const std::function<bool(const WatchedIntake&)>& condition) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return condition(*this); });
}

bool WatchedIntake::wait_for_samples(std::size_t count) const {
    return wait(
        [count](const WatchedIntake& intake) { return intake.live.size() + intake.historical.size() >= count; });
}

void WatchedIntake::release_stored() {
    std::vector<std::function<void()>> released;
    {
        const std::scoped_lock lock(mutex_);
        keeps_stored_back = false;
        released.swap(kept_back_);
    }
    for (const auto& stored : released) {
        stored();
    }
}

std::vector<telemetry::RawSample> WatchedIntake::all() const {
    const std::scoped_lock lock(mutex_);
    auto samples = live;
    samples.insert(samples.end(), historical.begin(), historical.end());
    return samples;
}

double WatchedIntake::value_of(PointId point) const {
    const std::scoped_lock lock(mutex_);
    const auto newest =
        std::find_if(live.rbegin(), live.rend(), [&](const auto& sample) { return sample.point == point; });
    return newest == live.rend() ? std::nan("") : newest->value;
}

Peer::Peer(int port, const std::string& subscription, const Message& will) {
    mosquitto_lib_init();
    client_ = mosquitto_new(nullptr, true, this);
    mosquitto_int_option(client_, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    mosquitto_message_callback_set(client_, on_message);
    const auto count_up = [](Peer* self, int Peer::*counter) {
        const std::scoped_lock lock(self->mutex_);
        ++(self->*counter);
        self->changed_.notify_all();
    };
    static const auto count = count_up;
    mosquitto_connect_callback_set(client_, [](mosquitto*, void* self, int code) {
        if (code == 0) {
            count(static_cast<Peer*>(self), &Peer::connected_);
        }
    });
    mosquitto_subscribe_callback_set(client_, [](mosquitto*, void* self, int, int, const int*) {
        count(static_cast<Peer*>(self), &Peer::subscribed_);
    });
    mosquitto_publish_callback_set(
        client_, [](mosquitto*, void* self, int) { count(static_cast<Peer*>(self), &Peer::published_); });
    if (!will.topic.empty()) {
        mosquitto_will_set(client_, will.topic.c_str(), static_cast<int>(will.payload.size()), will.payload.data(), 1,
                           false);
    }
    if (mosquitto_connect(client_, "127.0.0.1", port, 60) != MOSQ_ERR_SUCCESS) {
        throw std::runtime_error("the test's publisher finds no broker");
    }
    mosquitto_loop_start(client_);
    if (!subscription.empty()) {
        mosquitto_subscribe(client_, nullptr, subscription.c_str(), 1);
    }
    std::unique_lock lock(mutex_);
    const bool ready =
        changed_.wait_for(lock, patience, [&] { return connected_ > 0 && (subscription.empty() || subscribed_ > 0); });
    if (!ready) {
        throw std::runtime_error("the test's publisher was not let in");
    }
}

Peer::~Peer() {
    mosquitto_disconnect(client_);
    mosquitto_loop_stop(client_, false);
    mosquitto_destroy(client_);
    mosquitto_lib_cleanup();
}

void Peer::vanish() {
    shutdown(mosquitto_socket(client_), SHUT_RDWR);
}

void Peer::on_message(mosquitto*, void* self, const mosquitto_message* message) {
    auto& peer = *static_cast<Peer*>(self);
    const std::scoped_lock lock(peer.mutex_);
    peer.messages_.push_back(
        {message->topic, {static_cast<const char*>(message->payload), static_cast<std::size_t>(message->payloadlen)}});
    peer.changed_.notify_all();
}

void Peer::publish(const std::string& topic, const std::string& payload, int qos, bool retain) {
    std::unique_lock lock(mutex_);
    const int before = published_;
    lock.unlock();
    mosquitto_publish(client_, nullptr, topic.c_str(), static_cast<int>(payload.size()), payload.data(), qos, retain);
    lock.lock();
    if (!changed_.wait_for(lock, patience, [&] { return published_ > before; })) {
        throw std::runtime_error("the broker did not take the test's message");
    }
}

Message Peer::take(const std::string& topic) {
    std::unique_lock lock(mutex_);
    auto found = messages_.end();
    changed_.wait_for(lock, patience, [&] {
        found = std::find_if(messages_.begin(), messages_.end(),
                             [&](const auto& message) { return message.topic == topic; });
        return found != messages_.end();
    });
    if (found == messages_.end()) {
        return {};
    }
    Message message = std::move(*found);
    messages_.erase(found);
    return message;
}

std::size_t Peer::count(const std::string& topic) const {
    const std::scoped_lock lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(messages_.begin(), messages_.end(), [&](const auto& message) { return message.topic == topic; }));
}

SparkplugMetric metric(std::string_view name, SparkplugType type, double value) {
    SparkplugMetric made{.name = name, .type = static_cast<std::uint32_t>(type)};
    value_or_throw(set_metric_value(made, value));
    return made;
}

SparkplugMetric by_alias(std::uint64_t alias, SparkplugType type, double value) {
    auto made = metric("", type, value);
    made.alias = alias;
    made.has_alias = true;
    return made;
}

std::string payload_of(std::vector<SparkplugMetric> metrics, std::optional<std::uint64_t> sequence,
                       std::uint64_t timestamp_ms) {
    const SparkplugPayload payload{.timestamp_ms = timestamp_ms, .sequence = sequence, .metrics = std::move(metrics)};
    const auto bytes = encode_sparkplug(payload);
    return {bytes.begin(), bytes.end()};
}

}  // namespace nuanshu::drivers::mqtt::testing

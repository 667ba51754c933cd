#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "platform/drivers/mqtt/src/sparkplug_payload.h"
#include "platform/telemetry/intake.h"

struct mosquitto;
struct mosquitto_message;

/// What the tests of this room share: an intake that looks at everything, and a libmosquitto client as the other side.
namespace nuanshu::drivers::mqtt::testing {

/// Keeps what it is offered. May refuse batches, and may keep `stored` back.
class WatchedIntake final : public telemetry::Intake {
 public:
    bool offer(telemetry::RawBatch& batch) override;
    void set_communication(std::span<const PointId> points, bool ok) override;

    /// Whether the condition became true within 10 s; it is asked under the lock after each change.
    bool wait(const std::function<bool(const WatchedIntake&)>& condition) const;
    bool wait_for_samples(std::size_t count) const;
    /// Calls what was kept back, and keeps nothing back from now on.
    void release_stored();

    std::vector<telemetry::RawSample> all() const;
    /// The newest value of a point; NaN when there is none.
    double value_of(PointId point) const;

    std::atomic<bool> refuses{false};
    std::atomic<bool> keeps_stored_back{false};

    // Under the lock: for conditions.
    std::vector<telemetry::RawSample> live;
    std::vector<telemetry::RawSample> historical;
    std::map<PointId, bool> communication;
    std::size_t refusals = 0;

 private:
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::vector<std::function<void()>> kept_back_;
};

struct Message {
    std::string topic;
    std::string payload;
};

/// An independent MQTT 5 client. Its constructor returns when it is connected; it throws when that takes over 10 s.
class Peer {
 public:
    explicit Peer(int port, const std::string& subscription = "", const Message& will = {});
    ~Peer();
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    /// Returns when the broker has taken it (QoS 1).
    void publish(const std::string& topic, const std::string& payload, int qos = 1, bool retain = false);
    /// The first message on this topic that is not yet taken; waits up to 10 s, then it is empty.
    Message take(const std::string& topic);
    std::size_t count(const std::string& topic) const;
    /// The connection ends as when a cable breaks: the will goes out.
    void vanish();

 private:
    static void on_message(mosquitto* client, void* self, const mosquitto_message* message);

    mosquitto* client_;
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::vector<Message> messages_;
    int connected_ = 0;
    int subscribed_ = 0;
    int published_ = 0;
};

/// A metric as an edge node writes it.
SparkplugMetric metric(std::string_view name, SparkplugType type, double value);
SparkplugMetric by_alias(std::uint64_t alias, SparkplugType type, double value);
std::string payload_of(std::vector<SparkplugMetric> metrics, std::optional<std::uint64_t> sequence,
                       std::uint64_t timestamp_ms = 1'700'000'000'000);

}  // namespace nuanshu::drivers::mqtt::testing

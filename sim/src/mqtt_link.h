#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <poll.h>

#include "base/result.h"

struct mosquitto;
struct mosquitto_message;

namespace nuanshu::sim {

struct BrokerAddress {
    std::string host;
    int port = 1883;
    std::string user, password;  ///< "" for none
};

/// mqtt://[user:password@]host[:port]. Errors: invalid.
Result<BrokerAddress> read_mqtt_url(std::string_view url);

/// The broker as all links of a city see it: when it was not there, nobody tries again for some seconds.
struct Broker {
    BrokerAddress address;
    std::int64_t next_try_ms = 0;
};

/// Makes libmosquitto ready as long as it lives.
class MosquittoLibrary {
 public:
    MosquittoLibrary();
    ~MosquittoLibrary();
    MosquittoLibrary(const MosquittoLibrary&) = delete;
    MosquittoLibrary& operator=(const MosquittoLibrary&) = delete;
};

/// One MQTT 3.1.1 connection, driven from outside by poll(). Comes back by itself. Connecting to a broker on a silent
/// network may block for the system's time-out; the broker is meant to be near.
class MqttLink {
 public:
    struct Events {
        std::function<void(MqttLink&)> connecting;  ///< before each try: set the will
        std::function<void(MqttLink&)> connected;
        std::function<void(std::string_view topic, std::string_view payload)> message;
    };

    MqttLink(Broker& broker, std::string client_id, Events events);
    ~MqttLink();
    MqttLink(const MqttLink&) = delete;
    MqttLink& operator=(const MqttLink&) = delete;

    void set_will(const std::string& topic, const std::string& payload);
    /// False when not connected, or when 10 000 messages wait for their acknowledgement.
    bool publish(const std::string& topic, std::string_view payload, int qos);
    void subscribe(const std::string& topic, int qos);
    bool connected() const { return connected_; }
    bool can_publish() const { return connected_ && unacknowledged_ < unacknowledged_max; }
    int unacknowledged() const { return unacknowledged_; }

    /// fd −1 while there is no connection.
    pollfd wanted() const;
    void serve(short happened);
    void tick(std::int64_t now_ms);

    /// Breaks the connection without a DISCONNECT, so that the broker publishes the will, and stays away until mended.
    void set_cut(bool cut);

 private:
    static constexpr int unacknowledged_max = 10'000;

    void connect(std::int64_t now_ms);
    void lose();
    static void on_connect(mosquitto*, void* self, int code);
    static void on_message(mosquitto*, void* self, const mosquitto_message* message);
    static void on_publish(mosquitto*, void* self, int id);

    struct Free {
        void operator()(mosquitto* client) const;
    };

    Broker& broker_;
    Events events_;
    std::unique_ptr<mosquitto, Free> client_;
    bool open_ = false, connected_ = false, cut_ = false, lost_ = false;
    std::int64_t next_try_ms_ = 0;
    int unacknowledged_ = 0;
};

}  // namespace nuanshu::sim

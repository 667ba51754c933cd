#include "sim/src/mqtt_link.h"

#include <charconv>
#include <utility>

#include <mosquitto.h>
#include <sys/socket.h>

#include "base/log.h"

namespace nuanshu::sim {

namespace {

constexpr std::int64_t retry_ms = 3'000;
constexpr std::int64_t after_loss_ms = 1'000;
constexpr int keep_alive_s = 30;

MqttLink& link_of(void* self) {
    return *static_cast<MqttLink*>(self);
}

}  // namespace

Result<BrokerAddress> read_mqtt_url(std::string_view url) {
    constexpr std::string_view scheme = "mqtt://";
    if (!url.starts_with(scheme)) {
        return fail(ErrorCode::invalid, std::string(url), "mqtt://[user:password@]host[:port] is meant");
    }
    std::string_view rest = url.substr(scheme.size());
    BrokerAddress address;
    if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
        const auto colon = rest.substr(0, at).find(':');
        address.user = rest.substr(0, std::min(colon, at));
        address.password = colon == std::string_view::npos ? "" : rest.substr(colon + 1, at - colon - 1);
        rest.remove_prefix(at + 1);
    }
    const auto colon = std::min(rest.rfind(':'), rest.size());
    address.host = rest.substr(0, colon);
    const auto digits = rest.substr(std::min(colon + 1, rest.size()));
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
    const bool port_right = digits.empty() || (parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size());
    if (address.host.empty() || !port_right || address.port < 1 || address.port > 65'535) {
        return fail(ErrorCode::invalid, std::string(url), "mqtt://[user:password@]host[:port] is meant");
    }
    return address;
}

MosquittoLibrary::MosquittoLibrary() {
    mosquitto_lib_init();
}
MosquittoLibrary::~MosquittoLibrary() {
    mosquitto_lib_cleanup();
}

void MqttLink::Free::operator()(mosquitto* client) const {
    mosquitto_destroy(client);
}

MqttLink::MqttLink(Broker& broker, std::string client_id, Events events)
    : broker_(broker), events_(std::move(events)), client_(mosquitto_new(client_id.c_str(), true, this)) {
    mosquitto_connect_callback_set(client_.get(), &MqttLink::on_connect);
    mosquitto_message_callback_set(client_.get(), &MqttLink::on_message);
    mosquitto_publish_callback_set(client_.get(), &MqttLink::on_publish);
    if (!broker_.address.user.empty()) {
        mosquitto_username_pw_set(client_.get(), broker_.address.user.c_str(), broker_.address.password.c_str());
    }
}

MqttLink::~MqttLink() {
    if (connected_) {
        mosquitto_disconnect(client_.get());
        mosquitto_loop_write(client_.get(), 1);
    }
}

void MqttLink::on_connect(mosquitto*, void* self, int code) {
    auto& link = link_of(self);
    if (code != 0) {
        log_warn("sim", "MQTT broker refused: {}", mosquitto_connack_string(code));
        return;
    }
    link.connected_ = true;
    link.unacknowledged_ = 0;
    link.events_.connected(link);
}

void MqttLink::on_message(mosquitto*, void* self, const mosquitto_message* message) {
    if (link_of(self).events_.message) {
        link_of(self).events_.message(message->topic, {static_cast<const char*>(message->payload),
                                                       static_cast<std::size_t>(message->payloadlen)});
    }
}

void MqttLink::on_publish(mosquitto*, void* self, int) {
    --link_of(self).unacknowledged_;
}

void MqttLink::set_will(const std::string& topic, const std::string& payload) {
    mosquitto_will_clear(client_.get());
    mosquitto_will_set(client_.get(), topic.c_str(), static_cast<int>(payload.size()), payload.data(), 1, false);
}

bool MqttLink::publish(const std::string& topic, std::string_view payload, int qos) {
    if (!can_publish()) {
        return false;
    }
    const int sent = mosquitto_publish(client_.get(), nullptr, topic.c_str(), static_cast<int>(payload.size()),
                                       payload.data(), qos, false);
    unacknowledged_ += sent == MOSQ_ERR_SUCCESS ? 1 : 0;
    return sent == MOSQ_ERR_SUCCESS;
}

void MqttLink::subscribe(const std::string& topic, int qos) {
    mosquitto_subscribe(client_.get(), nullptr, topic.c_str(), qos);
}

pollfd MqttLink::wanted() const {
    const short events = static_cast<short>(POLLIN | (mosquitto_want_write(client_.get()) ? POLLOUT : 0));
    return {open_ ? mosquitto_socket(client_.get()) : -1, events, 0};
}

void MqttLink::serve(short happened) {
    int result = MOSQ_ERR_SUCCESS;
    if ((happened & (POLLIN | POLLERR | POLLHUP)) != 0) {
        result = mosquitto_loop_read(client_.get(), 1);
    }
    if (result == MOSQ_ERR_SUCCESS && (happened & POLLOUT) != 0) {
        result = mosquitto_loop_write(client_.get(), 1);
    }
    if (result != MOSQ_ERR_SUCCESS) {
        lose();
    }
}

void MqttLink::lose() {
    open_ = connected_ = false;
    lost_ = true;
}

void MqttLink::connect(std::int64_t now_ms) {
    events_.connecting(*this);
    const int result =
        mosquitto_connect(client_.get(), broker_.address.host.c_str(), broker_.address.port, keep_alive_s);
    open_ = result == MOSQ_ERR_SUCCESS;
    if (!open_) {
        log_warn("sim", "MQTT broker {}:{} is not there ({}); next try in {} s", broker_.address.host,
                 broker_.address.port, mosquitto_strerror(result), retry_ms / 1000);
        broker_.next_try_ms = now_ms + retry_ms;
    }
}

void MqttLink::tick(std::int64_t now_ms) {
    if (open_ && mosquitto_loop_misc(client_.get()) != MOSQ_ERR_SUCCESS) {
        lose();
    }
    if (std::exchange(lost_, false)) {
        next_try_ms_ = now_ms + after_loss_ms;
    }
    if (!open_ && !cut_ && now_ms >= std::max(next_try_ms_, broker_.next_try_ms)) {
        connect(now_ms);
    }
}

void MqttLink::set_cut(bool cut) {
    cut_ = cut;
    if (cut && open_) {
        shutdown(mosquitto_socket(client_.get()), SHUT_RDWR);
        lose();
    }
}

}  // namespace nuanshu::sim

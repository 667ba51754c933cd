#include "platform/drivers/mqtt/src/broker_link.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/host_name.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"

namespace nuanshu::drivers::mqtt {
namespace {

constexpr auto as_values = net::as_tuple(net::use_awaitable);
constexpr std::string_view room = "drivers/mqtt";
constexpr std::size_t batch_samples = 4'096;
constexpr std::size_t batch_messages = 512;
constexpr std::chrono::milliseconds offer_again{5};
constexpr std::uint32_t command_expiry_s = 10;

ClientSettings settings_for(BrokerUrl url) {
    ClientSettings settings;
    boost::system::error_code error;
    settings.client_id = url.client_id.empty() ? "nuanshu-" + net::ip::host_name(error) : url.client_id;
    settings.url = std::move(url);
    return settings;
}

std::vector<PointId> points_of(const DevicePlan& plan) {
    std::vector<PointId> points;
    std::visit(
        [&](const auto& format) {
            if constexpr (requires { format.bindings; }) {
                std::for_each(format.bindings.begin(), format.bindings.end(),
                              [&](const auto& b) { points.push_back(b.point); });
            } else {
                std::for_each(format.fields.begin(), format.fields.end(),
                              [&](const auto& f) { points.push_back(f.point); });
            }
        },
        plan.format);
    return points;
}

}  // namespace

BrokerLink::BrokerLink(const LinkContext& context, BrokerUrl url)
    : context_(context),
      settings_(settings_for(std::move(url))),
      client_(context.io, settings_, *this),
      retry_timer_(context.io) {}

void BrokerLink::start() {
    client_.start(shared_from_this());
}

void BrokerLink::stop() {
    stopping_ = true;
    if (lesson_) {
        lesson_->stop();
    }
    if (client_.connected() && has_sparkplug()) {
        publish_state(false);
    }
    retry_timer_.cancel();
    client_.stop();
}

std::vector<Filter> BrokerLink::filters_of(const DevicePlan& plan) const {
    std::vector<Filter> filters;
    for (const auto& topics : plan.filters) {
        filters.push_back({.topics = topics, .own_messages = false});
    }
    if (std::holds_alternative<SparkplugPlan>(plan.format)) {
        filters.push_back({.topics = state_topic(), .own_messages = true});
    }
    return filters;
}

void BrokerLink::add(DeviceKey key, DevicePlan plan, std::shared_ptr<DeviceMonitor> monitor) {
    const auto filters = filters_of(plan);
    auto points = points_of(plan);
    const bool first_sparkplug = !has_sparkplug();
    auto& device = devices_[key];
    device = {.plan = std::move(plan), .monitor = std::move(monitor), .points = std::move(points)};
    std::vector<std::string> faults;
    if (const auto* sparkplug = std::get_if<SparkplugPlan>(&device.plan.format)) {
        faults = sparkplug_.add(key, *sparkplug);
    } else if (const auto* json = std::get_if<JsonPlan>(&device.plan.format)) {
        faults = json_.add(key, *json);
    } else {
        faults = json_.add(key, std::get<ThingsBoardPlan>(device.plan.format));
    }
    for (auto& fault : faults) {
        device.monitor->failed(std::move(fault));
    }
    for (const auto& filter : filters) {
        ++filter_uses_[filter.topics];
    }
    device.monitor->request_sent();
    client_.subscribe(filters);
    if (client_.connected()) {
        if (device.sparkplug() && first_sparkplug) {
            publish_state(true);
        }
        ask_for_rebirths();
    }
}

void BrokerLink::remove(DeviceKey key) {
    const auto found = devices_.find(key);
    if (found == devices_.end()) {
        return;
    }
    std::vector<std::string> unused;
    for (const auto& filter : filters_of(found->second.plan)) {
        if (--filter_uses_[filter.topics] == 0) {
            filter_uses_.erase(filter.topics);
            unused.push_back(filter.topics);
        }
    }
    client_.unsubscribe(unused);
    sparkplug_.remove(key);
    json_.remove(key);
    devices_.erase(found);
}

bool BrokerLink::has_sparkplug() const {
    return std::any_of(devices_.begin(), devices_.end(), [](const auto& device) { return device.second.sparkplug(); });
}

std::string BrokerLink::state_topic() const {
    return fmt::format("{}/STATE/{}", sparkplug_namespace, settings_.client_id);
}

std::string BrokerLink::state_payload(bool online) const {
    return fmt::format(R"({{"online":{},"timestamp":{}}})", online, state_time_ms_);
}

// A Sparkplug birth and its will carry the same time, so that edge nodes see which will belongs to which birth.
std::optional<Will> BrokerLink::will() {
    if (!has_sparkplug()) {
        return std::nullopt;
    }
    state_time_ms_ = context_.clock.now_ms();
    return Will{.topic = state_topic(), .payload = state_payload(false)};
}

void BrokerLink::publish_state(bool online) {
    const auto payload = state_payload(online);
    const PublishOptions options{.qos = 1, .retain = true};
    client_.publish(state_topic(), {reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size()}, options,
                    nullptr);
}

// The will of an earlier connection may arrive after this one has said that it is online: then say it again.
bool BrokerLink::take_own_state(const Publish& message) {
    if (message.topic != state_topic()) {
        return false;
    }
    const std::string_view text(reinterpret_cast<const char*>(message.payload.data()), message.payload.size());
    if (text.find("false") != std::string_view::npos) {
        publish_state(true);
    }
    return true;
}

net::awaitable<void> BrokerLink::prepare(bool session_present) {
    if (!session_present && was_connected_) {
        sparkplug_.forget_births();
    }
    if (!session_present || sparkplug_.every_node_is_born()) {
        co_return;
    }
    ClientSettings settings = settings_;
    settings.client_id += "-births";
    settings.clean_start = true;
    settings.session_expiry_s = 0;
    std::vector<Filter> filters;
    for (const auto& [key, device] : devices_) {
        if (device.sparkplug()) {
            for (const auto& topics : device.plan.filters) {
                if (topics.find("BIRTH/") != std::string::npos) {
                    filters.push_back({.topics = topics, .own_messages = false});
                }
            }
        }
    }
    lesson_ = std::make_shared<BirthLesson>(context_.io, settings, std::move(filters), sparkplug_);
    auto requests = sparkplug_.rebirth_requests(steady_ms(), context_.clock.now_ms());
    co_await lesson_->run(std::move(requests));
    lesson_.reset();
    sparkplug_.forget_sequences();
}

void BrokerLink::connected(bool) {
    for (auto& [key, device] : devices_) {
        if (was_connected_) {
            device.monitor->reconnected();
        }
        device.monitor->request_sent();
        if (!device.sparkplug()) {
            context_.intake.set_communication(device.points, true);
            device.monitor->set_state(device.answered ? DeviceState::online : DeviceState::starting);
            device.online = device.answered;
        }
    }
    was_connected_ = true;
    last_failure_.clear();
    taken_.clear_message();
    sparkplug_.tell_all(taken_);
    tell_devices();
    if (has_sparkplug()) {
        publish_state(true);
    }
    ask_for_rebirths();
    log_info(room, "{}: connected as {}", settings_.url.endpoint(), settings_.client_id);
}

void BrokerLink::disconnected(const Error& why) {
    acknowledgements_.forget();
    open_ids_.clear();
    if (!stopping_ && why.message() != last_failure_) {
        silence_all(why);
    }
}

void BrokerLink::silence_all(const Error& why) {
    last_failure_ = why.message();
    log_warn(room, "{}", last_failure_);
    for (auto& [key, device] : devices_) {
        device.monitor->failed(last_failure_);
        device.monitor->set_state(DeviceState::offline);
        device.online = false;
        context_.intake.set_communication(device.points, false);
    }
}

void BrokerLink::subscription_refused(const std::string& filter, const std::string& why) {
    for (auto& [key, device] : devices_) {
        const auto& filters = device.plan.filters;
        if (std::find(filters.begin(), filters.end(), filter) != filters.end()) {
            device.monitor->failed(fmt::format("the broker refuses the subscription to {}: {}", filter, why));
            device.monitor->set_state(DeviceState::offline);
        }
    }
}

bool BrokerLink::route(const Publish& message) {
    if (const auto topic = parse_sparkplug_topic(message.topic)) {
        return sparkplug_.take(*topic, message.payload, message.duplicate, taken_);
    }
    return json_.take(message.topic, message.payload, taken_) || take_own_state(message);
}

ClientEvents::Next BrokerLink::received(const Publish& message) {
    context_.messages.add();
    taken_.clear_message();
    ++open_messages_;
    if (message.packet_id != 0) {
        open_ids_.push_back(message.packet_id);
    }
    if (!route(message)) {
        context_.unrouted.add();
        log_debug(room, "{}: no device wants topic {}", settings_.url.endpoint(), printable(message.topic));
    }
    tell_devices();
    const bool full = taken_.samples() >= batch_samples || open_messages_ >= batch_messages;
    return full || !silenced_.empty() ? Next::settle : Next::go_on;
}

void BrokerLink::tell_devices() {
    for (const auto& [key, samples] : taken_.counts) {
        auto& device = devices_.at(key);
        device.answered = true;
        device.monitor->answered();
        device.monitor->samples_taken(samples);
        if (!device.sparkplug() && !device.online && samples > 0) {
            device.online = true;
            device.monitor->set_state(DeviceState::online);
        }
    }
    for (auto& [key, text] : taken_.faults) {
        devices_.at(key).monitor->failed(std::move(text));
    }
    for (const auto& [key, state] : taken_.states) {
        devices_.at(key).monitor->set_state(state);
    }
    for (auto& change : taken_.communications) {
        if (change.ok) {
            context_.intake.set_communication(change.points, true);
        } else {
            silenced_.push_back(std::move(change));  // after the samples that came before
        }
    }
    taken_.clear_message();
}

bool BrokerLink::unsettled() const {
    return open_messages_ > 0 || !silenced_.empty();
}

std::function<void()> BrokerLink::when_stored(std::uint64_t group) {
    return [door = context_.door, link = weak_from_this(), group] {
        door->post([link, group] {
            if (const auto alive = link.lock()) {
                alive->stored(group);
            }
        });
    };
}

void BrokerLink::stored(std::uint64_t group) {
    acknowledgements_.stored(group);
    acknowledge_ready();
}

void BrokerLink::acknowledge_ready() {
    const auto ready = acknowledgements_.take_ready();
    if (!ready.empty()) {
        client_.acknowledge(ready);
    }
}

std::vector<telemetry::RawBatch> BrokerLink::close_batches() {
    std::vector<telemetry::RawBatch> batches;
    for (auto* samples : {&taken_.live, &taken_.historical}) {
        if (!samples->empty()) {
            auto& batch = batches.emplace_back();
            batch.historical = samples == &taken_.historical;
            batch.received_ms = context_.clock.now_ms();
            batch.samples = std::exchange(*samples, {});
            samples->reserve(batch.samples.size());
        }
    }
    open_messages_ = 0;
    const auto parts = static_cast<unsigned>(batches.size());
    const auto group = acknowledgements_.close_group(std::exchange(open_ids_, {}), parts);
    for (auto& batch : batches) {
        batch.stored = when_stored(group);
    }
    return batches;
}

net::awaitable<void> BrokerLink::settle() {
    auto batches = close_batches();
    acknowledge_ready();
    for (auto& batch : batches) {
        while (!stopping_ && !context_.intake.offer(batch)) {
            context_.waits.add();
            retry_timer_.expires_after(offer_again);
            co_await retry_timer_.async_wait(as_values);
        }
    }
    for (const auto& change : std::exchange(silenced_, {})) {
        context_.intake.set_communication(change.points, change.ok);
    }
}

void BrokerLink::tick() {
    if (client_.connected() && was_connected_ && !lesson_) {
        ask_for_rebirths();
    }
}

void BrokerLink::ask_for_rebirths() {
    for (const auto& request : sparkplug_.rebirth_requests(steady_ms(), context_.clock.now_ms())) {
        client_.publish(request.topic, request.payload, {}, nullptr);
    }
}

Result<Outgoing> BrokerLink::command(const Device& device, PointId point, double value) const {
    return device.sparkplug() ? sparkplug_.command(point, value, context_.clock.now_ms()) : json_.command(point, value);
}

// Quality of service 1 tells us that the broker has taken it; that the device obeys is seen in its values. A command
// that the device cannot get within seconds is forgotten by the broker, lest it acts long after anybody wants it.
void BrokerLink::write(DeviceKey key, PointId point, double value, Done done) {
    const auto& device = devices_.at(key);
    const auto message = command(device, point, value);
    if (!message) {
        return done(tl::unexpected<Error>(message.error()));
    }
    device.monitor->request_sent();
    const auto began_ns = context_.clock.steady_ns();
    const PublishOptions options{.qos = 1, .retain = false, .expiry_s = command_expiry_s};
    client_.publish(
        message->topic, message->payload, options,
        [began_ns, &clock = context_.clock, monitor = device.monitor, done = std::move(done)](Result<> result) {
            if (result) {
                monitor->answered(static_cast<double>(clock.steady_ns() - began_ns) / 1e6);
            } else {
                monitor->failed("write: " + result.error().message());
            }
            done(std::move(result));
        });
}

}  // namespace nuanshu::drivers::mqtt

#include "platform/http/src/live_session.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <boost/json.hpp>

#include "platform/http/src/json_writer.h"
#include "platform/http/src/schema.h"

namespace nuanshu::http {
namespace {

constexpr auto never_sent = std::numeric_limits<std::uint64_t>::max();

std::string error_frame(std::string_view text) {
    JsonWriter json;
    json.object().member("op", "error").member("text", text).end();
    return json.take();
}

std::string describe(const std::vector<records::FieldFault>& faults) {
    std::string text;
    for (const auto& fault : faults) {
        text +=
            fmt::format("{}{}{}{}", text.empty() ? "" : "; ", fault.field, fault.field.empty() ? "" : ": ", fault.text);
    }
    return text;
}

Schema subscribe_schema() {
    return object_schema({{"op", text_schema()},
                          {"id", text_schema().at_most(LiveSession::id_bytes_max)},
                          {"points", array_schema(text_schema()).at_most(LiveSession::points_max)},
                          {"every_ms", integer_schema().between(50, 60'000), false}});
}

Schema unsubscribe_schema() {
    return object_schema({{"op", text_schema()}, {"id", text_schema().at_most(LiveSession::id_bytes_max)}});
}

Schema ping_schema() {
    return object_schema({{"op", text_schema()}, {"n", integer_schema()}});
}

std::optional<boost::json::object> parse_object(std::string_view message) {
    boost::system::error_code error;
    auto value = boost::json::parse(message, error);
    return !error && value.is_object() ? std::optional(std::move(value.get_object())) : std::nullopt;
}

/// The schema of a message's operation; nothing when there is no such operation.
std::optional<Schema> schema_of(const boost::json::object& message) {
    const auto* op = message.if_contains("op");
    const auto name = op != nullptr && op->is_string() ? std::string_view(op->get_string()) : "";
    return name == "subscribe"     ? std::optional(subscribe_schema())
           : name == "unsubscribe" ? std::optional(unsubscribe_schema())
           : name == "ping"        ? std::optional(ping_schema())
                                   : std::nullopt;
}

void append_row(std::string& frame, std::size_t index, const telemetry::CurrentValue& value) {
    const bool has_value = value.quality != Quality::never && value.quality != Quality::not_a_number;
    frame += '[';
    append_number(frame, static_cast<std::uint64_t>(index));
    frame += ',';
    append_number(frame, value.time_ms);
    frame += ',';
    append_number(frame, has_value ? value.value : std::numeric_limits<double>::quiet_NaN());
    frame += ',';
    append_number(frame, static_cast<std::uint64_t>(value.quality));
    frame += "],";
}

}  // namespace

struct LiveSession::Wish {
    std::string id;
    std::vector<std::string_view> codes;
    std::int64_t every_ms;
};

std::string LiveSession::hello(std::string_view version) const {
    JsonWriter json;
    json.object().member("op", "hello").member("now_ms", source_.now_ms()).member("version", version).end();
    return json.take();
}

std::string LiveSession::take(std::string_view message, std::int64_t steady_ms) {
    const auto object = parse_object(message);
    const auto schema = object ? schema_of(*object) : std::nullopt;
    if (!schema) {
        return error_frame("a JSON object is wanted, with `op` subscribe, unsubscribe or ping");
    }
    if (const auto faults = check(*object, *schema); !faults.empty()) {
        return error_frame(describe(faults));
    }
    const std::string_view op = object->at("op").get_string();
    if (op == "ping") {
        JsonWriter json;
        json.object()
            .member("op", "pong")
            .member("n", object->at("n").get_int64())
            .member("now_ms", source_.now_ms())
            .end();
        return json.take();
    }
    std::string id(std::string_view(object->at("id").get_string()));
    if (op == "unsubscribe") {
        subscriptions_.erase(id);
        return "";
    }
    const auto* every = object->if_contains("every_ms");
    Wish wish{.id = std::move(id), .codes = {}, .every_ms = every == nullptr ? 1'000 : every->get_int64()};
    for (const auto& code : object->at("points").get_array()) {
        wish.codes.emplace_back(code.get_string());
    }
    return subscribe(std::move(wish), steady_ms);
}

std::size_t LiveSession::points_without(std::string_view id) const {
    std::size_t count = 0;
    for (const auto& [name, subscription] : subscriptions_) {
        count += name == id ? 0 : subscription.points.size();
    }
    return count;
}

std::string LiveSession::subscribe(Wish wish, std::int64_t steady_ms) {
    if (points_without(wish.id) + wish.codes.size() > points_max) {
        return error_frame(fmt::format("{}: more than {} points on this connection", wish.id, points_max));
    }
    if (subscriptions_.size() >= subscriptions_max && !subscriptions_.contains(wish.id)) {
        return error_frame(
            fmt::format("{}: more than {} subscriptions on this connection", wish.id, subscriptions_max));
    }
    Subscription subscription{.points = {}, .changes = {}, .every_ms = wish.every_ms, .due_ms = steady_ms};
    JsonWriter json;
    json.object().member("op", "subscribed").member("id", wish.id).key("unknown").array();
    for (const auto code : wish.codes) {
        subscription.points.push_back(source_.find_point(code));
        if (!subscription.points.back()) {
            json.item(code);
        }
    }
    json.end().end();
    subscription.changes.assign(subscription.points.size(), never_sent);
    subscriptions_.insert_or_assign(std::move(wish.id), std::move(subscription));
    return json.take();
}

std::optional<std::int64_t> LiveSession::next_due_ms() const {
    std::optional<std::int64_t> next;
    for (const auto& [id, subscription] : subscriptions_) {
        next = next ? std::min(*next, subscription.wake_ms()) : subscription.wake_ms();
    }
    return next;
}

bool LiveSession::write_due(std::int64_t steady_ms, std::string& frame) {
    while (true) {
        const auto first =
            std::min_element(subscriptions_.begin(), subscriptions_.end(),
                             [](const auto& a, const auto& b) { return a.second.wake_ms() < b.second.wake_ms(); });
        if (first == subscriptions_.end() || first->second.wake_ms() > steady_ms) {
            return false;
        }
        if (write_values(first->first, first->second, steady_ms, frame)) {
            return true;
        }
    }
}

bool LiveSession::write_values(const std::string& id, Subscription& subscription, std::int64_t steady_ms,
                               std::string& frame) {
    frame = R"({"op":"values","id":)";
    append_text(frame, id);
    frame += R"(,"now_ms":)";
    append_number(frame, source_.now_ms());
    frame += R"(,"values":[)";
    const auto rows = append_if_due(subscription, steady_ms, frame);
    const bool tells = rows > 0 || subscription.is_new || steady_ms - subscription.sent_ms >= heartbeat_ms;
    if (!tells) {
        return false;
    }
    if (rows > 0) {
        frame.pop_back();
    }
    frame += "]}";
    subscription.is_new = false;
    subscription.sent_ms = steady_ms;
    values_sent_.add(rows);
    return true;
}

std::size_t LiveSession::append_if_due(Subscription& subscription, std::int64_t steady_ms, std::string& frame) {
    if (subscription.due_ms > steady_ms) {
        return 0;
    }
    const auto on_time = subscription.due_ms + subscription.every_ms;
    subscription.due_ms = on_time > steady_ms ? on_time : steady_ms + subscription.every_ms;
    return append_changed(subscription, frame);
}

std::size_t LiveSession::append_changed(Subscription& subscription, std::string& frame) {
    values_.resize(subscription.points.size());
    source_.read_current(subscription.points, values_);
    std::size_t rows = 0;
    for (std::size_t i = 0; i < values_.size(); ++i) {
        if (!subscription.points[i] || values_[i].change == subscription.changes[i]) {
            continue;
        }
        subscription.changes[i] = values_[i].change;
        append_row(frame, i, values_[i]);
        ++rows;
    }
    return rows;
}

}  // namespace nuanshu::http

#include "platform/drivers/mqtt/src/json_routes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/time.h"

namespace nuanshu::drivers::mqtt {
namespace {

namespace json = boost::json;

constexpr std::size_t depth_max = 32;

/// The fields of one device that come on one topic.
struct JsonPart {
    DeviceKey device = 0;
    JsonPath time;
    std::vector<JsonPlan::Field> fields;
};

struct ThingsBoardField {
    PointId point;
    DeviceKey device = 0;
};

struct TopicRoute {
    std::vector<JsonPart> parts;
    TextMap<TextMap<ThingsBoardField>> things;  ///< device name → key
    std::vector<DeviceKey> thing_owners;

    bool empty() const { return parts.empty() && thing_owners.empty(); }
};

struct WritePlace {
    DeviceKey device = 0;
    std::string topic;
    std::string name;
};

const json::value* find_step(const json::value& value, std::string_view step) {
    if (const auto* object = value.if_object()) {
        return object->if_contains({step.data(), step.size()});
    }
    const auto* array = value.if_array();
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
    if (array == nullptr || error != std::errc() || end != step.data() + step.size() || index >= array->size()) {
        return nullptr;
    }
    return &(*array)[index];
}

const json::value* find_path(const json::value& value, const JsonPath& path) {
    const json::value* at = &value;
    for (const auto& step : path) {
        at = find_step(*at, step);
        if (at == nullptr) {
            return nullptr;
        }
    }
    return at;
}

std::optional<double> number_in_text(std::string_view text) {
    double number = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(number)
                                                                                     : std::nullopt;
}

std::optional<double> number_in(const json::value& value) {
    switch (value.kind()) {
        case json::kind::bool_:
            return value.get_bool() ? 1.0 : 0.0;
        case json::kind::int64:
            return static_cast<double>(value.get_int64());
        case json::kind::uint64:
            return static_cast<double>(value.get_uint64());
        case json::kind::double_:
            return value.get_double();
        case json::kind::string:
            return number_in_text(value.get_string());
        default:
            return std::nullopt;
    }
}

/// Unix seconds or milliseconds as a number or text, or RFC 3339. Numbers below 10^11 are seconds, with or without a
/// fraction.
std::optional<std::int64_t> time_in(const json::value& value) {
    constexpr double seconds_below = 1e11;
    if (value.is_string()) {
        const auto time = parse_time(std::string_view(value.get_string()));
        return time ? std::optional(*time) : std::nullopt;
    }
    const auto number = value.is_bool() ? std::nullopt : number_in(value);
    if (!number || !(std::abs(*number) < 1e18)) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(std::llround(std::abs(*number) < seconds_below ? *number * 1000 : *number));
}

/// Appends the sample; false when the value is no number.
bool append_sample(PointId point, const json::value& value, std::int64_t time_ms, Taken& taken) {
    if (value.is_null()) {
        taken.live.push_back({point, Quality::device_fault, time_ms, 0.0});
        return true;
    }
    const auto number = number_in(value);
    if (number) {
        taken.live.push_back({point, Quality::good, time_ms, *number});
    }
    return number.has_value();
}

std::string at_topic(std::string_view topic, std::string_view what) {
    return fmt::format("topic {}: {}", printable(topic), what);
}

/// One message on its way into samples.
struct Reading {
    std::string_view topic;
    Taken& taken;
};

/// A message of thousands of wrong objects is told in a few sentences: the rest are not even written.
template <class... Args>
void fault(const Reading& reading, DeviceKey device, fmt::format_string<Args...> text, Args&&... args) {
    if (reading.taken.faults.size() < Taken::faults_max) {
        reading.taken.fault(device, at_topic(reading.topic, fmt::format(text, std::forward<Args>(args)...)));
    }
}

std::int64_t object_time(const Reading& reading, const JsonPart& part, const json::value& object) {
    if (part.time.empty()) {
        return 0;
    }
    const auto* value = find_path(object, part.time);
    const auto time = value == nullptr ? std::nullopt : time_in(*value);
    if (!time) {
        fault(reading, part.device, "no time at `{}`; Unix s or ms, or RFC 3339, is right", fmt::join(part.time, "."));
    }
    return time.value_or(0);
}

std::size_t take_object(const Reading& reading, const JsonPart& part, const json::value& object) {
    std::optional<std::int64_t> time_ms;
    std::size_t samples = 0;
    for (const auto& field : part.fields) {
        const auto* value = find_path(object, field.path);
        if (value == nullptr) {
            continue;
        }
        time_ms = time_ms ? time_ms : object_time(reading, part, object);
        if (append_sample(field.point, *value, *time_ms, reading.taken)) {
            ++samples;
        } else {
            fault(reading, part.device, "`{}` is no number", fmt::join(field.path, "."));
        }
    }
    return samples;
}

void take_part(const Reading& reading, const JsonPart& part, const json::value& root) {
    const auto faults_before = reading.taken.faults.size();
    std::size_t samples = 0;
    if (const auto* array = root.if_array()) {
        for (const auto& object : *array) {
            samples += take_object(reading, part, object);
        }
    } else {
        samples = take_object(reading, part, root);
    }
    if (samples == 0 && reading.taken.faults.size() == faults_before) {
        fault(reading, part.device, "none of the {} bound fields is in the message, `{}` among them",
              part.fields.size(), fmt::join(part.fields[0].path, "."));
    }
    reading.taken.count(part.device, samples);
}

void take_values(const Reading& reading, const TextMap<ThingsBoardField>& keys, const json::object& values,
                 std::int64_t time_ms) {
    for (const auto& [key, value] : values) {
        const auto field = keys.find(std::string_view(key));
        if (field == keys.end()) {
            continue;
        }
        const auto& [point, device] = field->second;
        const bool good = append_sample(point, value, time_ms, reading.taken);
        reading.taken.count(device, good ? 1 : 0);
        if (!good) {
            fault(reading, device, "`{}` is no number", printable(key));
        }
    }
}

/// {"ts": …, "values": {…}} or the values alone. False when it is neither.
bool take_entry(const Reading& reading, const TextMap<ThingsBoardField>& keys, const json::value& entry) {
    const auto* object = entry.if_object();
    if (object == nullptr) {
        return false;
    }
    const auto* values = object->if_contains("values");
    if (values == nullptr || !values->is_object()) {
        take_values(reading, keys, *object, 0);
        return true;
    }
    const auto* time = object->if_contains("ts");
    const auto time_ms = time == nullptr ? std::optional<std::int64_t>(0) : time_in(*time);
    take_values(reading, keys, values->get_object(), time_ms.value_or(0));
    return time_ms.has_value();
}

void blame(const std::vector<DeviceKey>& devices, const std::string& text, Taken& taken) {
    for (const auto device : devices) {
        taken.fault(device, text);
    }
}

void take_things(const Reading& reading, const TopicRoute& route, const json::value& root) {
    const auto* devices = root.if_object();
    if (devices == nullptr) {
        return blame(route.thing_owners, at_topic(reading.topic, "no object of devices"), reading.taken);
    }
    for (const auto& [name, entries] : *devices) {
        const auto keys = route.things.find(std::string_view(name));
        if (keys == route.things.end()) {
            continue;
        }
        const auto* array = entries.if_array();
        bool good = array != nullptr;
        for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
            good &= take_entry(reading, keys->second, (*array)[i]);
        }
        if (!good) {
            const auto text = fmt::format("`{}` has to be an array of objects with `ts` and `values`", printable(name));
            blame({keys->second.begin()->second.device}, at_topic(reading.topic, text), reading.taken);
        }
    }
}

std::string json_number(double value) {
    constexpr double whole_below = 9.007199254740992e15;
    return value == std::trunc(value) && std::abs(value) < whole_below ? fmt::format("{:.0f}", value)
                                                                       : fmt::format("{}", value);
}

}  // namespace

Result<JsonPath> parse_json_path(std::string_view text) {
    JsonPath path;
    std::string_view rest = text;
    while (true) {
        const auto dot = rest.find('.');
        path.emplace_back(rest.substr(0, dot));
        if (path.back().empty() || path.size() > depth_max) {
            return fail(ErrorCode::invalid, "JSON path", "`{}` has an empty step; values.0.temperature would be right",
                        printable(text));
        }
        if (dot == std::string_view::npos) {
            return path;
        }
        rest.remove_prefix(dot + 1);
    }
}

struct JsonRoutes::Impl {
    TextMap<TopicRoute> topics;
    std::unordered_map<PointId, WritePlace> places;
    std::array<unsigned char, 64 * 1024> memory;

    JsonPart& part(const std::string& topic, DeviceKey device, const JsonPath& time);
    std::optional<json::value> parse(const json::storage_ptr& storage, Bytes payload, std::string& why);
};

JsonRoutes::JsonRoutes() : impl_(std::make_unique<Impl>()) {}
JsonRoutes::~JsonRoutes() = default;

JsonPart& JsonRoutes::Impl::part(const std::string& topic, DeviceKey device, const JsonPath& time) {
    auto& parts = topics[topic].parts;
    const auto known = std::find_if(parts.begin(), parts.end(), [&](const JsonPart& p) { return p.device == device; });
    return known != parts.end() ? *known : parts.emplace_back(JsonPart{.device = device, .time = time, .fields = {}});
}

std::vector<std::string> JsonRoutes::add(DeviceKey device, const JsonPlan& plan) {
    std::optional<TopicTemplate> write_topic;
    if (!plan.write_topic.empty()) {
        write_topic = value_or_throw(TopicTemplate::create(plan.write_topic));
    }
    for (const auto& field : plan.fields) {
        impl_->part(plan.topic.topic(field.code), device, plan.time).fields.push_back(field);
        impl_->places[field.point] = {.device = device,
                                      .topic = write_topic ? write_topic->topic(field.code) : std::string(),
                                      .name = field.path.back()};
    }
    return {};
}

std::vector<std::string> JsonRoutes::add(DeviceKey device, const ThingsBoardPlan& plan) {
    auto& route = impl_->topics[plan.topic];
    route.thing_owners.push_back(device);
    std::vector<std::string> faults;
    for (const auto& field : plan.fields) {
        auto& keys = route.things[field.device];
        if (keys.try_emplace(field.key, ThingsBoardField{field.point, device}).second) {
            impl_->places[field.point] = {.device = device, .topic = "", .name = field.key};
        } else {
            faults.push_back(fmt::format("{}#{} on topic {} is bound to another point already", field.device, field.key,
                                         plan.topic));
        }
    }
    return faults;
}

void JsonRoutes::remove(DeviceKey device) {
    for (auto& [topic, route] : impl_->topics) {
        std::erase_if(route.parts, [&](const JsonPart& part) { return part.device == device; });
        std::erase(route.thing_owners, device);
        for (auto& [name, keys] : route.things) {
            std::erase_if(keys, [&](const auto& key) { return key.second.device == device; });
        }
        std::erase_if(route.things, [](const auto& thing) { return thing.second.empty(); });
    }
    std::erase_if(impl_->topics, [](const auto& topic) { return topic.second.empty(); });
    std::erase_if(impl_->places, [&](const auto& place) { return place.second.device == device; });
}

std::optional<json::value> JsonRoutes::Impl::parse(const json::storage_ptr& storage, Bytes payload, std::string& why) {
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = depth_max;
    const json::string_view text(reinterpret_cast<const char*>(payload.data()), payload.size());
    auto value = json::parse(text, error, storage, options);
    if (error) {
        why = fmt::format("{} bytes are no JSON: {}", payload.size(), error.message());
        return std::nullopt;
    }
    return value;
}

bool JsonRoutes::take(std::string_view topic, Bytes payload, Taken& taken) {
    const auto found = impl_->topics.find(topic);
    if (found == impl_->topics.end()) {
        return false;
    }
    const auto& route = found->second;
    json::monotonic_resource resource(impl_->memory.data(), impl_->memory.size());
    std::string why;
    const auto root = impl_->parse(&resource, payload, why);
    if (!root) {
        for (const auto& part : route.parts) {
            taken.fault(part.device, at_topic(topic, why));
        }
        blame(route.thing_owners, at_topic(topic, why), taken);
        return true;
    }
    const Reading reading{topic, taken};
    for (const auto& part : route.parts) {
        take_part(reading, part, *root);
    }
    if (!route.thing_owners.empty()) {
        take_things(reading, route, *root);
    }
    return true;
}

Result<Outgoing> JsonRoutes::command(PointId point, double value) const {
    const auto found = impl_->places.find(point);
    if (found == impl_->places.end()) {
        return fail(ErrorCode::not_found, "MQTT write", "point {} is bound to no field", point.value);
    }
    const auto& place = found->second;
    if (place.topic.empty()) {
        return fail(ErrorCode::refused, "MQTT write", "the device has no write_topic in its settings");
    }
    if (!std::isfinite(value)) {
        return fail(ErrorCode::invalid, "MQTT write", "{} cannot be written in JSON", value);
    }
    const auto text = fmt::format("{{{}:{}}}", json::serialize(json::string(place.name)), json_number(value));
    return Outgoing{place.topic, {text.begin(), text.end()}};
}

}  // namespace nuanshu::drivers::mqtt

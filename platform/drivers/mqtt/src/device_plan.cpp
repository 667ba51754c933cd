#include "platform/drivers/mqtt/src/device_plan.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace nuanshu::drivers::mqtt {
namespace {

namespace json = boost::json;

constexpr std::string_view thingsboard_topic = "v1/gateway/telemetry";

/// The settings object with its faults: one for each key that is unknown, missing or of the wrong kind.
class SettingsReader {
 public:
    SettingsReader(const DeviceConfig& config, Diagnostics& faults) : config_(config), faults_(faults) {}

    bool open() {
        boost::system::error_code error;
        const auto value = json::parse(config_.settings, error);
        if (error || !value.is_object()) {
            fault("settings", "is no JSON object");
            return false;
        }
        object_ = value.get_object();
        return true;
    }

    void fault(std::string field, std::string text) {
        faults_.push_back({.file = config_.code, .line = 0, .field = std::move(field), .text = std::move(text)});
    }
    void fault(const PointBinding& binding, std::string text) {
        fault("points." + binding.code, fmt::format("`{}`: {}", binding.address, text));
    }

    std::string text(std::string_view key, std::string_view otherwise = "") {
        const auto* value = object_.if_contains({key.data(), key.size()});
        if (value == nullptr || value->is_null()) {
            return std::string(otherwise);
        }
        if (!value->is_string()) {
            fault(fmt::format("settings.{}", key), "has to be text");
            return "";
        }
        return std::string(std::string_view(value->get_string()));
    }

    std::string topic_level(std::string_view key) {
        auto level = text(key);
        if (!is_topic_level(level)) {
            fault(fmt::format("settings.{}", key), fmt::format("`{}` is empty or has one of / + #", printable(level)));
        }
        return level;
    }

    void allow_only(std::initializer_list<std::string_view> keys) {
        for (const auto& [key, value] : object_) {
            const std::string_view name(key);
            if (name != "format" && name != "broker" && std::find(keys.begin(), keys.end(), name) == keys.end()) {
                fault(fmt::format("settings.{}", name),
                      fmt::format("is unknown; format, broker, {} are known", fmt::join(keys, ", ")));
            }
        }
    }

    template <class T>
    std::optional<T> take(std::string_view key, Result<T> result) {
        if (!result) {
            fault(fmt::format("settings.{}", key), result.error().what);
            return std::nullopt;
        }
        return std::move(*result);
    }

    const DeviceConfig& config() const { return config_; }

 private:
    const DeviceConfig& config_;
    Diagnostics& faults_;
    json::object object_;
};

void plan_sparkplug(SettingsReader& settings, DevicePlan& plan) {
    settings.allow_only({"group", "edge_node", "device"});
    SparkplugPlan wanted{
        .group = settings.topic_level("group"), .edge_node = settings.topic_level("edge_node"), .bindings = {}};
    const auto device = settings.text("device");
    for (const auto& binding : settings.config().points) {
        const auto address = split_address(binding.address);
        const std::string part(address.left.value_or(device));
        if (address.right.empty() || (!part.empty() && !is_topic_level(part))) {
            settings.fault(binding, "<device>#<metric name> or <metric name> would be right");
        }
        wanted.bindings.push_back({.point = binding.point, .device = part, .metric = std::string(address.right)});
    }
    for (const auto kind : {"NBIRTH", "NDEATH", "NDATA"}) {
        plan.filters.push_back(fmt::format("{}/{}/{}/{}", sparkplug_namespace, wanted.group, kind, wanted.edge_node));
    }
    for (const auto kind : {"DBIRTH", "DDEATH", "DDATA"}) {
        plan.filters.push_back(fmt::format("{}/{}/{}/{}/+", sparkplug_namespace, wanted.group, kind, wanted.edge_node));
    }
    plan.endpoint = fmt::format("{}/{}/{}", sparkplug_namespace, wanted.group, wanted.edge_node);
    plan.format = std::move(wanted);
}

void plan_field(SettingsReader& settings, const PointBinding& binding, JsonPlan& wanted) {
    const auto address = split_address(binding.address);
    const std::string code(address.left.value_or(""));
    auto path = parse_json_path(address.right);
    if (!path) {
        return settings.fault(binding, path.error().what);
    }
    if (wanted.topic.has_code() ? !is_topic_level(code) : !code.empty()) {
        return settings.fault(binding, wanted.topic.has_code() ? "<code>#<path> would be right, as the topic has {code}"
                                                               : "<path> would be right, as the topic has no {code}");
    }
    wanted.fields.push_back({.point = binding.point, .code = code, .path = std::move(*path)});
}

void plan_json(SettingsReader& settings, DevicePlan& plan) {
    settings.allow_only({"topic", "time", "write_topic"});
    const auto topic = settings.take("topic", TopicTemplate::create(settings.text("topic")));
    JsonPlan wanted{.topic = topic.value_or(TopicTemplate()),
                    .time = {},
                    .write_topic = settings.text("write_topic"),
                    .fields = {}};
    if (const auto time = settings.text("time"); !time.empty()) {
        wanted.time = settings.take("time", parse_json_path(time)).value_or(JsonPath());
    }
    if (!wanted.write_topic.empty()) {
        settings.take("write_topic", TopicTemplate::create(wanted.write_topic));
    }
    if (topic) {
        for (const auto& binding : settings.config().points) {
            plan_field(settings, binding, wanted);
        }
        plan.filters = {topic->filter()};
        plan.endpoint = settings.text("topic");
    }
    plan.format = std::move(wanted);
}

void plan_thingsboard(SettingsReader& settings, DevicePlan& plan) {
    settings.allow_only({"topic"});
    ThingsBoardPlan wanted{.topic = settings.text("topic", thingsboard_topic), .fields = {}};
    const auto topic = settings.take("topic", TopicTemplate::create(wanted.topic));
    if (topic && topic->has_code()) {
        settings.fault("settings.topic", "has {code}, but this format names its devices in the message");
    }
    for (const auto& binding : settings.config().points) {
        const auto address = split_address(binding.address);
        if (address.left.value_or("").empty() || address.right.empty()) {
            settings.fault(binding, "<device name>#<key> would be right");
        }
        wanted.fields.push_back({.point = binding.point,
                                 .device = std::string(address.left.value_or("")),
                                 .key = std::string(address.right)});
    }
    plan.filters = {wanted.topic};
    plan.endpoint = wanted.topic;
    plan.format = std::move(wanted);
}

void plan_format(SettingsReader& settings, DevicePlan& plan) {
    const auto format = settings.text("format");
    if (format == "sparkplug") {
        plan_sparkplug(settings, plan);
    } else if (format == "json") {
        plan_json(settings, plan);
    } else if (format == "thingsboard") {
        plan_thingsboard(settings, plan);
    } else {
        settings.fault("settings.format",
                       fmt::format("`{}` is unknown; sparkplug, json and thingsboard are known", printable(format)));
    }
}

}  // namespace

Address split_address(std::string_view address) {
    const auto hash = address.find('#');
    if (hash == std::string_view::npos) {
        return {.left = std::nullopt, .right = address};
    }
    return {.left = address.substr(0, hash), .right = address.substr(hash + 1)};
}

std::optional<DevicePlan> plan_device(const DeviceConfig& config, const std::string& platform_broker,
                                      Diagnostics& faults) {
    const auto faults_before = faults.size();
    SettingsReader settings(config, faults);
    if (!settings.open()) {
        return std::nullopt;
    }
    DevicePlan plan;
    const auto broker = settings.take("broker", parse_broker_url(settings.text("broker", platform_broker)));
    plan_format(settings, plan);
    if (faults.size() > faults_before || !broker) {
        return std::nullopt;
    }
    plan.broker = *broker;
    plan.endpoint += " at " + broker->endpoint();
    return plan;
}

}  // namespace nuanshu::drivers::mqtt

#include "platform/drivers/mqtt/src/sparkplug_host.h"

#include <algorithm>
#include <utility>

namespace nuanshu::drivers::mqtt {
namespace {

constexpr std::string_view rebirth_metric = "Node Control/Rebirth";

Outgoing rebirth_request(std::string_view group, std::string_view node, std::int64_t now_ms) {
    SparkplugPayload payload{.timestamp_ms = static_cast<std::uint64_t>(now_ms)};
    payload.metrics.push_back({.name = rebirth_metric,
                               .timestamp_ms = payload.timestamp_ms,
                               .bits = 1,
                               .type = static_cast<std::uint32_t>(SparkplugType::boolean),
                               .carrier = Carrier::truth});
    return {sparkplug_topic(group, "NCMD", node, ""), encode_sparkplug(payload)};
}

}  // namespace

template <class Do>
void SparkplugHost::for_each_node(Do what) {
    for (auto& [group, nodes] : groups_) {
        for (auto& [name, node] : nodes) {
            what(node);
        }
    }
}

std::vector<std::string> SparkplugHost::add(DeviceKey device, const SparkplugPlan& plan) {
    auto& node = groups_[plan.group].try_emplace(plan.edge_node, plan.group, plan.edge_node).first->second;
    const auto left_out = node.bind(device, plan.bindings);
    for (const auto& binding : plan.bindings) {
        places_[binding.point] = {&node, binding.device, binding.metric};
    }
    std::vector<std::string> faults;
    for (const auto& binding : left_out) {
        places_.erase(binding.point);
        faults.push_back(fmt::format("{}#{} of edge node {}/{} is bound to another point already", binding.device,
                                     binding.metric, plan.group, plan.edge_node));
    }
    return faults;
}

void SparkplugHost::remove(DeviceKey device) {
    for_each_node([&](EdgeNode& node) {
        for (const auto point : node.unbind(device)) {
            places_.erase(point);
        }
    });
    for (auto& [group, nodes] : groups_) {
        std::erase_if(nodes, [](const auto& node) { return node.second.unwanted(); });
    }
}

EdgeNode* SparkplugHost::find_node(std::string_view group, std::string_view name) {
    const auto nodes = groups_.find(group);
    if (nodes == groups_.end()) {
        return nullptr;
    }
    const auto node = nodes->second.find(name);
    return node == nodes->second.end() ? nullptr : &node->second;
}

bool SparkplugHost::take(const SparkplugTopic& topic, Bytes payload, bool duplicate, Taken& taken) {
    EdgeNode* node = find_node(topic.group, topic.edge_node);
    if (node == nullptr) {
        return false;
    }
    if (const auto decoded = decode_sparkplug(payload, payload_)) {
        node->take(topic, payload_, duplicate, taken);
    } else {
        const auto where = fmt::format("{}/{}/{}", topic.group, topic.edge_node, topic.device);
        node->blame(fmt::format("message of {}: {}", printable(where), decoded.error().what), taken);
    }
    return true;
}

void SparkplugHost::tell_all(Taken& taken) const {
    for (const auto& [group, nodes] : groups_) {
        for (const auto& [name, node] : nodes) {
            node.tell(taken);
        }
    }
}

void SparkplugHost::forget_births() {
    for_each_node([](EdgeNode& node) { node.forget_births(); });
}

void SparkplugHost::forget_sequences() {
    for_each_node([](EdgeNode& node) { node.forget_sequence(); });
}

bool SparkplugHost::every_node_is_born() const {
    return std::all_of(groups_.begin(), groups_.end(), [](const auto& group) {
        return std::all_of(group.second.begin(), group.second.end(),
                           [](const auto& node) { return node.second.all_born(); });
    });
}

std::vector<Outgoing> SparkplugHost::rebirth_requests(std::int64_t steady_ms, std::int64_t now_ms) {
    std::vector<Outgoing> requests;
    for (auto& [group, nodes] : groups_) {
        for (auto& [name, node] : nodes) {
            if (node.ask_for_rebirth(steady_ms)) {
                requests.push_back(rebirth_request(group, name, now_ms));
            }
        }
    }
    return requests;
}

Result<Outgoing> SparkplugHost::command(PointId point, double value, std::int64_t now_ms) const {
    const auto found = places_.find(point);
    if (found == places_.end()) {
        return fail(ErrorCode::not_found, "Sparkplug write", "point {} is bound to no metric", point.value);
    }
    const auto& [node, device, metric] = found->second;
    return node->command(device, metric, value, now_ms);
}

}  // namespace nuanshu::drivers::mqtt

#include "platform/drivers/mqtt/src/sparkplug_host.h"

#include <algorithm>
#include <utility>

namespace nuanshu::drivers::mqtt {
namespace {

constexpr std::string_view rebirth_metric = "Node Control/Rebirth";

std::string node_name(std::string_view group, std::string_view node, std::string_view device) {
    return printable(device.empty() ? fmt::format("{}/{}", group, node) : fmt::format("{}/{}/{}", group, node, device));
}

void blame(const std::vector<DeviceKey>& devices, const std::string& text, Taken& taken) {
    for (const auto device : devices) {
        taken.fault(device, text);
    }
}

std::optional<std::uint64_t> birth_number_in(const SparkplugPayload& payload) {
    const auto& metrics = payload.metrics;
    const auto found = std::find_if(metrics.begin(), metrics.end(), [](const auto& m) { return m.name == "bdSeq"; });
    return found == metrics.end() ? std::nullopt : std::optional(found->bits);
}

std::string topic_of(std::string_view group, std::string_view kind, std::string_view node, std::string_view device) {
    auto topic = fmt::format("{}/{}/{}/{}", sparkplug_namespace, group, kind, node);
    return device.empty() ? topic : fmt::format("{}/{}", topic, device);
}

Outgoing rebirth_request(std::string_view group, std::string_view node, std::int64_t now_ms) {
    SparkplugPayload payload{.timestamp_ms = static_cast<std::uint64_t>(now_ms)};
    payload.metrics.push_back({.name = rebirth_metric,
                               .timestamp_ms = payload.timestamp_ms,
                               .bits = 1,
                               .type = static_cast<std::uint32_t>(SparkplugType::boolean),
                               .carrier = Carrier::truth});
    return {topic_of(group, "NCMD", node, ""), encode_sparkplug(payload)};
}

/// The bound metric that is meant; nothing when nobody wants it.
const MetricSlot* find_slot(const MetricTable& table, const SparkplugMetric& metric, UnknownAliases& unknown) {
    if (!metric.name.empty()) {
        const auto* bound = table.find_name(metric.name);
        return bound == nullptr ? nullptr : &bound->slot;
    }
    if (!metric.has_alias) {
        return nullptr;
    }
    const auto* slot = table.find_alias(metric.alias);
    if (slot == nullptr) {
        ++unknown.count;
        unknown.one = metric.alias;
    }
    return slot;
}

}  // namespace

std::vector<std::string> SparkplugHost::add(DeviceKey device, const SparkplugPlan& plan) {
    auto& node = groups_[plan.group].try_emplace(plan.edge_node).first->second;
    node.group = plan.group;
    node.name = plan.edge_node;
    node.parts.try_emplace("");
    node.owners.push_back(device);
    rebirths_wanted_ = true;
    std::vector<std::string> faults;
    for (const auto& binding : plan.bindings) {
        auto& part = node.parts.try_emplace(binding.device).first->second;
        if (!part.table.bind(binding.metric, binding.point, device)) {
            faults.push_back(fmt::format("{}#{} of edge node {}/{} is bound to another point already", binding.device,
                                         binding.metric, plan.group, plan.edge_node));
            continue;
        }
        places_[binding.point] = {&node, binding.device, binding.metric};
    }
    for (auto& [name, part] : node.parts) {
        part.table.resolve();
    }
    node.wants_rebirth = true;  // the births there were had nobody for these metrics
    return faults;
}

void SparkplugHost::remove(DeviceKey device) {
    for (auto& [group, nodes] : groups_) {
        for (auto& [name, node] : nodes) {
            if (std::erase(node.owners, device) == 0) {
                continue;
            }
            for (auto& [part_name, part] : node.parts) {
                for (const auto& [metric, bound] : part.table.bound()) {
                    if (bound.slot.owner == device) {
                        places_.erase(bound.slot.point);
                    }
                }
                part.table.unbind(device);
                part.table.resolve();
            }
            std::erase_if(node.parts,
                          [](const auto& part) { return !part.first.empty() && part.second.table.empty(); });
        }
        std::erase_if(nodes, [](const auto& node) { return node.second.owners.empty(); });
    }
}

SparkplugHost::Node* SparkplugHost::find_node(std::string_view group, std::string_view name) {
    const auto nodes = groups_.find(group);
    if (nodes == groups_.end()) {
        return nullptr;
    }
    const auto node = nodes->second.find(name);
    return node == nodes->second.end() ? nullptr : &node->second;
}

bool SparkplugHost::take(const SparkplugTopic& topic, Bytes payload, bool duplicate, Taken& taken) {
    Node* node = find_node(topic.group, topic.edge_node);
    if (node == nullptr) {
        return false;
    }
    if (auto decoded = decode_sparkplug(payload, payload_); !decoded) {
        blame(node->owners,
              fmt::format("message of {}: {}", node_name(topic.group, topic.edge_node, topic.device),
                          decoded.error().what),
              taken);
        return true;
    }
    take_message(*node, topic, duplicate, taken);
    return true;
}

void SparkplugHost::take_message(Node& node, const SparkplugTopic& topic, bool duplicate, Taken& taken) {
    if (topic.message != SparkplugMessage::node_birth && topic.message != SparkplugMessage::node_death) {
        check_sequence(node, duplicate, taken);
    }
    switch (topic.message) {
        case SparkplugMessage::node_birth:
            return take_node_birth(node, taken);
        case SparkplugMessage::node_death:
            return take_node_death(node, taken);
        case SparkplugMessage::node_data:
        case SparkplugMessage::device_data:
            return take_data(node, topic.device, taken);
        case SparkplugMessage::device_birth:
            return take_device_birth(node, topic.device, taken);
        case SparkplugMessage::device_death:
            return take_device_death(node, topic.device, taken);
    }
}

void SparkplugHost::check_sequence(Node& node, bool duplicate, Taken& taken) {
    if (!payload_.sequence) {
        return;
    }
    const auto sequence = static_cast<std::uint8_t>(*payload_.sequence);
    if (!node.in_sequence || sequence == node.next_sequence) {
        node.in_sequence = node.alive;
        node.next_sequence = static_cast<std::uint8_t>(sequence + 1);
        return;
    }
    if (duplicate) {
        return;  // sent before our connection broke, and seen then
    }
    want_rebirth(node, fmt::format("sequence {} where {} was due", sequence, node.next_sequence), taken);
    node.next_sequence = static_cast<std::uint8_t>(sequence + 1);
}

void SparkplugHost::want_rebirth(Node& node, std::string_view why, Taken& taken) {
    blame(node.owners, fmt::format("edge node {}: {}; asked for a rebirth", node_name(node.group, node.name, ""), why),
          taken);
    node.wants_rebirth = true;
    node.ask_pause_ms = ask_again_ms;
    rebirths_wanted_ = true;
}

void SparkplugHost::take_node_birth(Node& node, Taken& taken) {
    const auto number = birth_number_in(payload_);
    if (node.alive && number != node.birth_number) {
        end_devices(node, taken);
    }
    for (auto& [name, part] : node.parts) {
        part.table.forget_birth();
    }
    node.awaits_births = node.parts.size() > 1;
    node.alive = true;
    node.seen = true;
    node.birth_number = number;
    node.next_sequence = static_cast<std::uint8_t>(payload_.sequence.value_or(0) + 1);
    node.in_sequence = payload_.sequence.has_value();
    node.wants_rebirth = false;
    node.ask_pause_ms = ask_again_ms;
    auto& part = node.parts.find(std::string_view())->second;
    part.table.take_birth(payload_.metrics);
    part.alive = part.seen = true;
    announce(part, true, taken);
    report_missing(node, "", part, taken);
    map_metrics(node, part.table, "", taken);
    tell_states(node, taken);
}

void SparkplugHost::take_device_birth(Node& node, std::string_view device, Taken& taken) {
    if (!node.alive) {
        want_rebirth(node, "a device's birth came before the edge node's", taken);
    }
    const auto found = node.parts.find(device);
    if (found == node.parts.end()) {
        return;
    }
    auto& part = found->second;
    part.table.take_birth(payload_.metrics);
    part.alive = part.seen = true;
    announce(part, true, taken);
    report_missing(node, device, part, taken);
    map_metrics(node, part.table, device, taken);
    tell_states(node, taken);
}

void SparkplugHost::take_data(Node& node, std::string_view device, Taken& taken) {
    if (!node.alive && !node.wants_rebirth) {
        want_rebirth(node, "data came after its death", taken);
    }
    if (node.alive && node.awaits_births) {
        stop_awaiting_births(node, taken);
    }
    const auto found = node.parts.find(device);
    if (found != node.parts.end()) {
        map_metrics(node, found->second.table, device, taken);
    }
}

// An edge node sends all births before any data: devices without one are not there.
void SparkplugHost::stop_awaiting_births(Node& node, Taken& taken) {
    node.awaits_births = false;
    for (auto& [name, part] : node.parts) {
        part.seen = true;
    }
    tell_states(node, taken);
}

void SparkplugHost::take_node_death(Node& node, Taken& taken) {
    const auto number = birth_number_in(payload_);
    if (node.alive && number && node.birth_number && *number != *node.birth_number) {
        return;  // the end of an earlier session, reported late
    }
    node.alive = false;
    node.seen = true;
    node.in_sequence = false;
    node.wants_rebirth = false;
    end_devices(node, taken);
    end_part(node.parts.find(std::string_view())->second, taken);
    tell_states(node, taken);
}

void SparkplugHost::take_device_death(Node& node, std::string_view device, Taken& taken) {
    const auto found = node.parts.find(device);
    if (found == node.parts.end()) {
        return;
    }
    found->second.alive = false;
    found->second.seen = true;
    found->second.table.forget_birth();
    announce(found->second, false, taken);
    tell_states(node, taken);
}

void SparkplugHost::map_metrics(Node& node, const MetricTable& table, std::string_view part, Taken& taken) {
    UnknownAliases unknown;
    DeviceKey owner = node.owners.front();
    std::size_t samples = 0;
    for (const auto& metric : payload_.metrics) {
        const auto* slot = find_slot(table, metric, unknown);
        if (slot == nullptr || !slot->point) {
            continue;
        }
        const auto value = metric.null ? 0.0 : metric_value(metric, slot->type);
        if (!value) {
            continue;
        }
        if (slot->owner != owner) {
            taken.count(std::exchange(owner, slot->owner), std::exchange(samples, 0));
        }
        ++samples;
        const auto time_ms = metric.timestamp_ms != 0 ? metric.timestamp_ms : payload_.timestamp_ms;
        auto& target = metric.historical ? taken.historical : taken.live;
        target.push_back({slot->point, metric_quality(metric), static_cast<std::int64_t>(time_ms), *value});
    }
    taken.count(owner, samples);
    if (unknown.count > 0) {
        report_unknown(node, part, unknown, taken);
    }
}

void SparkplugHost::report_unknown(Node& node, std::string_view part, UnknownAliases unknown, Taken& taken) {
    const auto text = fmt::format("{} metrics of {} have aliases that no birth has named, {} among them", unknown.count,
                                  node_name(node.group, node.name, part), unknown.one);
    if (node.alive) {
        want_rebirth(node, text, taken);
    } else {
        blame(node.owners, text, taken);
    }
}

void SparkplugHost::report_missing(const Node& node, std::string_view device, Part& part, Taken& taken) {
    struct Missing {
        DeviceKey owner;
        std::string_view name;
        std::size_t count;
    };
    std::vector<Missing> missing;
    for (const auto& [name, bound] : part.table.bound()) {
        if (bound.in_birth) {
            continue;
        }
        const auto known = std::find_if(missing.begin(), missing.end(),
                                        [&](const Missing& entry) { return entry.owner == bound.slot.owner; });
        if (known == missing.end()) {
            missing.push_back({bound.slot.owner, name, 1});
        } else {
            ++known->count;
        }
    }
    part.missing = 0;
    for (const auto& entry : missing) {
        part.missing += entry.count;
        taken.fault(entry.owner,
                    fmt::format("the birth of {} does not name {} of the bound metrics, `{}` among them",
                                node_name(node.group, node.name, device), entry.count, printable(entry.name)));
    }
}

void SparkplugHost::end_devices(Node& node, Taken& taken) {
    for (auto& [name, part] : node.parts) {
        if (!name.empty()) {
            end_part(part, taken);
        }
    }
}

void SparkplugHost::end_part(Part& part, Taken& taken) {
    part.alive = part.seen = false;
    part.table.forget_birth();
    announce(part, false, taken);
}

void SparkplugHost::announce(const Part& part, bool ok, Taken& taken) {
    if (part.table.empty()) {
        return;
    }
    auto& change = taken.communications.emplace_back(Taken::Communication{.points = {}, .ok = ok});
    change.points.reserve(part.table.bound().size());
    for (const auto& [name, bound] : part.table.bound()) {
        change.points.push_back(bound.slot.point);
    }
}

void SparkplugHost::tell_states(const Node& node, Taken& taken) {
    for (const auto owner : node.owners) {
        if (const auto state = state_in(node, owner)) {
            taken.states.push_back({owner, *state});
        }
    }
}

std::optional<DeviceState> SparkplugHost::state_in(const Node& node, DeviceKey device) {
    if (!node.seen) {
        return std::nullopt;
    }
    if (!node.alive) {
        return DeviceState::offline;
    }
    bool waiting = false;
    bool failing = false;
    for (const auto& [name, part] : node.parts) {
        const auto& bound = part.table.bound();
        const bool concerned = std::any_of(bound.begin(), bound.end(),
                                           [&](const auto& entry) { return entry.second.slot.owner == device; });
        waiting |= concerned && !part.seen;
        failing |= concerned && part.seen && (!part.alive || part.missing > 0);
    }
    return failing ? DeviceState::degraded : waiting ? DeviceState::starting : DeviceState::online;
}

void SparkplugHost::tell_all(Taken& taken) const {
    for (const auto& [group, nodes] : groups_) {
        for (const auto& [name, node] : nodes) {
            for (const auto& [part_name, part] : node.parts) {
                announce(part, part.alive, taken);
            }
            tell_states(node, taken);
        }
    }
}

void SparkplugHost::forget_births() {
    for (auto& [group, nodes] : groups_) {
        for (auto& [name, node] : nodes) {
            for (auto& [part_name, part] : node.parts) {
                part.table.forget_birth();
                part.seen = part.alive = false;
            }
            node.alive = node.seen = false;
            node.in_sequence = false;
            node.wants_rebirth = true;
            node.asked_ms.reset();
            node.ask_pause_ms = ask_again_ms;
        }
    }
    rebirths_wanted_ = true;
}

void SparkplugHost::forget_sequences() {
    for (auto& [group, nodes] : groups_) {
        for (auto& [name, node] : nodes) {
            node.in_sequence = false;
        }
    }
}

bool SparkplugHost::every_node_is_born() const {
    return std::all_of(groups_.begin(), groups_.end(), [](const auto& group) {
        return std::all_of(group.second.begin(), group.second.end(), [](const auto& entry) {
            const auto& parts = entry.second.parts;
            return std::all_of(parts.begin(), parts.end(), [](const auto& part) { return part.second.table.born(); });
        });
    });
}

std::vector<Outgoing> SparkplugHost::rebirth_requests(std::int64_t steady_ms, std::int64_t now_ms) {
    std::vector<Outgoing> requests;
    if (!std::exchange(rebirths_wanted_, false)) {
        return requests;
    }
    for (auto& [group, nodes] : groups_) {
        for (auto& [name, node] : nodes) {
            if (!node.wants_rebirth) {
                continue;
            }
            rebirths_wanted_ = true;
            if (!node.asked_ms || steady_ms - *node.asked_ms >= node.ask_pause_ms) {
                node.ask_pause_ms = node.asked_ms ? std::min(2 * node.ask_pause_ms, ask_again_ms_max) : ask_again_ms;
                node.asked_ms = steady_ms;
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
    const auto& [node, device, name] = found->second;
    const auto place = node_name(node->group, node->name, device);
    const auto& part = node->parts.find(device)->second;
    if (!node->alive || !part.alive) {
        return fail(ErrorCode::unavailable, place, "it is offline, or its birth has not come yet");
    }
    const auto* bound = part.table.find_name(name);
    if (!bound->in_birth) {
        return fail(ErrorCode::unavailable, place, "its birth does not name the metric `{}`", printable(name));
    }
    const auto time_ms = static_cast<std::uint64_t>(now_ms);
    SparkplugMetric metric{.alias = bound->alias.value_or(0),
                           .timestamp_ms = time_ms,
                           .type = bound->slot.type,
                           .has_alias = bound->alias.has_value()};
    metric.name = bound->alias ? std::string_view() : std::string_view(name);
    NUANSHU_TRY_VOID(set_metric_value(metric, value));
    SparkplugPayload payload{.timestamp_ms = time_ms};
    payload.metrics.push_back(metric);
    return Outgoing{topic_of(node->group, device.empty() ? "NCMD" : "DCMD", node->name, device),
                    encode_sparkplug(payload)};
}

}  // namespace nuanshu::drivers::mqtt

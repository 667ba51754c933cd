#include "platform/drivers/mqtt/src/edge_node.h"

#include <algorithm>
#include <utility>

namespace nuanshu::drivers::mqtt {
namespace {

std::optional<std::uint64_t> birth_number_in(const SparkplugPayload& payload) {
    const auto& metrics = payload.metrics;
    const auto found = std::find_if(metrics.begin(), metrics.end(), [](const auto& m) { return m.name == "bdSeq"; });
    return found == metrics.end() ? std::nullopt : std::optional(found->bits);
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

std::string sparkplug_topic(std::string_view group, std::string_view kind, std::string_view node,
                            std::string_view device) {
    auto topic = fmt::format("{}/{}/{}/{}", sparkplug_namespace, group, kind, node);
    return device.empty() ? topic : fmt::format("{}/{}", topic, device);
}

EdgeNode::EdgeNode(std::string_view group, std::string_view name) : group_(group), name_(name) {
    parts_.try_emplace("");
}

std::vector<SparkplugBinding> EdgeNode::bind(DeviceKey device, const std::vector<SparkplugBinding>& bindings) {
    owners_.push_back(device);
    std::vector<SparkplugBinding> left_out;
    for (const auto& binding : bindings) {
        auto& part = parts_.try_emplace(binding.device).first->second;
        if (!part.table.bind(binding.metric, binding.point, device)) {
            left_out.push_back(binding);
        }
    }
    for (auto& [name, part] : parts_) {
        part.table.resolve();
    }
    wants_rebirth_ = true;  // the births there were had nobody for these metrics
    return left_out;
}

std::vector<PointId> EdgeNode::unbind(DeviceKey device) {
    std::vector<PointId> freed;
    if (std::erase(owners_, device) == 0) {
        return freed;
    }
    for (auto& [name, part] : parts_) {
        for (const auto& [metric, bound] : part.table.bound()) {
            if (bound.slot.owner == device) {
                freed.push_back(bound.slot.point);
            }
        }
        part.table.unbind(device);
        part.table.resolve();
    }
    std::erase_if(parts_, [](const auto& part) { return !part.first.empty() && part.second.table.empty(); });
    return freed;
}

std::string EdgeNode::place(std::string_view device) const {
    return printable(device.empty() ? fmt::format("{}/{}", group_, name_)
                                    : fmt::format("{}/{}/{}", group_, name_, device));
}

EdgeNode::Part* EdgeNode::find_part(std::string_view device) {
    const auto found = parts_.find(device);
    return found == parts_.end() ? nullptr : &found->second;
}

void EdgeNode::blame(const std::string& text, Taken& taken) const {
    for (const auto device : owners_) {
        taken.fault(device, text);
    }
}

void EdgeNode::take(const SparkplugTopic& topic, const SparkplugPayload& payload, bool duplicate, Taken& taken) {
    if (topic.message != SparkplugMessage::node_birth && topic.message != SparkplugMessage::node_death) {
        check_sequence(payload, duplicate, taken);
    }
    switch (topic.message) {
        case SparkplugMessage::node_birth:
            return take_node_birth(payload, taken);
        case SparkplugMessage::node_death:
            return take_node_death(payload, taken);
        case SparkplugMessage::node_data:
        case SparkplugMessage::device_data:
            return take_data(topic.device, payload, taken);
        case SparkplugMessage::device_birth:
            return take_device_birth(topic.device, payload, taken);
        case SparkplugMessage::device_death:
            return take_device_death(topic.device, taken);
    }
}

void EdgeNode::check_sequence(const SparkplugPayload& payload, bool duplicate, Taken& taken) {
    if (!payload.sequence) {
        return;
    }
    const auto sequence = static_cast<std::uint8_t>(*payload.sequence);
    if (!in_sequence_ || sequence == next_sequence_) {
        in_sequence_ = alive_;
        next_sequence_ = static_cast<std::uint8_t>(sequence + 1);
        return;
    }
    if (duplicate) {
        return;  // sent before our connection broke, and seen then
    }
    want_rebirth(fmt::format("sequence {} where {} was due", sequence, next_sequence_), taken);
    next_sequence_ = static_cast<std::uint8_t>(sequence + 1);
}

void EdgeNode::want_rebirth(std::string_view why, Taken& taken) {
    blame(fmt::format("edge node {}: {}; asked for a rebirth", place(""), why), taken);
    wants_rebirth_ = true;
    ask_pause_ms_ = ask_again_ms;
}

bool EdgeNode::ask_for_rebirth(std::int64_t steady_ms) {
    if (!wants_rebirth_ || (asked_ms_ && steady_ms - *asked_ms_ < ask_pause_ms_)) {
        return false;
    }
    ask_pause_ms_ = asked_ms_ ? std::min(2 * ask_pause_ms_, ask_again_ms_max) : ask_again_ms;
    asked_ms_ = steady_ms;
    return true;
}

void EdgeNode::take_node_birth(const SparkplugPayload& payload, Taken& taken) {
    const auto number = birth_number_in(payload);
    if (alive_ && number != birth_number_) {
        end_devices(taken);
    }
    for (auto& [name, part] : parts_) {
        part.table.forget_birth();
    }
    alive_ = seen_ = true;
    awaits_births_ = parts_.size() > 1;
    birth_number_ = number;
    next_sequence_ = static_cast<std::uint8_t>(payload.sequence.value_or(0) + 1);
    in_sequence_ = payload.sequence.has_value();
    wants_rebirth_ = false;
    ask_pause_ms_ = ask_again_ms;
    begin_part("", own_part(), payload, taken);
}

void EdgeNode::take_device_birth(std::string_view device, const SparkplugPayload& payload, Taken& taken) {
    if (!alive_) {
        want_rebirth("a device's birth came before the edge node's", taken);
    }
    if (auto* part = find_part(device)) {
        begin_part(device, *part, payload, taken);
    }
}

void EdgeNode::begin_part(std::string_view device, Part& part, const SparkplugPayload& payload, Taken& taken) {
    part.table.take_birth(payload.metrics);
    part.alive = part.seen = true;
    announce(part, true, taken);
    report_missing(device, part, taken);
    map_metrics(device, part.table, payload, taken);
    tell_states(taken);
}

void EdgeNode::take_data(std::string_view device, const SparkplugPayload& payload, Taken& taken) {
    if (!alive_ && !wants_rebirth_) {
        want_rebirth("data came after its death", taken);
    }
    if (alive_ && awaits_births_) {
        stop_awaiting_births(taken);
    }
    if (const auto* part = find_part(device)) {
        map_metrics(device, part->table, payload, taken);
    }
}

// An edge node sends all births before any data: devices without one are not there.
void EdgeNode::stop_awaiting_births(Taken& taken) {
    awaits_births_ = false;
    for (auto& [name, part] : parts_) {
        part.seen = true;
    }
    tell_states(taken);
}

void EdgeNode::take_node_death(const SparkplugPayload& payload, Taken& taken) {
    const auto number = birth_number_in(payload);
    if (alive_ && number && birth_number_ && *number != *birth_number_) {
        return;  // the end of an earlier session, reported late
    }
    alive_ = false;
    seen_ = true;
    in_sequence_ = false;
    wants_rebirth_ = false;
    end_devices(taken);
    end_part(own_part(), taken);
    tell_states(taken);
}

void EdgeNode::take_device_death(std::string_view device, Taken& taken) {
    if (auto* part = find_part(device)) {
        end_part(*part, taken);
        part->seen = true;
        tell_states(taken);
    }
}

void EdgeNode::end_devices(Taken& taken) {
    for (auto& [name, part] : parts_) {
        if (!name.empty()) {
            end_part(part, taken);
        }
    }
}

void EdgeNode::end_part(Part& part, Taken& taken) {
    part.alive = part.seen = false;
    part.table.forget_birth();
    announce(part, false, taken);
}

void EdgeNode::map_metrics(std::string_view device, const MetricTable& table, const SparkplugPayload& payload,
                           Taken& taken) {
    UnknownAliases unknown;
    DeviceKey owner = owners_.front();
    std::size_t samples = 0;
    for (const auto& metric : payload.metrics) {
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
        const auto time_ms = metric.timestamp_ms != 0 ? metric.timestamp_ms : payload.timestamp_ms;
        auto& target = metric.historical ? taken.historical : taken.live;
        target.push_back({slot->point, metric_quality(metric), static_cast<std::int64_t>(time_ms), *value});
    }
    taken.count(owner, samples);
    if (unknown.count > 0) {
        report_unknown(device, unknown, taken);
    }
}

void EdgeNode::report_unknown(std::string_view device, UnknownAliases unknown, Taken& taken) {
    const auto text = fmt::format("{} metrics of {} have aliases that no birth has named, {} among them", unknown.count,
                                  place(device), unknown.one);
    if (alive_) {
        want_rebirth(text, taken);
    } else {
        blame(text, taken);
    }
}

void EdgeNode::report_missing(std::string_view device, Part& part, Taken& taken) const {
    part.missing = 0;
    for (const auto owner : owners_) {
        std::size_t count = 0;
        std::string_view one;
        for (const auto& [name, bound] : part.table.bound()) {
            if (bound.slot.owner == owner && !bound.in_birth) {
                ++count;
                one = name;
            }
        }
        part.missing += count;
        if (count > 0) {
            taken.fault(owner, fmt::format("the birth of {} does not name {} of the bound metrics, `{}` among them",
                                           place(device), count, printable(one)));
        }
    }
}

void EdgeNode::announce(const Part& part, bool ok, Taken& taken) {
    if (part.table.empty()) {
        return;
    }
    auto& change = taken.communications.emplace_back(Taken::Communication{.points = {}, .ok = ok});
    change.points.reserve(part.table.bound().size());
    for (const auto& [name, bound] : part.table.bound()) {
        change.points.push_back(bound.slot.point);
    }
}

void EdgeNode::tell(Taken& taken) const {
    if (!seen_) {
        return;
    }
    for (const auto& [name, part] : parts_) {
        announce(part, part.alive, taken);
    }
    tell_states(taken);
}

void EdgeNode::tell_states(Taken& taken) const {
    for (const auto owner : owners_) {
        if (const auto state = state_of(owner)) {
            taken.states.push_back({owner, *state});
        }
    }
}

std::optional<DeviceState> EdgeNode::state_of(DeviceKey device) const {
    if (!seen_) {
        return std::nullopt;
    }
    if (!alive_) {
        return DeviceState::offline;
    }
    bool waiting = false;
    bool failing = false;
    for (const auto& [name, part] : parts_) {
        const auto& bound = part.table.bound();
        const bool concerned = std::any_of(bound.begin(), bound.end(),
                                           [&](const auto& entry) { return entry.second.slot.owner == device; });
        waiting |= concerned && !part.seen;
        failing |= concerned && part.seen && (!part.alive || part.missing > 0);
    }
    return failing ? DeviceState::degraded : waiting ? DeviceState::starting : DeviceState::online;
}

void EdgeNode::forget_births() {
    for (auto& [name, part] : parts_) {
        part.table.forget_birth();
        part.seen = part.alive = false;
    }
    alive_ = seen_ = in_sequence_ = false;
    wants_rebirth_ = true;
    asked_ms_.reset();
    ask_pause_ms_ = ask_again_ms;
}

bool EdgeNode::all_born() const {
    return std::all_of(parts_.begin(), parts_.end(), [](const auto& part) { return part.second.table.born(); });
}

Result<Outgoing> EdgeNode::command(const std::string& device, const std::string& metric, double value,
                                   std::int64_t now_ms) const {
    const auto& part = parts_.find(device)->second;
    if (!alive_ || !part.alive) {
        return fail(ErrorCode::unavailable, place(device), "it is offline, or its birth has not come yet");
    }
    const auto* bound = part.table.find_name(metric);
    if (!bound->in_birth) {
        return fail(ErrorCode::unavailable, place(device), "its birth does not name the metric `{}`",
                    printable(metric));
    }
    const auto time_ms = static_cast<std::uint64_t>(now_ms);
    SparkplugMetric written{.name = bound->alias ? std::string_view() : std::string_view(metric),
                            .alias = bound->alias.value_or(0),
                            .timestamp_ms = time_ms,
                            .type = bound->slot.type,
                            .has_alias = bound->alias.has_value()};
    NUANSHU_TRY_VOID(set_metric_value(written, value));
    SparkplugPayload payload{.timestamp_ms = time_ms};
    payload.metrics.push_back(written);
    return Outgoing{sparkplug_topic(group_, device.empty() ? "NCMD" : "DCMD", name_, device),
                    encode_sparkplug(payload)};
}

}  // namespace nuanshu::drivers::mqtt

#include "sim/src/sparkplug_node.h"

#include <algorithm>

#include "base/log.h"
#include "sim/src/sparkplug_message.pb.h"

namespace nuanshu::sim {

namespace {

/// Data types: Sparkplug 3.0.0, chapter 6.4.16.
enum DataType : std::uint32_t { int64 = 4, float32 = 9, float64 = 10, boolean = 11 };

constexpr const char* rebirth_name = "Node Control/Rebirth";
constexpr std::int64_t hurry_ms = 150'000;
constexpr std::size_t metrics_each = building_points.size();

void set_number(sparkplug::Metric& metric, const PointSpec& spec, double value) {
    if (spec.quantity.counter) {
        metric.set_double_value(value);
    } else {
        metric.set_float_value(static_cast<float>(value));
    }
}

std::optional<double> number_of(const sparkplug::Metric& metric) {
    using Kind = sparkplug::Metric::ValueCase;
    switch (metric.value_case()) {
        case Kind::kIntValue:
            return metric.int_value();
        case Kind::kLongValue:
            return static_cast<double>(metric.long_value());
        case Kind::kFloatValue:
            return metric.float_value();
        case Kind::kDoubleValue:
            return metric.double_value();
        case Kind::kBooleanValue:
            return metric.boolean_value() ? 1.0 : 0.0;
        default:
            return std::nullopt;
    }
}

}  // namespace

SparkplugNode::SparkplugNode(const CityView& view, Broker& broker, Settings settings, std::vector<Device> devices)
    : view_(view),
      settings_(std::move(settings)),
      devices_(std::move(devices)),
      sent_(devices_.size() * metrics_each, 0.0),
      link_(broker, fmt::format("{}-{}", settings_.group, settings_.node),
            {.connecting =
                 [this](MqttLink& link) {
                     ++birth_number_;
                     link.set_will(topic("NDEATH"), death_payload());
                 },
             .connected =
                 [this](MqttLink& link) {
                     link.subscribe(topic("NCMD"), 1);
                     link.subscribe(topic("DCMD", "+"), 1);
                     be_born();
                 },
             .message = [this](std::string_view where, std::string_view what) { take_message(where, what); }}) {}

/// An orderly end: the node says itself what its will would say (chapter 5.7).
SparkplugNode::~SparkplugNode() {
    link_.publish(topic("NDEATH"), death_payload(), 0);
}

std::string SparkplugNode::topic(std::string_view kind, std::string_view device) const {
    const auto base = fmt::format("spBv1.0/{}/{}/{}", settings_.group, kind, settings_.node);
    return device.empty() ? base : fmt::format("{}/{}", base, device);
}

std::string SparkplugNode::death_payload() const {
    sparkplug::Payload payload;
    payload.set_timestamp(static_cast<std::uint64_t>(view_.now_ms()));
    auto& metric = *payload.add_metrics();
    metric.set_name("bdSeq");
    metric.set_datatype(int64);
    metric.set_long_value(birth_number_);
    return payload.SerializeAsString();
}

void SparkplugNode::send(const std::string& where, sparkplug::Payload& payload) {
    payload.set_seq(sequence_);
    if (link_.publish(where, payload.SerializeAsString(), 0)) {
        sequence_ = (sequence_ + 1) % 256;
    }
}

void SparkplugNode::be_born() {
    const std::int64_t now_ms = view_.now_ms();
    sparkplug::Payload payload;
    payload.set_timestamp(static_cast<std::uint64_t>(now_ms));
    auto& number = *payload.add_metrics();
    number.set_name("bdSeq");
    number.set_timestamp(static_cast<std::uint64_t>(now_ms));
    number.set_datatype(int64);
    number.set_long_value(birth_number_);
    auto& rebirth = *payload.add_metrics();
    rebirth.set_name(rebirth_name);
    rebirth.set_timestamp(static_cast<std::uint64_t>(now_ms));
    rebirth.set_datatype(boolean);
    rebirth.set_boolean_value(false);
    sequence_ = 0;
    send(topic("NBIRTH"), payload);
    for (std::size_t device = 0; device < devices_.size(); ++device) {
        bear_device(device, now_ms);
    }
}

void SparkplugNode::bear_device(std::size_t device, std::int64_t now_ms) {
    sparkplug::Payload payload;
    payload.set_timestamp(static_cast<std::uint64_t>(now_ms));
    for (std::size_t i = 0; i < metrics_each; ++i) {
        const std::size_t index = device * metrics_each + i;
        const auto& spec = building_points[i];
        auto& metric = *payload.add_metrics();
        metric.set_name(std::string(spec.name));
        metric.set_alias(index + 1);
        metric.set_timestamp(static_cast<std::uint64_t>(now_ms));
        metric.set_datatype(spec.quantity.counter ? float64 : float32);
        sent_[index] = view_.instruments.read(devices_[device].first_slot + i, now_ms);
        set_number(metric, spec, sent_[index]);
    }
    send(topic("DBIRTH", devices_[device].name), payload);
}

void SparkplugNode::publish_device(std::size_t device, std::int64_t now_ms) {
    sparkplug::Payload payload;
    for (std::size_t i = 0; i < metrics_each; ++i) {
        const std::size_t index = device * metrics_each + i;
        const double value = view_.instruments.read(devices_[device].first_slot + i, now_ms);
        if (value != sent_[index]) {
            auto& metric = *payload.add_metrics();
            metric.set_alias(index + 1);
            metric.set_timestamp(static_cast<std::uint64_t>(now_ms));
            set_number(metric, building_points[i], value);
            sent_[index] = value;
        }
    }
    if (payload.metrics_size() > 0) {
        payload.set_timestamp(static_cast<std::uint64_t>(now_ms));
        send(topic("DDATA", devices_[device].name), payload);
    }
}

void SparkplugNode::publish_changes(std::int64_t now_ms) {
    for (std::size_t device = 0; device < devices_.size(); ++device) {
        publish_device(device, now_ms);
    }
}

void SparkplugNode::tick(std::int64_t now_ms) {
    link_.tick(now_ms);
    if (next_ms_ == 0) {
        next_ms_ = now_ms + settings_.phase_ms;
    }
    if (now_ms < next_ms_ || !link_.connected()) {
        return;
    }
    const std::int64_t period_ms =
        now_ms < hurry_until_ms_ ? std::min<std::int64_t>(1'000, settings_.period_ms) : settings_.period_ms;
    next_ms_ = std::max(next_ms_ + period_ms, now_ms);
    if (!silent_) {
        publish_changes(now_ms);
    }
}

void SparkplugNode::take_message(std::string_view where, std::string_view what) {
    sparkplug::Payload payload;
    if (silent_ || !payload.ParseFromArray(what.data(), static_cast<int>(what.size()))) {
        log_warn("sim", "{}: {} bytes that are no Sparkplug payload, or the node is silent", where, what.size());
        return;
    }
    const auto named = [where](const Device& device) { return where.ends_with("/" + device.name); };
    const auto device = std::find_if(devices_.begin(), devices_.end(), named);
    for (const auto& metric : payload.metrics()) {
        if (device != devices_.end()) {
            take_write(*device, metric);
        } else if (metric.name() == rebirth_name && metric.boolean_value()) {
            be_born();
        }
    }
}

void SparkplugNode::take_write(const Device& device, const sparkplug::Metric& metric) {
    const auto first_alias = static_cast<std::size_t>(&device - devices_.data()) * metrics_each + 1;
    const auto meant = [&](std::size_t i) {
        return metric.has_alias() ? metric.alias() == first_alias + i : metric.name() == building_points[i].name;
    };
    for (std::size_t i = 0; i < metrics_each; ++i) {
        if (const auto value = number_of(metric); meant(i) && value) {
            if (!view_.plant.write(device.first_slot + i, *value)) {
                log_warn("sim", "{}/{} was written and is no set-point", device.name, building_points[i].name);
            }
            next_ms_ = view_.now_ms();
            hurry_until_ms_ = next_ms_ + hurry_ms;
        }
    }
}

SparkplugFace::SparkplugFace(const CityView& view, Broker& broker, const std::string& group, std::int64_t period_ms) {
    std::size_t building = 0;
    const auto count = static_cast<std::int64_t>(view.city.stations.size());
    for (const auto& station : view.city.stations) {
        std::vector<SparkplugNode::Device> devices;
        for (const auto& loop : station.loops) {
            for (const auto& house : loop.buildings) {
                devices.push_back({house.code, view.layout.building[building++]});
            }
        }
        const auto phase_ms = period_ms * static_cast<std::int64_t>(nodes_.size()) / count;
        codes_.push_back(station.code + ".bm1");
        nodes_.push_back(std::make_unique<SparkplugNode>(
            view, broker,
            SparkplugNode::Settings{group, station.code.substr(station.code.rfind('.') + 1), period_ms, phase_ms},
            std::move(devices)));
    }
}

void SparkplugFace::collect(std::vector<pollfd>& wanted) {
    for (const auto& node : nodes_) {
        wanted.push_back(node->link().wanted());
    }
}

void SparkplugFace::serve(std::span<const pollfd> happened) {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (happened[i].revents != 0) {
            nodes_[i]->link().serve(happened[i].revents);
        }
    }
}

void SparkplugFace::tick(std::int64_t now_ms) {
    for (const auto& node : nodes_) {
        node->tick(now_ms);
    }
}

SparkplugNode* SparkplugFace::find(std::string_view device) {
    const auto found = std::find(codes_.begin(), codes_.end(), device);
    return found == codes_.end() ? nullptr : nodes_[static_cast<std::size_t>(found - codes_.begin())].get();
}

bool SparkplugFace::set_silent(std::string_view device, bool silent) {
    SparkplugNode* node = find(device);
    if (node != nullptr) {
        node->set_silent(silent);
    }
    return node != nullptr;
}

bool SparkplugFace::set_cut(std::string_view device, bool cut) {
    SparkplugNode* node = find(device);
    if (node != nullptr) {
        node->link().set_cut(cut);
    }
    return node != nullptr;
}

}  // namespace nuanshu::sim

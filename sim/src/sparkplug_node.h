#pragma once

#include <string>
#include <vector>

#include "sim/src/mqtt_link.h"
#include "sim/src/plc_face.h"

namespace nuanshu::sim {

namespace sparkplug {
class Metric;
class Payload;
}  // namespace sparkplug

/// A station's concentrator as a Sparkplug B edge node; each building's meter is a device. Eclipse Sparkplug 3.0.0:
/// chapter 5 for births, deaths, sequence numbers and rebirths. Data are sent by exception, by alias.
class SparkplugNode {
 public:
    struct Device {
        std::string name;
        std::size_t first_slot = 0;
    };
    struct Settings {
        std::string group, node;
        std::int64_t period_ms = 10'000;
        std::int64_t phase_ms = 0;  ///< when in its period it speaks
    };

    SparkplugNode(const CityView& view, Broker& broker, Settings settings, std::vector<Device> devices);
    ~SparkplugNode();

    MqttLink& link() { return link_; }
    void tick(std::int64_t now_ms);
    void set_silent(bool silent) { silent_ = silent; }

 private:
    std::string topic(std::string_view kind, std::string_view device = "") const;
    std::string death_payload() const;
    void be_born();
    void bear_device(std::size_t device, std::int64_t now_ms);
    void publish_changes(std::int64_t now_ms);
    void publish_device(std::size_t device, std::int64_t now_ms);
    void send(const std::string& topic, sparkplug::Payload& payload);
    void take_message(std::string_view topic, std::string_view payload);
    void take_write(const Device& device, const sparkplug::Metric& metric);

    const CityView& view_;
    const Settings settings_;
    const std::vector<Device> devices_;
    std::vector<double> sent_;  ///< by alias − 1
    std::uint64_t birth_number_ = 0;
    unsigned sequence_ = 0;
    bool silent_ = false;
    std::int64_t next_ms_ = 0;
    std::int64_t hurry_until_ms_ = 0;  ///< after a command values go out each second, so that it can be followed
    MqttLink link_;
};

/// All stations' concentrators: device codes `<station>.bm1`, edge nodes named after the station's last label.
class SparkplugFace final : public DeviceFace {
 public:
    SparkplugFace(const CityView& view, Broker& broker, const std::string& group, std::int64_t period_ms);

    void collect(std::vector<pollfd>& wanted) override;
    void serve(std::span<const pollfd> happened) override;
    void tick(std::int64_t now_ms) override;
    bool set_silent(std::string_view device, bool silent) override;
    bool set_cut(std::string_view device, bool cut) override;

 private:
    SparkplugNode* find(std::string_view device);

    std::vector<std::string> codes_;  ///< of the devices, in the order of the nodes
    std::vector<std::unique_ptr<SparkplugNode>> nodes_;
};

}  // namespace nuanshu::sim

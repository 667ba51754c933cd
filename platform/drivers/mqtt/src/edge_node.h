#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/drivers/mqtt/src/metric_table.h"
#include "platform/drivers/mqtt/src/sparkplug_payload.h"
#include "platform/drivers/mqtt/src/taken.h"
#include "platform/drivers/mqtt/src/topic.h"

namespace nuanshu::drivers::mqtt {

struct SparkplugBinding {
    PointId point;
    std::string device;  ///< "" for a metric of the edge node itself
    std::string metric;
};

/// Aliases in one message that no birth has named.
struct UnknownAliases {
    std::size_t count = 0;
    std::uint64_t one = 0;  ///< of them
};

/// One edge node of Sparkplug B 3.0 as a host sees it: births, deaths, aliases, sequence numbers. Its life:
///
///     unknown ── NBIRTH ──> alive ── NDEATH with the birth's bdSeq ──> dead ── NBIRTH ──> alive
///        │ any other message        │ a number of the sequence is missing
///        └──> wants a rebirth       └──> wants a rebirth; its data are taken all the same
///
/// Devices behind it live by DBIRTH and DDEATH, and die with it. Data that come before a birth are taken as far as they
/// name their metrics. Pure; one thread.
class EdgeNode {
 public:
    static constexpr std::int64_t ask_again_ms = 10'000;       ///< at the earliest, for a rebirth
    static constexpr std::int64_t ask_again_ms_max = 300'000;  ///< the pause doubles until here while nobody answers

    EdgeNode(std::string_view group, std::string_view name);

    /// Binds a device's points; returns those whose metric is bound already.
    std::vector<SparkplugBinding> bind(DeviceKey device, const std::vector<SparkplugBinding>& bindings);
    /// Returns the points that are free now.
    std::vector<PointId> unbind(DeviceKey device);
    bool unwanted() const { return owners_.empty(); }

    /// What follows from a message goes into `taken`.
    void take(const SparkplugTopic& topic, const SparkplugPayload& payload, bool duplicate, Taken& taken);
    /// A message that could not be decoded.
    void blame(const std::string& text, Taken& taken) const;
    /// How the node and its points fare; nothing before its first birth or death.
    void tell(Taken& taken) const;

    void forget_births();
    /// The next number is taken as it comes.
    void forget_sequence() { in_sequence_ = false; }
    bool all_born() const;

    bool wants_rebirth() const { return wants_rebirth_; }
    /// Whether it is time to ask; if so, it counts as asked.
    bool ask_for_rebirth(std::int64_t steady_ms);

    /// A write in the type that the birth gave. Errors: unavailable (dead, or the birth has no such metric), invalid,
    /// unsupported (as set_metric_value).
    Result<Outgoing> command(const std::string& device, const std::string& metric, double value,
                             std::int64_t now_ms) const;

 private:
    struct Part {
        MetricTable table;
        bool alive = false;
        bool seen = false;        ///< born or died since the node's birth
        std::size_t missing = 0;  ///< bound metrics that the birth does not name
    };

    void take_node_birth(const SparkplugPayload& payload, Taken& taken);
    void take_node_death(const SparkplugPayload& payload, Taken& taken);
    void take_device_birth(std::string_view device, const SparkplugPayload& payload, Taken& taken);
    void take_device_death(std::string_view device, Taken& taken);
    void take_data(std::string_view device, const SparkplugPayload& payload, Taken& taken);
    void check_sequence(const SparkplugPayload& payload, bool duplicate, Taken& taken);
    void begin_part(std::string_view device, Part& part, const SparkplugPayload& payload, Taken& taken);
    void map_metrics(std::string_view device, const MetricTable& table, const SparkplugPayload& payload, Taken& taken);
    void report_unknown(std::string_view device, UnknownAliases unknown, Taken& taken);
    void report_missing(std::string_view device, Part& part, Taken& taken) const;
    void want_rebirth(std::string_view why, Taken& taken);
    void stop_awaiting_births(Taken& taken);
    void end_devices(Taken& taken);
    void tell_states(Taken& taken) const;
    Part& own_part() { return parts_.find(std::string_view())->second; }
    Part* find_part(std::string_view device);
    std::string place(std::string_view device) const;
    std::optional<DeviceState> state_of(DeviceKey device) const;
    static void end_part(Part& part, Taken& taken);
    static void announce(const Part& part, bool ok, Taken& taken);

    std::string group_;
    std::string name_;
    TextMap<Part> parts_;  ///< "" is the edge node itself, always there
    std::vector<DeviceKey> owners_;
    bool alive_ = false;
    bool seen_ = false;
    bool awaits_births_ = false;  ///< of devices, since its own
    bool in_sequence_ = false;
    std::uint8_t next_sequence_ = 0;
    std::optional<std::uint64_t> birth_number_;  ///< bdSeq
    bool wants_rebirth_ = true;
    std::optional<std::int64_t> asked_ms_;
    std::int64_t ask_pause_ms_ = ask_again_ms;
};

/// spBv1.0/<group>/<kind>/<node>[/<device>]
std::string sparkplug_topic(std::string_view group, std::string_view kind, std::string_view node,
                            std::string_view device);

}  // namespace nuanshu::drivers::mqtt

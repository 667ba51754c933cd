#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "platform/drivers/mqtt/src/metric_table.h"
#include "platform/drivers/mqtt/src/packet.h"
#include "platform/drivers/mqtt/src/sparkplug_payload.h"
#include "platform/drivers/mqtt/src/taken.h"
#include "platform/drivers/mqtt/src/topic.h"

namespace nuanshu::drivers::mqtt {

struct SparkplugBinding {
    PointId point;
    std::string device;  ///< "" for a metric of the edge node itself
    std::string metric;
};

/// What one configured device wants of an edge node.
struct SparkplugPlan {
    std::string group;
    std::string edge_node;
    std::vector<SparkplugBinding> bindings;
};

/// Aliases in one message that no birth has named.
struct UnknownAliases {
    std::size_t count = 0;
    std::uint64_t one = 0;  ///< of them
};

/// The host application's side of Sparkplug B 3.0 for any number of edge nodes: births, deaths, aliases, sequence
/// numbers. An edge node's life:
///
///     unknown ── NBIRTH ──> alive ── NDEATH with the birth's bdSeq ──> dead ── NBIRTH ──> alive
///        │ any other message        │ a number of the sequence is missing
///        └──> wants a rebirth       └──> wants a rebirth; its data are taken all the same
///
/// Devices behind it live by DBIRTH and DDEATH, and die with it. Data that come before a birth are taken as far as they
/// name their metrics. Pure: time is passed in, what there is to send comes out. One thread.
class SparkplugHost {
 public:
    static constexpr std::int64_t ask_again_ms = 10'000;       ///< at the earliest, for a rebirth
    static constexpr std::int64_t ask_again_ms_max = 300'000;  ///< the pause doubles until here while nobody answers

    /// Points bound to metrics that are bound already are left out and returned as sentences.
    std::vector<std::string> add(DeviceKey device, const SparkplugPlan& plan);
    void remove(DeviceKey device);

    /// Takes one message. False when no device wants anything of this edge node. What is wrong with it goes into
    /// `taken.faults`.
    bool take(const SparkplugTopic& topic, Bytes payload, bool duplicate, Taken& taken);

    /// The broker has forgotten what it kept for us: births may have been missed, so none counts any more.
    void forget_births();
    /// Messages may have been missed or come again: the next number of each node is taken as it comes.
    void forget_sequences();
    bool every_node_is_born() const;

    /// The rebirth requests that are due (NCMD, `Node Control/Rebirth`).
    std::vector<Outgoing> rebirth_requests(std::int64_t steady_ms, std::int64_t now_ms);

    /// A write to a bound metric, in the type its birth gave. Errors: not_found (no such point here), unavailable (the
    /// node or the device is dead, or its birth has no such metric), invalid, unsupported (as set_metric_value).
    Result<Outgoing> command(PointId point, double value, std::int64_t now_ms) const;

    /// Says of every edge node that has been born or died how it and its points fare.
    void tell_all(Taken& taken) const;

 private:
    struct Part {
        MetricTable table;
        bool alive = false;
        bool seen = false;        ///< born or died since the node's birth
        std::size_t missing = 0;  ///< bound metrics that the birth does not name
    };
    struct Node {
        std::string group;
        std::string name;
        TextMap<Part> parts;  ///< "" is the edge node itself, always there
        std::vector<DeviceKey> owners;
        bool alive = false;
        bool seen = false;
        std::optional<std::uint64_t> birth_number;  ///< bdSeq
        std::uint8_t next_sequence = 0;
        bool in_sequence = false;
        bool awaits_births = false;  ///< of devices, since its own
        bool wants_rebirth = true;
        std::optional<std::int64_t> asked_ms;
        std::int64_t ask_pause_ms = ask_again_ms;
    };
    struct Place {
        Node* node;
        std::string device;
        std::string metric;
    };

    Node* find_node(std::string_view group, std::string_view name);
    void take_message(Node& node, const SparkplugTopic& topic, bool duplicate, Taken& taken);
    void take_node_birth(Node& node, Taken& taken);
    void take_device_birth(Node& node, std::string_view device, Taken& taken);
    void take_data(Node& node, std::string_view device, Taken& taken);
    void take_node_death(Node& node, Taken& taken);
    void take_device_death(Node& node, std::string_view device, Taken& taken);
    void check_sequence(Node& node, bool duplicate, Taken& taken);
    void map_metrics(Node& node, const MetricTable& table, std::string_view part, Taken& taken);
    void report_unknown(Node& node, std::string_view part, UnknownAliases unknown, Taken& taken);
    void want_rebirth(Node& node, std::string_view why, Taken& taken);
    static void report_missing(const Node& node, std::string_view device, Part& part, Taken& taken);
    static void stop_awaiting_births(Node& node, Taken& taken);
    static void end_devices(Node& node, Taken& taken);
    static void end_part(Part& part, Taken& taken);
    static void announce(const Part& part, bool ok, Taken& taken);
    static void tell_states(const Node& node, Taken& taken);
    static std::optional<DeviceState> state_in(const Node& node, DeviceKey device);

    TextMap<TextMap<Node>> groups_;
    std::unordered_map<PointId, Place> places_;
    SparkplugPayload payload_;
    bool rebirths_wanted_ = false;
};

}  // namespace nuanshu::drivers::mqtt

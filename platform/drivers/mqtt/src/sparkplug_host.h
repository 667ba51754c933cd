#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "platform/drivers/mqtt/src/edge_node.h"
#include "platform/drivers/mqtt/src/packet.h"
#include "platform/drivers/mqtt/src/sparkplug_payload.h"
#include "platform/drivers/mqtt/src/taken.h"
#include "platform/drivers/mqtt/src/topic.h"

namespace nuanshu::drivers::mqtt {

/// What one configured device wants of an edge node.
struct SparkplugPlan {
    std::string group;
    std::string edge_node;
    std::vector<SparkplugBinding> bindings;
};

/// The host application's side of Sparkplug B 3.0 for any number of edge nodes. Pure: time is passed in, what there is
/// to send comes out. One thread.
class SparkplugHost {
 public:
    /// Points bound to metrics that are bound already are left out and returned as sentences.
    std::vector<std::string> add(DeviceKey device, const SparkplugPlan& plan);
    void remove(DeviceKey device);

    /// Takes one message. False when no device wants anything of this edge node. What is wrong with it goes into
    /// `taken.faults`.
    bool take(const SparkplugTopic& topic, Bytes payload, bool duplicate, Taken& taken);

    /// Says of every edge node that has been born or died how it and its points fare.
    void tell_all(Taken& taken) const;

    /// The broker has forgotten what it kept for us: births may have been missed, so none counts any more.
    void forget_births();
    /// Messages may have been missed or come again: the next number of each node is taken as it comes.
    void forget_sequences();
    bool every_node_is_born() const;

    /// The rebirth requests that are due (NCMD, `Node Control/Rebirth`).
    std::vector<Outgoing> rebirth_requests(std::int64_t steady_ms, std::int64_t now_ms);

    /// A write to a bound metric. Errors: not_found (no such point here), else as EdgeNode::command.
    Result<Outgoing> command(PointId point, double value, std::int64_t now_ms) const;

 private:
    struct Place {
        EdgeNode* node;
        std::string device;
        std::string metric;
    };

    EdgeNode* find_node(std::string_view group, std::string_view name);
    template <class Do>
    void for_each_node(Do what);

    TextMap<TextMap<EdgeNode>> groups_;
    std::unordered_map<PointId, Place> places_;
    SparkplugPayload payload_;
};

}  // namespace nuanshu::drivers::mqtt

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nuanshu::drivers::mqtt {

/// Text from a wire, safe to show: control characters and broken UTF-8 become `?`, and what is long ends with an
/// ellipsis.
std::string printable(std::string_view text);

/// A topic of plain JSON devices: at most one whole level is `{code}`, none is a wildcard. "city/rooms/{code}/up".
class TopicTemplate {
 public:
    /// Errors: invalid.
    static Result<TopicTemplate> create(std::string_view text);

    /// For one device: city/rooms/xc.s01/up.
    std::string topic(std::string_view code) const;
    /// For all: city/rooms/+/up.
    std::string filter() const;
    bool has_code() const { return has_code_; }

 private:
    std::string before_;
    std::string after_;
    bool has_code_ = false;
};

enum class SparkplugMessage { node_birth, node_death, node_data, device_birth, device_death, device_data };

/// spBv1.0/<group>/<message>/<edge node>[/<device>], the five kinds that a host listens to. Views point into the text.
struct SparkplugTopic {
    std::string_view group;
    SparkplugMessage message = SparkplugMessage::node_data;
    std::string_view edge_node = {};
    std::string_view device = {};  ///< "" for the edge node itself
};

/// Nothing when it is no such topic.
std::optional<SparkplugTopic> parse_sparkplug_topic(std::string_view topic);

inline constexpr std::string_view sparkplug_namespace = "spBv1.0";

/// One level of a topic that a person wrote into settings: not empty, no / + # and no control characters.
bool is_topic_level(std::string_view text);

}  // namespace nuanshu::drivers::mqtt

#include "platform/drivers/mqtt/src/topic.h"

#include <algorithm>
#include <array>
#include <utility>

namespace nuanshu::drivers::mqtt {
namespace {

constexpr std::size_t shown_length_max = 120;
constexpr std::string_view code_placeholder = "{code}";

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

/// How many bytes of UTF-8 stand at the front: 1 to 4, or 0 when they are none.
std::size_t utf_8_length(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t length = lead < 0x80                   ? 1U
                               : lead >= 0xC2 && lead < 0xE0 ? 2U
                               : lead >= 0xE0 && lead < 0xF0 ? 3U
                               : lead >= 0xF0 && lead < 0xF5 ? 4U
                                                             : 0U;
    if (length > text.size()) {
        return 0;
    }
    const auto tail = text.substr(1, length > 0 ? length - 1 : 0);
    const bool good = std::all_of(tail.begin(), tail.end(), [](char c) { return (c & 0xC0) == 0x80; });
    return good ? length : 0;
}

std::string_view take_level(std::string_view& rest) {
    const auto slash = rest.find('/');
    const auto level = rest.substr(0, slash);
    rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
    return level;
}

struct MessageName {
    std::string_view name;
    SparkplugMessage message;
    bool of_device;
};

constexpr std::array<MessageName, 6> message_names = {{
    {"DDATA", SparkplugMessage::device_data, true},
    {"NDATA", SparkplugMessage::node_data, false},
    {"NBIRTH", SparkplugMessage::node_birth, false},
    {"DBIRTH", SparkplugMessage::device_birth, true},
    {"NDEATH", SparkplugMessage::node_death, false},
    {"DDEATH", SparkplugMessage::device_death, true},
}};

}  // namespace

std::string printable(std::string_view text) {
    std::string shown;
    while (!text.empty() && shown.size() < shown_length_max) {
        const std::size_t length = utf_8_length(text);
        if (length == 0 || is_control(text[0])) {
            shown += '?';
        } else {
            shown += text.substr(0, length);
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return text.empty() ? shown : shown + "…";
}

bool is_topic_level(std::string_view text) {
    return !text.empty() && text.find_first_of("/+#") == std::string_view::npos &&
           std::none_of(text.begin(), text.end(), is_control);
}

Result<TopicTemplate> TopicTemplate::create(std::string_view text) {
    if (text.empty() || text.find_first_of("+#") != std::string_view::npos ||
        std::any_of(text.begin(), text.end(), is_control)) {
        return fail(ErrorCode::invalid, "topic",
                    "`{}` is empty or has a wildcard; city/rooms/{{code}}/up would be right", printable(text));
    }
    TopicTemplate made;
    const auto at = text.find(code_placeholder);
    if (at == std::string_view::npos) {
        made.before_ = text;
        return made;
    }
    made.has_code_ = true;
    made.before_ = text.substr(0, at);
    made.after_ = text.substr(at + code_placeholder.size());
    const bool begins_level = made.before_.empty() || made.before_.back() == '/';
    const bool ends_level = made.after_.empty() || made.after_.front() == '/';
    if (!begins_level || !ends_level || made.after_.find(code_placeholder) != std::string::npos) {
        return fail(ErrorCode::invalid, "topic", "`{}`: {{code}} has to be one whole level between slashes, once",
                    printable(text));
    }
    return made;
}

std::string TopicTemplate::topic(std::string_view code) const {
    return has_code_ ? fmt::format("{}{}{}", before_, code, after_) : before_;
}

std::string TopicTemplate::filter() const {
    return topic("+");
}

std::optional<SparkplugTopic> parse_sparkplug_topic(std::string_view topic) {
    if (take_level(topic) != sparkplug_namespace) {
        return std::nullopt;
    }
    SparkplugTopic parsed{.group = take_level(topic)};
    const auto name = take_level(topic);
    const auto kind =
        std::find_if(message_names.begin(), message_names.end(), [&](const auto& row) { return row.name == name; });
    parsed.edge_node = take_level(topic);
    parsed.device = take_level(topic);
    if (kind == message_names.end() || !topic.empty() || parsed.group.empty() || parsed.edge_node.empty() ||
        kind->of_device == parsed.device.empty()) {
        return std::nullopt;
    }
    parsed.message = kind->message;
    return parsed;
}

}  // namespace nuanshu::drivers::mqtt

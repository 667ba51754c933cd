#include "platform/http/src/yaml_json.h"

#include <charconv>

#include <yaml-cpp/yaml.h>

#include "platform/http/src/json_writer.h"

namespace nuanshu::http {
namespace {

bool is_number(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && std::isfinite(number);
}

void write_scalar(JsonWriter& json, const YAML::Node& node) {
    const auto& text = node.Scalar();
    const bool quoted = node.Tag() == "!";
    if (quoted || !(is_number(text) || text == "true" || text == "false")) {
        json.item(text);
    } else if (text == "true" || text == "false") {
        json.raw(text);
    } else {
        json.item(std::stod(text));
    }
}

void write_node(JsonWriter& json, const YAML::Node& node) {
    switch (node.Type()) {
        case YAML::NodeType::Scalar:
            return write_scalar(json, node);
        case YAML::NodeType::Sequence:
            json.array();
            for (const auto& item : node) {
                write_node(json, item);
            }
            json.end();
            return;
        case YAML::NodeType::Map:
            json.object();
            for (const auto& member : node) {
                json.key(member.first.as<std::string>());
                write_node(json, member.second);
            }
            json.end();
            return;
        default:
            json.null();
    }
}

}  // namespace

Result<std::map<std::string, std::string, std::less<>>> yaml_to_json_members(std::string_view yaml) {
    std::map<std::string, std::string, std::less<>> members;
    try {
        const auto document = YAML::Load(std::string(yaml));
        if (!document.IsMap()) {
            return fail(ErrorCode::invalid, "manifest", "is no YAML mapping");
        }
        for (const auto& member : document) {
            JsonWriter json;
            write_node(json, member.second);
            members.emplace(member.first.as<std::string>(), json.take());
        }
    } catch (const YAML::Exception& broken) {
        return fail(ErrorCode::invalid, fmt::format("manifest line {}", broken.mark.line + 1), "{}", broken.msg);
    }
    return members;
}

}  // namespace nuanshu::http

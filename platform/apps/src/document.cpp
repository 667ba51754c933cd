#include "platform/apps/src/document.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <set>
#include <sstream>

#include <yaml-cpp/yaml.h>

namespace nuanshu::apps {
namespace json = boost::json;
namespace {

constexpr std::size_t file_bytes_max = 1 << 20;
constexpr int depth_max = 32;

/// A plain scalar is a number, a boolean or null where it reads as one; a quoted one is always text.
json::value scalar_value(const YAML::Node& node) {
    const auto& text = node.Scalar();
    if (node.Tag() == "!") {
        return json::value(text);
    }
    if (text == "true" || text == "false") {
        return text == "true";
    }
    if (text.empty() || text == "~" || text == "null") {
        return nullptr;
    }
    std::int64_t integer = 0;
    const auto* end = text.data() + text.size();
    if (const auto [at, error] = std::from_chars(text.data(), end, integer); error == std::errc() && at == end) {
        return integer;
    }
    double number = 0;
    if (const auto [at, error] = std::from_chars(text.data(), end, number); error == std::errc() && at == end) {
        return number;
    }
    return json::value(text);
}

class Converter {
 public:
    Converter(Document& document, Diagnostics& faults) : document_(document), faults_(faults) {}

    json::value convert(const YAML::Node& node, const std::string& pointer, int depth) {
        const int line = node.Mark().line + 1;
        document_.lines.try_emplace(pointer, line);
        if (depth > depth_max) {
            faults_.push_back(
                {document_.file, line, field_of(pointer), fmt::format("more than {} levels deep", depth_max)});
            return nullptr;
        }
        switch (node.Type()) {
            case YAML::NodeType::Map:
                return convert_map(node, pointer, depth);
            case YAML::NodeType::Sequence:
                return convert_sequence(node, pointer, depth);
            case YAML::NodeType::Scalar:
                return scalar_value(node);
            default:
                return nullptr;
        }
    }

 private:
    json::value convert_map(const YAML::Node& node, const std::string& pointer, int depth) {
        json::object object;
        for (const auto& entry : node) {
            const auto key = entry.first.IsScalar() ? entry.first.Scalar() : std::string("?");
            const auto child = pointer + "/" + key;
            const int line = entry.first.Mark().line + 1;
            if (object.contains(key)) {
                faults_.push_back({document_.file, line, field_of(child), fmt::format("`{}` stands here twice", key)});
                continue;
            }
            document_.lines[child] = line;
            object[key] = convert(entry.second, child, depth + 1);
        }
        return object;
    }

    json::value convert_sequence(const YAML::Node& node, const std::string& pointer, int depth) {
        json::array array;
        for (std::size_t i = 0; i < node.size(); ++i) {
            array.push_back(convert(node[i], fmt::format("{}/{}", pointer, i), depth + 1));
        }
        return array;
    }

    Document& document_;
    Diagnostics& faults_;
};

}  // namespace

std::string field_of(std::string_view pointer) {
    std::string field(pointer.substr(pointer.empty() ? 0 : 1));
    std::replace(field.begin(), field.end(), '/', '.');
    return field;
}

int Document::line_of(std::string pointer) const {
    for (;;) {
        if (const auto found = lines.find(pointer); found != lines.end()) {
            return found->second;
        }
        const auto slash = pointer.rfind('/');
        if (slash == std::string::npos) {
            return 0;
        }
        pointer.resize(slash);
    }
}

std::optional<Document> parse_document(std::string file, const std::string& text, Diagnostics& faults) {
    Document document;
    document.file = std::move(file);
    if (text.size() > file_bytes_max) {
        faults.push_back({document.file, 0, "", fmt::format("{} bytes; at most {}", text.size(), file_bytes_max)});
        return std::nullopt;
    }
    try {
        const auto root = YAML::Load(text);
        const auto before = faults.size();
        document.root = Converter(document, faults).convert(root, "", 0);
        return faults.size() == before ? std::optional(std::move(document)) : std::nullopt;
    } catch (const YAML::Exception& e) {
        faults.push_back({document.file, e.mark.line + 1, "", fmt::format("no YAML: {}", e.msg)});
        return std::nullopt;
    }
}

std::optional<Document> load_document(const std::string& file, Diagnostics& faults) {
    std::ifstream stream(file, std::ios::binary);
    std::stringstream text;
    text << stream.rdbuf();
    if (!stream) {
        faults.push_back({file, 0, "", "cannot be read"});
        return std::nullopt;
    }
    return parse_document(file, text.str(), faults);
}

}  // namespace nuanshu::apps

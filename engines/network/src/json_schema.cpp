#include <fmt/format.h>

#include "engines/network/read.h"
#include "engines/network/src/fields.h"

namespace nuanshu::network {
namespace {

template <class E>
std::string schema_of(int depth);

/// Gathers the properties of one struct.
template <class E>
class SchemaWriter {
 public:
    explicit SchemaWriter(int depth) : depth_(depth) {}

    template <class T>
    void operator()(std::string_view name, T E::*member, Need need = Need::optional) {
        add(name, type_of(element_.*member), need);
    }
    void node(std::string_view name, NodeIndex E::*, Need need = Need::optional) {
        add(name, R"({"type": "string", "description": "id of a node"})", need);
    }
    void pipe(std::string_view name, std::int32_t E::*, Need need = Need::optional) {
        add(name, R"({"type": "string", "description": "id of a pipe"})", need);
    }
    std::string text() const {
        const std::string indent(static_cast<std::size_t>(depth_) * 2, ' ');
        return fmt::format(
            "{{\n{0}  \"type\": \"object\",\n{0}  \"additionalProperties\": false,\n{0}  \"required\": "
            "[{1}],\n{0}  \"properties\": {{{2}\n{0}  }}\n{0}}}",
            indent, fmt::join(required_, ", "), fmt::join(properties_, ","));
    }

 private:
    void add(std::string_view name, const std::string& type, Need need) {
        const std::string indent(static_cast<std::size_t>(depth_) * 2 + 4, ' ');
        properties_.push_back(fmt::format("\n{}\"{}\": {}", indent, name, type));
        if (need == Need::required) {
            required_.push_back(fmt::format("\"{}\"", name));
        }
    }

    std::string type_of(double value) const { return fmt::format(R"({{"type": "number", "default": {}}})", value); }
    std::string type_of(const std::optional<double>&) const { return R"({"type": ["number", "null"]})"; }
    std::string type_of(bool value) const { return fmt::format(R"({{"type": "boolean", "default": {}}})", value); }
    std::string type_of(const std::string&) const { return R"({"type": "string"})"; }
    std::string type_of(const std::vector<double>&) const {
        return R"({"type": "array", "items": {"type": "number"}})";
    }
    template <class T>
    std::string type_of(const std::vector<T>&) const {
        return fmt::format(R"({{"type": "array", "items": {}}})", schema_of<T>(depth_ + 2));
    }
    template <class T>
    std::string type_of(const T& value) const {
        if constexpr (std::is_enum_v<T>) {
            const auto words = words_of<T>();
            return fmt::format(R"({{"enum": ["{}"], "default": "{}"}})", fmt::join(words, R"(", ")"),
                               words[static_cast<std::size_t>(value)]);
        } else {
            return schema_of<T>(depth_ + 2);
        }
    }

    int depth_;
    const E element_{};
    std::vector<std::string> properties_, required_;
};

template <class E>
std::string schema_of(int depth) {
    SchemaWriter<E> writer(depth);
    describe(writer, Of<E>{});
    return writer.text();
}

}  // namespace

std::string json_schema() {
    const std::string network = schema_of<Network>(0);
    return "{\n  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"
           "  \"title\": \"A pipe network for `nuanshu network`\",\n"
           "  \"description\": \"Units stand in the names: m, kg/s, Pa over the atmosphere, °C, W. A link's flow is "
           "positive from "
           "`from` to `to`.\"," +
           network.substr(1) + "\n";
}

}  // namespace nuanshu::network

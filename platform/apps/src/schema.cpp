#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <deque>

#include "platform/apps/src/document.h"
#include "platform/apps/src/spelling.h"

namespace nuanshu::apps {
namespace json = boost::json;
namespace {

std::vector<std::string> split_pointer(std::string_view pointer) {
    std::vector<std::string> parts;
    while (!pointer.empty()) {
        pointer.remove_prefix(1);
        const auto slash = std::min(pointer.find('/'), pointer.size());
        parts.emplace_back(pointer.substr(0, slash));
        pointer.remove_prefix(slash);
    }
    return parts;
}

const json::object* follow_reference(const json::value& root, const json::object* schema) {
    while (schema != nullptr && schema->contains("$ref")) {
        const std::string pointer(std::string_view(schema->at("$ref").as_string()).substr(1));
        boost::system::error_code error;
        const auto* target = root.find_pointer(pointer, error);
        schema = target != nullptr ? target->if_object() : nullptr;
    }
    return schema;
}

const json::object* step(const json::object& schema, const std::string& part) {
    if (const auto* properties = schema.if_contains("properties"); properties != nullptr) {
        if (const auto* found = properties->as_object().if_contains(part)) {
            return found->if_object();
        }
    }
    for (const auto* keyword : {"additionalProperties", "items"}) {
        if (const auto* found = schema.if_contains(keyword); found != nullptr && found->is_object()) {
            return found->if_object();
        }
    }
    return nullptr;
}

/// The part of the schema that speaks of the value at `pointer`; null where none does.
const json::object* schema_at(const json::value& root, std::string_view pointer) {
    const auto* schema = root.if_object();
    for (const auto& part : split_pointer(pointer)) {
        schema = follow_reference(root, schema);
        if (schema == nullptr) {
            return nullptr;
        }
        schema = step(*schema, part);
    }
    return follow_reference(root, schema);
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text;
}

/// A fault at one value, in words that say what would be right.
struct Explained {
    std::string pointer;
    std::string text;
};

std::optional<Explained> unknown_key(const json::object& schema, const json::value& value, const std::string& pointer) {
    const auto* properties = schema.if_contains("properties");
    const auto* extra = schema.if_contains("additionalProperties");
    if (!value.is_object() || properties == nullptr || extra == nullptr || extra->is_object()) {
        return std::nullopt;
    }
    std::vector<std::string> known;
    for (const auto& property : properties->as_object()) {
        known.emplace_back(property.key());
    }
    for (const auto& entry : value.as_object()) {
        if (std::find(known.begin(), known.end(), entry.key()) == known.end()) {
            const std::string key(entry.key());
            return Explained{pointer + "/" + key,
                             fmt::format("unknown key `{}`{}; there are: {}", key, did_you_mean(key, known), joined(known))};
        }
    }
    return std::nullopt;
}

std::optional<Explained> missing_key(const json::object& schema, const json::value& value, const std::string& pointer) {
    const auto* required = schema.if_contains("required");
    if (!value.is_object() || required == nullptr) {
        return std::nullopt;
    }
    for (const auto& name : required->as_array()) {
        if (!value.as_object().contains(name.as_string())) {
            return Explained{pointer, fmt::format("`{}` is missing", std::string_view(name.as_string()))};
        }
    }
    return std::nullopt;
}

std::optional<Explained> wrong_choice(const json::object& schema, const json::value& value, const std::string& pointer) {
    const auto* choices = schema.if_contains("enum");
    if (choices == nullptr) {
        return std::nullopt;
    }
    std::vector<std::string> known;
    for (const auto& choice : choices->as_array()) {
        known.emplace_back(choice.as_string());
    }
    const auto given = value.is_string() ? std::string(value.as_string()) : json::serialize(value);
    return Explained{pointer, fmt::format("`{}` is none of: {}{}", given, joined(known), did_you_mean(given, known))};
}

std::optional<Explained> wrong_value(const json::object& schema, const json::value& value, const std::string& pointer) {
    const auto given = json::serialize(value);
    if (const auto* pattern = schema.if_contains("pattern"); pattern != nullptr && value.is_string()) {
        return Explained{pointer, fmt::format("{} does not fit {}", given, json::serialize(*pattern))};
    }
    for (const auto& [keyword, words] : {std::pair("minimum", "below the least allowed,"), std::pair("maximum", "above the most allowed,")}) {
        const auto* bound = schema.if_contains(keyword);
        if (bound == nullptr || !value.is_number()) {
            continue;
        }
        const double excess = value.to_number<double>() - bound->to_number<double>();
        if (std::string_view(keyword) == "minimum" ? excess < 0 : excess > 0) {
            return Explained{pointer, fmt::format("{} is {} {}", given, words, json::serialize(*bound))};
        }
    }
    if (const auto* type = schema.if_contains("type")) {
        return Explained{pointer, fmt::format("{} should be {}", given, json::serialize(*type))};
    }
    return std::nullopt;
}

Explained explain(const json::value& schema_root, const json::value& root, const std::string& pointer, const std::string& description) {
    boost::system::error_code error;
    const auto* value = root.find_pointer(pointer, error);
    const auto* schema = schema_at(schema_root, pointer);
    if (value != nullptr && schema != nullptr) {
        for (const auto& question : {unknown_key, missing_key, wrong_choice, wrong_value}) {
            if (auto answer = question(*schema, *value, pointer)) {
                return *answer;
            }
        }
    }
    return {pointer, description};
}

}  // namespace

bool follows_schema(const Document& document, std::string_view schema_text, Diagnostics& faults) {
    const auto schema_root = json::parse(json::string_view(schema_text.data(), schema_text.size()));
    valijson::Schema schema;
    valijson::SchemaParser().populateSchema(valijson::adapters::BoostJsonAdapter(schema_root), schema);
    valijson::ValidationResults results;
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    if (validator.validate(schema, valijson::adapters::BoostJsonAdapter(document.root), &results)) {
        return true;
    }
    std::vector<valijson::ValidationResults::Error> errors(results.begin(), results.end());
    const auto has_deeper = [&](const std::string& pointer) {
        return std::any_of(errors.begin(), errors.end(), [&](const auto& e) { return e.jsonPointer.starts_with(pointer + "/"); });
    };
    std::map<std::string, std::string> told;
    for (const auto& error : errors) {
        if (!has_deeper(error.jsonPointer)) {
            const auto answer = explain(schema_root, document.root, error.jsonPointer, error.description);
            told.try_emplace(answer.pointer, answer.text);
        }
    }
    for (const auto& [pointer, text] : told) {
        auto field = pointer.empty() ? pointer : pointer.substr(1);
        std::replace(field.begin(), field.end(), '/', '.');
        faults.push_back({document.file, document.line_of(pointer), field, text});
    }
    return false;
}

}  // namespace nuanshu::apps

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

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

/// JSON as a person would write it: numbers without exponents.
std::string written(const json::value& value) {
    return value.is_double() ? fmt::format("{}", value.as_double()) : json::serialize(value);
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

using Explanations = std::vector<Explained>;

void explain_unknown_keys(const json::object& schema, const json::value& value, const std::string& pointer,
                          Explanations& out) {
    const auto* properties = schema.if_contains("properties");
    const auto* extra = schema.if_contains("additionalProperties");
    if (!value.is_object() || properties == nullptr || extra == nullptr || extra->is_object()) {
        return;
    }
    std::vector<std::string> known;
    for (const auto& property : properties->as_object()) {
        known.emplace_back(property.key());
    }
    for (const auto& entry : value.as_object()) {
        const std::string key(entry.key());
        if (std::find(known.begin(), known.end(), key) == known.end()) {
            out.push_back({pointer + "/" + key, fmt::format("unknown key `{}`{}; there are: {}", key,
                                                            did_you_mean(key, known), joined(known))});
        }
    }
}

void explain_missing_keys(const json::object& schema, const json::value& value, const std::string& pointer,
                          Explanations& out) {
    const auto* required = schema.if_contains("required");
    if (!value.is_object() || required == nullptr) {
        return;
    }
    for (const auto& name : required->as_array()) {
        if (!value.as_object().contains(name.as_string())) {
            out.push_back({pointer, fmt::format("`{}` is missing", std::string_view(name.as_string()))});
        }
    }
}

std::optional<Explained> wrong_choice(const json::object& schema, const json::value& value,
                                      const std::string& pointer) {
    const auto* choices = schema.if_contains("enum");
    if (choices == nullptr) {
        return std::nullopt;
    }
    std::vector<std::string> known;
    for (const auto& choice : choices->as_array()) {
        known.emplace_back(choice.as_string());
    }
    const auto given = value.is_string() ? std::string(value.as_string()) : written(value);
    return Explained{pointer, fmt::format("`{}` is none of: {}{}", given, joined(known), did_you_mean(given, known))};
}

std::optional<Explained> wrong_value(const json::object& schema, const json::value& value, const std::string& pointer) {
    const auto given = written(value);
    if (const auto* pattern = schema.if_contains("pattern"); pattern != nullptr && value.is_string()) {
        return Explained{pointer, fmt::format("{} does not fit {}", given, json::serialize(*pattern))};
    }
    for (const auto& [keyword, words] :
         {std::pair("minimum", "below the least allowed,"), std::pair("maximum", "above the most allowed,")}) {
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

/// Everything that is wrong at `pointer` itself; `description` where nothing better can be said and nothing below it is
/// wrong.
Explanations explain(const json::value& schema_root, const json::value& root, const std::string& pointer,
                     const std::string& description, bool has_deeper) {
    boost::system::error_code error;
    const auto* value = root.find_pointer(pointer, error);
    const auto* schema = schema_at(schema_root, pointer);
    Explanations out;
    if (value != nullptr && schema != nullptr) {
        explain_unknown_keys(*schema, *value, pointer, out);
        explain_missing_keys(*schema, *value, pointer, out);
        for (const auto& question : {wrong_choice, wrong_value}) {
            if (auto answer = question(*schema, *value, pointer); answer && out.empty() && !has_deeper) {
                out.push_back(std::move(*answer));
            }
        }
    }
    if (out.empty() && !has_deeper) {
        out.push_back({pointer, description});
    }
    return out;
}

/// valijson's place: "<root>", "[points]", "[level]" become "/points/level".
std::string pointer_of(const std::vector<std::string>& context) {
    std::string pointer;
    for (std::size_t i = 1; i < context.size(); ++i) {
        pointer += "/" + context[i].substr(1, context[i].size() - 2);
    }
    return pointer;
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
    std::vector<std::pair<std::string, std::string>> errors;  // pointer, description
    for (const auto& error : results) {
        errors.emplace_back(pointer_of(error.context), error.description);
    }
    const auto has_deeper = [&](const std::string& pointer) {
        return std::any_of(errors.begin(), errors.end(),
                           [&](const auto& e) { return e.first.starts_with(pointer + "/"); });
    };
    std::set<std::pair<std::string, std::string>> told;
    for (const auto& [pointer, description] : errors) {
        for (auto& answer : explain(schema_root, document.root, pointer, description, has_deeper(pointer))) {
            told.emplace(std::move(answer.pointer), std::move(answer.text));
        }
    }
    for (const auto& [pointer, text] : told) {
        faults.push_back({document.file, document.line_of(pointer), field_of(pointer), text});
    }
    return false;
}

}  // namespace nuanshu::apps

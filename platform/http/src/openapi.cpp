#include "platform/http/server.h"
#include "platform/http/src/component_schemas.h"
#include "platform/http/src/routes.h"

namespace nuanshu::http {
namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

std::string_view capture_description(std::string_view name) {
    if (name == "code") {
        return "a record's code: xc.s01.n1.h023";
    }
    if (name == "name") {
        return "a point's name within its record: primary_flow";
    }
    return name == "type" ? "a record type's name: station" : "the command's number";
}

void write_parameter(JsonWriter& json, std::string_view name, std::string_view in, std::string_view description,
                     bool required, const Schema& schema) {
    json.object().member("name", name).member("in", in).member("description", description).member("required", required);
    json.key("schema");
    write_schema(json, schema);
    json.end();
}

void write_parameters(JsonWriter& json, const Route& route) {
    json.key("parameters").array();
    for (const auto& name : capture_names(route.pattern)) {
        write_parameter(json, name, "path", capture_description(name), true, text_schema());
    }
    for (const auto& parameter : route.query) {
        write_parameter(json, parameter.name, "query", parameter.description, parameter.required, parameter.schema);
    }
    json.end();
}

void write_content(JsonWriter& json, std::string_view content_type, const Schema& schema) {
    json.key(content_type).object().key("schema");
    write_schema(json, schema);
    json.end();
}

/// All answers with the status of the one at `first`: they differ in content type only.
void write_answer(JsonWriter& json, const std::vector<Answer>& answers, std::size_t first) {
    const int status = answers[first].status;
    json.key(std::to_string(status)).object().member("description", answers[first].description);
    if (answers[first].schema) {
        json.key("content").object();
        for (const auto& answer : answers) {
            if (answer.status == status) {
                write_content(json, answer.content_type, *answer.schema);
            }
        }
        json.end();
    }
    json.end();
}

void write_problem(JsonWriter& json) {
    json.key("default").object().member("description", "A problem").key("content").object();
    write_content(json, "application/problem+json", reference_schema("Problem"));
    json.end().end();
}

void write_answers(JsonWriter& json, const Route& route) {
    json.key("responses").object();
    for (std::size_t i = 0; i < route.answers.size(); ++i) {
        if (i == 0 || route.answers[i].status != route.answers[i - 1].status) {
            write_answer(json, route.answers, i);
        }
    }
    write_problem(json);
    json.end();
}

void write_operation(JsonWriter& json, const Route& route) {
    json.key(lower(route.method)).object().member("operationId", route.id).member("summary", route.summary);
    write_parameters(json, route);
    if (route.body) {
        json.key("requestBody").object().member("required", true).key("content").object();
        write_content(json, route.raw_body.empty() ? "application/json" : route.raw_body, *route.body);
        json.end().end();
    }
    write_answers(json, route);
    if (route.access == Access::open) {
        json.key("security").array().end();
    }
    json.end();
}

std::vector<std::string> patterns_of(const Routes& routes) {
    std::vector<std::string> patterns;
    for (const auto& route : routes) {
        if (std::find(patterns.begin(), patterns.end(), route.pattern) == patterns.end()) {
            patterns.push_back(route.pattern);
        }
    }
    return patterns;
}

void write_paths(JsonWriter& json, const Routes& routes) {
    json.key("paths").object();
    for (const auto& pattern : patterns_of(routes)) {
        json.key(pattern).object();
        for (const auto& route : routes) {
            if (route.pattern == pattern) {
                write_operation(json, route);
            }
        }
        json.end();
    }
    json.end();
}

void write_security(JsonWriter& json) {
    json.key("securitySchemes").object();
    json.key("cookie").object().member("type", "apiKey").member("in", "cookie").member("name", "nuanshu_session").end();
    json.key("bearer").object().member("type", "http").member("scheme", "bearer").end();
    json.key("basic").object().member("type", "http").member("scheme", "basic").end().end();
}

void write_components(JsonWriter& json, const records::TypeRegistry& types) {
    json.key("components").object().key("schemas").object();
    for (const auto& schema : component_schemas(types)) {
        json.key(schema.name);
        write_schema(json, schema.schema);
    }
    json.end();
    write_security(json);
    json.end();
}

}  // namespace

std::string openapi_document(const records::TypeRegistry& types, std::string_view version) {
    JsonWriter json;
    json.object()
        .member("openapi", "3.1.0")
        .key("info")
        .object()
        .member("title", "Nuanshu")
        .member("version", version)
        .end();
    json.key("security").array().object().key("cookie").array().end().end();
    json.object().key("bearer").array().end().end();
    json.object().key("basic").array().end().end().end();
    write_paths(json, all_routes());
    write_components(json, types);
    json.end();
    return json.take();
}

}  // namespace nuanshu::http

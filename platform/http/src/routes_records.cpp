#include "platform/http/src/problem.h"
#include "platform/http/src/routes.h"
#include "platform/http/src/url.h"
#include "platform/http/src/value_json.h"
#include "platform/records/json.h"
#include "platform/records/records.h"

namespace nuanshu::http {
namespace {

Result<const records::Type*> require_type(const Call& call) {
    const auto& types = call.context.services.records.types();
    const auto& name = call.captured("type");
    if (const auto* type = types.find(name)) {
        return type;
    }
    std::string known;
    for (const auto& type : types.all()) {
        known += (known.empty() ? "" : ", ") + type.name;
    }
    return fail(ErrorCode::not_found, "type " + name, "is not known; known: {}", known);
}

Reply list_types(const Call& call) {
    JsonWriter json;
    json.object().key("items").array();
    for (const auto& type : call.context.services.records.types().all()) {
        write_type(json, type);
    }
    json.end().end();
    return json_response(json.take());
}

Reply get_type(const Call& call) {
    NUANSHU_TRY(const auto* type, require_type(call));
    JsonWriter json;
    write_type(json, *type);
    return json_response(json.take());
}

/// "-heated_area,code" → keys; the API's created_at and changed_at are created_ms and changed_ms inside.
std::vector<records::SortKey> read_sort(std::string_view text) {
    std::vector<records::SortKey> keys;
    for (auto& word : split_list(text)) {
        const bool descending = word.starts_with('-');
        auto field = descending ? word.substr(1) : word;
        if (field == "created_at" || field == "changed_at") {
            field.replace(field.size() - 2, 2, "ms");
        }
        keys.push_back({std::move(field), descending});
    }
    return keys;
}

bool is_shown_name(const records::Type& type, std::string_view name) {
    static constexpr std::array<std::string_view, 7> built_in = {"type",    "code",       "title",     "geometry",
                                                                 "version", "created_at", "changed_at"};
    return std::find(built_in.begin(), built_in.end(), name) != built_in.end() || type.find_field(name) != nullptr;
}

/// The names wanted of each record, checked.
tl::expected<std::vector<std::string>, Failure> read_fields(const Call& call, const records::Type& type) {
    auto names = split_list(call.text("fields"));
    for (const auto& name : names) {
        if (!is_shown_name(type, name)) {
            return tl::unexpected(
                field_failure("query", {{"fields", fmt::format("{} has no field `{}`", type.name, name)}}));
        }
    }
    return names;
}

records::Query read_list_query(const Call& call) {
    return {.filter = std::string(call.text("filter")),
            .under = std::string(call.text("under")),
            .search = std::string(call.text("search")),
            .sort = read_sort(call.text("sort")),
            .limit = static_cast<std::size_t>(call.integer("limit", 100)),
            .after = std::string(call.text("after"))};
}

Reply list_records(const Call& call) {
    const auto& records = call.context.services.records;
    NUANSHU_TRY(const auto* type, require_type(call));
    auto fields = read_fields(call, *type);
    if (!fields) {
        return tl::unexpected(std::move(fields.error()));
    }
    const auto query = read_list_query(call);
    NUANSHU_TRY(const auto page, records.list(type->name, query));
    JsonWriter json;
    json.object().key("items").array();
    for (const auto& record : page.records) {
        json.raw(to_json(record, *type, *fields));
    }
    json.end().member("next", page.next);
    if (call.flag("count")) {
        NUANSHU_TRY(const auto count, records.count(type->name, query));
        json.member("count", count);
    }
    json.end();
    return json_response(json.take());
}

Reply get_record(const Call& call) {
    NUANSHU_TRY(const auto* type, require_type(call));
    NUANSHU_TRY(const auto record, call.context.services.records.get(type->name, call.captured("code")));
    return json_response(to_json(record, *type));
}

Reply create_record(const Call& call) {
    NUANSHU_TRY(const auto* type, require_type(call));
    std::vector<records::FieldFault> faults;
    auto record = records::record_from_json(call.request.body, *type, faults);
    if (!faults.empty()) {
        return tl::unexpected(field_failure(fmt::format("{} {}", type->name, record.code), std::move(faults)));
    }
    NUANSHU_TRY(const auto stored, call.context.services.records.create(std::move(record)));
    auto response = json_response(to_json(stored, *type), 201);
    response.headers.emplace_back("Location", fmt::format("/api/v1/records/{}/{}", type->name, stored.code));
    return response;
}

Reply change_record(const Call& call) {
    NUANSHU_TRY(const auto* type, require_type(call));
    const auto& code = call.captured("code");
    std::vector<records::FieldFault> faults;
    const auto patch = records::patch_from_json(call.request.body, *type, faults);
    if (!faults.empty()) {
        return tl::unexpected(field_failure(fmt::format("{} {}", type->name, code), std::move(faults)));
    }
    NUANSHU_TRY(const auto stored, call.context.services.records.change(type->name, code, patch));
    return json_response(to_json(stored, *type));
}

Reply remove_record(const Call& call) {
    NUANSHU_TRY(const auto* type, require_type(call));
    NUANSHU_TRY_VOID(call.context.services.records.remove(type->name, call.captured("code")));
    return Response{.status = 204};
}

Reply get_record_type(const Call& call) {
    NUANSHU_TRY(const auto type, call.context.services.records.type_of(call.captured("code")));
    JsonWriter json;
    json.object().member("type", type).end();
    return json_response(json.take());
}

void add_type_routes(Routes& routes) {
    routes.push_back({.method = "GET",
                      .pattern = "/api/v1/types",
                      .id = "list_types",
                      .summary = "What kinds of things there are, with their fields and points",
                      .answers = {{200, "All types", list_schema("Type")}},
                      .handler = list_types});
    routes.push_back({.method = "GET",
                      .pattern = "/api/v1/types/{type}",
                      .id = "get_type",
                      .summary = "One type",
                      .answers = {{200, "The type", reference_schema("Type")}},
                      .handler = get_type});
    routes.push_back({.method = "GET",
                      .pattern = "/api/v1/record-types/{code}",
                      .id = "get_record_type",
                      .summary = "The type of the record with this code",
                      .answers = {{200, "Its type", object_schema({{"type", text_schema()}})}},
                      .handler = get_record_type});
}

std::vector<Parameter> list_parameters() {
    return {{"filter", text_schema().at_most(4096),
             "expression over the fields: heated_area > 50000 && status in [\"running\"]"},
            under_parameter("this record and those below it in the tree"),
            search_parameter("text contained in code or title"),
            {"sort", text_schema().at_most(500), "fields with commas, each with a minus in front for descending"},
            limit_parameter(1000, 100),
            after_parameter(),
            {"fields", text_schema().at_most(4096), "comma list of what to return beside type and code"},
            {"count", boolean_schema(), "1: also how many there are in all"}};
}

Schema record_page_schema() {
    auto schema = page_schema("Record");
    schema.properties.push_back({"count", integer_schema(), false});
    return schema;
}

void add_reading_routes(Routes& routes) {
    routes.push_back({.method = "GET",
                      .pattern = "/api/v1/records/{type}",
                      .id = "list_records",
                      .summary = "Records of a type, filtered, sorted and paged",
                      .query = list_parameters(),
                      .answers = {{200, "One page", record_page_schema()}},
                      .handler = list_records});
    routes.push_back({.method = "GET",
                      .pattern = "/api/v1/records/{type}/{code}",
                      .id = "get_record",
                      .summary = "One record",
                      .answers = {{200, "The record", reference_schema("Record")}},
                      .handler = get_record});
}

void add_changing_routes(Routes& routes) {
    routes.push_back({.method = "POST",
                      .pattern = "/api/v1/records/{type}",
                      .id = "create_record",
                      .summary = "Make a record",
                      .body = reference_schema("NewRecord"),
                      .answers = {{201, "As stored", reference_schema("Record")}},
                      .handler = create_record});
    routes.push_back({.method = "PATCH",
                      .pattern = "/api/v1/records/{type}/{code}",
                      .id = "change_record",
                      .summary = "Change the named fields; null clears one; `version` must be the stored one if sent",
                      .body = reference_schema("RecordChange"),
                      .answers = {{200, "As stored", reference_schema("Record")}},
                      .handler = change_record});
    routes.push_back({.method = "DELETE",
                      .pattern = "/api/v1/records/{type}/{code}",
                      .id = "remove_record",
                      .summary = "Remove a record that nothing links to",
                      .answers = {{204, "Removed", {}}},
                      .handler = remove_record});
}

}  // namespace

void add_record_routes(Routes& routes) {
    add_type_routes(routes);
    add_reading_routes(routes);
    add_changing_routes(routes);
}

}  // namespace nuanshu::http

#include "platform/http/src/problem.h"
#include "platform/http/src/routes.h"

namespace nuanshu::http {
namespace {

Reply show_health(const Call& call) {
    const auto checks = call.context.services.health();
    const bool ok = std::all_of(checks.begin(), checks.end(), [](const HealthCheck& check) { return check.ok; });
    JsonWriter json;
    json.object().member("status", ok ? "ok" : "degraded").key("checks").array();
    for (const auto& check : checks) {
        json.object().member("name", check.name).member("ok", check.ok).member("text", check.text).end();
    }
    json.end().end();
    return json_response(json.take(), ok ? 200 : 503);
}

Reply show_metrics(const Call& call) {
    return Response{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                    .body = call.context.services.metrics.render()};
}

Reply show_openapi(const Call& call) {
    return json_response(call.context.openapi);
}

Result<> write_record_counts(JsonWriter& json, const records::Records& records) {
    json.key("records").object();
    for (const auto& type : records.types().all()) {
        NUANSHU_TRY(const auto count, records.count(type.name, {}));
        json.member(type.name, count);
    }
    json.end();
    return {};
}

void write_device_counts(JsonWriter& json, const std::vector<drivers::DeviceStatus>& statuses) {
    std::map<std::string_view, std::size_t> counts;
    for (const auto& status : statuses) {
        ++counts[to_string(status.state)];
    }
    json.key("devices").object();
    for (const auto& [state, count] : counts) {
        json.member(state, count);
    }
    json.end();
}

Reply show_system(const Call& call) {
    const auto& context = call.context;
    const auto& services = context.services;
    JsonWriter json;
    json.object().member("version", context.settings.version).member("started_ms", context.started_ms);
    json.member("now_ms", services.clock.now_ms()).member("time_zone", context.settings.time_zone);
    json.member("points", services.catalogue.size());
    NUANSHU_TRY_VOID(write_record_counts(json, services.records));
    json.member("samples_per_s", context.stored_rate.per_second());
    write_device_counts(json, services.device_statuses());
    NUANSHU_TRY(const auto size, services.samples.size());
    json.member("database", context.settings.database).key("historian").object();
    json.member("samples", size.samples).member("bytes", size.bytes).end().member("demo", context.settings.demo).end();
    return json_response(json.take());
}

/// A plain request where a WebSocket handshake belongs; the handshake itself never comes here.
Reply refuse_plain_live(const Call& call) {
    return tl::unexpected(Failure(Error{ErrorCode::invalid, call.request.path, "wants a WebSocket handshake"}, 426));
}

}  // namespace

void add_system_routes(Routes& routes) {
    routes.push_back({.method = "GET",
                      .pattern = "/healthz",
                      .id = "show_health",
                      .summary = "Whether everything needed works; 503 when not",
                      .answers = {{200, "All well", reference_schema("Health")},
                                  {503, "Something is wrong", reference_schema("Health")}},
                      .access = Access::open,
                      .handler = show_health});
    routes.push_back({.method = "GET",
                      .pattern = "/metrics",
                      .id = "show_metrics",
                      .summary = "All figures of the process, for Prometheus",
                      .answers = {{200, "Prometheus text 0.0.4", text_schema(), "text/plain"}},
                      .access = Access::open,
                      .handler = show_metrics});
    routes.push_back({.method = "GET",
                      .pattern = "/api/openapi.json",
                      .id = "show_openapi",
                      .summary = "This document",
                      .answers = {{200, "OpenAPI 3.1", open_schema()}},
                      .handler = show_openapi});
    routes.push_back({.method = "GET",
                      .pattern = "/api/v1/system",
                      .id = "show_system",
                      .summary = "Version, sizes and rates",
                      .answers = {{200, "The system", reference_schema("System")}},
                      .handler = show_system});
    routes.push_back(
        {.method = "GET",
         .pattern = "/api/v1/live",
         .id = "open_live",
         .summary = "Live values: a WebSocket, see docs/api.md",
         .query = {{"token", text_schema().at_most(200), "the session's token, for clients without cookies"}},
         .answers = {{101, "A WebSocket", {}}},
         .handler = refuse_plain_live});
}

}  // namespace nuanshu::http

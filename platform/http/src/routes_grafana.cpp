#include <charconv>

#include <boost/json.hpp>

#include "base/time.h"
#include "platform/http/src/problem.h"
#include "platform/http/src/retired_drawing.h"
#include "platform/http/src/routes.h"
#include "platform/http/src/sample_series.h"

namespace nuanshu::http {
namespace {

namespace json = boost::json;
using Faults = std::vector<records::FieldFault>;

constexpr std::size_t found_max = 1'000;
constexpr std::size_t targets_max = 100;
constexpr std::int64_t columns_max = 10'000;
constexpr std::int64_t windows_max = 100'000;
constexpr std::size_t command_pages_max = 20;
constexpr std::size_t command_page = 500;

/// The text at this name of an object; "" when there is none.
std::string text_at(const json::object& object, std::string_view name) {
    const auto* member = object.if_contains(name);
    return member != nullptr && member->is_string() ? std::string(member->get_string()) : std::string();
}

std::int64_t integer_at(const json::object& object, std::string_view name, std::int64_t otherwise) {
    const auto* member = object.if_contains(name);
    return member != nullptr && member->is_int64() ? member->get_int64() : otherwise;
}

/// What people type to find points: `target`, or inside `payload`, where newer versions of the plugin put it.
std::string searched_text(const json::object& body) {
    const auto* payload = body.if_contains("payload");
    const auto inside = payload != nullptr && payload->is_object() ? text_at(payload->get_object(), "target") : "";
    return inside.empty() ? text_at(body, "target") : inside;
}

std::vector<std::shared_ptr<const points::PointDefinition>> find_points(const Call& call) {
    return call.context.services.catalogue.list({.search = searched_text(call.body->as_object()), .limit = found_max});
}

Reply greet(const Call&) {
    return json_response(R"({"status":"ok"})");
}

Reply search(const Call& call) {
    JsonWriter out;
    out.array();
    for (const auto& point : find_points(call)) {
        out.item(std::string_view(point->code));
    }
    out.end();
    return json_response(out.take());
}

Response labelled(const Call& call, std::string_view label, std::string_view value) {
    JsonWriter out;
    out.array();
    for (const auto& point : find_points(call)) {
        const auto text = fmt::format("{} · {} ({})", point->record_title, point->type->title.zh, point->code);
        out.object().member(label, text).member(value, point->code).end();
    }
    out.end();
    return json_response(out.take());
}

Reply list_metrics(const Call& call) {
    return labelled(call, "label", "value");
}
Reply list_variables(const Call& call) {
    return labelled(call, "__text", "__value");
}

historian::TimeRange read_range(const json::object& body, Faults& faults) {
    const auto* range = body.if_contains("range");
    historian::TimeRange read;
    for (const auto& [name, moment] : {std::pair("from", &read.from_ms), std::pair("to", &read.to_ms)}) {
        const auto text = range != nullptr && range->is_object() ? text_at(range->get_object(), name) : "";
        const auto time = parse_time(text);
        *moment = time.value_or(0);
        if (!time) {
            faults.push_back({fmt::format("range.{}", name), time.error().what});
        }
    }
    if (faults.empty() && read.from_ms >= read.to_ms) {
        faults.push_back({"range.to", "is not after range.from"});
    }
    return read;
}

/// "mean(xc.s01/flow)" → "mean" and the code; a code alone has no figure and is drawn as all samples look.
struct Target {
    std::string text;
    std::string ref;
    std::string figure;
    std::string code;
};

Target read_target(const json::object& target) {
    Target read{text_at(target, "target"), text_at(target, "refId"), "", ""};
    const auto opening = read.text.find('(');
    const bool has_figure = opening != std::string::npos && read.text.ends_with(')');
    read.figure = has_figure ? read.text.substr(0, opening) : "";
    read.code = has_figure ? read.text.substr(opening + 1, read.text.size() - opening - 2) : read.text;
    return read;
}

bool is_asked(const json::value& target) {
    if (!target.is_object() || text_at(target.get_object(), "target").empty()) {
        return false;
    }
    const auto* hidden = target.get_object().if_contains("hide");
    return hidden == nullptr || !hidden->is_bool() || !hidden->get_bool();
}

/// What all targets of a panel share.
struct Panel {
    historian::TimeRange range;
    std::int64_t columns;
    std::int64_t interval_ms;
};

Panel read_panel(const json::object& body, Faults& faults) {
    Panel panel{read_range(body, faults), 0, 0};
    panel.columns = std::clamp<std::int64_t>(integer_at(body, "maxDataPoints", 1'000), 1, columns_max);
    const auto span_ms = std::max<std::int64_t>(panel.range.to_ms - panel.range.from_ms, 1);
    panel.interval_ms = std::max<std::int64_t>(integer_at(body, "intervalMs", span_ms / panel.columns), 1);
    if (span_ms / panel.interval_ms >= windows_max) {
        faults.push_back({"intervalMs", fmt::format("{} makes more than {} windows; take a longer one",
                                                    panel.interval_ms, windows_max)});
    }
    return panel;
}

/// A figure of each interval, null where it has no answer.
Result<> append_figures(JsonWriter& out, const Call& call, const Panel& panel, PointId point,
                        const historian::Aggregation& figure) {
    historian::Query query;
    query.kind = historian::Query::Kind::windows;
    query.points = {point};
    query.range = panel.range;
    query.window.kind = historian::Window::Kind::fixed;
    query.window.length_ms = panel.interval_ms;
    query.aggregations = {figure};
    query.empty_windows = true;
    query.now_ms = call.context.services.clock.now_ms();
    NUANSHU_TRY(const auto answer, historian::run_query(call.context.services.samples, query));
    const auto& series = answer.front();
    for (std::size_t row = 0; row < series.time_ms.size(); ++row) {
        out.array().item(series.figures[0][row]).item(series.time_ms[row]).end();
    }
    return {};
}

/// The picture of all samples at the panel's width; null where a sample is bad.
Result<> append_picture(JsonWriter& out, const Call& call, const Panel& panel, PointId point) {
    const auto& store = call.context.services.samples;
    const auto columns = static_cast<std::size_t>(panel.columns);
    NUANSHU_TRY(const auto drawn, read_drawing(store, store.life(), point, panel.range, columns));
    for (const auto& sample : drawn) {
        out.array().item(value_shown(sample)).item(sample.time_ms).end();
    }
    return {};
}

tl::expected<void, Failure> append_target(JsonWriter& out, const Call& call, const Panel& panel, const Target& target) {
    const auto point = call.context.services.catalogue.find(target.code);
    if (!point) {
        return tl::unexpected(field_failure("targets", {{target.ref, fmt::format("{} is not known", target.code)}}));
    }
    out.object().member("target", target.text).member("refId", target.ref).key("datapoints").array();
    if (target.figure.empty()) {
        NUANSHU_TRY_VOID(append_picture(out, call, panel, point->id));
    } else {
        const auto figure = historian::parse_aggregation(target.figure);
        if (!figure) {
            return tl::unexpected(field_failure("targets", {{target.ref, figure.error().what}}));
        }
        NUANSHU_TRY_VOID(append_figures(out, call, panel, point->id, *figure));
    }
    out.end().end();
    return {};
}

Reply query(const Call& call) {
    Faults faults;
    const auto& body = call.body->as_object();
    const auto panel = read_panel(body, faults);
    const auto* targets = body.if_contains("targets");
    const bool has_targets = targets != nullptr && targets->is_array();
    if (!has_targets || targets->get_array().size() > targets_max) {
        faults.push_back({"targets", fmt::format("a list of at most {} is wanted", targets_max)});
    }
    if (!faults.empty()) {
        return tl::unexpected(field_failure("body", std::move(faults)));
    }
    JsonWriter out;
    out.array();
    for (const auto& target : targets->get_array()) {
        if (!is_asked(target)) {
            continue;
        }
        if (auto written = append_target(out, call, panel, read_target(target.get_object())); !written) {
            return tl::unexpected(std::move(written.error()));
        }
    }
    out.end();
    return json_response(out.take());
}

void append_command(JsonWriter& out, const json::value* annotation, const commands::CommandRecord& command) {
    out.object();
    if (annotation != nullptr) {
        out.raw_member("annotation", json::serialize(*annotation));
    }
    const auto ended_ms = command.executed_ms + command.confirmed_after_ms.value_or(0);
    out.member("time", command.executed_ms)
        .member("timeEnd", ended_ms)
        .member("isRegion", ended_ms > command.executed_ms);
    out.member("title", fmt::format("{} = {}", command.point, command.value));
    out.member("text", fmt::format("{}: {}{}{}", command.user, to_string(command.outcome),
                                   command.reason.empty() ? "" : ", ", command.reason));
    out.key("tags").array().item("command").item(to_string(command.outcome)).end().end();
}

/// The commands to a point (to all, when none is named) in the range, newest first.
Reply list_annotations(const Call& call) {
    Faults faults;
    const auto& body = call.body->as_object();
    const auto range = read_range(body, faults);
    if (!faults.empty()) {
        return tl::unexpected(field_failure("body", std::move(faults)));
    }
    const auto* annotation = body.if_contains("annotation");
    commands::CommandQuery asked{.point = "", .limit = command_page};
    if (annotation != nullptr && annotation->is_object()) {
        asked.point = text_at(annotation->get_object(), "query");
    }
    JsonWriter out;
    out.array();
    for (std::size_t page = 0; page < command_pages_max; ++page) {
        NUANSHU_TRY(const auto found, call.context.services.commands.list(asked));
        for (const auto& command : found) {
            asked.before_id = command.id;
            if (command.executed_ms >= range.from_ms && command.executed_ms < range.to_ms) {
                append_command(out, annotation, command);
            }
        }
        if (found.size() < command_page || found.back().executed_ms < range.from_ms) {
            break;
        }
    }
    out.end();
    return json_response(out.take());
}

Route asking_route(std::string path, std::string id, std::string summary, Schema answer, Handler handler) {
    return {.method = "POST",
            .pattern = "/api/v1/grafana/" + path,
            .id = std::move(id),
            .summary = std::move(summary),
            .body = open_schema(),
            .answers = {{200, "The list", array_schema(std::move(answer))}},
            .handler = handler};
}

Route greeting_route(std::string pattern, std::string id) {
    return {.method = "GET",
            .pattern = std::move(pattern),
            .id = std::move(id),
            .summary = "Grafana's look whether we are there and let it in",
            .answers = {{200, "All well", object_schema({{"status", text_schema()}})}},
            .handler = greet};
}

}  // namespace

void add_grafana_routes(Routes& routes) {
    routes.push_back(greeting_route("/api/v1/grafana", "greet_grafana"));
    routes.push_back(greeting_route("/api/v1/grafana/", "greet_grafana_at_root"));
    routes.push_back(
        asking_route("search", "search_for_grafana", "Codes of points, for Grafana", text_schema(), search));
    routes.push_back(asking_route("metrics", "list_grafana_metrics", "Points with titles, for Grafana", open_schema(),
                                  list_metrics));
    routes.push_back(asking_route("variable", "list_grafana_variables", "Points as values of a variable, for Grafana",
                                  open_schema(), list_variables));
    routes.push_back(
        asking_route("query", "query_for_grafana", "Samples or figures, for Grafana", open_schema(), query));
    routes.push_back(asking_route("annotations", "annotate_for_grafana", "Commands as annotations, for Grafana",
                                  open_schema(), list_annotations));
}

}  // namespace nuanshu::http

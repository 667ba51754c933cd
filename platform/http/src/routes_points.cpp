#include <cmath>

#include <boost/json.hpp>

#include "base/log.h"
#include "platform/http/src/problem.h"
#include "platform/http/src/routes.h"
#include "platform/http/src/value_json.h"

namespace nuanshu::http {
namespace {

using PointPointer = std::shared_ptr<const points::PointDefinition>;

constexpr std::size_t values_max = 10'000;
constexpr std::size_t count_page = 10'000;

Result<PointPointer> require_point(const Context& context, const std::string& code) {
    if (auto point = context.services.catalogue.find(code)) {
        return point;
    }
    return fail(ErrorCode::not_found, "point " + code, "is not known");
}

std::vector<telemetry::CurrentValue> current_values(const Context& context, const std::vector<PointPointer>& points) {
    std::vector<PointId> ids;
    for (const auto& point : points) {
        ids.push_back(point ? point->id : PointId{});
    }
    std::vector<telemetry::CurrentValue> values(ids.size());
    context.services.pipeline.current(ids, values);
    return values;
}

points::PointQuery read_point_query(const Call& call) {
    return {.search = std::string(call.text("search")),
            .under = std::string(call.text("under")),
            .record_type = std::string(call.text("type")),
            .name = std::string(call.text("name")),
            .device = std::string(call.text("device")),
            .writable_only = call.flag("writable"),
            .limit = static_cast<std::size_t>(call.integer("limit", 100)),
            .after = std::string(call.text("after"))};
}

bool asks_for_all(const points::PointQuery& query) {
    return query.search.empty() && query.under.empty() && query.record_type.empty() && query.name.empty() &&
           query.device.empty() && !query.writable_only;
}

/// How many points answer the query, on all its pages.
std::size_t count_points(const points::Catalogue& catalogue, points::PointQuery query) {
    if (asks_for_all(query)) {
        return catalogue.size();
    }
    query.limit = count_page;
    query.after.clear();
    std::size_t total = 0;
    while (true) {
        const auto page = catalogue.list(query);
        total += page.size();
        if (page.size() < count_page) {
            return total;
        }
        query.after = page.back()->code;
    }
}

Reply list_points(const Call& call) {
    const auto& catalogue = call.context.services.catalogue;
    const auto query = read_point_query(call);
    const auto points = catalogue.list(query);
    const auto values = current_values(call.context, points);
    const bool is_last = points.size() < query.limit;
    JsonWriter json;
    json.object().key("items").array();
    for (std::size_t i = 0; i < points.size(); ++i) {
        write_point(json, *points[i], values[i]);
    }
    json.end().member("next", is_last ? std::string() : points.back()->code);
    const auto total = is_last && query.after.empty() ? points.size() : count_points(catalogue, query);
    json.member("total", total).end();
    return json_response(json.take());
}

Response point_response(const Context& context, const points::PointDefinition& point) {
    JsonWriter json;
    write_point(json, point, context.services.pipeline.current(point.id));
    return json_response(json.take());
}

Reply get_point(const Call& call) {
    NUANSHU_TRY(const auto point, require_point(call.context, call.point_code()));
    return point_response(call.context, *point);
}

Reply read_values(const Call& call) {
    std::vector<PointPointer> points;
    for (const auto& code : call.body->as_object().at("points").as_array()) {
        points.push_back(call.context.services.catalogue.find(code.as_string()));
    }
    const auto values = current_values(call.context, points);
    JsonWriter json;
    json.object().key("items").array();
    for (const auto& value : values) {
        write_value(json, value);
    }
    json.end().end();
    return json_response(json.take());
}

std::optional<std::string> substitution_fault(const records::PointType& type, double value) {
    if (type.minimum && value < *type.minimum) {
        return fmt::format("{} is below {}, the least the instrument can measure", value, *type.minimum);
    }
    if (type.maximum && value > *type.maximum) {
        return fmt::format("{} is above {}, the most the instrument can measure", value, *type.maximum);
    }
    return std::nullopt;
}

Reply substitute(const Call& call) {
    NUANSHU_TRY(const auto point, require_point(call.context, call.point_code()));
    const auto value = call.body->as_object().at("value").to_number<double>();
    if (auto fault = substitution_fault(*point->type, value)) {
        return tl::unexpected(field_failure("point " + point->code, {{"value", std::move(*fault)}}));
    }
    NUANSHU_TRY_VOID(call.context.services.substitutions.put(*point, value, call.user().name));
    log_info("http", "{} puts {} by hand for {}", call.user().name, value, point->code);
    return point_response(call.context, *point);
}

Reply release(const Call& call) {
    NUANSHU_TRY(const auto point, require_point(call.context, call.point_code()));
    NUANSHU_TRY_VOID(call.context.services.substitutions.release(*point));
    log_info("http", "{} releases {} to what is measured", call.user().name, point->code);
    return point_response(call.context, *point);
}

std::vector<Parameter> list_parameters() {
    return {search_parameter("words, each contained in the code or a title of the point or its record"),
            under_parameter("the points of this record and of those below it"),
            {"type", text_schema().at_most(63), "the record's type"},
            {"name", text_schema().at_most(200), "the point's name exactly"},
            {"device", text_schema().at_most(200), "the code of the device it comes from"},
            {"writable", boolean_schema(), "1: only those that take commands"},
            limit_parameter(10'000, 100),
            after_parameter()};
}

Schema point_page_schema() {
    auto schema = page_schema("Point");
    schema.properties.push_back({"total", integer_schema().saying("How many answer on all pages")});
    return schema;
}

void add_reading_routes(Routes& routes) {
    routes.push_back({.method = "GET",
                      .pattern = "/api/v1/points",
                      .id = "list_points",
                      .summary = "Points with their newest values, by code",
                      .query = list_parameters(),
                      .answers = {{200, "One page", point_page_schema()}},
                      .handler = list_points});
    routes.push_back({.method = "GET",
                      .pattern = "/api/v1/points/{code}/{name}",
                      .id = "get_point",
                      .summary = "One point with its newest value",
                      .answers = {{200, "The point", reference_schema("Point")}},
                      .handler = get_point});
    routes.push_back({.method = "POST",
                      .pattern = "/api/v1/points/values",
                      .id = "read_values",
                      .summary = "The newest values of many points, in the order asked",
                      .body = object_schema({{"points", array_schema(text_schema()).at_most(values_max)}}),
                      .answers = {{200, "A value each; null for unknown and never-seen points",
                                   object_schema({{"items", array_schema(reference_schema("Value").or_null())}})}},
                      .handler = read_values});
}

}  // namespace

void add_point_routes(Routes& routes) {
    add_reading_routes(routes);
    routes.push_back({.method = "PUT",
                      .pattern = "/api/v1/points/{code}/{name}/substitution",
                      .id = "substitute_point",
                      .summary = "Put a value by hand in place of what is measured, until released",
                      .body = object_schema({{"value", number_schema()}}),
                      .answers = {{200, "The point", reference_schema("Point")}},
                      .handler = substitute});
    routes.push_back({.method = "DELETE",
                      .pattern = "/api/v1/points/{code}/{name}/substitution",
                      .id = "release_point",
                      .summary = "Go back to what is measured",
                      .answers = {{200, "The point", reference_schema("Point")}},
                      .handler = release});
}

}  // namespace nuanshu::http

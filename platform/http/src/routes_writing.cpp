#include <charconv>
#include <cmath>
#include <limits>

#include <boost/json.hpp>

#include "base/log.h"
#include "platform/historian/line_protocol.h"
#include "platform/http/src/gzip.h"
#include "platform/http/src/problem.h"
#include "platform/http/src/routes.h"
#include "platform/http/src/sample_offer.h"

namespace nuanshu::http {
namespace {

using Faults = std::vector<records::FieldFault>;

constexpr std::size_t body_bytes_max = 4 << 20;
constexpr std::size_t unpacked_bytes_max = 16 << 20;
constexpr std::size_t series_max = 10'000;
constexpr std::size_t faults_max = 100;

/// The point of a code; the error is one line's or one series' fault.
Result<points::PointDefinition> find_point(const Context& context, std::string_view code) {
    if (const auto point = context.services.catalogue.find(code)) {
        return *point;
    }
    return fail(ErrorCode::invalid, fmt::format("point {}", code), "is not known; make the record that has it first");
}

Quality quality_at(const boost::json::object& series, std::size_t at) {
    const auto* qualities = series.if_contains("q");
    return qualities == nullptr ? Quality::good
                                : static_cast<Quality>(qualities->as_array()[at].to_number<std::uint8_t>());
}

/// A bad sample's value may be null; no other's.
Result<double> value_of(const boost::json::value& value, Quality quality) {
    if (!value.is_null()) {
        return value.to_number<double>();
    }
    if (!is_bad(quality)) {
        return fail(ErrorCode::invalid, "", "null is no value of quality {}; only of bad ones, 128 and above",
                    static_cast<int>(quality));
    }
    return std::numeric_limits<double>::quiet_NaN();
}

/// What is wrong with a series as a whole; "" when nothing is.
std::string series_fault(const boost::json::object& series, const std::string& unit) {
    const auto count = series.at("t").as_array().size();
    if (series.at("v").as_array().size() != count) {
        return fmt::format("{} times and {} values; as many of each are wanted", count,
                           series.at("v").as_array().size());
    }
    if (const auto* qualities = series.if_contains("q"); qualities && qualities->as_array().size() != count) {
        return fmt::format("{} times and {} qualities; as many of each, or no q, are wanted", count,
                           qualities->as_array().size());
    }
    if (const auto* sent = series.if_contains("unit"); sent && std::string_view(sent->as_string()) != unit) {
        return fmt::format("in {}; the point is in {}", std::string_view(sent->as_string()), unit);
    }
    return {};
}

/// Reads the sample at `at`. Errors: invalid, with what is wrong with it.
Result<Sample> read_sample(const boost::json::object& series, std::size_t at, PointId point, std::int64_t now_ms) {
    const auto time_ms = series.at("t").as_array()[at].as_int64();
    if (auto fault = time_fault(time_ms, now_ms)) {
        return fail(ErrorCode::invalid, "", "{}", *fault);
    }
    const auto quality = quality_at(series, at);
    NUANSHU_TRY(const auto value, value_of(series.at("v").as_array()[at], quality));
    return Sample{point, quality, time_ms, value};
}

void read_series(const Context& context, const boost::json::object& series, const std::string& field,
                 std::vector<Sample>& samples, Faults& faults) {
    const auto point = find_point(context, series.at("point").as_string());
    auto wrong = point ? series_fault(series, point->type->unit) : point.error().message();
    if (!wrong.empty()) {
        faults.push_back({field, std::move(wrong)});
        return;
    }
    const auto now_ms = context.services.clock.now_ms();
    const auto count = series.at("t").as_array().size();
    for (std::size_t i = 0; i < count && faults.size() < faults_max; ++i) {
        if (auto sample = read_sample(series, i, point->id, now_ms)) {
            samples.push_back(*sample);
        } else {
            faults.push_back({fmt::format("{}.{}", field, i), sample.error().what});
        }
    }
}

Response stored_response(std::size_t count) {
    JsonWriter json;
    json.object().member("stored", count).end();
    return json_response(json.take());
}

Reply write_samples(const Call& call) {
    std::vector<Sample> samples;
    Faults faults;
    std::size_t number = 0;
    for (const auto& series : call.body->as_object().at("series").as_array()) {
        read_series(call.context, series.as_object(), fmt::format("series.{}", number++), samples, faults);
    }
    if (!faults.empty()) {
        return tl::unexpected(field_failure("body", std::move(faults)));
    }
    NUANSHU_TRY_VOID(store_samples(call.context, samples));
    return stored_response(samples.size());
}

Result<std::string> unpacked_body(const Request& request) {
    if (request.content_encoding.empty() || request.content_encoding == "identity") {
        return request.body;
    }
    if (request.content_encoding != "gzip") {
        return fail(ErrorCode::invalid, "Content-Encoding", "{} is not known; gzip or none is",
                    request.content_encoding);
    }
    return gunzip(request.body, unpacked_bytes_max);
}

/// Nanoseconds when not said, as InfluxDB has it. `bucket` (or `db`) may say how points are named; without braces it is
/// some other server's word and tells us nothing.
Result<historian::LineProtocolSettings> read_settings(const Call& call, std::string_view naming) {
    historian::LineProtocolSettings settings;
    settings.now_ms = call.context.services.clock.now_ms();
    settings.faults_max = faults_max;
    if (!call.text("precision").empty()) {
        NUANSHU_TRY(settings.precision, historian::parse_time_precision(call.text("precision")));
    }
    if (naming.find('{') != std::string_view::npos) {
        settings.code_pattern = std::string(naming);
    }
    return settings;
}

/// Takes out the samples whose time cannot be, and tells of them.
void drop_impossible(const Context& context, historian::LineProtocolResult& read) {
    const auto now_ms = context.services.clock.now_ms();
    std::erase_if(read.samples, [&](const Sample& sample) {
        auto fault = time_fault(sample.time_ms, now_ms);
        if (fault) {
            ++read.bad_lines;
            if (read.faults.size() < faults_max) {
                read.faults.push_back(
                    {.text = fmt::format("{}: {}", context.services.samples.code_of(sample.point), *fault)});
            }
        }
        return fault.has_value();
    });
}

std::string text_of(const Diagnostic& fault) {
    const auto place = fault.line > 0 ? fmt::format("line {}: ", fault.line) : std::string();
    return place + (fault.field.empty() ? fault.text : fmt::format("{}: {}", fault.field, fault.text));
}

std::string partial_write(const historian::LineProtocolResult& read) {
    std::string text = fmt::format("partial write: {} samples stored, {} lines or values are wrong",
                                   read.samples.size(), read.bad_lines);
    for (const auto& fault : std::span(read.faults).first(std::min<std::size_t>(read.faults.size(), 5))) {
        text += "; " + text_of(fault);
    }
    return text;
}

/// A problem document that is also what InfluxDB's clients read: `code` and `message` (2.x), `error` (1.x).
Response influx_problem(int status, std::string_view code, const std::string& text, const Diagnostics& faults) {
    JsonWriter json;
    json.object().member("type", fmt::format("https://nuanshu.dev/problems/{}", code)).member("title", code);
    json.member("status", status).member("detail", text).member("code", code).member("message", text);
    json.member("error", text).key("errors").array();
    for (const auto& fault : faults) {
        json.object()
            .member("field", fault.line > 0 ? fmt::format("line {}", fault.line) : "sample")
            .member("text", text_of(fault))
            .end();
    }
    json.end().end();
    Response response{.status = status, .content_type = "application/json", .body = json.take()};
    response.headers.emplace_back("X-Influxdb-Error", text.substr(0, 1'000));
    return response;
}

Response influx_problem(const Error& error) {
    const int status = error.code == ErrorCode::invalid || error.code == ErrorCode::corrupt ? 400
                       : error.code == ErrorCode::exhausted                                 ? 413
                                                                                            : status_of(error.code);
    return influx_problem(status, to_string(error.code), error.message(), {});
}

Result<historian::LineProtocolResult> take_lines(const Call& call, std::string_view naming) {
    NUANSHU_TRY(const auto settings, read_settings(call, naming));
    NUANSHU_TRY(const auto text, unpacked_body(call.request));
    const auto find = [&](std::string_view code) -> Result<PointId> {
        NUANSHU_TRY(const auto point, find_point(call.context, code));
        return point.id;
    };
    NUANSHU_TRY(auto read, historian::parse_line_protocol(text, settings, find));
    drop_impossible(call.context, read);
    NUANSHU_TRY_VOID(store_samples(call.context, read.samples));
    return read;
}

Reply write_lines(const Call& call, std::string_view naming) {
    const auto read = take_lines(call, naming);
    if (!read) {
        return influx_problem(read.error());
    }
    if (read->bad_lines == 0) {
        return Response{.status = 204};
    }
    log_info("http", "{} sends line protocol: {}", call.user().name, partial_write(*read));
    return influx_problem(400, "invalid", partial_write(*read), read->faults);
}

Reply write_influx_2(const Call& call) {
    return write_lines(call, call.text("bucket"));
}
Reply write_influx_1(const Call& call) {
    return write_lines(call, call.text("db"));
}

Parameter ignored(std::string name) {
    return {std::move(name), text_schema().at_most(500), "taken and not looked at"};
}

Parameter naming(std::string name) {
    return {std::move(name), text_schema().at_most(500),
            "with {measurement}, {field} or {tag:NAME} in it: how a point's code is made; else not looked at"};
}

Parameter precision() {
    return {"precision", text_schema().at_most(8), "of the times: ns (when not given), us, ms, s"};
}

Schema written_series() {
    return object_schema({{"point", text_schema()},
                          {"t", array_schema(integer_schema())},
                          {"v", array_schema(number_schema().or_null())},
                          {"q", array_schema(integer_schema().between(0, 255)), false},
                          {"unit", text_schema().at_most(64), false},
                          {"truncated", boolean_schema(), false}});
}

Route line_route(std::string pattern, std::string id, std::string summary, std::vector<Parameter> query,
                 Handler handler) {
    return {.method = "POST",
            .pattern = std::move(pattern),
            .id = std::move(id),
            .summary = std::move(summary),
            .query = std::move(query),
            .body = text_schema(),
            .raw_body = "text/plain",
            .body_bytes_max = body_bytes_max,
            .answers = {{204, "All lines are stored", {}},
                        {400, "Some lines are wrong; the others are stored", reference_schema("InfluxProblem")}},
            .handler = handler};
}

}  // namespace

void add_writing_routes(Routes& routes) {
    routes.push_back({.method = "POST",
                      .pattern = "/api/v1/samples",
                      .id = "write_samples",
                      .summary = "Store samples, in the points' own units: all or none",
                      .body = object_schema({{"series", array_schema(written_series()).at_most(series_max)}}),
                      .body_bytes_max = body_bytes_max,
                      .answers = {{200, "How many", object_schema({{"stored", integer_schema()}})}},
                      .handler = write_samples});
    routes.push_back(line_route("/api/v2/write", "write_influx_2", "InfluxDB line protocol, as 2.x clients send it",
                                {ignored("org"), ignored("orgID"), naming("bucket"), precision()}, write_influx_2));
    routes.push_back(line_route("/write", "write_influx_1", "InfluxDB line protocol, as 1.x clients send it",
                                {naming("db"), ignored("rp"), ignored("consistency"), precision()}, write_influx_1));
}

}  // namespace nuanshu::http

#include <charconv>

#include "base/time.h"
#include "platform/http/src/problem.h"
#include "platform/http/src/routes.h"
#include "platform/http/src/samples.h"
#include "platform/http/src/url.h"

namespace nuanshu::http {
namespace {

constexpr std::size_t points_max = 20;
constexpr std::int64_t windows_max = 100'000;

using Faults = std::vector<records::FieldFault>;

/// Unix milliseconds or RFC 3339.
Result<std::int64_t> read_moment(std::string_view text) {
    std::int64_t time_ms = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), time_ms);
    if (error == std::errc() && end == text.data() + text.size()) {
        return time_ms;
    }
    return parse_time(text);
}

std::int64_t moment_of(const Call& call, std::string_view name, Faults& faults) {
    const auto moment = read_moment(call.text(name));
    if (!moment) {
        faults.push_back({std::string(name), moment.error().what});
    }
    return moment.value_or(0);
}

historian::TimeRange read_range(const Call& call, Faults& faults) {
    const historian::TimeRange range{moment_of(call, "from", faults), moment_of(call, "to", faults)};
    if (faults.empty() && range.from_ms >= range.to_ms) {
        faults.push_back(
            {"to", fmt::format("{} is not after `from`, {}", format_time(range.to_ms), format_time(range.from_ms))});
    }
    return range;
}

std::vector<SeriesPoint> read_points(const Call& call, Faults& faults) {
    std::vector<SeriesPoint> points;
    const auto codes = split_list(call.text("points"));
    if (codes.empty() || codes.size() > points_max) {
        faults.push_back({"points", fmt::format("{} points; 1 to {} can be asked at once", codes.size(), points_max)});
        return points;
    }
    for (const auto& code : codes) {
        if (const auto point = call.context.services.catalogue.find(code)) {
            points.push_back({point->id, code, point->type->unit});
        } else {
            faults.push_back({"points", fmt::format("{} is not known", code)});
        }
    }
    return points;
}

SamplesKind read_kind(std::string_view text) {
    return text == "raw" ? SamplesKind::raw : text == "aggregate" ? SamplesKind::aggregate : SamplesKind::drawing;
}

std::int64_t read_window(const Call& call, historian::TimeRange range, Faults& faults) {
    const auto window = parse_duration_ms(call.text("window"));
    if (!window || *window <= 0) {
        faults.push_back(
            {"window", window ? "0 is too short; kind=aggregate wants a duration like 10m" : window.error().what});
        return 1;
    }
    if (faults.empty() && (range.to_ms - range.from_ms) / *window >= windows_max) {
        faults.push_back({"window", fmt::format("{} makes more than {} windows; take a longer one", call.text("window"),
                                                windows_max)});
    }
    return *window;
}

SamplesQuestion read_question(const Call& call, Faults& faults) {
    SamplesQuestion question;
    question.points = read_points(call, faults);
    question.range = read_range(call, faults);
    question.kind = read_kind(call.text("kind"));
    question.columns = static_cast<std::size_t>(call.integer("columns", 1000));
    if (question.kind == SamplesKind::aggregate) {
        question.window_ms = read_window(call, question.range, faults);
        if (call.text("format") == "binary") {
            faults.push_back({"format", "windows come as json or csv"});
        }
    }
    return question;
}

/// "samples_20260115T083000Z.csv"
std::string file_name(std::int64_t from_ms) {
    std::string time;
    for (const char c : format_time(from_ms / 1000 * 1000)) {
        if (c != '-' && c != ':') {
            time += c;
        }
    }
    return fmt::format("samples_{}.csv", time);
}

Response csv_response(const historian::SampleStore& store, SamplesQuestion question) {
    Response response{.content_type = "text/csv; charset=utf-8"};
    response.headers.emplace_back("Content-Disposition",
                                  fmt::format("attachment; filename=\"{}\"", file_name(question.range.from_ms)));
    response.next_chunk = samples_as_csv(store, std::move(question));
    return response;
}

Reply read_samples(const Call& call) {
    Faults faults;
    auto question = read_question(call, faults);
    if (!faults.empty()) {
        return tl::unexpected(field_failure("query", std::move(faults)));
    }
    const auto& store = call.context.services.samples;
    const auto format = call.text("format");
    if (format == "csv") {
        return csv_response(store, std::move(question));
    }
    Response response;
    if (format == "binary") {
        response.content_type = "application/octet-stream";
        response.next_chunk = samples_as_binary(store, std::move(question));
    } else {
        response.next_chunk = samples_as_json(store, std::move(question));
    }
    return response;
}

std::vector<Parameter> sample_parameters() {
    return {{"points", text_schema().at_most(20 * 513), "comma list of point codes, at most 20", true},
            {"from", text_schema().of_format("date-time"), "Unix ms or RFC 3339; included", true},
            {"to", text_schema().of_format("date-time"), "Unix ms or RFC 3339; not included", true},
            {"columns", integer_schema().between(1, 10'000),
             "kind=drawing: how many pixels wide the picture is; 1000 when not given"},
            {"format", choice_schema({"json", "csv", "binary"}), "json when not given"},
            {"kind", choice_schema({"drawing", "raw", "aggregate"}), "drawing when not given"},
            {"window", text_schema().of_format("duration"), "kind=aggregate: length of a window, like 10m"}};
}

}  // namespace

void add_sample_routes(Routes& routes) {
    routes.push_back(
        {.method = "GET",
         .pattern = "/api/v1/samples",
         .id = "read_samples",
         .summary = "History: for drawing, every sample, or figures a window",
         .query = sample_parameters(),
         .answers = {{200, "Samples", reference_schema("Samples")},
                     {200, "Samples as CSV with a byte-order mark", text_schema(), "text/csv"},
                     {200, "Samples as NSB1", text_schema().of_format("binary"), "application/octet-stream"}},
         .handler = read_samples});
}

}  // namespace nuanshu::http

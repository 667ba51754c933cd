#include <charconv>

#include "base/time.h"
#include "platform/http/src/problem.h"
#include "platform/http/src/routes.h"
#include "platform/http/src/samples.h"
#include "platform/http/src/url.h"

namespace nuanshu::http {
namespace {

constexpr std::size_t points_max = 100;
constexpr std::size_t predictors_max = 64;
constexpr std::size_t windows_max = 100'000;    ///< of one point
constexpr std::size_t figures_max = 2'000'000;  ///< points × windows × figures
constexpr std::size_t columns_max = 10'000;
constexpr std::string_view binary_type = "application/vnd.nuanshu.samples";
constexpr std::string_view usual_figures = "count,bad_count,min,max,mean,first,last";

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

/// The value, or the fault under its parameter's name and T().
template <class T>
T value_or_fault(Result<T> value, std::string_view name, Faults& faults) {
    if (!value) {
        faults.push_back({std::string(name), value.error().what});
        return T();
    }
    return std::move(*value);
}

historian::TimeRange read_range(const Call& call, Faults& faults) {
    const historian::TimeRange range{value_or_fault(read_moment(call.text("from")), "from", faults),
                                     value_or_fault(read_moment(call.text("to")), "to", faults)};
    if (faults.empty() && range.from_ms >= range.to_ms) {
        faults.push_back(
            {"to", fmt::format("{} is not after `from`, {}", format_time(range.to_ms), format_time(range.from_ms))});
    }
    return range;
}

std::vector<SeriesPoint> read_points(const Call& call, std::string_view name, std::size_t most, Faults& faults) {
    std::vector<SeriesPoint> points;
    const auto codes = split_list(call.text(name));
    if (codes.size() > most) {
        faults.push_back({std::string(name), fmt::format("{} points; at most {} at once", codes.size(), most)});
        return points;
    }
    for (const auto& code : codes) {
        if (const auto point = call.context.services.catalogue.find(code)) {
            points.push_back({point->id, code, point->type->unit});
        } else {
            faults.push_back({std::string(name), fmt::format("{} is not known", code)});
        }
    }
    return points;
}

enum class Format { json, csv, binary };

/// A window asked for is an aggregate; a table without one is of every sample, and anything else is for drawing.
SamplesKind read_kind(const Call& call, Format format) {
    const auto text = call.text("kind");
    if (text.empty() && !call.text("window").empty()) {
        return SamplesKind::aggregate;
    }
    if (text.empty()) {
        return format == Format::csv ? SamplesKind::raw : SamplesKind::drawing;
    }
    return text == "raw" ? SamplesKind::raw : text == "aggregate" ? SamplesKind::aggregate : SamplesKind::drawing;
}

std::vector<PointId> ids_of(const std::vector<SeriesPoint>& points) {
    std::vector<PointId> ids;
    for (const auto& point : points) {
        ids.push_back(point.id);
    }
    return ids;
}

historian::Filling::Method read_method(std::string_view text) {
    using Method = historian::Filling::Method;
    return text == "previous"     ? Method::previous
           : text == "linear"     ? Method::linear
           : text == "regression" ? Method::regression
                                  : Method::none;
}

/// A duration parameter; `otherwise` when it was not sent.
std::int64_t read_duration(const Call& call, std::string_view name, std::int64_t otherwise, Faults& faults) {
    return call.text(name).empty() ? otherwise : value_or_fault(parse_duration_ms(call.text(name)), name, faults);
}

historian::Filling read_filling(const Call& call, Faults& faults) {
    historian::Filling filling;
    filling.method = read_method(call.text("fill"));
    filling.gap_max_ms = read_duration(call, "fill_max", 0, faults);
    filling.predictors = ids_of(read_points(call, "predictors", predictors_max, faults));
    return filling;
}

void read_figures(const Call& call, SamplesQuestion& question, Faults& faults) {
    const auto asked = call.text("figures");
    question.figure_names = split_list(asked.empty() ? usual_figures : asked);
    for (const auto& word : question.figure_names) {
        question.windows.aggregations.push_back(value_or_fault(historian::parse_aggregation(word), "figures", faults));
    }
}

/// Tells when the windows are too many, or the zone is none, before anything is computed.
void check_windows(const historian::Query& query, std::string_view text, Faults& faults) {
    if (!faults.empty()) {
        return;
    }
    const auto series = query.points.size() * query.aggregations.size();
    const auto most = std::min(windows_max, figures_max / std::max<std::size_t>(series, 1));
    const auto borders = historian::window_borders(query.window, query.range, most);
    if (!borders && borders.error().code == ErrorCode::exhausted) {
        faults.push_back(
            {"window", fmt::format("{} makes more than {} windows, the most for {} points with {} figures; "
                                   "take a longer one",
                                   text, most, query.points.size(), query.aggregations.size())});
    } else if (!borders) {
        faults.push_back({"window", borders.error().what});
    }
}

void read_windows(const Call& call, SamplesQuestion& question, Faults& faults) {
    auto& query = question.windows;
    query.kind = historian::Query::Kind::windows;
    query.points = ids_of(question.points);
    query.range = question.range;
    query.rows_max = windows_max;
    query.now_ms = call.context.services.clock.now_ms();
    read_figures(call, question, faults);
    query.good_only = call.flag("good_only");
    query.filling = read_filling(call, faults);
    const bool fills = query.filling.method != historian::Filling::Method::none;
    query.empty_windows = fills || call.flag("empty");
    query.hold_max_ms = read_duration(call, "hold", query.hold_max_ms, faults);
    const auto asked_zone = call.text("time_zone");
    const auto zone = asked_zone.empty() ? std::string_view(call.context.settings.time_zone) : asked_zone;
    const auto window = call.text("window");
    if (window.empty()) {
        faults.push_back({"window", "is missing: kind=aggregate wants one like 10m, 1h, day, month"});
    } else {
        query.window = value_or_fault(historian::parse_window(window, zone), "window", faults);
    }
    check_windows(query, window, faults);
    question.shows_quality = query.empty_windows;
    question.shows_error = query.filling.method == historian::Filling::Method::regression;
}

/// What the address says, else what the Accept header says, else JSON.
Format read_format(const Call& call) {
    const auto text = call.text("format");
    const auto& accept = call.request.accept;
    if (text == "csv" || call.route.pattern.ends_with(".csv")) {
        return Format::csv;
    }
    if (text == "binary" || (text.empty() && accept.find(binary_type) != std::string::npos)) {
        return Format::binary;
    }
    return text.empty() && accept.starts_with("text/csv") ? Format::csv : Format::json;
}

SamplesQuestion read_question(const Call& call, Format format, Faults& faults) {
    SamplesQuestion question;
    question.points = read_points(call, "points", points_max, faults);
    if (question.points.empty() && faults.empty()) {
        faults.push_back({"points", fmt::format("none; 1 to {} can be asked at once", points_max)});
    }
    question.range = read_range(call, faults);
    question.kind = read_kind(call, format);
    question.columns = static_cast<std::size_t>(call.integer("columns", 1000));
    question.raw_max = format == Format::json ? json_samples_max : binary_samples_max;
    if (question.kind == SamplesKind::aggregate) {
        read_windows(call, question, faults);
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
    const auto format = read_format(call);
    auto question = read_question(call, format, faults);
    if (!faults.empty()) {
        return tl::unexpected(field_failure("query", std::move(faults)));
    }
    const auto& store = call.context.services.samples;
    if (format == Format::csv) {
        return csv_response(store, std::move(question));
    }
    Response response;
    if (format == Format::binary) {
        response.content_type = std::string(binary_type);
        response.next_chunk = samples_as_binary(store, std::move(question));
    } else {
        response.next_chunk = samples_as_json(store, std::move(question));
    }
    return response;
}

std::vector<Parameter> sample_parameters() {
    return {
        {"points", text_schema().at_most(points_max * 513), "comma list of point codes, at most 100", true},
        {"from", text_schema().of_format("date-time"), "Unix ms or RFC 3339; included", true},
        {"to", text_schema().of_format("date-time"), "Unix ms or RFC 3339; not included", true},
        {"columns", integer_schema().between(1, columns_max),
         "kind=drawing: how many pixels wide the picture is; 1000 when not given"},
        {"format", choice_schema({"json", "csv", "binary"}), "when not given: what Accept says, else json"},
        {"kind", choice_schema({"drawing", "raw", "aggregate"}),
         "when not given: aggregate with a window, raw in CSV, else drawing"},
        {"window", text_schema().at_most(32),
         "length of a window: 600s, 10m, 1h, 1d; or of the calendar: hour, day, week, month, 3 month, year; or all"},
        {"figures", text_schema().at_most(500),
         "comma list of what is computed of each window: count, bad_count, min, max, sum, mean, time_weighted_mean, "
         "integral, covered_s, first, last, standard_deviation, p95, delta, rate, duration_s:1, changes, as_of, "
         "interpolated; count,bad_count,min,max,mean,first,last when not given"},
        {"time_zone", text_schema().at_most(64), "of calendar windows, IANA name; the plant's when not given"},
        {"good_only", boolean_schema(), "1: doubtful samples count as bad"},
        {"empty", boolean_schema(), "1: windows without any sample too, with the quality of each"},
        {"hold", text_schema().of_format("duration"),
         "how long a value counts without a next one; for ever when not given"},
        {"fill", choice_schema({"none", "previous", "linear", "regression"}),
         "how windows without an answer are filled; what was filled has the quality estimated"},
        {"fill_max", text_schema().of_format("duration"), "longer gaps stay; none is too long when not given"},
        {"predictors", text_schema().at_most(predictors_max * 513),
         "fill=regression: comma list of points to learn from; the others of `points` when not given"}};
}

Route reading_route(std::string pattern, std::string id, std::vector<Answer> answers) {
    return {.method = "GET",
            .pattern = std::move(pattern),
            .id = std::move(id),
            .summary = "History: for drawing, every sample, or figures a window",
            .query = sample_parameters(),
            .answers = std::move(answers),
            .handler = read_samples};
}

}  // namespace

void add_sample_routes(Routes& routes) {
    const Answer csv{200, "Samples as CSV with a byte-order mark", text_schema(), "text/csv"};
    routes.push_back(reading_route(
        "/api/v1/samples", "read_samples",
        {{200, "Samples", reference_schema("Samples")},
         csv,
         {200, "Samples as NSB2, see docs/api.md", text_schema().of_format("binary"), std::string(binary_type)}}));
    routes.push_back(reading_route("/api/v1/samples.csv", "read_samples_csv", {csv}));
}

}  // namespace nuanshu::http

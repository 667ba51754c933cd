#include <memory>
#include <sstream>

#include <fmt/core.h>

#include "base/config.h"
#include "base/time.h"
#include "cli/src/historian.h"
#include "cli/src/series_writer.h"
#include "cli/src/stop_signals.h"
#include "platform/historian/query.h"

namespace nuanshu::cli {
namespace {

struct QueryOptions {
    SampleFolder folder;
    std::vector<std::string> points;
    std::string from, to;
    std::string window;
    std::vector<std::string> aggregations{"mean"};
    std::string time_zone;
    std::size_t columns = 0;
    std::size_t limit = historian::Query().rows_max;
    bool good_only = false;
    bool empty_windows = false;
    std::string hold;
    std::string fill = "none";
    std::string gap_max;
    std::vector<std::string> predictors;
};

/// Aggregations as the user wrote them, some with commas between.
std::vector<std::string> words_of(const std::vector<std::string>& options) {
    std::vector<std::string> words;
    for (const auto& option : options) {
        std::istringstream parts(option);
        for (std::string word; std::getline(parts, word, ',');) {
            words.push_back(word);
        }
    }
    return words;
}

historian::Filling::Method method_of(const std::string& word) {
    using Method = historian::Filling::Method;
    return word == "previous"     ? Method::previous
           : word == "linear"     ? Method::linear
           : word == "regression" ? Method::regression
                                  : Method::none;
}

Result<> read_window(const QueryOptions& options, const std::string& time_zone, historian::Query& query) {
    query.kind = historian::Query::Kind::windows;
    NUANSHU_TRY(query.window,
                historian::parse_window(options.window, options.time_zone.empty() ? time_zone : options.time_zone));
    for (const auto& word : words_of(options.aggregations)) {
        NUANSHU_TRY(const auto aggregation, historian::parse_aggregation(word));
        query.aggregations.push_back(aggregation);
    }
    return {};
}

Result<historian::Query> read_query(const QueryOptions& options, const historian::SampleStore& store,
                                    const std::string& config_path) {
    historian::Query query{
        .good_only = options.good_only, .empty_windows = options.empty_windows, .rows_max = options.limit};
    NUANSHU_TRY(query.points, points_of(store, options.points));
    NUANSHU_TRY(query.range, range_of(store, query.points, options.from, options.to));
    if (!options.window.empty()) {
        NUANSHU_TRY(const auto config, load_config(config_path));
        NUANSHU_TRY_VOID(read_window(options, config.time_zone, query));
    } else if (options.columns > 0) {
        query.kind = historian::Query::Kind::drawing;
        query.columns = options.columns;
    }
    if (!options.hold.empty()) {
        NUANSHU_TRY(query.hold_max_ms, parse_duration_ms(options.hold));
    }
    query.filling.method = method_of(options.fill);
    if (!options.gap_max.empty()) {
        NUANSHU_TRY(query.filling.gap_max_ms, parse_duration_ms(options.gap_max));
    }
    if (!options.predictors.empty()) {
        NUANSHU_TRY(query.filling.predictors, points_of(store, options.predictors));
    }
    return query;
}

Result<> run_and_print(const QueryOptions& options, const Request& request) {
    const StopSignals signals;
    NUANSHU_TRY(const auto store, OpenStore::open(options.folder, request.config_path, OpenStore::Absent::refuse));
    NUANSHU_TRY(const auto query, read_query(options, *store, request.config_path));
    NUANSHU_TRY(const auto answer, historian::run_query(*store, query, signals.token()));
    const bool windows = query.kind == historian::Query::Kind::windows;
    const AnswerNames names{.figures = windows ? words_of(options.aggregations) : std::vector<std::string>{"value"},
                            .windows = windows};
    (request.json ? print_series_json : print_series_text)(*store, answer, names);
    return {};
}

}  // namespace

void add_historian_query(CLI::App& historian, Request& request) {
    auto options = std::make_shared<QueryOptions>();
    auto* command = historian.add_subcommand("query", "samples, or figures of windows, of one or more points (查询)");
    add_data_option(*command, options->folder);
    command->add_option("--point", options->points, "a point's code; may be given several times")->required();
    command->add_option("--from", options->from, "RFC 3339 or Unix time; else the first sample");
    command->add_option("--to", options->to, "not included; else behind the last sample");
    command->add_option(
        "--window", options->window,
        "600s, 10m, 1h, 1d; or by the calendar: hour, day, week, 3 month, year; or all; none: samples as stored");
    command
        ->add_option("--agg", options->aggregations,
                     "of each window: count bad_count min max sum mean time_weighted_mean integral covered_s first "
                     "last standard_deviation p95 delta rate "
                     "duration_s:STATE changes as_of interpolated; several with commas")
        ->capture_default_str();
    command->add_option("--zone", options->time_zone, "of calendar windows; else the settings' time_zone");
    command->add_option("--columns", options->columns, "reduce samples for a picture so wide (M4)");
    command->add_option("--limit", options->limit, "rows of a point at most")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    command->add_flag("--good-only", options->good_only, "doubtful samples count as bad");
    command->add_flag("--empty", options->empty_windows, "rows also for windows about which nothing is known");
    command->add_option("--hold", options->hold, "a value covers so long at most, like 1h; else until the next sample");
    command
        ->add_option("--fill", options->fill,
                     "windows without an answer: previous, linear, or regression on the other points")
        ->capture_default_str()
        ->check(CLI::IsMember({"none", "previous", "linear", "regression"}));
    command->add_option("--gap-max", options->gap_max, "longer gaps are not filled, like 6h");
    command->add_option("--predictor", options->predictors,
                        "points that the regression learns from, beside those asked for");
    command->callback(
        [&request, options] { request.work = [&request, options] { return run_and_print(*options, request); }; });
}

}  // namespace nuanshu::cli

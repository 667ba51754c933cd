#include <chrono>
#include <memory>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "base/time.h"
#include "cli/src/historian.h"
#include "cli/src/progress_line.h"
#include "cli/src/stop_signals.h"
#include "platform/historian/csv.h"
#include "platform/historian/line_protocol.h"

namespace nuanshu::cli {
namespace {

struct ImportOptions {
    SampleFolder folder;
    std::string file;
    std::string format = "csv";
    std::string precision = "ns";
    std::string code_pattern = historian::LineProtocolSettings().code_pattern;
    std::size_t faults_max = historian::ImportSettings().faults_max;
};

std::string progress_text(const std::string& file, const historian::ImportProgress& progress) {
    const std::string share =
        progress.bytes_total == 0
            ? as_bytes(static_cast<double>(progress.bytes))
            : fmt::format("{:.0f} % of {}",
                          100 * static_cast<double>(progress.bytes) / static_cast<double>(progress.bytes_total),
                          as_bytes(static_cast<double>(progress.bytes_total)));
    return fmt::format("{}: {}, {} samples", file, share, as_count(progress.samples));
}

Result<historian::ImportResult> import_text(const ImportOptions& options, historian::SampleStore& store,
                                            const std::stop_token& stop) {
    ProgressLine line;
    historian::ImportSettings settings{.faults_max = options.faults_max};
    settings.progress = [&](const historian::ImportProgress& progress) {
        line.show(progress_text(options.file, progress));
    };
    if (options.format == "csv") {
        return historian::import_csv(options.file, store, settings, stop);
    }
    historian::LineProtocolSettings protocol{.now_ms = SystemClock().now_ms(), .code_pattern = options.code_pattern};
    NUANSHU_TRY(protocol.precision, historian::parse_time_precision(options.precision));
    return historian::import_line_protocol(options.file, store, protocol, settings, stop);
}

void print_json(const ImportOptions& options, const historian::ImportResult& result, double seconds) {
    boost::json::array faults;
    for (const auto& fault : result.faults) {
        faults.push_back(boost::json::object{{"line", fault.line}, {"field", fault.field}, {"text", fault.text}});
    }
    const boost::json::object answer{
        {"file", options.file},
        {"lines", result.lines},
        {"samples", result.samples},
        {"bad_lines", result.bad_lines},
        {"faults", std::move(faults)},
        {"seconds", seconds},
        {"samples_per_s", seconds > 0 ? static_cast<double>(result.samples) / seconds : 0.0}};
    fmt::print("{}\n", boost::json::serialize(answer));
}

void print_text(const historian::ImportResult& result, double seconds) {
    fmt::print(stderr, "{}", to_string(result.faults));
    if (result.bad_lines > result.faults.size()) {
        fmt::print(stderr, "… and {} more bad lines\n", as_count(result.bad_lines - result.faults.size()));
    }
    fmt::print("{} samples imported in {:.1f} s, {} bad lines left out\n", as_count(result.samples), seconds,
               as_count(result.bad_lines));
}

Result<> run_import(const ImportOptions& options, const Request& request) {
    const auto start = std::chrono::steady_clock::now();
    const StopSignals signals;
    NUANSHU_TRY(const auto store, OpenStore::open(options.folder, request.config_path, OpenStore::Absent::make));
    auto result = import_text(options, *store, signals.token());
    NUANSHU_TRY_VOID(store->flush());  // what went in before an error stays
    if (!result) {
        return tl::unexpected<Error>(std::move(result.error()));
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (request.json) {
        print_json(options, *result, seconds);
    } else {
        print_text(*result, seconds);
    }
    if (result->samples == 0 && result->bad_lines > 0) {
        return fail(ErrorCode::invalid, options.file, "none of its {} lines is a sample", as_count(result->lines));
    }
    return {};
}

}  // namespace

void add_historian_import(CLI::App& historian, Request& request) {
    auto options = std::make_shared<ImportOptions>();
    auto* command = historian.add_subcommand(
        "import", "samples from a text file: point,unix_seconds,value[,quality] a line, or line protocol (导入)");
    command->add_option("file", options->file, "the file; - for standard input")->required();
    add_data_option(*command, options->folder);
    command->add_option("--format", options->format, "csv, or line for InfluxDB's line protocol")
        ->capture_default_str()
        ->check(CLI::IsMember({"csv", "line"}));
    command->add_option("--precision", options->precision, "of line protocol's times: ns, us, ms, s")
        ->capture_default_str();
    command->add_option("--code", options->code_pattern, "line protocol: how a point's code is made; also {tag:NAME}")
        ->capture_default_str();
    command->add_option("--faults", options->faults_max, "show at most so many bad lines; all are counted")
        ->capture_default_str();
    command->callback(
        [&request, options] { request.work = [&request, options] { return run_import(*options, request); }; });
}

}  // namespace nuanshu::cli

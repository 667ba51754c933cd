#include <cstdio>
#include <filesystem>
#include <memory>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "cli/src/historian.h"
#include "cli/src/progress_line.h"
#include "cli/src/stop_signals.h"
#include "platform/historian/csv.h"

namespace nuanshu::cli {
namespace {

struct ExportOptions {
    SampleFolder folder;
    std::vector<std::string> points;
    std::string from, to;
    std::string file = "-";
    bool iso_times = false;
    bool no_header = false;
};

/// A file that has its name only once it is whole; or stdout.
class Target {
 public:
    static Result<Target> open(const std::string& path) {
        Target target;
        target.path_ = path == "-" ? "" : path;
        target.file_.reset(path == "-" ? stdout : std::fopen(target.part().c_str(), "wb"));
        if (!target.file_) {
            return fail(ErrorCode::unavailable, path, "cannot be written");
        }
        return target;
    }
    Target(Target&&) = default;
    Target& operator=(Target&&) = default;
    ~Target() {
        if (file_ && !path_.empty()) {
            file_.reset();
            std::error_code ignored;
            std::filesystem::remove(part(), ignored);
        }
    }

    Result<> write(std::string_view piece) {
        if (std::fwrite(piece.data(), 1, piece.size(), file_.get()) != piece.size()) {
            return fail(ErrorCode::exhausted, path_.empty() ? "standard output" : path_,
                        "cannot be written on; is the disk full?");
        }
        return {};
    }

    Result<> finish() {
        const bool flushed = std::fflush(file_.get()) == 0;
        file_.reset();
        std::error_code error;
        if (flushed && !path_.empty()) {
            std::filesystem::rename(part(), path_, error);
        }
        if (!flushed || error) {
            return fail(ErrorCode::exhausted, path_.empty() ? "standard output" : path_,
                        "cannot be written to its end");
        }
        return {};
    }

 private:
    struct Close {
        void operator()(std::FILE* file) const {
            if (file != stdout) {
                std::fclose(file);
            }
        }
    };
    Target() = default;
    std::string part() const { return path_ + ".part"; }

    std::string path_;  ///< "" for stdout
    std::unique_ptr<std::FILE, Close> file_;
};

Result<std::uint64_t> export_to(Target& target, const ExportOptions& options, const OpenStore& store,
                                const std::stop_token& stop) {
    NUANSHU_TRY(const auto points, points_of(*store, options.points));
    NUANSHU_TRY(const auto range, range_of(*store, points, options.from, options.to));
    ProgressLine line;
    historian::ExportSettings settings{.header = !options.no_header, .iso_times = options.iso_times};
    settings.progress = [&](std::uint64_t samples) { line.show(fmt::format("export: {} samples", as_count(samples))); };
    const auto write = [&target](std::string_view piece) { return target.write(piece); };
    return historian::export_csv(*store, points, range, settings, write, stop);
}

Result<> run_export(const ExportOptions& options, const Request& request) {
    const StopSignals signals;
    NUANSHU_TRY(const auto store, OpenStore::open(options.folder, request.config_path, OpenStore::Absent::refuse));
    NUANSHU_TRY(auto target, Target::open(options.file));
    NUANSHU_TRY(const std::uint64_t samples, export_to(target, options, store, signals.token()));
    NUANSHU_TRY_VOID(target.finish());
    if (options.file == "-") {
        return {};
    }
    if (request.json) {
        fmt::print("{}\n", boost::json::serialize(boost::json::object{{"file", options.file}, {"samples", samples}}));
    } else {
        fmt::print("{} samples written to {}\n", as_count(samples), options.file);
    }
    return {};
}

}  // namespace

void add_historian_export(CLI::App& historian, Request& request) {
    auto options = std::make_shared<ExportOptions>();
    auto* command = historian.add_subcommand(
        "export", "samples as CSV: point,time,value,quality a line; `import` reads it back (导出)");
    command->add_option("file", options->file, "- for standard output")->capture_default_str();
    add_data_option(*command, options->folder);
    command->add_option("--point", options->points, "a point's code, several times if need be; else all points");
    command->add_option("--from", options->from, "RFC 3339 or Unix time; else the first sample");
    command->add_option("--to", options->to, "not included; else behind the last sample");
    command->add_flag("--iso", options->iso_times, "times as 2026-01-15T08:30:00Z in place of Unix seconds");
    command->add_flag("--no-header", options->no_header, "without the line of names");
    command->callback(
        [&request, options] { request.work = [&request, options] { return run_export(*options, request); }; });
}

}  // namespace nuanshu::cli

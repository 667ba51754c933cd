#include <fstream>
#include <memory>
#include <sstream>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "base/time.h"
#include "cli/src/historian.h"
#include "cli/src/life_output.h"
#include "cli/src/progress_line.h"

namespace nuanshu::cli {
namespace {

Result<> print_stat(const SampleFolder& folder, const Request& request) {
    NUANSHU_TRY(const auto store, OpenStore::open(folder, request.config_path, OpenStore::Absent::refuse));
    NUANSHU_TRY(const auto size, store->size());
    const double bytes_per_sample =
        size.samples > 0 ? static_cast<double>(size.bytes) / static_cast<double>(size.samples) : 0;
    if (request.json) {
        const boost::json::object answer{{"samples", size.samples},
                                         {"bytes", size.bytes},
                                         {"bytes_per_sample", bytes_per_sample},
                                         {"points", size.points}};
        fmt::print("{}\n", boost::json::serialize(answer));
    } else {
        fmt::print("{}: {} samples of {} points, {} on disk, {:.2f} bytes a sample\n", store.directory(),
                   as_count(size.samples), as_count(size.points), as_bytes(static_cast<double>(size.bytes)),
                   bytes_per_sample);
    }
    return {};
}

Result<> print_points(const SampleFolder& folder, const Request& request) {
    NUANSHU_TRY(const auto store, OpenStore::open(folder, request.config_path, OpenStore::Absent::refuse));
    NUANSHU_TRY(const auto points, points_of(*store, {}));
    boost::json::array codes;
    for (const PointId point : points) {
        if (request.json) {
            codes.emplace_back(store->code_of(point));
        } else {
            fmt::print("{}\n", store->code_of(point));
        }
    }
    if (request.json) {
        fmt::print("{}\n", boost::json::serialize(boost::json::object{{"points", std::move(codes)}}));
    }
    return {};
}

struct VerifyOptions {
    SampleFolder folder;
    std::string backups, name;
};

Result<historian::Verification> verify(const VerifyOptions& options, const Request& request,
                                       const historian::JobControl& control) {
    if (!options.backups.empty()) {
        return historian::verify_backups(options.backups, options.name, control);
    }
    NUANSHU_TRY(const auto store, OpenStore::open(options.folder, request.config_path, OpenStore::Absent::refuse));
    NUANSHU_TRY(auto* life, store.life());
    return life->verify(control);
}

Result<> run_verify(const VerifyOptions& options, const Request& request) {
    const JobWatch watch("verify");
    NUANSHU_TRY(const auto found, verify(options, request, watch.control()));
    if (request.json) {
        fmt::print("{}\n", boost::json::serialize(to_json(found)));
    } else {
        fmt::print("{} files, {}, {} chunks, {} samples: {}\n", as_count(found.files),
                   as_bytes(static_cast<double>(found.bytes)), as_count(found.chunks), as_count(found.samples),
                   found.damage_count == 0 ? "all whole" : fmt::format("{} damages", found.damage_count));
        for (const auto& damage : found.damages) {
            fmt::print("{}: {}\n", damage.place, damage.what);
        }
    }
    if (found.damage_count > 0) {
        return fail(
            ErrorCode::corrupt, "verify",
            "{} damages; what they touch cannot be read, everything else can. Restore a backup, or delete these ranges",
            found.damage_count);
    }
    return {};
}

Result<> run_compact(const SampleFolder& folder, const Request& request) {
    const JobWatch watch("compact");
    NUANSHU_TRY(const auto store, OpenStore::open(folder, request.config_path, OpenStore::Absent::refuse));
    NUANSHU_TRY(auto* life, store.life());
    NUANSHU_TRY(const auto done, life->compact(watch.control()));
    if (request.json) {
        fmt::print("{}\n", boost::json::serialize(boost::json::object{{"bytes_before", done.bytes_before},
                                                                      {"bytes_after", done.bytes_after}}));
    } else {
        fmt::print("{} before, {} now\n", as_bytes(static_cast<double>(done.bytes_before)),
                   as_bytes(static_cast<double>(done.bytes_after)));
    }
    return {};
}

struct RetainOptions {
    SampleFolder folder;
    std::string rules;
    bool rehearse = false;
};

/// The rules themselves, or those in the file that @ names.
Result<std::string> rules_text(const std::string& option) {
    if (!option.starts_with('@')) {
        return option;
    }
    std::ifstream file(option.substr(1));
    std::stringstream text;
    text << file.rdbuf();
    if (!file) {
        return fail(ErrorCode::not_found, option.substr(1), "cannot be read");
    }
    return text.str();
}

Result<> run_retain(const RetainOptions& options, const Request& request) {
    const JobWatch watch("retain");
    NUANSHU_TRY(const std::string text, rules_text(options.rules));
    NUANSHU_TRY(const auto rules, historian::parse_retention(text));
    NUANSHU_TRY(const auto store, OpenStore::open(options.folder, request.config_path, OpenStore::Absent::refuse));
    NUANSHU_TRY(auto* life, store.life());
    const auto mode = options.rehearse ? historian::RetentionMode::rehearse : historian::RetentionMode::apply;
    NUANSHU_TRY(const auto gone, life->retire(rules, SystemClock().now_ms(), mode, watch.control()));
    if (request.json) {
        fmt::print("{}\n", boost::json::serialize(to_json(gone)));
    } else {
        fmt::print("{}: {} samples, {} hours, {} days of {} points, {} old values\n",
                   options.rehearse ? "would go" : "gone", as_count(gone.samples), as_count(gone.hours),
                   as_count(gone.days), as_count(gone.points), as_count(gone.old_values));
    }
    return {};
}

void add_retain(CLI::App& historian, Request& request) {
    auto options = std::make_shared<RetainOptions>();
    auto* command = historian.add_subcommand("retain", "take away what is older than rules say (按保留期清理)");
    add_data_option(*command, options->folder);
    command
        ->add_option("--rules", options->rules, "PATTERN [raw=365d] [hourly=10y] [daily=30y]; several with ; or @FILE")
        ->required();
    command->add_flag("--rehearse", options->rehearse, "only say what would go");
    command->callback(
        [&request, options] { request.work = [&request, options] { return run_retain(*options, request); }; });
}

void add_verify(CLI::App& historian, Request& request) {
    auto options = std::make_shared<VerifyOptions>();
    auto* command =
        historian.add_subcommand("verify", "read everything, check every checksum, name what is damaged (校验)");
    add_data_option(*command, options->folder);
    command->add_option("--backups", options->backups, "check the backups in this folder instead");
    command->add_option("--name", options->name, "of one backup; else all of them");
    command->callback(
        [&request, options] { request.work = [&request, options] { return run_verify(*options, request); }; });
}

using FolderWork = Result<> (*)(const SampleFolder&, const Request&);

void add_simple(CLI::App& historian, Request& request, const char* name, const char* help, FolderWork work) {
    auto folder = std::make_shared<SampleFolder>();
    auto* command = historian.add_subcommand(name, help);
    add_data_option(*command, *folder);
    command->callback(
        [&request, folder, work] { request.work = [&request, folder, work] { return work(*folder, request); }; });
}

}  // namespace

void add_historian_care(CLI::App& historian, Request& request) {
    add_simple(historian, request, "stat", "how many samples and points there are, and what they take on disk (统计)",
               print_stat);
    add_simple(historian, request, "points", "the codes of all points (测点列表)", print_points);
    add_verify(historian, request);
    add_simple(historian, request, "compact", "join files and drop what was replaced (整理)", run_compact);
    add_retain(historian, request);
}

}  // namespace nuanshu::cli

#include <memory>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "base/config.h"
#include "base/time.h"
#include "cli/src/historian.h"
#include "cli/src/life_output.h"

namespace nuanshu::cli {
namespace {

struct BackupOptions {
    SampleFolder folder;
    std::string directory;
    bool full = false;
    bool list = false;
    int keep = 0;
};

std::string in_words(const historian::Backup& backup) {
    return fmt::format("{:<24} {}  {:<11} {}", backup.name(), format_time(backup.at_ms),
                       backup.full ? "full" : "incremental", as_bytes(static_cast<double>(backup.bytes)));
}

Result<> list(const std::string& directory, bool as_json) {
    NUANSHU_TRY(const auto backups, historian::list_backups(directory));
    boost::json::array rows;
    for (const auto& backup : backups) {
        rows.push_back(to_json(backup));
        if (!as_json) {
            fmt::print("{}\n", in_words(backup));
        }
    }
    if (as_json) {
        fmt::print("{}\n", boost::json::serialize(boost::json::object{{"backups", std::move(rows)}}));
    } else if (backups.empty()) {
        fmt::print("no backup lies in {}\n", directory);
    }
    return {};
}

Result<> run_backup(const BackupOptions& options, const Request& request) {
    if (options.list) {
        return list(options.directory, request.json);
    }
    const JobWatch watch("backup");
    NUANSHU_TRY(const auto store, OpenStore::open(options.folder, request.config_path, OpenStore::Absent::refuse));
    NUANSHU_TRY(auto* life, store.life());
    historian::BackupRequest wanted{
        .directory = options.directory, .at_ms = SystemClock().now_ms(), .chains_kept = options.keep};
    wanted.kind = options.full ? historian::BackupKind::full : historian::BackupKind::incremental;
    NUANSHU_TRY(const auto backup, life->back_up(wanted, watch.control()));
    fmt::print("{}\n", request.json ? boost::json::serialize(to_json(backup)) : in_words(backup));
    return {};
}

struct RestoreOptions {
    SampleFolder folder;
    std::string directory;
    std::string name, moment;
};

Result<> run_restore(const RestoreOptions& options, const Request& request) {
    NUANSHU_TRY(const auto config, load_config(request.config_path));
    historian::RestoreRequest wanted{.backup_directory = options.directory, .name = options.name};
    wanted.to = options.folder.directory.empty() ? config.state_dir + "/samples" : options.folder.directory;
    if (!options.moment.empty()) {
        NUANSHU_TRY(wanted.moment_ms, parse_time(options.moment));
    }
    const JobWatch watch("restore");
    NUANSHU_TRY(const auto backup, historian::restore_backup(wanted, watch.control()));
    if (request.json) {
        fmt::print("{}\n", boost::json::serialize(to_json(backup)));
    } else {
        fmt::print("{} now holds backup {} of {}\n", wanted.to, backup.name(), format_time(backup.at_ms));
    }
    return {};
}

}  // namespace

void add_historian_backup(CLI::App& historian, Request& request) {
    auto backup = std::make_shared<BackupOptions>();
    auto* command =
        historian.add_subcommand("backup", "copy the store into a backup folder, only what is new there (备份)");
    add_data_option(*command, backup->folder);
    command->add_option("to", backup->directory, "the backup folder; best on another disk")->required();
    command->add_flag("--full", backup->full, "begin a new chain that needs no older backup");
    command->add_option("--keep", backup->keep, "keep so many older chains; 0: all")
        ->capture_default_str()
        ->check(CLI::NonNegativeNumber);
    command->add_flag("--list", backup->list, "only list the backups that lie there");
    command->callback(
        [&request, backup] { request.work = [&request, backup] { return run_backup(*backup, request); }; });

    auto restore = std::make_shared<RestoreOptions>();
    command = historian.add_subcommand("restore",
                                       "make a store from a backup, in a folder that is empty or not there yet (恢复)");
    add_data_option(*command, restore->folder);
    command->add_option("from", restore->directory, "the backup folder")->required();
    command->add_option("--name", restore->name, "which backup; else the newest");
    command->add_option("--moment", restore->moment, "the newest backup that is not younger than this time");
    command->callback(
        [&request, restore] { request.work = [&request, restore] { return run_restore(*restore, request); }; });
}

}  // namespace nuanshu::cli

#include <algorithm>
#include <filesystem>
#include <memory>

#include <rocksdb/db.h>
#include <rocksdb/utilities/backup_engine.h>

#include "base/time.h"
#include "platform/historian/src/backup_chain.h"
#include "platform/historian/src/journal.h"
#include "platform/historian/src/sample_files.h"

namespace nuanshu::historian {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t damages_max = 1'000;

std::string names_of(const std::vector<Backup>& backups) {
    std::string names;
    for (const auto& backup : backups) {
        names += fmt::format("{}{} of {}", names.empty() ? "" : ", ", backup.name(), format_time(backup.at_ms));
    }
    return names.empty() ? "there is none" : "there are " + names;
}

Result<Backup> choose(const RestoreRequest& request) {
    NUANSHU_TRY(const auto backups, list_backups(request.backup_directory));
    const auto fits = [&](const Backup& backup) {
        return (request.name.empty() || backup.name() == request.name) &&
               (!request.moment_ms || backup.at_ms <= *request.moment_ms);
    };
    const auto found = std::find_if(backups.rbegin(), backups.rend(), fits);
    if (found == backups.rend()) {
        const auto wanted = !request.name.empty() ? request.name
                            : request.moment_ms   ? "at or before " + format_time(*request.moment_ms)
                                                  : std::string("at all");
        return fail(ErrorCode::not_found, "backup folder " + request.backup_directory, "no backup {}; {}", wanted,
                    names_of(backups));
    }
    return *found;
}

Result<> check_target(const std::string& to) {
    std::error_code failure;
    if (to.empty() || (fs::exists(to, failure) && !fs::is_empty(to, failure))) {
        return fail(ErrorCode::conflict, "restore to " + to,
                    "the folder is not empty; name one that does not exist yet");
    }
    return {};
}

Result<std::unique_ptr<rocksdb::BackupEngineReadOnly>> open_to_read(const std::string& path) {
    rocksdb::BackupEngineReadOnly* opened = nullptr;
    const auto status =
        rocksdb::BackupEngineReadOnly::Open(rocksdb::BackupEngineOptions(path), rocksdb::Env::Default(), &opened);
    std::unique_ptr<rocksdb::BackupEngineReadOnly> engine(opened);
    if (!status.ok()) {
        return tl::unexpected<Error>(backup_error(path, status));
    }
    return engine;
}

Result<> move_into_place(const std::string& part, const std::string& to) {
    std::error_code failure;
    fs::rename(part, to, failure);
    if (failure) {
        return fail(ErrorCode::unavailable, "restore to " + to, "{} cannot be renamed to it: {}", part,
                    failure.message());
    }
    return {};
}

/// Applies the journal to the restored files. @return the moment they show then
Result<std::int64_t> lead_on(const RestoreRequest& request, const std::string& part, std::int64_t from_ms) {
    NUANSHU_TRY(const auto files, SampleFiles::open(part));
    NUANSHU_TRY(const auto reached_ms, replay_journal(request.backup_directory, *files, from_ms, *request.moment_ms));
    NUANSHU_TRY_VOID(files->flush());
    return reached_ms;
}

void report(const JobControl& control, std::string_view step, std::uint64_t done, std::uint64_t total) {
    if (control.progress) {
        control.progress({.step = step, .done = done, .total = total});
    }
}

tl::unexpected<Error> cancelled(std::string_view job) {
    return fail(ErrorCode::cancelled, std::string(job), "stopped as asked");
}

void note(Verification& found, std::string place, std::string what) {
    ++found.damage_count;
    if (found.damages.size() < damages_max) {
        found.damages.push_back({std::move(place), std::move(what)});
    }
}

Result<> verify_chain(const std::string& directory, const std::string& chain, const std::string& name,
                      const JobControl& control, Verification& found) {
    const std::string path = directory + "/" + chain;
    const auto engine = open_to_read(path);
    if (!engine) {
        note(found, path, engine.error().message());
        return {};
    }
    std::vector<rocksdb::BackupID> broken;
    (*engine)->GetCorruptedBackups(&broken);
    for (const auto number : broken) {
        note(found, fmt::format("{}/{}", chain, number), "its list of files is damaged or files are missing");
    }
    std::vector<rocksdb::BackupInfo> infos;
    (*engine)->GetBackupInfo(&infos);
    for (const auto& info : infos) {
        const Backup backup{.chain = chain, .number = info.backup_id, .at_ms = 0, .bytes = info.size, .full = false};
        if (!name.empty() && backup.name() != name) {
            continue;
        }
        if (control.stop.stop_requested()) {
            return cancelled("verify backups");
        }
        report(control, "reading backups", found.bytes, 0);
        if (const auto status = (*engine)->VerifyBackup(info.backup_id, true); !status.ok()) {
            note(found, backup.name(), status.ToString());
        }
        found.files += info.number_files;
        found.bytes += info.size;
    }
    return {};
}

}  // namespace

Result<Verification> verify_backups(const std::string& directory, const std::string& name, const JobControl& control) {
    NUANSHU_TRY(const auto chains, find_chains(directory));
    Verification found;
    for (const auto& chain : chains) {
        if (name.empty() || name.starts_with(chain + "/")) {
            NUANSHU_TRY_VOID(verify_chain(directory, chain, name, control, found));
        }
    }
    if (!name.empty() && found.files == 0 && found.damage_count == 0) {
        return fail(ErrorCode::not_found, "backup folder " + directory, "no backup {}", name);
    }
    return found;
}

Result<Backup> restore_backup(const RestoreRequest& request, const JobControl& control) {
    NUANSHU_TRY_VOID(check_target(request.to));
    NUANSHU_TRY(Backup backup, choose(request));
    NUANSHU_TRY(const auto engine, open_to_read(request.backup_directory + "/" + backup.chain));
    const std::string part = fs::path(request.to).lexically_normal().string() + ".restoring";
    std::error_code failure;
    fs::remove_all(part, failure);
    if (control.stop.stop_requested()) {
        return cancelled("restore");
    }
    report(control, "restoring", 0, backup.bytes);
    const auto status = engine->RestoreDBFromBackup(rocksdb::RestoreOptions(), backup.number, part, part);
    if (!status.ok() || control.stop.stop_requested()) {
        fs::remove_all(part, failure);
        return status.ok() ? cancelled("restore") : tl::unexpected<Error>(backup_error(backup.name(), status));
    }
    if (request.moment_ms) {
        NUANSHU_TRY(backup.at_ms, lead_on(request, part, backup.at_ms));
    }
    NUANSHU_TRY_VOID(move_into_place(part, request.to));
    report(control, "restoring", backup.bytes, backup.bytes);
    return backup;
}

}  // namespace nuanshu::historian

#include <filesystem>
#include <memory>

#include <rocksdb/db.h>
#include <rocksdb/utilities/backup_engine.h>

#include "base/log.h"
#include "platform/historian/src/backup_chain.h"
#include "platform/historian/src/embedded_life.h"

namespace nuanshu::historian {
namespace {

constexpr std::uint64_t progress_every_bytes = 4 << 20;

/// The chain that the backup goes into: the newest one, or a new one.
Result<std::string> choose_chain(const BackupRequest& request) {
    NUANSHU_TRY(const auto chains, find_chains(request.directory));
    if (request.kind == BackupKind::incremental && !chains.empty()) {
        return chains.back();
    }
    return new_chain_name(request.directory, request.at_ms);
}

Result<std::unique_ptr<rocksdb::BackupEngine>> open_engine(const std::string& path) {
    rocksdb::BackupEngineOptions options(path);
    options.callback_trigger_interval_size = progress_every_bytes;
    rocksdb::BackupEngine* opened = nullptr;
    const auto status = rocksdb::BackupEngine::Open(options, rocksdb::Env::Default(), &opened);
    std::unique_ptr<rocksdb::BackupEngine> engine(opened);
    if (!status.ok()) {
        return tl::unexpected<Error>(backup_error(path, status));
    }
    return engine;
}

Result<rocksdb::BackupID> copy_files(rocksdb::DB& db, rocksdb::BackupEngine& engine, const BackupRequest& request,
                                     const std::string& path, const std::function<void()>& progress) {
    rocksdb::CreateBackupOptions options;
    options.progress_callback = progress;
    rocksdb::BackupID number = 0;
    const auto status = engine.CreateNewBackupWithMetadata(options, &db, encode_backup_note(request.at_ms), &number);
    if (!status.ok()) {
        return tl::unexpected<Error>(backup_error(path, status));
    }
    return number;
}

Result<> make_folder(const std::string& path) {
    std::error_code failure;
    std::filesystem::create_directories(path, failure);
    if (failure) {
        return fail(ErrorCode::unavailable, "backup folder " + path, "cannot be made: {}", failure.message());
    }
    return {};
}

void remove_old_chains(const BackupRequest& request) {
    const auto chains = find_chains(request.directory);
    if (!chains || request.chains_kept <= 0) {
        return;
    }
    for (std::size_t i = 0; i + static_cast<std::size_t>(request.chains_kept) < chains->size(); ++i) {
        if (const auto removed = remove_chain(request.directory, (*chains)[i]); !removed) {
            log_warn("historian", "old backup: {}", removed.error().message());
        }
    }
}

}  // namespace

Result<Backup> EmbeddedLife::back_up(const BackupRequest& request, const JobControl& control) {
    const std::unique_lock one(backing_up_, std::try_to_lock);
    if (!one.owns_lock()) {
        return fail(ErrorCode::conflict, "backup", "another backup of this store runs; wait until it is done");
    }
    if (request.directory.empty()) {
        return fail(ErrorCode::invalid, "backup", "no folder is named");
    }
    NUANSHU_TRY_VOID(make_folder(request.directory));
    remove_leftovers(request.directory);
    NUANSHU_TRY(const std::string chain, choose_chain(request));
    const std::string path = request.directory + "/" + chain;
    NUANSHU_TRY(const auto engine, open_engine(path));
    NUANSHU_TRY(const std::uint64_t total, parts_.files.bytes());
    const std::stop_callback stopping(control.stop, [&] { engine->StopBackup(); });
    std::uint64_t done = 0;
    const auto number = copy_files(parts_.files.db(), *engine, request, path, [&] {
        done += progress_every_bytes;
        if (control.progress) {
            control.progress({.step = "backing up", .done = std::min(done, total), .total = total});
        }
    });
    if (!number && control.stop.stop_requested()) {
        return fail(ErrorCode::cancelled, "backup", "stopped as asked; no backup was made");
    }
    if (!number) {
        return tl::unexpected<Error>(number.error());
    }
    rocksdb::BackupInfo info;
    if (const auto status = engine->GetBackupInfo(*number, &info); !status.ok()) {
        return fail(ErrorCode::unavailable, "backup " + path, "{}", status.ToString());
    }
    remove_old_chains(request);
    if (const auto left = list_backups(request.directory); left && !left->empty()) {
        prune_journal(request.directory, left->front().at_ms);
    }
    return Backup{.chain = chain, .number = *number, .at_ms = request.at_ms, .bytes = info.size, .full = *number == 1};
}

}  // namespace nuanshu::historian

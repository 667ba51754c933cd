#include "platform/historian/src/backup_chain.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include <rocksdb/db.h>
#include <rocksdb/utilities/backup_engine.h>

#include "base/log.h"
#include "base/time.h"

namespace nuanshu::historian {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view note_prefix = "nuanshu 1 at_ms=";
constexpr std::string_view name_form = "00000000T000000Z";
constexpr std::string_view going_suffix = ".going";

bool is_chain_name(std::string_view name) {
    return name.size() == name_form.size() &&
           std::equal(name.begin(), name.end(), name_form.begin(),
                      [](char is, char form) { return form == '0' ? is >= '0' && is <= '9' : is == form; });
}

/// "2026-01-15T02:00:00Z" without what a folder's name had better not have.
std::string chain_name(std::int64_t at_ms) {
    std::string name = format_time(at_ms / 1'000 * 1'000);
    std::erase_if(name, [](char c) { return c == '-' || c == ':'; });
    return name;
}

Result<> remove_folder(const std::string& path) {
    std::error_code failure;
    fs::remove_all(path, failure);
    if (failure) {
        return fail(ErrorCode::unavailable, path, "cannot be removed: {}", failure.message());
    }
    return {};
}

bool without_backup(const std::string& directory, const std::string& chain) {
    const auto backups = read_chain(directory, chain);
    return backups && backups->empty();
}

}  // namespace

std::string Backup::name() const {
    return fmt::format("{}/{}", chain, number);
}

std::string encode_backup_note(std::int64_t at_ms) {
    return fmt::format("{}{}", note_prefix, at_ms);
}

std::int64_t decode_backup_note(const std::string& note) {
    std::int64_t at_ms = 0;
    if (note.starts_with(note_prefix)) {
        std::from_chars(note.data() + note_prefix.size(), note.data() + note.size(), at_ms);
    }
    return at_ms;
}

Error backup_error(const std::string& where, const rocksdb::IOStatus& status) {
    const ErrorCode code = status.IsCorruption() ? ErrorCode::corrupt
                           : status.IsNoSpace()  ? ErrorCode::exhausted
                           : status.IsNotFound() ? ErrorCode::not_found
                                                 : ErrorCode::unavailable;
    return {code, "backup " + where, status.ToString()};
}

Result<std::vector<std::string>> find_chains(const std::string& directory) {
    std::vector<std::string> chains;
    std::error_code failure;
    if (!fs::exists(directory, failure) && !failure) {
        return chains;
    }
    for (fs::directory_iterator at(directory, failure), end; !failure && at != end; at.increment(failure)) {
        if (is_chain_name(at->path().filename().string())) {
            chains.push_back(at->path().filename().string());
        }
    }
    if (failure) {
        return fail(ErrorCode::unavailable, "backup folder " + directory, "{}", failure.message());
    }
    std::sort(chains.begin(), chains.end());
    return chains;
}

std::string new_chain_name(const std::string& directory, std::int64_t at_ms) {
    std::string name = chain_name(at_ms);
    for (std::error_code failure; fs::exists(fs::path(directory) / name, failure);) {
        at_ms += 1'000;
        name = chain_name(at_ms);
    }
    return name;
}

Result<std::vector<Backup>> read_chain(const std::string& directory, const std::string& chain) {
    const std::string path = directory + "/" + chain;
    rocksdb::BackupEngineReadOnly* opened = nullptr;
    const auto status =
        rocksdb::BackupEngineReadOnly::Open(rocksdb::BackupEngineOptions(path), rocksdb::Env::Default(), &opened);
    const std::unique_ptr<rocksdb::BackupEngineReadOnly> engine(opened);
    if (!status.ok()) {
        return tl::unexpected<Error>(backup_error(path, status));
    }
    std::vector<rocksdb::BackupInfo> infos;
    engine->GetBackupInfo(&infos);
    std::vector<Backup> backups;
    for (const auto& info : infos) {
        backups.push_back({.chain = chain,
                           .number = info.backup_id,
                           .at_ms = decode_backup_note(info.app_metadata),
                           .bytes = info.size,
                           .full = info.backup_id == 1});
    }
    return backups;
}

Result<> remove_chain(const std::string& directory, const std::string& chain) {
    const std::string path = directory + "/" + chain;
    const std::string going = path + std::string(going_suffix);
    std::error_code failure;
    fs::rename(path, going, failure);
    if (failure) {
        return fail(ErrorCode::unavailable, path, "cannot be renamed: {}", failure.message());
    }
    return remove_folder(going);
}

void remove_leftovers(const std::string& directory) {
    std::vector<std::string> leftovers;
    std::error_code failure;
    for (fs::directory_iterator at(directory, failure), end; !failure && at != end; at.increment(failure)) {
        const std::string name = at->path().filename().string();
        const bool going = name.ends_with(going_suffix) && is_chain_name(name.substr(0, name_form.size()));
        if (going || (is_chain_name(name) && without_backup(directory, name))) {
            leftovers.push_back(at->path().string());
        }
    }
    for (const auto& path : leftovers) {
        if (const auto removed = remove_folder(path); !removed) {
            log_warn("historian", "{}", removed.error().message());
        }
    }
}

Result<std::vector<Backup>> list_backups(const std::string& directory) {
    NUANSHU_TRY(const auto chains, find_chains(directory));
    std::vector<Backup> backups;
    for (const auto& chain : chains) {
        auto of_chain = read_chain(directory, chain);
        if (!of_chain) {
            log_warn("historian", "{}", of_chain.error().message());
            continue;
        }
        backups.insert(backups.end(), of_chain->begin(), of_chain->end());
    }
    std::stable_sort(backups.begin(), backups.end(), [](const auto& a, const auto& b) { return a.at_ms < b.at_ms; });
    return backups;
}

}  // namespace nuanshu::historian

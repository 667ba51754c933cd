#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/historian/life.h"

namespace rocksdb {
class IOStatus;
}

namespace nuanshu::historian {

/// What a backup says about itself beside its files.
std::string encode_backup_note(std::int64_t at_ms);
std::int64_t decode_backup_note(const std::string& note);

/// Folders of chains, oldest first. Errors: unavailable.
Result<std::vector<std::string>> find_chains(const std::string& directory);

/// A name for a chain that begins now, free in the folder.
std::string new_chain_name(const std::string& directory, std::int64_t at_ms);

/// The whole backups of one chain. Errors: corrupt, unavailable.
Result<std::vector<Backup>> read_chain(const std::string& directory, const std::string& chain);

/// Takes a chain's folder out of the list first, and then away.
Result<> remove_chain(const std::string& directory, const std::string& chain);
/// What an interrupted backup or removal left.
void remove_leftovers(const std::string& directory);

Error backup_error(const std::string& where, const rocksdb::IOStatus& status);

}  // namespace nuanshu::historian

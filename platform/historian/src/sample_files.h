#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/historian/src/damage_watch.h"
#include "platform/historian/src/keys.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class Iterator;
class Status;
class WriteBatch;
}  // namespace rocksdb

namespace nuanshu::historian {

/// The RocksDB database below the store, with its column families (keys.h). Thread-safe. RocksDB's own warnings go to
/// our log.
class SampleFiles {
 public:
    /// Opens or makes it. Errors: unavailable (another process has it, no permission), corrupt, exhausted.
    enum class LogKeeping {
        until_flushed,
        for_journal,  ///< write-ahead logs stay for an hour, at most 2 GiB of them, so that a journal can copy them
    };
    static Result<std::unique_ptr<SampleFiles>> open(const std::string& directory,
                                                     LogKeeping keeping = LogKeeping::until_flushed);
    ~SampleFiles();

    rocksdb::DB& db() const { return *db_; }
    rocksdb::ColumnFamilyHandle* series() const { return families_[1]; }
    rocksdb::ColumnFamilyHandle* log() const { return families_[2]; }
    rocksdb::ColumnFamilyHandle* chunks() const { return families_[3]; }
    rocksdb::ColumnFamilyHandle* damaged() const { return families_[4]; }
    rocksdb::ColumnFamilyHandle* stale() const { return families_[5]; }
    rocksdb::ColumnFamilyHandle* hours() const { return families_[6]; }
    rocksdb::ColumnFamilyHandle* days() const { return families_[7]; }
    rocksdb::ColumnFamilyHandle* audit() const { return families_[8]; }
    std::span<rocksdb::ColumnFamilyHandle* const> families() const { return families_; }
    const std::string& directory() const { return directory_; }

    enum class Durability { process_end, power_failure };

    /// Writes all or nothing. After a full disk or a disk fault RocksDB refuses everything; then this first asks it to
    /// resume.
    Result<> write(rocksdb::WriteBatch& batch, Durability durability);

    /// All entries of `log`, in order, until `visit` fails. What cannot be read is passed over and reported.
    /// @return how many such gaps there were
    Result<std::size_t> read_log(
        const std::function<Result<>(std::uint64_t sequence, std::string_view record)>& visit) const;

    /// Empties the log, damaged files and all. @pre everything it holds is in chunks on disk; nobody else uses it
    /// meanwhile
    Result<> renew_log();

    /// Stops the merging of files that turned out to be damaged, and reports them; to be called now and then. @return
    /// how often there was damage since the last call
    std::size_t leave_damaged_files();

    /// All entries of a family with few of them, in order, until `visit` fails.
    Result<> for_each(rocksdb::ColumnFamilyHandle* family,
                      const std::function<Result<>(std::string_view key, std::string_view value)>& visit) const;

    /// A varint under `key` in the default family, 0 when it is not there.
    Result<std::uint64_t> number(std::string_view key) const;

    /// Writes what is in memory tables into files, so that write-ahead logs can go.
    Result<> flush();

    /// Bytes of all files in the folder.
    Result<std::uint64_t> bytes() const;

    /// The status as an error of ours that names the folder. @pre !status.ok()
    Error error_of(const rocksdb::Status& status) const;

 private:
    SampleFiles(std::string directory, std::unique_ptr<rocksdb::DB> db,
                std::vector<rocksdb::ColumnFamilyHandle*> families, std::shared_ptr<DamageWatch> damage);
    Result<> check_format();
    Result<> resume_if_stopped();

    std::string directory_;
    std::unique_ptr<rocksdb::DB> db_;
    std::vector<rocksdb::ColumnFamilyHandle*> families_;
    std::shared_ptr<DamageWatch> damage_;
    std::atomic<bool> stopped_{false};  ///< a write failed, and RocksDB refuses more until it is resumed
    std::mutex resuming_;
};

}  // namespace nuanshu::historian

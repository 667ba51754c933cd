#include "platform/historian/src/sample_files.h"

#include <cstdio>
#include <cstring>
#include <filesystem>

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include "base/log.h"
#include "platform/historian/src/bytes.h"

namespace nuanshu::historian {
namespace {

constexpr std::uint64_t format_version = 2;
constexpr std::size_t mib = 1024 * 1024;
constexpr std::size_t block_cache_bytes = 64 * mib;
constexpr std::size_t write_ahead_bytes_max = 256 * mib;
constexpr std::size_t log_family = 2;
constexpr std::size_t max_log_gaps = 1'000;

/// Hands RocksDB's warnings and errors to our log.
class LogForwarder final : public rocksdb::Logger {
 public:
    LogForwarder() : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}
    using rocksdb::Logger::Logv;
    void Logv(const char* format, va_list arguments) override {
        char text[1024];
        // Two that hold files at once, as every backup does with itself, are no matter for a warning.
        if (std::vsnprintf(text, sizeof(text), format, arguments) > 0 && !std::strstr(text, "File Deletions")) {
            log_warn("historian", "RocksDB: {}", text);
        }
    }
};

/// After a fault, RocksDB would wait by itself for a fixed amount of free space and refuse to be resumed meanwhile. We
/// resume it when somebody wants to write. And when a file that is to be rewritten turns out to be damaged, it would
/// refuse all writing until it is opened again, and then again: we take note instead and leave that family's files as
/// they are.
class FaultListener final : public rocksdb::EventListener {
 public:
    explicit FaultListener(std::shared_ptr<DamageWatch> damage) : damage_(std::move(damage)) {}

    void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* auto_recovery) override {
        *auto_recovery = false;
    }
    void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override {
        if (reason == rocksdb::BackgroundErrorReason::kCompaction && error->IsCorruption()) {
            *error = rocksdb::Status::OK();
        }
    }
    void OnCompactionCompleted(rocksdb::DB*, const rocksdb::CompactionJobInfo& compaction) override {
        if (compaction.status.IsCorruption()) {
            damage_->note({compaction.cf_name, compaction.status.ToString()});
        }
    }

 private:
    std::shared_ptr<DamageWatch> damage_;
};

rocksdb::DBOptions database_options(const std::shared_ptr<DamageWatch>& damage) {
    rocksdb::DBOptions options;
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    options.info_log = std::make_shared<LogForwarder>();
    options.listeners = {std::make_shared<FaultListener>(damage)};
    options.max_background_jobs = 2;
    options.max_open_files = 1'000;
    options.max_total_wal_size = write_ahead_bytes_max;
    options.bytes_per_sync = mib;
    options.stats_dump_period_sec = 0;
    options.skip_stats_update_on_db_open = true;
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    return options;
}

rocksdb::ColumnFamilyOptions family_options(std::size_t write_buffer_bytes,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache;
    table.block_size = 16 * 1024;
    table.format_version = 5;
    table.checksum = rocksdb::kXXH3;
    rocksdb::ColumnFamilyOptions options;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    options.write_buffer_size = write_buffer_bytes;
    options.compression = rocksdb::kNoCompression;
    options.level_compaction_dynamic_level_bytes = true;
    return options;
}

/// For what is read once at the start and is alike from one entry to the next.
rocksdb::ColumnFamilyOptions compressed(rocksdb::ColumnFamilyOptions options) {
    options.compression = rocksdb::kZSTD;
    return options;
}

/// For what is written in the order of its keys: the place of the next one is looked for beside the last.
rocksdb::ColumnFamilyOptions in_order(rocksdb::ColumnFamilyOptions options) {
    options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(1));
    return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> families() {
    const auto cache = rocksdb::NewLRUCache(block_cache_bytes);
    return {{rocksdb::kDefaultColumnFamilyName, family_options(mib, cache)},
            {"series", compressed(family_options(8 * mib, cache))},
            {"log", family_options(64 * mib, cache)},
            {"chunks", in_order(family_options(32 * mib, cache))},
            {"damaged", family_options(mib, cache)},
            {"stale", family_options(mib, cache)},
            {"hours", family_options(16 * mib, cache)},
            {"days", family_options(8 * mib, cache)},
            {"audit", family_options(8 * mib, cache)}};
}

ErrorCode code_of(const rocksdb::Status& status) {
    if (status.IsCorruption()) {
        return ErrorCode::corrupt;
    }
    return status.IsNoSpace() ? ErrorCode::exhausted : ErrorCode::unavailable;
}

Error error_in(const std::string& directory, const rocksdb::Status& status) {
    const std::string where = "sample store " + directory;
    const std::string text = status.ToString();
    if (text.find("lock ") != std::string::npos && text.find("/LOCK") != std::string::npos) {
        return {ErrorCode::unavailable, where, "another process has it open; stop that one, or choose another folder"};
    }
    if (status.IsNoSpace()) {
        return {ErrorCode::exhausted, where,
                "the disk is full (" + text + "); free some space and it goes on by itself"};
    }
    return {code_of(status), where, text};
}

struct Opened {
    std::unique_ptr<rocksdb::DB> db;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    std::shared_ptr<DamageWatch> damage = std::make_shared<DamageWatch>();
};

rocksdb::Status try_open(const rocksdb::DBOptions& options, const std::string& directory, Opened& opened) {
    rocksdb::DB* db = nullptr;
    auto status = rocksdb::DB::Open(options, directory, families(), &opened.handles, &db);
    opened.db.reset(db);
    return status;
}

/// A write-ahead log damaged in its middle is not passed over silently: it is reported, then everything before the
/// damage is served.
rocksdb::Status open_database(const std::string& directory, SampleFiles::LogKeeping keeping, Opened& opened) {
    rocksdb::DBOptions options = database_options(opened.damage);
    if (keeping == SampleFiles::LogKeeping::for_journal) {
        options.WAL_ttl_seconds = 3'600;
        options.WAL_size_limit_MB = 2'048;
    }
    auto status = try_open(options, directory, opened);
    if (status.IsCorruption()) {
        const std::string first = status.ToString();
        options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
        status = try_open(options, directory, opened);
        if (status.ok()) {
            log_error("historian",
                      "sample store {}: {}; samples logged behind the damage are lost, all before it are served",
                      directory, first);
        }
    }
    return status;
}

}  // namespace

Result<std::unique_ptr<SampleFiles>> SampleFiles::open(const std::string& directory, LogKeeping keeping) {
    std::error_code failure;
    std::filesystem::create_directories(directory, failure);
    if (failure) {
        return fail(ErrorCode::unavailable, "sample store " + directory, "the folder cannot be made: {}",
                    failure.message());
    }
    Opened opened;
    if (const auto status = open_database(directory, keeping, opened); !status.ok()) {
        return tl::unexpected<Error>(error_in(directory, status));
    }
    std::unique_ptr<SampleFiles> files(
        new SampleFiles(directory, std::move(opened.db), std::move(opened.handles), opened.damage));
    NUANSHU_TRY_VOID(files->check_format());
    return files;
}

SampleFiles::SampleFiles(std::string directory, std::unique_ptr<rocksdb::DB> db,
                         std::vector<rocksdb::ColumnFamilyHandle*> families, std::shared_ptr<DamageWatch> damage)
    : directory_(std::move(directory)),
      db_(std::move(db)),
      families_(std::move(families)),
      damage_(std::move(damage)) {}

SampleFiles::~SampleFiles() {
    for (auto* family : families_) {
        if (const auto status = db_->DestroyColumnFamilyHandle(family); !status.ok()) {
            log_warn("historian", "{}", error_of(status).message());
        }
    }
    if (const auto status = db_->Close(); !status.ok()) {
        log_warn("historian", "{}", error_of(status).message());
    }
}

Result<> SampleFiles::check_format() {
    NUANSHU_TRY(const std::uint64_t found, number("format"));
    if (found != 0 && found != format_version) {
        return fail(ErrorCode::unsupported, "sample store " + directory_,
                    "written in format {}; this program knows format {}. Export it with the program that wrote it, "
                    "and import it into an empty folder",
                    found, format_version);
    }
    if (found == format_version) {
        return {};
    }
    std::string value;
    put_varint(value, format_version);
    rocksdb::WriteBatch batch;
    if (const auto status = batch.Put("format", value); !status.ok()) {
        return tl::unexpected<Error>(error_of(status));
    }
    return write(batch, Durability::power_failure);
}

Result<> SampleFiles::resume_if_stopped() {
    if (!stopped_.load(std::memory_order_relaxed)) {
        return {};
    }
    const std::lock_guard lock(resuming_);
    if (const auto status = db_->Resume(); !status.ok()) {
        return tl::unexpected<Error>(error_of(status));
    }
    stopped_.store(false, std::memory_order_relaxed);
    log_info("historian", "sample store {}: writing again", directory_);
    return {};
}

Result<> SampleFiles::write(rocksdb::WriteBatch& batch, Durability durability) {
    NUANSHU_TRY_VOID(resume_if_stopped());
    rocksdb::WriteOptions options;
    options.sync = durability == Durability::power_failure;
    if (const auto status = db_->Write(options, &batch); !status.ok()) {
        stopped_.store(true, std::memory_order_relaxed);
        return tl::unexpected<Error>(error_of(status));
    }
    return {};
}

Result<> SampleFiles::for_each(
    rocksdb::ColumnFamilyHandle* family,
    const std::function<Result<>(std::string_view key, std::string_view value)>& visit) const {
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(options, family));
    for (at->SeekToFirst(); at->Valid(); at->Next()) {
        NUANSHU_TRY_VOID(visit(at->key().ToStringView(), at->value().ToStringView()));
    }
    if (!at->status().ok()) {
        return tl::unexpected<Error>(error_of(at->status()));
    }
    return {};
}

namespace {

/// Where the iterator can read again, going on from `sequence`: at the first such entry, or at the end. @return the
/// least sequence from which on that is so
std::uint64_t seek_readable(rocksdb::Iterator& at, std::uint64_t sequence) {
    const auto readable_from = [&](std::uint64_t from) {
        at.Seek(log_key(from));
        return at.status().ok();
    };
    std::uint64_t bad = sequence;
    std::uint64_t good = sequence;
    for (std::uint64_t step = 1; !readable_from(good) && good != ~std::uint64_t{0}; step *= 2) {
        bad = good;
        good = step > ~std::uint64_t{0} - good ? ~std::uint64_t{0} : good + step;
    }
    while (good - bad > 1) {
        const std::uint64_t middle = bad + (good - bad) / 2;
        (readable_from(middle) ? good : bad) = middle;
    }
    readable_from(good);
    return good;
}

}  // namespace

Result<std::size_t> SampleFiles::read_log(
    const std::function<Result<>(std::uint64_t sequence, std::string_view record)>& visit) const {
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(options, log()));
    std::uint64_t next = 0;
    std::size_t gaps = 0;
    at->SeekToFirst();
    while (at->Valid() || !at->status().ok()) {
        if (!at->status().IsCorruption() && !at->Valid()) {
            return tl::unexpected<Error>(error_of(at->status()));
        }
        if (!at->Valid()) {
            const std::string what = at->status().ToString();
            const std::uint64_t from = seek_readable(*at, next);
            log_error("historian", "sample store {}: the log's entries from {} to before {} cannot be read: {}",
                      directory_, next, from, what);
            next = from;
            if (++gaps > max_log_gaps || (!at->status().ok() && from == ~std::uint64_t{0})) {
                break;
            }
            continue;
        }
        const std::uint64_t sequence = get_big_endian(at->key().ToStringView());
        NUANSHU_TRY_VOID(visit(sequence, at->value().ToStringView()));
        next = sequence + 1;
        at->Next();
    }
    return gaps;
}

Result<> SampleFiles::renew_log() {
    auto status = db_->DropColumnFamily(families_[log_family]);
    if (status.ok()) {
        status = db_->DestroyColumnFamilyHandle(families_[log_family]);
    }
    if (status.ok()) {
        const auto wanted = nuanshu::historian::families().at(log_family);
        status = db_->CreateColumnFamily(wanted.options, wanted.name, &families_[log_family]);
    }
    if (!status.ok()) {
        return tl::unexpected<Error>(error_of(status));
    }
    return {};
}

std::size_t SampleFiles::leave_damaged_files() {
    const auto all = damage_->take();
    for (const auto& [name, what] : all) {
        for (auto* family : families_) {
            if (family->GetName() == name) {
                log_error("historian",
                          "sample store {}: a file of `{}` is damaged: {}. Writing goes on, and what can be read is "
                          "served; its files are no longer merged until the store is opened again. `nuanshu historian "
                          "verify` tells what is lost; restore it from a backup",
                          directory_, name, what);
                const auto status = db_->SetOptions(family, {{"disable_auto_compactions", "true"}});
                if (!status.ok()) {
                    log_warn("historian", "{}", error_of(status).message());
                }
            }
        }
    }
    return all.size();
}

Result<std::uint64_t> SampleFiles::number(std::string_view key) const {
    std::string value;
    const auto status = db_->Get({}, rocksdb::Slice(key.data(), key.size()), &value);
    if (status.IsNotFound()) {
        return 0;
    }
    if (!status.ok()) {
        return tl::unexpected<Error>(error_of(status));
    }
    return ByteReader(value).varint();
}

Result<> SampleFiles::flush() {
    if (const auto status = db_->Flush({}, families_); !status.ok()) {
        return tl::unexpected<Error>(error_of(status));
    }
    return {};
}

Result<std::uint64_t> SampleFiles::bytes() const {
    std::error_code failure;
    std::uint64_t total = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory_, failure)) {
        // A file may go between being listed and being looked at; then it counts nothing.
        std::error_code gone;
        const auto size = entry.file_size(gone);
        total += gone ? 0 : size;
    }
    if (failure) {
        return fail(ErrorCode::unavailable, "sample store " + directory_, "{}", failure.message());
    }
    return total;
}

Error SampleFiles::error_of(const rocksdb::Status& status) const {
    return error_in(directory_, status);
}

}  // namespace nuanshu::historian

#include <atomic>
#include <filesystem>

#include <rocksdb/db.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/transaction_log.h>

#include "base/log.h"
#include "base/time.h"
#include "platform/historian/src/chunk.h"
#include "platform/historian/src/chunk_cursor.h"
#include "platform/historian/src/embedded_life.h"
#include "platform/historian/src/log_barrier.h"
#include "platform/historian/src/log_record.h"

namespace nuanshu::historian {
namespace {

constexpr std::size_t damages_max = 1'000;
constexpr std::string_view sealed_samples_key = "sealed_samples";

/// One look at everything.
class Verifying {
 public:
    Verifying(const SampleFiles& files, const Series& series, const RollupFiles& rollups, const ChangeLog& changes,
              const JobControl& control)
        : files_(files), series_(series), rollups_(rollups), changes_(changes), control_(control) {}

    Result<Verification> run();

 private:
    Result<> read_tables();
    void read_table(const rocksdb::LiveFileMetaData& file);
    void read_write_ahead_log();
    Result<> read_points();
    void read_chunks(PointId point);
    void read_rollups(PointId point);
    void read_log();
    void read_audit();
    void count_set_aside();
    Result<> go_on(std::string_view step, std::uint64_t done, std::uint64_t total) const;
    void note(std::string place, std::string what);

    const SampleFiles& files_;
    const Series& series_;
    const RollupFiles& rollups_;
    const ChangeLog& changes_;
    const JobControl& control_;
    Verification found_;
};

void Verifying::note(std::string place, std::string what) {
    ++found_.damage_count;
    if (found_.damages.size() < damages_max) {
        found_.damages.push_back({std::move(place), std::move(what)});
    }
}

Result<> Verifying::go_on(std::string_view step, std::uint64_t done, std::uint64_t total) const {
    if (control_.stop.stop_requested()) {
        return fail(ErrorCode::cancelled, "verify", "stopped as asked");
    }
    if (control_.progress) {
        control_.progress({.step = step, .done = done, .total = total});
    }
    return {};
}

Result<Verification> Verifying::run() {
    const auto before = files_.number(sealed_samples_key);
    NUANSHU_TRY_VOID(read_tables());
    read_write_ahead_log();
    NUANSHU_TRY_VOID(read_points());
    read_log();
    read_audit();
    count_set_aside();
    const auto after = files_.number(sealed_samples_key);
    if (before && after && *before == *after && found_.damage_count == 0 && found_.samples != *after) {
        note("all chunks", fmt::format("they hold {} samples, and {} are written down", found_.samples, *after));
    }
    return found_;
}

/// Table files, each by its own checksums. None is deleted while it is read.
Result<> Verifying::read_tables() {
    if (const auto status = files_.db().DisableFileDeletions(); !status.ok()) {
        return tl::unexpected<Error>(files_.error_of(status));
    }
    std::vector<rocksdb::LiveFileMetaData> tables;
    files_.db().GetLiveFilesMetaData(&tables);
    Result<> result;
    for (std::size_t i = 0; i < tables.size() && result; ++i) {
        result = go_on("reading files", i, tables.size());
        if (result) {
            read_table(tables[i]);
        }
    }
    if (const auto status = files_.db().EnableFileDeletions(false); !status.ok()) {
        return tl::unexpected<Error>(files_.error_of(status));
    }
    return result;
}

void Verifying::read_table(const rocksdb::LiveFileMetaData& file) {
    const std::string path = file.db_path + file.name;
    rocksdb::SstFileReader reader{rocksdb::Options()};
    auto status = reader.Open(path);
    if (status.ok()) {
        status = reader.VerifyChecksum();
    }
    if (!status.ok()) {
        note(path, fmt::format("{} ({})", status.ToString(), file.column_family_name));
    }
    ++found_.files;
    found_.bytes += file.size;
}

void Verifying::read_write_ahead_log() {
    rocksdb::VectorLogPtr logs;
    if (const auto status = files_.db().GetSortedWalFiles(logs); !status.ok() || logs.empty()) {
        return;
    }
    for (const auto& log : logs) {
        ++found_.files;
        found_.bytes += log->SizeFileBytes();
    }
    std::unique_ptr<rocksdb::TransactionLogIterator> at;
    auto status = files_.db().GetUpdatesSince(logs.front()->StartSequence(), &at);
    while (status.ok() && at->Valid()) {
        at->Next();
        status = at->status();
    }
    if (status.IsCorruption()) {
        note(files_.directory() + logs.front()->PathName() + " or later", status.ToString());
    }
}

Result<> Verifying::read_points() {
    const std::size_t points = series_.size();
    for (std::uint32_t id = 1; id <= points; ++id) {
        if (id % 64 == 1) {
            NUANSHU_TRY_VOID(go_on("reading points", id - 1, points));
        }
        read_chunks(PointId{id});
        read_rollups(PointId{id});
    }
    return go_on("reading points", points, points);
}

void Verifying::read_chunks(PointId point) {
    ChunkCursor cursor(files_, point);
    Columns samples;
    std::optional<std::int64_t> last_ms;
    for (cursor.seek(std::numeric_limits<std::int64_t>::min()); cursor.valid(); cursor.next()) {
        const std::int64_t first_ms = cursor.first_ms();
        const auto place = [&] {
            return fmt::format("{}, chunk from {}", series_.code_of(point), format_time(first_ms));
        };
        ++found_.chunks;
        if (const auto decoded = cursor.decode(samples); !decoded) {
            note(place(), decoded.error().what);
            continue;
        }
        found_.samples += samples.size();
        if (last_ms && *last_ms >= first_ms) {
            note(place(), fmt::format("it begins before the chunk before it ends, at {}", format_time(*last_ms)));
        }
        last_ms = samples.time_ms.back();
    }
    if (const auto fault = cursor.fault(); !fault) {
        const auto behind = last_ms ? " behind " + format_time(*last_ms) : "";
        note(series_.code_of(point) + behind, fault.error().what);
    }
}

void Verifying::read_rollups(PointId point) {
    constexpr TimeRange all{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
    for (const auto bucket : {Bucket::hour, Bucket::day}) {
        const auto read =
            rollups_.for_each_block(bucket, point, all, [](std::int64_t, RollupBlock&) { return Result<bool>(true); });
        if (!read) {
            note(series_.code_of(point), read.error().message());
        }
    }
}

void Verifying::read_log() {
    const auto read = files_.for_each(files_.log(), [&](std::string_view key, std::string_view record) -> Result<> {
        const auto entry = [&] { return fmt::format("log entry {}", get_big_endian(key)); };
        if (is_barrier(record)) {
            if (const auto decoded = decode_barrier(record); !decoded) {
                note(entry(), decoded.error().what);
            }
        } else if (const auto decoded = decode_log_record(record); !decoded) {
            note(entry(), decoded.error().what);
        }
        return {};
    });
    if (!read) {
        note("log", read.error().message());
    }
}

void Verifying::read_audit() {
    const auto visit = [&](std::uint64_t id, std::int64_t first_ms, std::string_view bytes) -> Result<> {
        Columns samples;
        if (const auto decoded = decode_chunk(bytes, first_ms, samples); !decoded) {
            note(fmt::format("old values of change {}", id), decoded.error().what);
        }
        return {};
    };
    if (const auto read = changes_.for_each_old(visit); !read) {
        note("audit", read.error().message());
    }
}

void Verifying::count_set_aside() {
    const auto visit = [&](std::string_view key, std::string_view) -> Result<> {
        const ChunkKey chunk = parse_chunk_key(key);
        note(fmt::format("{}, chunk from {}", series_.code_of(chunk.point), format_time(chunk.first_ms)),
             "it could not be read when new samples fell into its time, and was set aside then");
        return {};
    };
    if (const auto read = files_.for_each(files_.damaged(), visit); !read) {
        note("chunks set aside", read.error().message());
    }
}

}  // namespace

Result<Verification> EmbeddedLife::verify(const JobControl& control) const {
    Verifying verifying(parts_.files, parts_.series, rollups_, changes_, control);
    return verifying.run();
}

Result<Life::Compacted> EmbeddedLife::compact(const JobControl& control) {
    Compacted compacted;
    NUANSHU_TRY(compacted.bytes_before, parts_.files.bytes());
    std::atomic<bool> cancelled{false};
    const std::stop_callback stopping(control.stop, [&] { cancelled = true; });
    rocksdb::CompactRangeOptions options;
    options.exclusive_manual_compaction = false;
    options.canceled = &cancelled;
    const auto families = parts_.files.families();
    for (std::size_t i = 0; i < families.size(); ++i) {
        if (control.progress) {
            control.progress({.step = "compacting", .done = i, .total = families.size()});
        }
        const auto status = parts_.files.db().CompactRange(options, families[i], nullptr, nullptr);
        if (cancelled) {
            return fail(ErrorCode::cancelled, "compact", "stopped as asked; what is done stays done");
        }
        if (!status.ok()) {
            return tl::unexpected<Error>(parts_.files.error_of(status));
        }
    }
    NUANSHU_TRY(compacted.bytes_after, parts_.files.bytes());
    return compacted;
}

}  // namespace nuanshu::historian

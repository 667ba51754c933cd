// Files `journal/<sequence of the first record, 20 digits>.journal` in the backup folder, each up to 64 MiB, of
// records:
//
//   u32  CRC-32C of what follows
//   u32  bytes of the write
//   u64  its sequence number; it takes up as many as it has entries, and the next write begins behind them
//   i64  when it was copied, ms
//   the write, as RocksDB's WriteBatch lies in memory and in its log
//
// A file ends where a record is cut off or damaged.

#include "platform/historian/src/journal.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include <fcntl.h>
#include <rocksdb/db.h>
#include <rocksdb/transaction_log.h>
#include <unistd.h>

#include "base/log.h"
#include "platform/historian/src/bytes.h"
#include "platform/historian/src/crc32c.h"

namespace nuanshu::historian {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t file_bytes_max = 64 << 20;
constexpr std::size_t head_bytes = 4 + 4 + 8 + 8;
constexpr std::uint32_t record_bytes_max = 1U << 30;
constexpr std::string_view suffix = ".journal";

struct Record {
    std::uint64_t sequence = 0;
    std::int64_t at_ms = 0;
    std::string batch;

    /// How many sequence numbers it takes up.
    std::uint64_t count() const { return ByteReader(std::string_view(batch).substr(8)).fixed<std::uint32_t>(); }
};

fs::path folder_of(const std::string& directory) {
    return fs::path(directory) / "journal";
}

std::vector<fs::path> find_files(const std::string& directory) {
    std::vector<fs::path> files;
    std::error_code failure;
    for (fs::directory_iterator at(folder_of(directory), failure), end; !failure && at != end; at.increment(failure)) {
        if (at->path().extension() == suffix) {
            files.push_back(at->path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::string encode(std::uint64_t sequence, std::int64_t at_ms, std::string_view batch) {
    std::string body;
    put_fixed(body, static_cast<std::uint32_t>(batch.size()));
    put_fixed(body, sequence);
    put_fixed(body, at_ms);
    body.append(batch);
    std::string record;
    put_fixed(record, crc32c(body));
    return record + body;
}

/// The next record, or nothing at the end and where the file is damaged.
std::optional<Record> read_record(std::istream& in) {
    std::string bytes(head_bytes, '\0');
    if (!in.read(bytes.data(), head_bytes)) {
        return std::nullopt;
    }
    ByteReader head(bytes);
    const auto checksum = head.fixed<std::uint32_t>();
    const auto length = head.fixed<std::uint32_t>();
    Record record{.sequence = head.fixed<std::uint64_t>(), .at_ms = 0, .batch = {}};
    record.at_ms = head.fixed<std::int64_t>();
    if (length > record_bytes_max || length < 12) {
        return std::nullopt;
    }
    bytes.resize(head_bytes + length);
    if (!in.read(bytes.data() + head_bytes, length) || crc32c(std::string_view(bytes).substr(4)) != checksum) {
        return std::nullopt;
    }
    record.batch = bytes.substr(head_bytes);
    return record;
}

std::optional<Record> first_record(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return read_record(in);
}

/// The last sequence number in the journal, if it has any.
std::optional<std::uint64_t> last_sequence(const std::string& directory) {
    const auto files = find_files(directory);
    for (auto file = files.rbegin(); file != files.rend(); ++file) {
        std::ifstream in(*file, std::ios::binary);
        std::optional<std::uint64_t> last;
        while (const auto record = read_record(in)) {
            last = record->sequence + record->count() - 1;
        }
        if (last) {
            return last;
        }
    }
    return std::nullopt;
}

Error file_error(const fs::path& path, int number) {
    return {number == ENOSPC ? ErrorCode::exhausted : ErrorCode::unavailable, "journal " + path.string(),
            std::error_code(number, std::generic_category()).message()};
}

}  // namespace

JournalWriter::~JournalWriter() {
    if (file_ >= 0) {
        ::close(file_);
    }
}

Result<> JournalWriter::find_place(const std::string& directory) {
    std::error_code failure;
    fs::create_directories(folder_of(directory), failure);
    if (failure) {
        return fail(ErrorCode::unavailable, "journal " + directory, "cannot be made: {}", failure.message());
    }
    directory_ = directory;
    copied_ = last_sequence(directory);
    const std::uint64_t latest = files_.db().GetLatestSequenceNumber();
    if (!copied_ || *copied_ > latest) {
        copied_ = latest;
    }
    return {};
}

Result<> JournalWriter::open_file(const std::string& directory, std::uint64_t sequence) {
    if (file_ >= 0 && file_bytes_ < file_bytes_max) {
        return {};
    }
    if (file_ >= 0) {
        ::close(file_);
    }
    const fs::path path = folder_of(directory) / fmt::format("{:020}{}", sequence, suffix);
    file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    file_bytes_ = 0;
    return file_ < 0 ? Result<>(tl::unexpected<Error>(file_error(path, errno))) : Result<>();
}

Result<> JournalWriter::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(file_, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) {
            return tl::unexpected<Error>(file_error(folder_of(directory_), errno));
        }
        bytes.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
        file_bytes_ += written < 0 ? 0 : static_cast<std::uint64_t>(written);
    }
    return {};
}

Result<std::uint64_t> JournalWriter::copy_from(const std::string& directory, std::int64_t now_ms,
                                               std::uint64_t latest) {
    std::unique_ptr<rocksdb::TransactionLogIterator> at;
    auto status = files_.db().GetUpdatesSince(*copied_ + 1, &at);
    std::uint64_t bytes = 0;
    for (; status.ok() && at->Valid() && *copied_ < latest; at->Next(), status = at->status()) {
        const auto result = at->GetBatch();
        const std::uint64_t last = result.sequence + static_cast<std::uint64_t>(result.writeBatchPtr->Count()) - 1;
        if (result.sequence > *copied_ + 1) {
            break;
        }
        if (last > *copied_) {
            NUANSHU_TRY_VOID(open_file(directory, result.sequence));
            const std::string record = encode(result.sequence, now_ms, result.writeBatchPtr->Data());
            NUANSHU_TRY_VOID(write(record));
            bytes += record.size();
            copied_ = last;
        }
    }
    if (*copied_ < latest) {
        log_warn("historian",
                 "journal {}: writes {} … {} are not in the store's log any more; a moment between the backups "
                 "around them cannot be restored",
                 directory, *copied_ + 1, latest);
        copied_ = latest;
    }
    return bytes;
}

Result<std::uint64_t> JournalWriter::copy(const std::string& directory, std::int64_t now_ms) {
    if (!copied_ || directory_ != directory) {
        NUANSHU_TRY_VOID(find_place(directory));
    }
    const std::uint64_t latest = files_.db().GetLatestSequenceNumber();
    if (latest <= *copied_) {
        return 0;
    }
    auto bytes = copy_from(directory, now_ms, latest);
    if (!bytes) {
        // What was written in part is found again when the place is looked for.
        copied_.reset();
        file_bytes_ = file_bytes_max;
        return bytes;
    }
    if (file_ >= 0 && ::fdatasync(file_) != 0) {
        return tl::unexpected<Error>(file_error(folder_of(directory), errno));
    }
    return bytes;
}

Result<std::int64_t> replay_journal(const std::string& directory, SampleFiles& files, std::int64_t from_ms,
                                    std::int64_t moment_ms) {
    std::int64_t reached_ms = from_ms;
    std::uint64_t latest = files.db().GetLatestSequenceNumber();
    for (const auto& path : find_files(directory)) {
        std::ifstream in(path, std::ios::binary);
        while (const auto record = read_record(in)) {
            if (record->at_ms > moment_ms || record->sequence > latest + 1) {
                return reached_ms;
            }
            if (record->sequence == latest + 1) {
                rocksdb::WriteBatch batch(record->batch);
                NUANSHU_TRY_VOID(files.write(batch, SampleFiles::Durability::process_end));
                latest = files.db().GetLatestSequenceNumber();
            }
            reached_ms = std::max(reached_ms, record->at_ms);
        }
    }
    return reached_ms;
}

void prune_journal(const std::string& directory, std::int64_t from_ms) {
    const auto files = find_files(directory);
    for (std::size_t i = 0; i + 1 < files.size(); ++i) {
        const auto next = first_record(files[i + 1]);
        if (!next || next->at_ms >= from_ms) {
            return;
        }
        std::error_code failure;
        fs::remove(files[i], failure);
    }
}

}  // namespace nuanshu::historian

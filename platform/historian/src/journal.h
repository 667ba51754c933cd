#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "platform/historian/src/sample_files.h"

namespace nuanshu::historian {

/// The journal of a backup folder: every write to the store in order, so that a backup can be led on to any moment.
/// For one thread.
class JournalWriter {
 public:
    explicit JournalWriter(const SampleFiles& files) : files_(files) {}
    ~JournalWriter();

    /// Copies what was written to the store since the last time behind what the folder's journal holds. When that
    /// cannot be found any more (the store was not open with a journal, or was restored), it goes on from now, and the
    /// journal has a gap that only a new backup bridges. @return bytes written. Errors: unavailable, exhausted.
    Result<std::uint64_t> copy(const std::string& directory, std::int64_t now_ms);

 private:
    Result<> find_place(const std::string& directory);
    Result<> open_file(const std::string& directory, std::uint64_t sequence);
    Result<std::uint64_t> copy_from(const std::string& directory, std::int64_t now_ms, std::uint64_t latest);
    Result<> write(std::string_view bytes);

    const SampleFiles& files_;
    std::string directory_;
    std::optional<std::uint64_t> copied_;  ///< sequence of the last write in the journal
    int file_ = -1;
    std::uint64_t file_bytes_ = 0;
};

/// Applies the journal to a store that was restored from a backup of the same folder, in order, up to what was copied
/// at or before the moment. @return the moment that the store shows then: that of the last copy applied, or `from_ms`
/// when there was none
Result<std::int64_t> replay_journal(const std::string& directory, SampleFiles& files, std::int64_t from_ms,
                                    std::int64_t moment_ms);

/// Removes journal files that hold nothing from `from_ms` on.
void prune_journal(const std::string& directory, std::int64_t from_ms);

}  // namespace nuanshu::historian

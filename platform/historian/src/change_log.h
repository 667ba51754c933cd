#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/historian/life.h"
#include "platform/historian/src/columns.h"
#include "platform/historian/src/sample_files.h"

namespace nuanshu::historian {

/// The audit: who changed what, and what stood there before. Reading is thread-safe; writing is for one thread at a
/// time.
class ChangeLog {
 public:
    explicit ChangeLog(const SampleFiles& files) : files_(files) {}

    /// The id that the next change gets. Errors: unavailable, corrupt.
    Result<std::uint64_t> next_id() const;

    /// The old samples as chunks, and the entry that makes them known.
    void put_old(rocksdb::WriteBatch& batch, std::uint64_t id, std::int64_t first_ms, std::string_view chunk) const;
    void put(rocksdb::WriteBatch& batch, const ChangeEntry& entry) const;

    Result<std::vector<ChangeEntry>> list(const ChangeFilter& filter) const;
    /// Errors: not_found, corrupt.
    Result<std::vector<StoredSample>> old_samples(std::uint64_t id, std::size_t limit) const;

    /// Puts the deletion of old samples before `cutoff_of(point)` into a batch. @return how many samples
    Result<std::uint64_t> drop_old(rocksdb::WriteBatch& batch,
                                   const std::function<std::int64_t(PointId)>& cutoff_of) const;

    /// Shows every old chunk, until `visit` fails.
    using VisitOld = std::function<Result<>(std::uint64_t id, std::int64_t first_ms, std::string_view chunk)>;
    Result<> for_each_old(const VisitOld& visit) const;

 private:
    Result<> for_each(std::string_view from_key,
                      const std::function<Result<bool>(std::string_view key, std::string_view value)>& visit) const;

    const SampleFiles& files_;
};

}  // namespace nuanshu::historian

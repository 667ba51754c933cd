#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "platform/historian/store.h"

namespace rocksdb {
class WriteBatch;
}

namespace nuanshu::historian {

class SampleFiles;

/// A span of a point's time, both ends included, in which samples came, changed or went.
struct TouchedSpan {
    PointId point;
    std::int64_t first_ms = 0;
    std::int64_t last_ms = 0;
};

/// Times of samples as spans without longer silence than a day inside: one late sample does not make years stale.
void add_touched(std::vector<TouchedSpan>& spans, PointId point, std::span<const std::int64_t> times);

/// Where stored hours and days do not know the newest samples yet. In memory, and in the column family `stale`, one
/// mark for each write that changed chunks: key u64 sequence (unique, rising), value a list of spans. Thread-safe.
class StaleRollups {
 public:
    explicit StaleRollups(SampleFiles& files) : files_(files) {}

    /// Reads the marks left by the last run. Errors: corrupt, unavailable.
    Result<> load();

    /// Puts the mark of a write into its batch. The spans are to be added twice: before the write, so that no reader
    /// trusts a stored hour that the write has made stale, and after it, because they may have been settled in between
    /// without it.
    /// @pre no other write of chunks is under way
    std::uint64_t put_mark(rocksdb::WriteBatch& batch, std::span<const TouchedSpan> spans) const;
    void add(std::uint64_t mark, std::span<const TouchedSpan> spans);

    /// Points with stale spans, and the marks that are done with once all of them are settled.
    struct Work {
        std::vector<PointId> points;
        std::vector<std::uint64_t> marks;
    };
    Work take();
    /// All of the marks' points were settled.
    Result<> forget(std::span<const std::uint64_t> marks);
    /// Not all were: the marks belong to the next work.
    void give_back(std::span<const std::uint64_t> marks);

    /// Stale spans of a point, by time, apart from each other.
    struct Spans {
        std::vector<TouchedSpan> spans;
        std::uint64_t version = 0;  ///< changes with every add()
    };
    Spans of(PointId point) const;
    /// The point's hours are up to date, unless more was added since `version`.
    void settled(PointId point, std::uint64_t version);

    std::size_t size() const;

 private:
    void add_span(const TouchedSpan& span);

    SampleFiles& files_;
    mutable std::mutex mutex_;
    std::unordered_map<std::uint32_t, Spans> spans_;
    std::uint64_t version_ = 0;
    std::vector<std::uint64_t> marks_;
};

}  // namespace nuanshu::historian

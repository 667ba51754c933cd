#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/historian/src/bytes.h"
#include "platform/historian/src/chunk.h"
#include "platform/historian/src/value_index.h"

namespace nuanshu::historian {

/// Reads one chunk after the other, of each no more than is asked for. For one thread.
class ChunkReader {
 public:
    /// Checks the bytes and reads the summary. The bytes must stay until the next one is opened or nothing more is
    /// asked. Errors: corrupt, with the reason.
    Result<> open(std::string_view bytes, std::int64_t first_ms);

    const ChunkSummary& summary() const { return summary_; }

    /// All samples, by time. Errors: corrupt.
    Result<> decode(Columns& samples);

    /// Prepares for what follows. @return false when the chunk must be decoded instead: values of many digits, or some
    /// that cannot be used, or qualities that differ. Errors: corrupt.
    Result<bool> open_index();

    // All these: @pre open_index() gave true.
    std::int64_t time_at(std::size_t index) const;
    /// Index of the first sample at or after the time; the count when there is none.
    std::size_t first_at_or_after(std::int64_t time_ms) const;
    /// What the samples [from, to) come to, all but the sum. @pre from < to ≤ count
    ChunkSummary part(std::size_t from, std::size_t to);
    bool has_sums() const { return values_.has_sum(); }
    /// @pre has_sums()
    double sum(std::size_t from, std::size_t to) { return values_.sum(from, to); }

 private:
    void read_header(ByteReader& in);
    void read_usable(ByteReader& in);
    void read_values_of_summary(ByteReader& in);
    std::int64_t read_time(ByteReader& in) const;
    void read_qualities(ByteReader& in, std::span<Quality> qualities) const;
    void read_times(ByteReader& in, std::span<std::int64_t> times) const;

    enum class Index { unknown, none, open };

    std::string_view body_;  ///< behind the header, before the checksum
    std::uint8_t flags_ = 0;
    std::uint64_t step_ms_ = 0;  ///< between samples, when they are evenly spaced
    ChunkSummary summary_;
    Index index_ = Index::unknown;
    ValueIndex values_;
    std::vector<std::int64_t> times_;  ///< only when they are not evenly spaced, and with the index
};

}  // namespace nuanshu::historian

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/historian/src/columns.h"

namespace nuanshu::historian {

/// What a chunk tells without being decoded. The usable samples are those that are not bad and whose value is a number.
struct ChunkSummary {
    std::uint32_t count = 0;
    std::uint32_t bad_count = 0;  ///< those not usable
    std::int64_t first_ms = 0;    ///< of all samples
    std::int64_t last_ms = 0;
    std::int64_t first_usable_ms = 0, last_usable_ms = 0, min_ms = 0, max_ms = 0;  ///< only with usable_count() > 0
    double first = 0.0, last = 0.0, min = 0.0, max = 0.0, sum = 0.0;
    std::optional<Quality> quality;  ///< of all samples, when they share one

    std::uint32_t usable_count() const { return count - bad_count; }
};

/// The most samples one chunk may hold; and how many the store puts into one.
constexpr std::size_t max_chunk_samples = 65'536;
constexpr std::size_t usual_chunk_samples = 1'024;

/// Of equal extremes the first one is named. @pre !samples.empty()
ChunkSummary summarise(ColumnsView samples);

/// Compresses samples without loss. The format stands in chunk.cpp. @pre by time without repeats, 1 … max_chunk_samples
/// of them
std::string encode_chunk(ColumnsView samples);

/// @param first_ms  time of the first sample: it is part of the chunk's key, not of its bytes
/// Errors: corrupt, with the reason. To look at more of the chunk than this, open a ChunkReader.
Result<ChunkSummary> read_chunk_summary(std::string_view bytes, std::int64_t first_ms);

/// Fills `samples` with what the chunk holds, by time. Errors: corrupt, with the reason.
Result<> decode_chunk(std::string_view bytes, std::int64_t first_ms, Columns& samples);

}  // namespace nuanshu::historian

#pragma once

#include <cstdint>

namespace nuanshu::historian {

/// What the writer (chunk.cpp, where the format stands) and the reader of chunks share.
constexpr char chunk_version = 2;
constexpr std::size_t chunk_checksum_bytes = 4;

enum ChunkFlag : std::uint8_t {
    evenly_spaced = 1,     ///< each sample comes as long after the one before it
    one_quality = 2,       ///< all samples share a quality …
    quality_is_good = 4,   ///< … which is good
    all_usable = 8,        ///< no sample is bad, no value is not a number
    integer_summary = 16,  ///< the summary's values are integers with a scale
};
constexpr std::uint8_t all_chunk_flags = 31;

}  // namespace nuanshu::historian

#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace nuanshu::historian {

/// Keys of the column families, made so that their bytes sort like what they mean: big-endian, signed numbers with the
/// sign flipped.
///
///   series   u32 point                     → the point's code
///   log      u64 sequence                  → one append() (log_record.cpp)
///   chunks   u32 point, i64 first_ms       → a chunk (chunk.cpp); the chunks of one point never overlap in time
///   damaged  as chunks                     → a chunk that could not be read when new samples fell into it
///   stale    u64 mark                      → where stored hours and days are not up to date (rollup_stale.cpp)
///   hours    u32 point, i64 start of a day → its hours (rollup_block.cpp)
///   days     u32 point, i64 start of 32 d  → its days (rollup_block.cpp)
///   audit    u64 change                    → who changed what, when and why (change_log.cpp)
///            u64 change, i64 first_ms      → a chunk of the samples that stood there before
///   default  "sealed_samples"              → varint, samples in `chunks`
///            "format"                      → varint, version of this whole layout, 2
///            "day offset"                  → i64, ms that the plant's clocks are ahead of UTC
///            "kept" u32 point              → i64, raw samples before it may be retired
///            "disk"                        → how much was free when (disk_guard.cpp)

constexpr std::uint64_t sign_bit = 1ULL << 63;

inline void put_big_endian(std::string& key, std::uint64_t number, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
        key.push_back(static_cast<char>(number >> shift));
    }
}

inline std::uint64_t get_big_endian(std::string_view bytes) {
    std::uint64_t number = 0;
    for (const char byte : bytes) {
        number = number << 8 | static_cast<std::uint8_t>(byte);
    }
    return number;
}

inline std::string series_key(PointId point) {
    std::string key;
    put_big_endian(key, point.value, 4);
    return key;
}

inline std::string log_key(std::uint64_t sequence) {
    std::string key;
    put_big_endian(key, sequence, 8);
    return key;
}

struct ChunkKey {
    PointId point;
    std::int64_t first_ms = 0;
};

constexpr std::size_t chunk_key_bytes = 12;

inline std::string chunk_key(PointId point, std::int64_t first_ms) {
    std::string key;
    key.reserve(chunk_key_bytes);
    put_big_endian(key, point.value, 4);
    put_big_endian(key, static_cast<std::uint64_t>(first_ms) ^ sign_bit, 8);
    return key;
}

/// @pre key has chunk_key_bytes
inline ChunkKey parse_chunk_key(std::string_view key) {
    return {PointId{static_cast<std::uint32_t>(get_big_endian(key.substr(0, 4)))},
            static_cast<std::int64_t>(get_big_endian(key.substr(4, 8)) ^ sign_bit)};
}

}  // namespace nuanshu::historian

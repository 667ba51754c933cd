#include "platform/historian/src/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace nuanshu::historian {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t crc = byte;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78U : 0U);
        }
        table[byte] = crc;
    }
    return table;
}

constexpr auto table = make_table();

#if defined(__x86_64__)
/// The instruction takes three cycles and can begin every cycle: three strings of this many bytes side by side keep it
/// busy.
constexpr std::size_t lane_bytes = 256;

using ShiftTable = std::array<std::array<std::uint32_t, 256>, 4>;

/// What `zeros` zero bytes make of a checksum, by its four bytes: what each of them becomes is added up (exclusive or).
constexpr ShiftTable make_shift_table(std::size_t zeros) {
    std::array<std::uint32_t, 32> of_bit{};
    for (std::size_t bit = 0; bit < 32; ++bit) {
        std::uint32_t crc = 1U << bit;
        for (std::size_t i = 0; i < zeros; ++i) {
            crc = (crc >> 8) ^ table[crc & 0xFF];
        }
        of_bit[bit] = crc;
    }
    ShiftTable shift{};
    for (std::size_t i = 0; i < 4 * 256 * 8; ++i) {
        const std::size_t byte = i / 8 % 256;
        const std::size_t bit = i % 8;
        shift[i / (256 * 8)][byte] ^= (byte >> bit & 1) != 0 ? of_bit[i / (256 * 8) * 8 + bit] : 0U;
    }
    return shift;
}

constexpr ShiftTable over_one_lane = make_shift_table(lane_bytes);

std::uint32_t shift_over_lane(std::uint64_t crc) {
    return over_one_lane[0][crc & 0xFF] ^ over_one_lane[1][crc >> 8 & 0xFF] ^ over_one_lane[2][crc >> 16 & 0xFF] ^
           over_one_lane[3][crc >> 24 & 0xFF];
}

std::uint64_t word_at(const char* from) {
    std::uint64_t word = 0;
    std::memcpy(&word, from, sizeof(word));
    return word;
}

__attribute__((target("sse4.2"))) std::uint64_t add_three_lanes(std::uint64_t crc, const char* from) {
    std::uint64_t second = 0;
    std::uint64_t third = 0;
    for (std::size_t i = 0; i < lane_bytes; i += 8) {
        crc = _mm_crc32_u64(crc, word_at(from + i));
        second = _mm_crc32_u64(second, word_at(from + lane_bytes + i));
        third = _mm_crc32_u64(third, word_at(from + 2 * lane_bytes + i));
    }
    return shift_over_lane(shift_over_lane(crc) ^ second) ^ third;
}

__attribute__((target("sse4.2"))) std::uint32_t crc32c_by_instruction(std::string_view bytes) {
    std::uint64_t crc = 0xFFFFFFFFU;
    for (; bytes.size() >= 3 * lane_bytes; bytes.remove_prefix(3 * lane_bytes)) {
        crc = add_three_lanes(crc, bytes.data());
    }
    for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
        crc = _mm_crc32_u64(crc, word_at(bytes.data()));
    }
    auto short_crc = static_cast<std::uint32_t>(crc);
    for (const char byte : bytes) {
        short_crc = _mm_crc32_u8(short_crc, static_cast<std::uint8_t>(byte));
    }
    return ~short_crc;
}
#endif

}  // namespace

std::uint32_t crc32c_by_table(std::string_view bytes) {
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const char byte : bytes) {
        crc = (crc >> 8) ^ table[(crc ^ static_cast<std::uint8_t>(byte)) & 0xFF];
    }
    return ~crc;
}

std::uint32_t crc32c(std::string_view bytes) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) {
        return crc32c_by_instruction(bytes);
    }
#endif
    return crc32c_by_table(bytes);
}

}  // namespace nuanshu::historian

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
__attribute__((target("sse4.2"))) std::uint32_t crc32c_by_instruction(std::string_view bytes) {
    std::uint64_t crc = 0xFFFFFFFFU;
    for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data(), 8);
        crc = _mm_crc32_u64(crc, word);
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

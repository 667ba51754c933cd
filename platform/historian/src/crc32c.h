#pragma once

#include <cstdint>
#include <string_view>

namespace nuanshu::historian {

/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78, RFC 3720 appendix B.4). Uses the processor's instruction where
/// it has one.
std::uint32_t crc32c(std::string_view bytes);

/// The same by table, for processors without the instruction, and to test the other against.
std::uint32_t crc32c_by_table(std::string_view bytes);

}  // namespace nuanshu::historian

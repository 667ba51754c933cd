#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace nuanshu::historian {

/// Numbers that are packed together at most.
constexpr std::size_t lanes_group = 128;

/// Up to lanes_group numbers of `width` ≤ 64 bits, packed as packed_lanes.cpp tells. Borrowed.
struct PackedGroup {
    const std::uint8_t* bytes = nullptr;  ///< lanes_bytes(count, width) of them
    std::size_t count = 0;
    unsigned width = 0;
};

std::size_t lanes_bytes(std::size_t count, unsigned width);

/// Appends the group. @pre at most lanes_group numbers, each below 2^width
void pack_lanes(std::string& out, std::span<const std::uint64_t> numbers, unsigned width);

/// Reads a group back; numbers behind its count become 0. @pre width ≤ 32
void unpack_lanes(const PackedGroup& group, std::span<std::uint32_t, lanes_group> numbers);

/// The same for any width.
void unpack_lanes_wide(const PackedGroup& group, std::span<std::uint64_t, lanes_group> numbers);

/// One number of a group. @pre index < group.count
std::uint64_t unpack_one(const PackedGroup& group, std::size_t index);

}  // namespace nuanshu::historian

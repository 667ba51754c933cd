// A group of up to 128 numbers of w bits, so laid out that four are unpacked by one instruction of any x86-64.
//
// Number i is in row i / 4 of lane i mod 4. A lane is a string of bits, row after row, the lowest bit first, cut into
// words of 32 bits; word k of the lanes 0 … 3 stand side by side as 16 bytes (each word little-endian). A group of r
// rows takes ⌈r·w/32⌉ × 16 bytes; a whole one has 32 rows and takes 16·w bytes, as many as without lanes.
//
// Numbers of more than 32 bits are two such groups one behind the other: their low 32 bits, then the rest.

#include "platform/historian/src/packed_lanes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace nuanshu::historian {
namespace {

using Lanes = std::uint32_t __attribute__((vector_size(16)));
using Unpack = void (*)(const std::uint8_t*, std::uint32_t*);

constexpr std::size_t lanes = 4;
constexpr std::size_t rows = lanes_group / lanes;
constexpr std::size_t line_bytes = lanes * sizeof(std::uint32_t);
constexpr unsigned plane_bits = 32;

constexpr std::size_t plane_bytes(std::size_t count, unsigned width) {
    return ((count + lanes - 1) / lanes * width + plane_bits - 1) / plane_bits * line_bytes;
}

Lanes load(const std::uint8_t* from) {
    Lanes line;
    std::memcpy(&line, from, sizeof(line));
    return line;
}

/// One row; everything but the data is known when it is compiled.
template <unsigned width, std::size_t row>
void unpack_row(const std::uint8_t* from, std::uint32_t* to) {
    constexpr unsigned bit = row * width;
    constexpr unsigned shift = bit % plane_bits;
    Lanes line = load(from + bit / plane_bits * line_bytes) >> shift;
    if constexpr (shift + width > plane_bits) {
        line |= load(from + (bit / plane_bits + 1) * line_bytes) << (plane_bits - shift);
    }
    if constexpr (width < plane_bits) {
        line &= (1U << width) - 1;
    }
    std::memcpy(to + row * lanes, &line, sizeof(line));
}

template <unsigned width>
void unpack_group(const std::uint8_t* from, std::uint32_t* to) {
    if constexpr (width == 0) {
        std::fill_n(to, lanes_group, 0U);
    } else {
        [&]<std::size_t... row>(std::index_sequence<row...>) {
            (unpack_row<width, row>(from, to), ...);
        }
        (std::make_index_sequence<rows>());
    }
}

template <std::size_t... width>
constexpr std::array<Unpack, sizeof...(width)> unpackers(std::index_sequence<width...>) {
    return {unpack_group<width>...};
}

constexpr auto unpack_by_width = unpackers(std::make_index_sequence<plane_bits + 1>());

void pack_plane(std::string& out, std::span<const std::uint64_t> numbers, unsigned width, unsigned from_bit) {
    std::array<std::uint32_t, lanes_group + lanes> words{};
    const std::uint64_t mask = (1ULL << width) - 1;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const std::uint64_t number = (numbers[i] >> from_bit) & mask;
        const std::size_t bit = i / lanes * width;
        const std::size_t at = bit / plane_bits * lanes + i % lanes;
        const std::uint64_t wide = number << (bit % plane_bits);
        words[at] |= static_cast<std::uint32_t>(wide);
        words[at + lanes] |= static_cast<std::uint32_t>(wide >> plane_bits);
    }
    out.append(reinterpret_cast<const char*>(words.data()), plane_bytes(numbers.size(), width));
}

/// A plane that is not whole is read from a copy with zeros behind it.
void unpack_plane(const std::uint8_t* bytes, std::size_t count, unsigned width, std::uint32_t* numbers) {
    const auto unpack = unpack_by_width[width];
    const std::size_t size = plane_bytes(count, width);
    if (size == width * line_bytes) {
        unpack(bytes, numbers);
        return;
    }
    std::array<std::uint8_t, lanes_group * sizeof(std::uint32_t)> whole{};
    std::copy_n(bytes, size, whole.begin());
    unpack(whole.data(), numbers);
}

std::uint32_t one_of_plane(const std::uint8_t* bytes, unsigned width, std::size_t index) {
    const std::size_t bit = index / lanes * width;
    const std::uint8_t* at = bytes + bit / plane_bits * line_bytes + index % lanes * sizeof(std::uint32_t);
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    std::memcpy(&low, at, sizeof(low));
    if (bit % plane_bits + width > plane_bits) {
        std::memcpy(&high, at + line_bytes, sizeof(high));
    }
    const std::uint64_t both = std::uint64_t{high} << plane_bits | low;
    return static_cast<std::uint32_t>((both >> (bit % plane_bits)) & ((1ULL << width) - 1));
}

}  // namespace

std::size_t lanes_bytes(std::size_t count, unsigned width) {
    return width <= plane_bits ? plane_bytes(count, width)
                               : plane_bytes(count, plane_bits) + plane_bytes(count, width - plane_bits);
}

void pack_lanes(std::string& out, std::span<const std::uint64_t> numbers, unsigned width) {
    pack_plane(out, numbers, std::min(width, plane_bits), 0);
    if (width > plane_bits) {
        pack_plane(out, numbers, width - plane_bits, plane_bits);
    }
}

void unpack_lanes(const PackedGroup& group, std::span<std::uint32_t, lanes_group> numbers) {
    unpack_plane(group.bytes, group.count, group.width, numbers.data());
}

void unpack_lanes_wide(const PackedGroup& group, std::span<std::uint64_t, lanes_group> numbers) {
    std::array<std::uint32_t, lanes_group> low;
    std::array<std::uint32_t, lanes_group> high{};
    unpack_plane(group.bytes, group.count, std::min(group.width, plane_bits), low.data());
    if (group.width > plane_bits) {
        unpack_plane(group.bytes + plane_bytes(group.count, plane_bits), group.count, group.width - plane_bits,
                     high.data());
    }
    for (std::size_t i = 0; i < lanes_group; ++i) {
        numbers[i] = std::uint64_t{high[i]} << plane_bits | low[i];
    }
}

std::uint64_t unpack_one(const PackedGroup& group, std::size_t index) {
    if (group.width == 0) {
        return 0;  // there are no bytes to look at
    }
    const std::uint64_t low = one_of_plane(group.bytes, std::min(group.width, plane_bits), index);
    if (group.width <= plane_bits) {
        return low;
    }
    const std::uint8_t* rest = group.bytes + plane_bytes(group.count, plane_bits);
    return std::uint64_t{one_of_plane(rest, group.width - plane_bits, index)} << plane_bits | low;
}

}  // namespace nuanshu::historian

// A list of n integers of 64 bits, n being known to the reader. All arithmetic wraps around at 2^64.
//
//   u8       order: 0 or 1
//   order 1: zigzag varint, the last integer of the list
//   directory, for each block of 128 integers, the last one shorter:
//     order 1: zigzag varint  anchor: the last integer of the block before (of the first block: the first integer minus
//                             the least residual), less the anchor before (the first: less 0)
//     zigzag varint           least residual; order 0: less that of the block before (the first: less 0)
//     u8                      width w, 0 … 64
//     extremes, the first ones if there are several:
//       order 0, w = 0; order 1, w = 0, least ≥ 0          nothing: all are known
//       order 0                                            u8 index of the least, u8 index of the greatest
//       order 1, least ≥ 0 (it never falls)                u8 index of the greatest
//       order 1                                            u8 index of the least, u8 of the greatest, then
//                                                          zigzag varint least less anchor,
//                                                          zigzag varint greatest less anchor
//   bits of all blocks one behind the other: residual − least in w bits each (packed_lanes.cpp)
//
// The residuals are the integers themselves (order 0) or how much each is more than the one before it (order 1). So a
// block is read alone: its integers are its residuals, or the sums of its residuals from its anchor on.
//
// int_blocks_encode.cpp writes this, the reader is here.

#include "platform/historian/src/int_blocks.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "platform/historian/src/int_lines.h"

namespace nuanshu::historian {
namespace {

constexpr std::size_t block_size = lanes_group;
constexpr unsigned max_width = 64;

/// Sums of 128 residuals stay within 32 bits below these.
constexpr unsigned narrow_width = 22;
constexpr std::int64_t narrow_least = 1 << 22;
/// A base this far from 0 may wrap around when 32 bits are added.
constexpr std::int64_t far_base = std::int64_t{1} << 62;

using Line = std::uint32_t __attribute__((vector_size(16)));
constexpr std::size_t line_numbers = 4;

std::size_t block_count(std::size_t count) {
    return (count + block_size - 1) / block_size;
}

template <class Visit>
void for_each_block(std::size_t count, Visit visit) {
    for (std::size_t from = 0; from < count; from += block_size) {
        visit(from, std::min(block_size, count - from));
    }
}

/// Each number becomes the sum of `step` and itself over all up to it.
void sum_up(std::uint32_t* numbers, std::uint32_t step) {
    const Line nothing{};
    const Line steps = nothing + step;
    Line carried{};
    for (std::size_t i = 0; i < block_size; i += line_numbers) {
        Line line;
        std::memcpy(&line, numbers + i, sizeof(line));
        line += steps;
        line += __builtin_shufflevector(line, nothing, 4, 0, 1, 2);
        line += __builtin_shufflevector(line, nothing, 4, 4, 0, 1);
        line += carried;
        carried = __builtin_shufflevector(line, line, 3, 3, 3, 3);
        std::memcpy(numbers + i, &line, sizeof(line));
    }
}

using historian::first_of;
using historian::range_of;

struct FarRange {
    std::int64_t min, max;
};

FarRange range_of(std::span<const std::int64_t> numbers) {
    const auto [least, most] = std::minmax_element(numbers.begin(), numbers.end());
    return {*least, *most};
}

std::size_t first_of(std::span<const std::int64_t> numbers, std::int64_t wanted) {
    return static_cast<std::size_t>(std::find(numbers.begin(), numbers.end(), wanted) - numbers.begin());
}

/// Takes the extremes of `numbers`, each `base` more than it stands there; their places are looked for only when they
/// count.
template <class Number>
void take_range(std::span<const Number> numbers, std::int64_t base, std::size_t offset, IntPart& part) {
    const auto [least, most] = range_of(numbers);
    if (wrapping_add(base, least) < part.min) {
        part.min = wrapping_add(base, least);
        part.min_at = offset + first_of(numbers, static_cast<Number>(least));
    }
    if (wrapping_add(base, most) > part.max) {
        part.max = wrapping_add(base, most);
        part.max_at = offset + first_of(numbers, static_cast<Number>(most));
    }
}

}  // namespace

void IntBlocks::parse(ByteReader& in, std::size_t count) {
    count_ = count;
    decoded_.block = ~std::size_t{0};
    blocks_.clear();
    order_ = in.u8();
    if (order_ > 1) {
        in.refuse();
        return;
    }
    last_ = order_ == 1 ? in.signed_varint() : 0;
    blocks_.resize(block_count(count));
    Block before;
    for (std::size_t i = 0; i < blocks_.size() && in.ok(); ++i) {
        blocks_[i].group.count = std::min(block_size, count - i * block_size);
        parse_block(in, blocks_[i], before);
        before = blocks_[i];
    }
    for (std::size_t i = 0; i < blocks_.size() && in.ok(); ++i) {
        auto& group = blocks_[i].group;
        group.bytes = in.take(lanes_bytes(group.count, group.width)).data();
    }
    for (std::size_t i = 0; i < blocks_.size() && in.ok(); ++i) {
        complete_extremes(blocks_[i], last_of(i));
    }
}

void IntBlocks::parse_block(ByteReader& in, Block& block, const Block& before) {
    if (order_ == 1) {
        block.anchor = wrapping_add(before.anchor, in.signed_varint());
    }
    block.least = wrapping_add(in.signed_varint(), order_ == 0 ? before.least : 0);
    block.group.width = in.u8();
    if (block.group.width > max_width) {
        in.refuse();
        return;
    }
    parse_extremes(in, block);
    if (block.min_at >= block.group.count || block.max_at >= block.group.count) {
        in.refuse();
    }
}

void IntBlocks::parse_extremes(ByteReader& in, Block& block) {
    const bool rises = order_ == 1 && block.least >= 0;
    if (block.group.width == 0 && (order_ == 0 || rises)) {
        block.max_at = block.least > 0 && rises ? static_cast<std::uint8_t>(block.group.count - 1) : 0;
        return;
    }
    block.min_at = rises ? 0 : in.u8();
    block.max_at = in.u8();
    if (order_ == 1 && !rises) {
        block.min = wrapping_add(block.anchor, in.signed_varint());
        block.max = wrapping_add(block.anchor, in.signed_varint());
    }
}

/// What the directory does not say because the bits or the next block do.
void IntBlocks::complete_extremes(Block& block, std::int64_t last) {
    if (order_ == 0) {
        block.min = block.least;
        block.max = wrapping_add(block.least, static_cast<std::int64_t>(unpack_one(block.group, block.max_at)));
    } else if (block.least >= 0) {
        block.min = wrapping_add(wrapping_add(block.anchor, block.least),
                                 static_cast<std::int64_t>(unpack_one(block.group, 0)));
        block.max = last;
    }
}

/// @pre order 1
std::int64_t IntBlocks::last_of(std::size_t block) const {
    return block + 1 < blocks_.size() ? blocks_[block + 1].anchor : last_;
}

bool IntBlocks::is_narrow(const Block& block) const {
    const unsigned width = block.group.width;
    const std::int64_t base = order_ == 0 ? block.least : block.anchor;
    if (base > far_base || base < -far_base) {
        return false;
    }
    return order_ == 0 ? width < 32
                       : width <= narrow_width && block.least > -narrow_least && block.least < narrow_least;
}

void IntBlocks::decode_narrow(const Block& block) {
    std::array<std::uint32_t, block_size> numbers;
    unpack_lanes(block.group, numbers);
    if (order_ == 1) {
        sum_up(numbers.data(), static_cast<std::uint32_t>(block.least));
    }
    decoded_.base = order_ == 1 ? block.anchor : block.least;
    std::memcpy(decoded_.near.data(), numbers.data(), sizeof(numbers));
}

void IntBlocks::decode_wide(const Block& block) {
    std::array<std::uint64_t, block_size> numbers;
    unpack_lanes_wide(block.group, numbers);
    decoded_.base = 0;
    std::int64_t value = block.anchor;
    for (std::size_t i = 0; i < block_size; ++i) {
        const std::int64_t residual = wrapping_add(static_cast<std::int64_t>(numbers[i]), block.least);
        value = order_ == 1 ? wrapping_add(value, residual) : residual;
        decoded_.far[i] = value;
    }
}

void IntBlocks::decode_block(std::size_t index) {
    if (decoded_.block == index) {
        return;
    }
    const Block& block = blocks_[index];
    decoded_.block = index;
    decoded_.narrow = is_narrow(block);
    if (decoded_.narrow) {
        decode_narrow(block);
    } else {
        decode_wide(block);
    }
}

void IntBlocks::decode(std::span<std::int64_t> values) {
    for_each_block(count_, [&](std::size_t from, std::size_t count) {
        decode_block(from / block_size);
        const auto to = values.subspan(from, count);
        for (std::size_t i = 0; i < count; ++i) {
            to[i] = decoded_.narrow ? wrapping_add(decoded_.base, decoded_.near[i]) : decoded_.far[i];
        }
    });
}

std::int64_t IntBlocks::value_at(std::size_t index) {
    const Block& block = blocks_[index / block_size];
    const std::size_t at = index % block_size;
    if (order_ == 0 || at == 0) {
        const std::int64_t start = order_ == 0 ? 0 : block.anchor;
        return wrapping_add(wrapping_add(start, block.least), static_cast<std::int64_t>(unpack_one(block.group, at)));
    }
    if (at + 1 == block.group.count) {
        return last_of(index / block_size);
    }
    decode_block(index / block_size);
    return decoded_.narrow ? wrapping_add(decoded_.base, decoded_.near[at]) : decoded_.far[at];
}

void IntBlocks::take_whole(std::size_t index, IntPart& part) const {
    const Block& block = blocks_[index];
    if (block.min < part.min) {
        part.min = block.min;
        part.min_at = index * block_size + block.min_at;
    }
    if (block.max > part.max) {
        part.max = block.max;
        part.max_at = index * block_size + block.max_at;
    }
}

void IntBlocks::take_cut(std::size_t index, std::size_t from, std::size_t to, IntPart& part) {
    decode_block(index);
    const std::size_t offset = index * block_size + from;
    if (decoded_.narrow) {
        take_range(std::span<const std::int32_t>(decoded_.near).subspan(from, to - from), decoded_.base, offset, part);
    } else {
        take_range(std::span<const std::int64_t>(decoded_.far).subspan(from, to - from), 0, offset, part);
    }
}

IntPart IntBlocks::part(std::size_t from, std::size_t to) {
    IntPart part;
    part.first = part.min = part.max = value_at(from);
    part.min_at = part.max_at = from;
    for (std::size_t index = from / block_size; index * block_size < to; ++index) {
        const std::size_t start = index * block_size;
        const std::size_t end = start + blocks_[index].group.count;
        if (from <= start && end <= to) {
            take_whole(index, part);
        } else {
            take_cut(index, std::max(from, start) - start, std::min(to, end) - start, part);
        }
    }
    part.last = value_at(to - 1);
    return part;
}

WideInt IntBlocks::sum(std::size_t from, std::size_t to) {
    WideInt sum = 0;
    while (from < to) {
        const std::size_t index = from / block_size;
        const std::size_t start = index * block_size;
        const std::size_t end = std::min(to, start + block_size);
        decode_block(index);
        WideInt more = WideInt{decoded_.base} * static_cast<std::int64_t>(end - from);
        if (decoded_.narrow) {
            std::int64_t near = 0;
            for (std::size_t i = from - start; i < end - start; ++i) {
                near += decoded_.near[i];
            }
            more += near;
        } else {
            for (std::size_t i = from - start; i < end - start; ++i) {
                more += decoded_.far[i];
            }
        }
        sum += more;
        from = end;
    }
    return sum;
}

}  // namespace nuanshu::historian

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "platform/historian/src/bytes.h"
#include "platform/historian/src/int_part.h"
#include "platform/historian/src/packed_lanes.h"

namespace nuanshu::historian {

/// Appends a list of at least one integer in blocks of 128 that can be read alone and tell their extremes. The format
/// stands in int_blocks.cpp.
void encode_blocks(std::string& out, std::span<const std::int64_t> values);

/// Reads it: a directory first, and bits only where they are needed. For one thread.
class IntBlocks {
 public:
    /// Reads the directory of `count` ≥ 1 integers; the bytes behind `in` must outlive this. When they are something
    /// else, in.ok() is false afterwards.
    void parse(ByteReader& in, std::size_t count);

    void decode(std::span<std::int64_t> values);

    /// Blocks that lie wholly in the part are not decoded. @pre from < to ≤ count
    IntPart part(std::size_t from, std::size_t to);
    /// @pre from < to ≤ count
    WideInt sum(std::size_t from, std::size_t to);

 private:
    struct Block {
        std::int64_t least = 0;   ///< of the residuals
        std::int64_t anchor = 0;  ///< order 1: the value before the block
        std::int64_t min = 0, max = 0;
        std::uint8_t min_at = 0, max_at = 0;  ///< in the block
        PackedGroup group;
    };
    /// One block's integers: `base` plus either the narrow or the wide ones.
    struct Decoded {
        std::size_t block = ~std::size_t{0};
        bool narrow = true;
        std::int64_t base = 0;
        std::array<std::int32_t, lanes_group> near;
        std::array<std::int64_t, lanes_group> far;
    };

    void parse_block(ByteReader& in, Block& block, const Block& before);
    void parse_extremes(ByteReader& in, Block& block);
    void complete_extremes(Block& block, std::int64_t last);
    void decode_block(std::size_t index);
    void decode_narrow(const Block& block);
    void decode_wide(const Block& block);
    bool is_narrow(const Block& block) const;
    std::int64_t last_of(std::size_t block) const;
    std::int64_t value_at(std::size_t index);
    void take_whole(std::size_t block, IntPart& part) const;
    void take_cut(std::size_t block, std::size_t from, std::size_t to, IntPart& part);

    unsigned order_ = 0;
    std::size_t count_ = 0;
    std::int64_t last_ = 0;
    std::vector<Block> blocks_;
    Decoded decoded_;
};

}  // namespace nuanshu::historian

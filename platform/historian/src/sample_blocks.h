#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "platform/historian/store.h"

namespace nuanshu::historian {

/// Room for the waiting samples of one point. Belongs to whoever got it from the pool, and goes back there.
struct SampleBlock {
    StoredSample* samples = nullptr;
    std::uint32_t count = 0;
    std::uint32_t capacity = 0;

    std::span<const StoredSample> view() const { return {samples, count}; }
    /// Where the next sample goes, if there is room.
    const StoredSample* place() const { return samples + count; }
};

/// Blocks of 8, 16, 32 … samples. One that is given back is kept for the next who asks: memory that many points take
/// and give back all the time is neither cleared nor mapped again. For one thread at a time.
class BlockPool {
 public:
    /// Gives the block the next size, with its samples.
    void grow(SampleBlock& block);
    void give_back(SampleBlock block);

    /// Samples that the blocks not given back have room for.
    std::size_t in_use() const { return in_use_; }

 private:
    static constexpr std::uint32_t least_capacity = 8;
    static constexpr std::size_t sizes = 28;  ///< the last one has room for 2^30 samples

    SampleBlock take(std::uint32_t capacity);
    std::vector<StoredSample*>& free_of(std::uint32_t capacity);

    std::size_t in_use_ = 0;
    std::vector<std::unique_ptr<StoredSample[]>> owned_;
    std::array<std::vector<StoredSample*>, sizes> free_;
};

}  // namespace nuanshu::historian

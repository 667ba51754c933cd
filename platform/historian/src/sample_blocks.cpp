#include "platform/historian/src/sample_blocks.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/check.h"

namespace nuanshu::historian {

std::vector<StoredSample*>& BlockPool::free_of(std::uint32_t capacity) {
    const auto size = static_cast<std::size_t>(std::countr_zero(capacity / least_capacity));
    NUANSHU_CHECK(size < sizes, "a block of {} samples", capacity);
    return free_[size];
}

SampleBlock BlockPool::take(std::uint32_t capacity) {
    auto& free = free_of(capacity);
    if (free.empty()) {
        owned_.push_back(std::make_unique_for_overwrite<StoredSample[]>(capacity));
        free.push_back(owned_.back().get());
    }
    StoredSample* const samples = free.back();
    free.pop_back();
    in_use_ += capacity;
    return {.samples = samples, .count = 0, .capacity = capacity};
}

void BlockPool::grow(SampleBlock& block) {
    SampleBlock larger = take(std::max(least_capacity, block.capacity * 2));
    std::copy_n(block.samples, block.count, larger.samples);
    larger.count = block.count;
    give_back(std::exchange(block, larger));
}

void BlockPool::give_back(SampleBlock block) {
    if (block.capacity > 0) {
        in_use_ -= block.capacity;
        free_of(block.capacity).push_back(block.samples);
    }
}

}  // namespace nuanshu::historian

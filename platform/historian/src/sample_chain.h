#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

#include "platform/historian/src/bytes.h"
#include "platform/historian/store.h"

namespace nuanshu::historian {

/// A few samples of one point: 14 bytes each, because their times are near each other.
class alignas(64) SampleNode {
 public:
    static constexpr std::size_t capacity = 18;

    /// Makes it empty; its samples' times will be near `base_ms`.
    void start(std::int64_t base_ms) {
        next = nullptr;
        base_ms_ = base_ms;
        count_ = 0;
    }

    std::size_t count() const { return count_; }

    /// Whether one more sample at this time finds place.
    bool takes(std::int64_t time_ms) const {
        const std::int64_t after = wrapping_subtract(time_ms, base_ms_);
        return count_ < capacity && after == static_cast<std::int32_t>(after) && (after < 0) == (time_ms < base_ms_);
    }

    /// @pre takes(sample.time_ms)
    void push(const StoredSample& sample) { put(count_++, sample); }

    StoredSample operator[](std::size_t i) const {
        Packed packed;
        std::memcpy(&packed, bytes_.data() + i * sizeof(Packed), sizeof(Packed));
        return {wrapping_add(base_ms_, packed.after_ms), packed.value, packed.quality};
    }

    void replace_last(const StoredSample& sample) { put(count_ - 1, sample); }

    /// Where the next sample goes, as far as that can be told without reading.
    const void* place() const { return bytes_.data() + sizeof(Packed) * capacity / 2; }

    SampleNode* next = nullptr;

 private:
    struct [[gnu::packed]] Packed {
        double value;
        std::int32_t after_ms;
        Quality quality;
    };

    void put(std::size_t i, const StoredSample& sample) {
        const Packed packed{sample.value, static_cast<std::int32_t>(wrapping_subtract(sample.time_ms, base_ms_)),
                            sample.quality};
        std::memcpy(bytes_.data() + i * sizeof(Packed), &packed, sizeof(Packed));
    }

    std::int64_t base_ms_ = 0;
    std::uint32_t count_ = 0;
    std::array<std::byte, capacity * sizeof(Packed)> bytes_;
};

static_assert(sizeof(SampleNode) == 256);

/// The waiting samples of one point, as they came. Its nodes are the pool's.
struct SampleChain {
    SampleNode* first = nullptr;
    SampleNode* last = nullptr;
    std::uint32_t count = 0;  ///< samples
    std::uint32_t nodes = 0;

    template <class Visit>
    void for_each(Visit visit) const {
        for (const SampleNode* node = first; node != nullptr; node = node->next) {
            for (std::size_t i = 0; i < node->count(); ++i) {
                visit((*node)[i]);
            }
        }
    }
};

/// Gives nodes and takes them back; memory once taken is kept for whoever asks next, and is never cleared or mapped
/// again. For one thread at a time.
class NodePool {
 public:
    void push(SampleChain& chain, const StoredSample& sample) {
        if (chain.last == nullptr || !chain.last->takes(sample.time_ms)) {
            extend(chain, sample.time_ms);
        }
        chain.last->push(sample);
        ++chain.count;
    }

    /// The chain is empty afterwards.
    void give_back(SampleChain& chain);

    /// Nodes of chains not given back.
    std::size_t in_use() const { return in_use_; }

 private:
    static constexpr std::size_t nodes_at_once = 1'024;

    void extend(SampleChain& chain, std::int64_t time_ms);

    std::size_t in_use_ = 0;
    SampleNode* free_ = nullptr;
    std::vector<std::unique_ptr<SampleNode[]>> owned_;
    std::size_t untouched_ = 0;  ///< nodes of the newest block that nobody has had
};

}  // namespace nuanshu::historian

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "base/ids.h"
#include "platform/telemetry/pipeline.h"

namespace nuanshu::telemetry {

/// One point's newest value, written by one thread and read by any number.
///
/// A sequence lock with two slots: writing number n fills slot n mod 2 and then publishes n. A reader takes n, copies
/// its slot and is done if n is still the newest: only then can the slot not have been written to. A writer stopped
/// half-way holds nobody up, since it stands in the other slot. All members are atomic; the slot's stores release and
/// its loads acquire, so seeing a newer value in the slot implies seeing the newer n (no fences, which ThreadSanitizer
/// cannot follow).
class alignas(64) CurrentCell {
 public:
    void write(const CurrentValue& value);
    CurrentValue read() const;

 private:
    struct Slot {
        std::atomic<double> value{0.0};
        std::atomic<std::int64_t> time_ms{0};
        std::atomic<std::uint64_t> received_and_quality{0};  ///< received_ms · 256 + quality
    };

    std::atomic<std::uint64_t> writings_{0};
    std::array<Slot, 2> slots_;
};

/// Cells by point id. They are made in blocks that never move, so readers need no lock while it grows.
class CurrentValues {
 public:
    CurrentValues();
    ~CurrentValues();
    CurrentValues(const CurrentValues&) = delete;
    CurrentValues& operator=(const CurrentValues&) = delete;

    static constexpr std::uint32_t points_max = 1U << 24;

    /// Makes the point's cell. @pre point.value < points_max
    void make_room(PointId point);

    /// Only the thread that owns the point; the cell is there.
    void write(PointId point, const CurrentValue& value);

    /// Quality::never for a point without a cell. Any thread.
    CurrentValue read(PointId point) const;

 private:
    static constexpr std::uint32_t block_size = 1U << 12;
    struct Block {
        std::array<CurrentCell, block_size> cells;
    };

    CurrentCell* find(PointId point) const;

    std::mutex growing_;
    std::array<std::atomic<Block*>, points_max / block_size> blocks_{};
};

}  // namespace nuanshu::telemetry

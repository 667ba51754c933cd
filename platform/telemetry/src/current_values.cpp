#include "platform/telemetry/src/current_values.h"

namespace nuanshu::telemetry {

void CurrentCell::write(const CurrentValue& value) {
    const auto writing = writings_.load(std::memory_order_relaxed) + 1;
    auto& slot = slots_[writing % 2];
    const auto packed =
        (static_cast<std::uint64_t>(value.received_ms) << 8U) | static_cast<std::uint8_t>(value.quality);
    slot.value.store(value.value, std::memory_order_release);
    slot.time_ms.store(value.time_ms, std::memory_order_release);
    slot.received_and_quality.store(packed, std::memory_order_release);
    writings_.store(writing, std::memory_order_release);
}

CurrentValue CurrentCell::read() const {
    auto writing = writings_.load(std::memory_order_acquire);
    while (writing != 0) {
        const auto& slot = slots_[writing % 2];
        CurrentValue copy{.value = slot.value.load(std::memory_order_acquire),
                          .time_ms = slot.time_ms.load(std::memory_order_acquire),
                          .change = writing};
        const auto packed = slot.received_and_quality.load(std::memory_order_acquire);
        copy.quality = static_cast<Quality>(packed & 0xffU);
        copy.received_ms = static_cast<std::int64_t>(packed) >> 8;
        const auto newest = writings_.load(std::memory_order_acquire);
        if (newest == writing) {
            return copy;
        }
        writing = newest;
    }
    return {};
}

CurrentValues::CurrentValues() = default;

CurrentValues::~CurrentValues() {
    for (auto& block : blocks_) {
        delete block.load();
    }
}

void CurrentValues::make_room(PointId point) {
    auto& block = blocks_[point.value / block_size];
    const std::scoped_lock guard(growing_);
    if (block.load(std::memory_order_relaxed) == nullptr) {
        block.store(std::make_unique<Block>().release(), std::memory_order_release);
    }
}

void CurrentValues::write(PointId point, const CurrentValue& value) {
    find(point)->write(value);
}

CurrentValue CurrentValues::read(PointId point) const {
    const auto* cell = find(point);
    return cell == nullptr ? CurrentValue() : cell->read();
}

CurrentCell* CurrentValues::find(PointId point) const {
    if (point.value >= points_max) {
        return nullptr;
    }
    auto* block = blocks_[point.value / block_size].load(std::memory_order_acquire);
    return block == nullptr ? nullptr : &block->cells[point.value % block_size];
}

}  // namespace nuanshu::telemetry

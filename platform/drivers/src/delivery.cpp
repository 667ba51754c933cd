#include "platform/drivers/delivery.h"

#include <utility>

namespace nuanshu::drivers {

Delivery::Delivery(telemetry::Intake& intake, std::size_t held_samples_max)
    : intake_(intake), held_samples_max_(held_samples_max) {}

Delivered Delivery::deliver(telemetry::RawBatch batch) {
    if (batch.samples.empty() && !batch.stored) {
        return Delivered::taken;
    }
    const std::scoped_lock lock(mutex_);
    const std::size_t count = batch.samples.size();
    if (closed_ || (!held_.empty() && held_samples_ + count > held_samples_max_)) {
        dropped_samples_ += count;
        return Delivered::dropped;
    }
    held_.push_back(std::move(batch));
    held_samples_ += count;
    return offer_held() ? Delivered::taken : Delivered::held;
}

bool Delivery::retry() {
    const std::scoped_lock lock(mutex_);
    return offer_held();
}

bool Delivery::blocked() const {
    const std::scoped_lock lock(mutex_);
    return !held_.empty();
}

std::size_t Delivery::held_samples() const {
    const std::scoped_lock lock(mutex_);
    return held_samples_;
}

std::uint64_t Delivery::dropped_samples() const {
    const std::scoped_lock lock(mutex_);
    return dropped_samples_;
}

void Delivery::close() {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    held_.clear();
    held_samples_ = 0;
}

bool Delivery::offer_held() {
    while (!held_.empty()) {
        const std::size_t count = held_.front().samples.size();
        if (!intake_.offer(held_.front())) {
            return false;
        }
        held_.pop_front();
        held_samples_ -= count;
    }
    return true;
}

}  // namespace nuanshu::drivers

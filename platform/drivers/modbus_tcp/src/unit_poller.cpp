#include "platform/drivers/modbus_tcp/src/unit_poller.h"

#include <algorithm>
#include <utility>

namespace nuanshu::modbus_tcp {

namespace {

constexpr std::chrono::milliseconds slow_period{60'000};
constexpr std::chrono::milliseconds first_poll_spread{1'000};

bool is_address_fault(std::uint8_t code) {
    return code == exception::illegal_data_address || code == exception::illegal_data_value;
}

bool is_busy(std::uint8_t code) {
    return code == exception::acknowledge || code == exception::server_device_busy;
}

std::chrono::milliseconds part_of(std::chrono::milliseconds period, double phase) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(phase * static_cast<double>(period.count())));
}

}  // namespace

BackOff::BackOff(std::chrono::milliseconds min, std::chrono::milliseconds max, std::uint64_t seed)
    : min_(min), max_(max), random_(static_cast<std::minstd_rand::result_type>(seed % 2'147'483'646 + 1)) {}

std::chrono::milliseconds BackOff::wait(unsigned failures) {
    const unsigned doublings = std::min(failures, 20U) - 1;
    const auto wait = std::min(max_, min_ * (std::int64_t{1} << doublings));
    const double jitter = std::uniform_real_distribution(0.75, 1.25)(random_);
    return part_of(wait, jitter);
}

UnitPoller::UnitPoller(Setup setup, Time start)
    : setup_(std::move(setup)),
      start_(start),
      back_off_(setup_.retry_min, setup_.retry_max, setup_.seed),
      retry_at_(start) {
    make_plan(start);
}

std::shared_ptr<PolledBlock> UnitPoller::take(Time now) {
    if (failures_ > 0 && (under_way_ > 0 || now < retry_at_)) {
        return nullptr;
    }
    std::shared_ptr<PolledBlock> best;
    const auto rank = [](const PolledBlock& block) { return std::pair(!block.soon, block.due); };
    for (const auto& block : blocks_) {
        const bool wanted = !block->under_way && (block->soon || block->due <= now);
        if (wanted && (best == nullptr || rank(*block) < rank(*best))) {
            best = block;
        }
    }
    if (best != nullptr) {
        ++under_way_;
        best->under_way = true;
        best->soon = false;
        best->due = next_slot(*best, now);
    }
    return best;
}

Time UnitPoller::next_due() const {
    if (failures_ > 0 && under_way_ > 0) {
        return Time::max();
    }
    Time next = Time::max();
    for (const auto& block : blocks_) {
        if (!block->under_way) {
            next = std::min(next, block->soon ? Time::min() : block->due);
        }
    }
    return failures_ > 0 && next != Time::max() ? std::max(next, retry_at_) : next;
}

bool UnitPoller::has_soon() const {
    return failures_ == 0 && std::any_of(blocks_.begin(), blocks_.end(),
                                         [](const auto& block) { return block->soon && !block->under_way; });
}

void UnitPoller::read_soon(PointId point) {
    for (const auto& block : blocks_) {
        const auto& indices = block->block.points;
        if (std::any_of(indices.begin(), indices.end(),
                        [&](std::size_t index) { return setup_.points[index].point == point; })) {
            block->soon = true;
        }
    }
}

void UnitPoller::answered(PolledBlock& block) {
    give_back(block);
    block.faulty = false;
    block.slow = false;
    failures_ = 0;
}

bool UnitPoller::refused(PolledBlock& block, std::uint8_t exception, Time now) {
    give_back(block);
    failures_ = 0;
    if (is_address_fault(exception) && block.block.points.size() > 1) {
        split(block, now);
        return true;
    }
    block.faulty = !is_busy(exception);
    block.slow = is_address_fault(exception) || exception == exception::illegal_function;
    block.due = next_slot(block, now);
    return false;
}

void UnitPoller::timed_out(PolledBlock& block, Time now) {
    give_back(block);
    block.due = now;
    add_failure();
    retry_at_ = now + back_off_.wait(failures_);
}

void UnitPoller::aborted(PolledBlock& block, Time now) {
    give_back(block);
    block.due = now;
}

void UnitPoller::link_lost() {
    add_failure();
}

void UnitPoller::unreachable() {
    while (!silent()) {
        add_failure();
    }
}

bool UnitPoller::has_faults() const {
    return std::any_of(blocks_.begin(), blocks_.end(), [](const auto& block) { return block->faulty; });
}

void UnitPoller::make_plan(Time first_due) {
    blocks_.clear();
    was_split_ = false;
    for (auto& block : plan_blocks(setup_.points, setup_.limits)) {
        const auto spread = part_of(std::min(block.period, first_poll_spread), setup_.phase);
        blocks_.push_back(
            std::make_shared<PolledBlock>(PolledBlock{.block = std::move(block), .due = first_due + spread}));
    }
}

void UnitPoller::give_back(PolledBlock& block) {
    --under_way_;
    block.under_way = false;
}

/// A device that comes back may have been repaired or changed: what was cut apart is tried whole again.
void UnitPoller::add_failure() {
    ++failures_;
    if (failures_ == failures_until_silent && was_split_) {
        make_plan(start_);
    }
}

void UnitPoller::split(PolledBlock& block, Time now) {
    auto [left, right] = split_block(setup_.points, block.block);
    std::erase_if(blocks_, [&](const auto& other) { return other.get() == &block; });
    blocks_.push_back(std::make_shared<PolledBlock>(PolledBlock{.block = std::move(left), .due = now}));
    blocks_.push_back(std::make_shared<PolledBlock>(PolledBlock{.block = std::move(right), .due = now}));
    was_split_ = true;
}

Time UnitPoller::next_slot(const PolledBlock& block, Time now) const {
    const auto period = block.slow ? std::max(slow_period, block.block.period) : block.block.period;
    const Time first = start_ + part_of(period, setup_.phase);
    if (now < first) {
        return first;
    }
    return first + ((now - first) / period + 1) * period;
}

}  // namespace nuanshu::modbus_tcp

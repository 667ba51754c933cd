#include "platform/telemetry/src/shard.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace nuanshu::telemetry {
namespace {

/// A shard with nothing to do wakes this often to see whether it is time to look for gaps.
constexpr auto idle_wake = std::chrono::milliseconds(250);
constexpr std::int64_t look_for_gaps_each_ns = 1'000'000'000;

}  // namespace

Shard::Shard(std::size_t index, std::size_t shards, const Needs& needs)
    : index_(index),
      shards_(shards),
      needs_(needs),
      limits_{needs.settings.future_tolerance_ms, needs.settings.oldest_ms},
      bound_(needs.settings.queue_samples),
      gaps_looked_ns_(needs.clock.steady_ns()),
      thread_([this] { run(); }) {}

Shard::~Shard() {
    finish();
}

void Shard::put(ShardMessage message) {
    bool was_empty = false;
    {
        const std::scoped_lock guard(lock_);
        was_empty = queue_.empty();
        queue_.push_back(std::move(message));
    }
    if (was_empty) {
        changed_.notify_one();
    }
}

void Shard::finish() {
    {
        const std::scoped_lock guard(lock_);
        ending_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Shard::run() {
    std::vector<ShardMessage> taken;
    while (wait_for_work(taken)) {
        for (auto& message : taken) {
            std::visit([this](auto& held) { handle(held); }, message);
        }
        taken.clear();
        if (needs_.clock.steady_ns() - gaps_looked_ns_ >= look_for_gaps_each_ns) {
            mark_gaps();
        }
        hand_over();
        needs_.figures.queue_samples[index_]->set(static_cast<double>(bound_.held()));
    }
}

/// False when there is nothing left to do for good.
bool Shard::wait_for_work(std::vector<ShardMessage>& taken) {
    std::unique_lock guard(lock_);
    changed_.wait_for(guard, idle_wake, [&] { return ending_ || !queue_.empty(); });
    taken.swap(queue_);
    return !taken.empty() || !ending_;
}

void Shard::handle(Part& part) {
    std::span<const RawSample> left = part.samples;
    while (!left.empty()) {
        const auto room = needs_.settings.store_batch_samples - out_.samples.size();
        const auto piece = left.first(std::min(left.size(), room));
        take(piece, part.arrival);
        out_.reserved += piece.size();
        left = left.subspan(piece.size());
        if (!left.empty()) {
            hand_over();
        }
    }
    out_.tickets.push_back(std::move(part.ticket));
    if (is_full()) {
        hand_over();
    }
}

void Shard::handle(SettingsChange& change) {
    const auto now_ms = needs_.clock.now_ms();
    for (const auto& item : change.items) {
        const auto slot = slot_of(item.settings.point);
        if (slot >= points_.size()) {
            points_.resize(slot + 1);
            gap_due_ms_.resize(slot + 1, LivePoint::never_due_ms);
        }
        auto& point = points_[slot];
        const bool is_new = !point.is_known();
        point.set(item.settings, item.last, now_ms);
        gap_due_ms_[slot] = point.gap_due_ms();
        if (is_new && item.last) {
            needs_.current.write(item.settings.point, point.shown());
        }
    }
    change.done->count_down();
}

void Shard::handle(CommunicationChange& change) {
    const auto now_ms = needs_.clock.now_ms();
    for (const auto id : change.points) {
        auto* point = find(id);
        if (point == nullptr) {
            continue;
        }
        if (change.ok) {
            point->mark_answering(now_ms);
        }
        emit(slot_of(id), change.ok ? std::nullopt : point->mark_silent(now_ms));
    }
}

void Shard::handle(SubstitutionChange& change) {
    const auto now_ms = needs_.clock.now_ms();
    if (auto* point = find(change.point)) {
        emit(slot_of(change.point), change.value ? point->substitute(*change.value, now_ms) : point->release(now_ms));
    }
    change.done->count_down();
}

void Shard::take(std::span<const RawSample> samples, const Arrival& arrival) {
    for (const auto& raw : samples) {
        auto* point = find(raw.point);
        if (point == nullptr) {
            ++round_.unknown;
            continue;
        }
        const auto judged = point->take(raw, arrival, limits_);
        ++round_.by_quality[static_cast<std::uint8_t>(judged.sample.quality)];
        out_.samples.push_back(judged.sample);
        if (judged.moves_current) {
            needs_.current.write(raw.point, point->shown());
        }
        gap_due_ms_[slot_of(raw.point)] = point->gap_due_ms();
    }
}

void Shard::mark_gaps() {
    gaps_looked_ns_ = needs_.clock.steady_ns();
    const auto now_ms = needs_.clock.now_ms();
    for (std::size_t slot = 0; slot < points_.size(); ++slot) {
        if (now_ms >= gap_due_ms_[slot]) {
            emit(slot, points_[slot].mark_gap(now_ms));
        }
    }
}

/// A sample made here and not received: shown and stored like any other.
void Shard::emit(std::size_t slot, const std::optional<Sample>& sample) {
    gap_due_ms_[slot] = points_[slot].gap_due_ms();
    if (!sample) {
        return;
    }
    ++round_.by_quality[static_cast<std::uint8_t>(sample->quality)];
    needs_.current.write(sample->point, points_[slot].shown());
    out_.samples.push_back(*sample);
    if (is_full()) {
        hand_over();
    }
}

void Shard::hand_over() {
    if (out_.samples.empty() && out_.tickets.empty() && out_.reserved == 0) {
        return;
    }
    needs_.figures.add(std::exchange(round_, {}));
    out_.bound = &bound_;
    needs_.storing.put(std::exchange(out_, {}));
    out_.samples.reserve(1024);
}

LivePoint* Shard::find(PointId point) {
    const auto slot = slot_of(point);
    return slot < points_.size() && points_[slot].is_known() ? &points_[slot] : nullptr;
}

}  // namespace nuanshu::telemetry

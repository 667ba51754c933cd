#include "platform/historian/src/heads.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace nuanshu::historian {
namespace {

/// So many samples are applied under one hold of the lock; then readers get their turn.
constexpr std::size_t samples_per_lock = 4'096;

/// While one sample is applied, memory for these further on is fetched: first the point's head, then the place for the
/// sample.
constexpr std::size_t fetch_head_ahead = 24;
constexpr std::size_t fetch_place_ahead = 8;

void copy_range(const SampleChain& from, std::int64_t from_ms, std::int64_t last_ms, Columns& to) {
    from.for_each([&](const StoredSample& sample) {
        if (sample.time_ms >= from_ms && sample.time_ms <= last_ms) {
            to.push_back(sample.time_ms, sample.value, sample.quality);
        }
    });
}

}  // namespace

void Heads::grow(std::size_t count) {
    const std::lock_guard lock(mutex_);
    if (count + 1 > points_.size()) {
        points_.resize(count + 1);
    }
}

std::size_t Heads::point_count() const {
    const std::lock_guard lock(mutex_);
    return points_.size() - 1;
}

void Heads::apply(std::uint64_t sequence, std::size_t log_bytes, std::span<const Sample> samples) {
    while (!samples.empty()) {
        const std::size_t count = std::min(samples_per_lock, samples.size());
        const std::lock_guard lock(mutex_);
        apply_some(sequence, samples.first(count));
        samples = samples.subspan(count);
    }
    const std::lock_guard lock(mutex_);
    log_.push_back({sequence, log_bytes});
    log_bytes_ += log_bytes;
    applied_sequence_ = sequence;
    if (due()) {
        changed_.notify_all();
    }
}

void Heads::apply_some(std::uint64_t sequence, std::span<const Sample> samples) {
    for (std::size_t i = 0; i < samples.size(); ++i) {
        prefetch(samples, i);
        apply_one(sequence, samples[i]);
    }
}

void Heads::prefetch(std::span<const Sample> samples, std::size_t ahead_of) const {
    if (ahead_of + fetch_head_ahead < samples.size()) {
        __builtin_prefetch(&points_[samples[ahead_of + fetch_head_ahead].point.value], 1);
        if (const SampleNode* node = points_[samples[ahead_of + fetch_place_ahead].point.value].pending.last) {
            __builtin_prefetch(node, 1);
            __builtin_prefetch(node->place(), 1);
        }
    }
}

void Heads::apply_one(std::uint64_t sequence, const Sample& sample) {
    Head& head = points_[sample.point.value];
    if (head.pending.count == 0) {
        link(sample.point.value, sequence);
    }
    const StoredSample stored{sample.time_ms, sample.value, sample.quality};
    if (SampleNode* last = head.pending.last; last != nullptr && (*last)[last->count() - 1].time_ms == stored.time_ms) {
        last->replace_last(stored);
        return;
    }
    nodes_.push(head.pending, stored);
    ++pending_samples_;
    if (head.pending.count == limits_.samples_per_point) {
        full_.push_back(sample.point.value);
    }
}

void Heads::link(std::uint32_t point, std::uint64_t sequence) {
    Head& head = points_[point];
    head.first_sequence = sequence;
    head.before = newest_;
    head.after = 0;
    (newest_ == 0 ? oldest_ : points_[newest_].after) = point;
    newest_ = point;
}

void Heads::unlink(std::uint32_t point) {
    const Head& head = points_[point];
    (head.before == 0 ? oldest_ : points_[head.before].after) = head.after;
    (head.after == 0 ? newest_ : points_[head.after].before) = head.before;
}

Columns Heads::copy(PointId point, std::int64_t from_ms, std::int64_t last_ms) const {
    Columns samples;
    {
        const std::lock_guard lock(mutex_);
        if (!point || point.value >= points_.size()) {
            return samples;
        }
        const Head& head = points_[point.value];
        copy_range(head.sealing, from_ms, last_ms, samples);
        copy_range(head.pending, from_ms, last_ms, samples);
    }
    sort_keep_last(samples);
    return samples;
}

void Heads::take_point(std::uint32_t point, Taken& taken) {
    Head& head = points_[point];
    unlink(point);
    head.sealing = std::exchange(head.pending, {});
    pending_samples_ -= head.sealing.count;
    sealing_samples_ += head.sealing.count;
    sealing_nodes_ += head.sealing.nodes;
    taken.jobs.push_back({PointId{point}, head.sealing});
}

bool Heads::over_limit(std::size_t percent) const {
    return (nodes_.in_use() - sealing_nodes_) * 100 > limits_.nodes * percent ||
           log_bytes_ * 100 > limits_.log_bytes * percent;
}

Heads::Taken Heads::take(Which which, std::size_t max_samples) {
    const std::lock_guard lock(mutex_);
    NUANSHU_CHECK(sealing_samples_ == 0, "{} samples are still being sealed", sealing_samples_);
    Taken taken;
    std::size_t next_full = 0;
    for (; next_full < full_.size() && sealing_samples_ < max_samples; ++next_full) {
        if (points_[full_[next_full]].pending.count >= limits_.samples_per_point) {
            take_point(full_[next_full], taken);
        }
    }
    full_.erase(full_.begin(), full_.begin() + static_cast<std::ptrdiff_t>(next_full));
    drop_done_log(taken);
    while (oldest_ != 0 && sealing_samples_ < max_samples && (which == Which::all || over_limit(100))) {
        take_point(oldest_, taken);
        drop_done_log(taken);
    }
    return taken;
}

Heads::Taken Heads::take_point(PointId point) {
    const std::lock_guard lock(mutex_);
    NUANSHU_CHECK(sealing_samples_ == 0, "{} samples are still being sealed", sealing_samples_);
    Taken taken;
    if (point.value < points_.size() && points_[point.value].pending.count > 0) {
        take_point(point.value, taken);
        drop_done_log(taken);
    }
    return taken;
}

void Heads::forget(PointId point, std::int64_t first_ms, std::int64_t last_ms) {
    const std::lock_guard lock(mutex_);
    SampleChain& pending = points_[point.value].pending;
    SampleChain left;
    pending.for_each([&](const StoredSample& sample) {
        if (sample.time_ms < first_ms || sample.time_ms > last_ms) {
            nodes_.push(left, sample);
        }
    });
    if (pending.count > 0 && left.count == 0) {
        unlink(point.value);
    }
    pending_samples_ -= pending.count - left.count;
    nodes_.give_back(pending);
    pending = left;
}

void Heads::drop_done_log(Taken& taken) {
    const std::uint64_t needed_from = oldest_ == 0 ? applied_sequence_ + 1 : points_[oldest_].first_sequence;
    while (!log_.empty() && log_.front().sequence < needed_from) {
        taken.done_log.push_back(log_.front().sequence);
        log_bytes_ -= log_.front().bytes;
        log_.pop_front();
    }
}

void Heads::sealed(std::span<const Job> jobs) {
    const std::lock_guard lock(mutex_);
    for (const auto& job : jobs) {
        Head& head = points_[job.point.value];
        sealing_samples_ -= head.sealing.count;
        sealing_nodes_ -= head.sealing.nodes;
        nodes_.give_back(head.sealing);
    }
    changed_.notify_all();
}

bool Heads::wait_until_due(std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, at_most, [&] { return stopped_ || due(); });
    return due();
}

bool Heads::wait_for_room(std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, at_most, [&] { return stopped_ || !over_limit(150); });
}

void Heads::stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
}

Heads::Load Heads::load() const {
    const std::lock_guard lock(mutex_);
    return {pending_samples_ + sealing_samples_, log_bytes_};
}

std::vector<PointId> Heads::points_with_samples() const {
    const std::lock_guard lock(mutex_);
    std::vector<PointId> points;
    for (std::uint32_t point = 1; point < points_.size(); ++point) {
        if (points_[point].pending.count + points_[point].sealing.count > 0) {
            points.push_back(PointId{point});
        }
    }
    return points;
}

}  // namespace nuanshu::historian

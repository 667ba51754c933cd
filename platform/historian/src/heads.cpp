#include "platform/historian/src/heads.h"

#include <algorithm>

#include "base/check.h"

namespace nuanshu::historian {
namespace {

/// So many samples are applied under one hold of the lock; then readers get their turn.
constexpr std::size_t samples_per_lock = 4'096;

void copy_range(const Columns& from, std::int64_t from_ms, std::int64_t last_ms, Columns& to) {
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (from.time_ms[i] >= from_ms && from.time_ms[i] <= last_ms) {
            to.push_back(from.time_ms[i], from.value[i], from.quality[i]);
        }
    }
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
        for (const auto& sample : samples.first(count)) {
            apply_one(sequence, sample);
        }
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

void Heads::apply_one(std::uint64_t sequence, const Sample& sample) {
    Head& head = points_[sample.point.value];
    Columns& pending = head.pending;
    if (pending.empty()) {
        link(sample.point.value, sequence);
    } else if (pending.time_ms.back() == sample.time_ms) {
        pending.value.back() = sample.value;
        pending.quality.back() = sample.quality;
        return;
    }
    pending.push_back(sample.time_ms, sample.value, sample.quality);
    ++pending_samples_;
    if (pending.size() == limits_.samples_per_point) {
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
        std::shared_ptr<const Columns> sealing;
        const std::lock_guard lock(mutex_);
        if (!point || point.value >= points_.size()) {
            return samples;
        }
        const Head& head = points_[point.value];
        if (head.sealing) {
            copy_range(*head.sealing, from_ms, last_ms, samples);
        }
        copy_range(head.pending, from_ms, last_ms, samples);
    }
    sort_keep_last(samples);
    return samples;
}

void Heads::take_point(std::uint32_t point, Taken& taken) {
    Head& head = points_[point];
    unlink(point);
    head.sealing = std::make_shared<const Columns>(std::move(head.pending));
    head.pending = Columns();
    pending_samples_ -= head.sealing->size();
    sealing_samples_ += head.sealing->size();
    taken.jobs.push_back({PointId{point}, head.sealing});
}

bool Heads::over_limit(std::size_t times) const {
    return pending_samples_ > limits_.samples * times || log_bytes_ > limits_.log_bytes * times;
}

Heads::Taken Heads::take(Which which, std::size_t max_samples) {
    const std::lock_guard lock(mutex_);
    NUANSHU_CHECK(sealing_samples_ == 0, "{} samples are still being sealed", sealing_samples_);
    Taken taken;
    std::size_t next_full = 0;
    for (; next_full < full_.size() && sealing_samples_ < max_samples; ++next_full) {
        if (points_[full_[next_full]].pending.size() >= limits_.samples_per_point) {
            take_point(full_[next_full], taken);
        }
    }
    full_.erase(full_.begin(), full_.begin() + static_cast<std::ptrdiff_t>(next_full));
    drop_done_log(taken);
    while (oldest_ != 0 && sealing_samples_ < max_samples && (which == Which::all || over_limit(1))) {
        take_point(oldest_, taken);
        drop_done_log(taken);
    }
    return taken;
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
        sealing_samples_ -= head.sealing->size();
        head.sealing.reset();
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
    return changed_.wait_for(lock, at_most, [&] { return stopped_ || !over_limit(2); });
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
        if (!points_[point].pending.empty() || points_[point].sealing) {
            points.push_back(PointId{point});
        }
    }
    return points;
}

}  // namespace nuanshu::historian

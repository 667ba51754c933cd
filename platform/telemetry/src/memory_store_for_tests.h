#pragma once

#include <algorithm>
#include <condition_variable>
#include <limits>
#include <map>
#include <mutex>

#include "platform/historian/store.h"

namespace nuanshu::telemetry {

/// A historian in memory that refuses or waits when told to: for faults that a disk cannot be asked for. Thread-safe.
class MemoryStore final : public historian::SampleStore {
 public:
    /// Refuses every append from now on, as a full disk does.
    void fill_disk() { set(full_, true); }
    void free_disk() { set(full_, false); }
    /// Refuses every nth append, 0 for none.
    void refuse_each(std::size_t nth) { set(refuse_each_, nth); }
    /// Lets appends wait until go_on().
    void hold() { set(held_, true); }
    void go_on() { set(held_, false); }

    std::size_t appends() const {
        const std::scoped_lock guard(lock_);
        return appends_;
    }

    Result<std::vector<PointId>> intern(std::span<const std::string> codes) override {
        const std::scoped_lock guard(lock_);
        std::vector<PointId> ids;
        for (const auto& code : codes) {
            const auto at = std::find(codes_.begin(), codes_.end(), code);
            ids.push_back({static_cast<std::uint32_t>(at - codes_.begin() + 1)});
            if (at == codes_.end()) {
                codes_.push_back(code);
            }
        }
        return ids;
    }

    std::optional<PointId> find(std::string_view code) const override {
        const std::scoped_lock guard(lock_);
        const auto at = std::find(codes_.begin(), codes_.end(), code);
        return at == codes_.end() ? std::nullopt
                                  : std::optional(PointId{static_cast<std::uint32_t>(at - codes_.begin() + 1)});
    }

    std::string code_of(PointId point) const override {
        const std::scoped_lock guard(lock_);
        return point.value == 0 || point.value > codes_.size() ? "" : codes_[point.value - 1];
    }

    Result<> append(std::span<const Sample> samples) override {
        std::unique_lock guard(lock_);
        ++appends_;
        changed_.wait(guard, [&] { return !held_; });
        if (full_ || (refuse_each_ != 0 && appends_ % refuse_each_ == 0)) {
            return fail(ErrorCode::exhausted, "memory store", "the disk is full");
        }
        for (const auto& sample : samples) {
            samples_[{sample.point, sample.time_ms}] = {sample.time_ms, sample.value, sample.quality};
        }
        return {};
    }

    Result<std::vector<historian::StoredSample>> read(PointId point, historian::TimeRange range,
                                                      std::size_t limit) const override {
        const std::scoped_lock guard(lock_);
        std::vector<historian::StoredSample> found;
        for (auto at = samples_.lower_bound({point, range.from_ms}); at != samples_.end(); ++at) {
            if (at->first.first != point || at->first.second >= range.to_ms || found.size() == limit) {
                break;
            }
            found.push_back(at->second);
        }
        return found;
    }

    Result<std::optional<historian::StoredSample>> value_as_of(PointId point, std::int64_t time_ms) const override {
        const std::scoped_lock guard(lock_);
        const auto at = samples_.upper_bound({point, time_ms});
        if (at == samples_.begin() || std::prev(at)->first.first != point) {
            return std::nullopt;
        }
        return std::prev(at)->second;
    }

    Result<std::vector<historian::Aggregate>> aggregate(PointId, historian::TimeRange, std::int64_t) const override {
        return fail(ErrorCode::unsupported, "memory store", "keeps samples only");
    }
    Result<std::vector<historian::StoredSample>> read_for_drawing(PointId, historian::TimeRange,
                                                                  std::size_t) const override {
        return fail(ErrorCode::unsupported, "memory store", "keeps samples only");
    }
    Result<Size> size() const override {
        const std::scoped_lock guard(lock_);
        return Size{.samples = samples_.size(), .points = codes_.size(), .bytes = 0};
    }
    Result<> flush() override { return {}; }

 private:
    template <class T>
    void set(T& what, T value) {
        {
            const std::scoped_lock guard(lock_);
            what = value;
        }
        changed_.notify_all();
    }

    mutable std::mutex lock_;
    std::condition_variable changed_;
    std::vector<std::string> codes_;
    std::map<std::pair<PointId, std::int64_t>, historian::StoredSample> samples_;
    std::size_t appends_ = 0;
    std::size_t refuse_each_ = 0;
    bool full_ = false;
    bool held_ = false;
};

}  // namespace nuanshu::telemetry

#include "platform/historian/src/meters_of_time.h"

#include <algorithm>
#include <cmath>

#include "platform/historian/src/bytes.h"

namespace nuanshu::historian {
namespace {

/// How far apart two times are; `later` is not before `earlier`. Any two 64-bit times have an answer.
std::uint64_t apart_ms(std::int64_t earlier_ms, std::int64_t later_ms) {
    return static_cast<std::uint64_t>(wrapping_subtract(later_ms, earlier_ms));
}

double seconds_between(std::int64_t earlier_ms, std::int64_t later_ms) {
    return static_cast<double>(apart_ms(earlier_ms, later_ms)) / 1000;
}

class HoldMeter final : public Meter {
 public:
    HoldMeter(std::vector<FigurePlace> places, const HoldRule& rule, const Surroundings& surroundings)
        : places_(std::move(places)), durations_s_(places_.size()), rule_(rule) {
        if (surroundings.before) {
            hold(*surroundings.before);
        }
        known_ = surroundings.usable_before ? surroundings.usable_before->value : none;
    }

    void open(const WindowPlace& window) override {
        at_ms_ = start_ms_ = window.from_ms;
        integral_ = covered_s_ = changes_ = 0;
        std::fill(durations_s_.begin(), durations_s_.end(), 0.0);
        as_of_ = !std::isnan(held_) && held_until_ms_ > window.from_ms ? held_ : none;
    }

    Result<> take(std::span<const StoredSample> samples) override {
        for (const auto& sample : samples) {
            take_one(sample);
        }
        return {};
    }

    void close(const WindowPlace& window, FigureColumns& figures) override {
        cover_until(window.to_ms);
        for (std::size_t i = 0; i < places_.size(); ++i) {
            figures[places_[i].column][window.row] = answer(i);
        }
    }

 private:
    void take_one(const StoredSample& sample) {
        if (sample.time_ms == start_ms_ && sample.time_ms < rule_.now_ms) {
            as_of_ = sample.value;
        }
        cover_until(sample.time_ms);
        if (!std::isnan(sample.value)) {
            changes_ += !std::isnan(known_) && known_ != sample.value ? 1 : 0;
            known_ = sample.value;
        }
        hold(sample);
    }

    void hold(const StoredSample& sample) {
        held_ = sample.value;
        const auto room_ms = apart_ms(sample.time_ms, std::numeric_limits<std::int64_t>::max());
        const bool fits = room_ms > static_cast<std::uint64_t>(rule_.hold_max_ms);
        held_until_ms_ = std::min(fits ? sample.time_ms + rule_.hold_max_ms : std::numeric_limits<std::int64_t>::max(),
                                  rule_.now_ms);
    }

    void cover_until(std::int64_t time_ms) {
        const std::int64_t end_ms = std::min(time_ms, held_until_ms_);
        if (!std::isnan(held_) && end_ms > at_ms_) {
            add(seconds_between(at_ms_, end_ms));
        }
        at_ms_ = time_ms;
    }

    void add(double seconds) {
        integral_ += held_ * seconds;
        covered_s_ += seconds;
        for (std::size_t i = 0; i < places_.size(); ++i) {
            durations_s_[i] += places_[i].aggregation.argument == held_ ? seconds : 0;
        }
    }

    double answer(std::size_t i) const {
        switch (places_[i].aggregation.figure) {
            case Figure::time_weighted_mean:
                return covered_s_ > 0 ? integral_ / covered_s_ : none;
            case Figure::integral:
                return covered_s_ > 0 ? integral_ : none;
            case Figure::covered_s:
                return covered_s_;
            case Figure::duration_s:
                return durations_s_[i];
            case Figure::changes:
                return changes_;
            default:
                return as_of_;
        }
    }

    std::vector<FigurePlace> places_;
    std::vector<double> durations_s_;  ///< beside places_
    HoldRule rule_;
    double held_ = none;  ///< by the newest sample; none when that is bad
    std::int64_t held_until_ms_ = 0;
    double known_ = none;        ///< the newest usable value
    std::int64_t start_ms_ = 0;  ///< of the window
    std::int64_t at_ms_ = 0;     ///< covered up to here
    double integral_ = 0, covered_s_ = 0, changes_ = 0, as_of_ = none;
};

class CounterMeter final : public Meter {
 public:
    CounterMeter(std::vector<FigurePlace> places, const Surroundings& surroundings)
        : places_(std::move(places)), newest_(surroundings.usable_before) {}

    void open(const WindowPlace&) override {
        start_ = newest_;
        count_ = 0;
        increase_ = 0;
    }

    Result<> take(std::span<const StoredSample> samples) override {
        for (const auto& sample : samples) {
            if (!std::isnan(sample.value)) {
                add(sample);
            }
        }
        return {};
    }

    void close(const WindowPlace& window, FigureColumns& figures) override {
        const double seconds = count_ > 0 ? seconds_between(start_->time_ms, newest_->time_ms) : 0;
        for (const auto& place : places_) {
            const double delta = count_ > 0 ? increase_ : none;
            const double rate = seconds > 0 ? increase_ / seconds : none;
            figures[place.column][window.row] = place.aggregation.figure == Figure::rate ? rate : delta;
        }
    }

 private:
    void add(const StoredSample& sample) {
        if (!start_) {
            start_ = newest_ = sample;
        }
        ++count_;
        increase_ += sample.value >= newest_->value ? sample.value - newest_->value : sample.value;
        newest_ = sample;
    }

    std::vector<FigurePlace> places_;
    std::optional<StoredSample> newest_;  ///< usable
    std::optional<StoredSample> start_;   ///< what the window's increase counts from
    std::size_t count_ = 0;
    double increase_ = 0;
};

/// A window's start waits until the sample at it or behind it is known.
class InterpolationMeter final : public Meter {
 public:
    InterpolationMeter(std::vector<FigurePlace> places, const HoldRule& rule, const Surroundings& surroundings)
        : places_(std::move(places)), rule_(rule), before_(surroundings.before) {}

    void open(const WindowPlace& window) override { waiting_.push_back(window); }

    Result<> take(std::span<const StoredSample> samples) override {
        for (const auto& window : waiting_) {
            answers_.push_back({window.row, value_at(window.from_ms, samples.front())});
        }
        waiting_.clear();
        before_ = samples.back();
        return {};
    }

    void close(const WindowPlace&, FigureColumns& figures) override { write(figures); }

    void end(const std::optional<StoredSample>& next, FigureColumns& figures) override {
        for (const auto& window : waiting_) {
            answers_.push_back({window.row, next ? value_at(window.from_ms, *next) : none});
        }
        write(figures);
    }

 private:
    struct Answer {
        std::size_t row;
        double value;
    };

    double value_at(std::int64_t time_ms, const StoredSample& next) const {
        if (next.time_ms == time_ms) {
            return next.value;
        }
        if (!before_ || std::isnan(before_->value) || std::isnan(next.value) ||
            apart_ms(before_->time_ms, next.time_ms) > static_cast<std::uint64_t>(rule_.hold_max_ms)) {
            return none;
        }
        const double share =
            seconds_between(before_->time_ms, time_ms) / seconds_between(before_->time_ms, next.time_ms);
        return before_->value == next.value ? next.value : before_->value + share * (next.value - before_->value);
    }

    void write(FigureColumns& figures) {
        for (const auto& answer : answers_) {
            for (const auto& place : places_) {
                figures[place.column][answer.row] = answer.value;
            }
        }
        answers_.clear();
    }

    std::vector<FigurePlace> places_;
    HoldRule rule_;
    std::optional<StoredSample> before_;  ///< the newest sample
    std::vector<WindowPlace> waiting_;
    std::vector<Answer> answers_;
};

}  // namespace

std::unique_ptr<Meter> make_hold_meter(std::vector<FigurePlace> places, const HoldRule& rule,
                                       const Surroundings& surroundings) {
    return std::make_unique<HoldMeter>(std::move(places), rule, surroundings);
}

std::unique_ptr<Meter> make_counter_meter(std::vector<FigurePlace> places, const Surroundings& surroundings) {
    return std::make_unique<CounterMeter>(std::move(places), surroundings);
}

std::unique_ptr<Meter> make_interpolation_meter(std::vector<FigurePlace> places, const HoldRule& rule,
                                                const Surroundings& surroundings) {
    return std::make_unique<InterpolationMeter>(std::move(places), rule, surroundings);
}

}  // namespace nuanshu::historian

#include "platform/historian/src/meters.h"

#include <algorithm>
#include <cmath>

#include "platform/historian/src/meters_of_time.h"

namespace nuanshu::historian {
namespace {

constexpr std::size_t percentile_samples_max = 32 * 1024 * 1024;

/// count, bad_count, min, max, sum, mean, first, last.
class PlainMeter final : public Meter {
 public:
    explicit PlainMeter(std::vector<FigurePlace> places) : places_(std::move(places)) {}

    void open(const WindowPlace&) override { seen_ = {}; }

    Result<> take(std::span<const StoredSample> samples) override {
        for (const auto& sample : samples) {
            add(sample.value);
        }
        return {};
    }

    void close(const WindowPlace& window, FigureColumns& figures) override {
        for (const auto& place : places_) {
            figures[place.column][window.row] = figure_of(seen_, place.aggregation.figure);
        }
    }

 private:
    void add(double value) {
        if (std::isnan(value)) {
            ++seen_.bad_count;
            return;
        }
        if (seen_.count++ == 0) {
            seen_.min = seen_.max = seen_.first = value;
        }
        seen_.min = std::min(seen_.min, value);
        seen_.max = std::max(seen_.max, value);
        seen_.sum += value;
        seen_.last = value;
    }

    std::vector<FigurePlace> places_;
    Aggregate seen_;
};

/// Standard deviation: each batch by two passes, batches joined as Chan, Golub and LeVeque do (1979).
class DeviationMeter final : public Meter {
 public:
    explicit DeviationMeter(std::vector<FigurePlace> places) : places_(std::move(places)) {}

    void open(const WindowPlace&) override { count_ = mean_ = squares_ = 0; }

    Result<> take(std::span<const StoredSample> samples) override {
        double count = 0, sum = 0, squares = 0;
        for (const auto& sample : samples) {
            const bool usable = !std::isnan(sample.value);
            count += usable ? 1 : 0;
            sum += usable ? sample.value : 0;
        }
        const double mean = sum / count;
        for (const auto& sample : samples) {
            squares += std::isnan(sample.value) ? 0 : (sample.value - mean) * (sample.value - mean);
        }
        if (count > 0) {
            join(count, mean, squares);
        }
        return {};
    }

    void close(const WindowPlace& window, FigureColumns& figures) override {
        const double deviation = count_ < 2 ? none : std::sqrt(squares_ / (count_ - 1));
        for (const auto& place : places_) {
            figures[place.column][window.row] = deviation;
        }
    }

 private:
    void join(double count, double mean, double squares) {
        const double apart = mean - mean_;
        const double all = count_ + count;
        mean_ += apart * (count / all);
        squares_ += squares + (count_ > 0 ? apart * apart * (count_ * count / all) : 0);
        count_ = all;
    }

    std::vector<FigurePlace> places_;
    double count_ = 0, mean_ = 0, squares_ = 0;
};

/// Percentiles: the window's samples are kept until it closes.
class PercentileMeter final : public Meter {
 public:
    explicit PercentileMeter(std::vector<FigurePlace> places) : places_(std::move(places)) {
        std::sort(places_.begin(), places_.end(), [](const FigurePlace& a, const FigurePlace& b) {
            return a.aggregation.argument < b.aggregation.argument;
        });
    }

    void open(const WindowPlace&) override { values_.clear(); }

    Result<> take(std::span<const StoredSample> samples) override {
        if (values_.size() + samples.size() > percentile_samples_max) {
            return fail(ErrorCode::exhausted, "percentile",
                        "a window has more than {} samples; ask for shorter windows", percentile_samples_max);
        }
        for (const auto& sample : samples) {
            if (!std::isnan(sample.value)) {
                values_.push_back(sample.value);
            }
        }
        return {};
    }

    void close(const WindowPlace& window, FigureColumns& figures) override {
        std::size_t ordered = 0;  // what stands before is smaller than all behind
        for (const auto& place : places_) {
            figures[place.column][window.row] = values_.empty() ? none : value_at(place.aggregation.argument, ordered);
        }
    }

 private:
    double value_at(double percent, std::size_t& ordered) {
        const double rank = percent / 100 * static_cast<double>(values_.size() - 1);
        const auto below = static_cast<std::size_t>(rank);
        const auto at = values_.begin() + static_cast<std::ptrdiff_t>(below);
        std::nth_element(values_.begin() + static_cast<std::ptrdiff_t>(ordered), at, values_.end());
        ordered = below;
        const double share = rank - static_cast<double>(below);
        if (share == 0) {
            return *at;
        }
        const double above = *std::min_element(at + 1, values_.end());
        return above == *at ? *at : *at + share * (above - *at);
    }

    std::vector<FigurePlace> places_;
    std::vector<double> values_;
};

enum class Family { plain, deviation, percentile, hold, counter, interpolation };

Family family_of(Figure figure) {
    switch (figure) {
        case Figure::standard_deviation:
            return Family::deviation;
        case Figure::percentile:
            return Family::percentile;
        case Figure::time_weighted_mean:
        case Figure::integral:
        case Figure::covered_s:
        case Figure::duration_s:
        case Figure::changes:
        case Figure::as_of:
            return Family::hold;
        case Figure::delta:
        case Figure::rate:
            return Family::counter;
        case Figure::interpolated:
            return Family::interpolation;
        default:
            return Family::plain;
    }
}

std::vector<FigurePlace> places_of(std::span<const Aggregation> aggregations, Family family) {
    std::vector<FigurePlace> places;
    for (std::size_t i = 0; i < aggregations.size(); ++i) {
        if (family_of(aggregations[i].figure) == family) {
            places.push_back({i, aggregations[i]});
        }
    }
    return places;
}

std::unique_ptr<Meter> make_meter(Family family, std::vector<FigurePlace> places, const HoldRule& rule,
                                  const Surroundings& surroundings) {
    switch (family) {
        case Family::deviation:
            return std::make_unique<DeviationMeter>(std::move(places));
        case Family::percentile:
            return std::make_unique<PercentileMeter>(std::move(places));
        case Family::hold:
            return make_hold_meter(std::move(places), rule, surroundings);
        case Family::counter:
            return make_counter_meter(std::move(places), surroundings);
        case Family::interpolation:
            return make_interpolation_meter(std::move(places), rule, surroundings);
        case Family::plain:
            break;
    }
    return std::make_unique<PlainMeter>(std::move(places));
}

}  // namespace

double figure_of(const Aggregate& window, Figure figure) {
    switch (figure) {
        case Figure::count:
            return static_cast<double>(window.count);
        case Figure::bad_count:
            return static_cast<double>(window.bad_count);
        default:
            break;
    }
    if (window.count == 0) {
        return none;
    }
    switch (figure) {
        case Figure::min:
            return window.min;
        case Figure::max:
            return window.max;
        case Figure::sum:
            return window.sum;
        case Figure::mean:
            return window.mean();
        case Figure::first:
            return window.first;
        case Figure::last:
            return window.last;
        default:
            return none;
    }
}

bool is_plain(Figure figure) {
    return family_of(figure) == Family::plain;
}

MeterNeeds needs_of(std::span<const Aggregation> aggregations) {
    MeterNeeds needs;
    for (const auto& aggregation : aggregations) {
        const Family family = family_of(aggregation.figure);
        needs.before |= family == Family::hold || family == Family::interpolation;
        needs.usable_before |= family == Family::counter || aggregation.figure == Figure::changes;
        needs.after |= family == Family::interpolation;
    }
    return needs;
}

std::vector<std::unique_ptr<Meter>> make_meters(std::span<const Aggregation> aggregations, const HoldRule& rule,
                                                const Surroundings& surroundings) {
    std::vector<std::unique_ptr<Meter>> meters;
    for (const auto family :
         {Family::plain, Family::deviation, Family::percentile, Family::hold, Family::counter, Family::interpolation}) {
        if (auto places = places_of(aggregations, family); !places.empty()) {
            meters.push_back(make_meter(family, std::move(places), rule, surroundings));
        }
    }
    return meters;
}

}  // namespace nuanshu::historian

#include "platform/telemetry/src/judge.h"

#include <algorithm>
#include <cmath>

namespace nuanshu::telemetry {
namespace {

/// NAMUR NE 43: a loop that carries less or more than this is broken or shorted, not measuring.
constexpr double loop_current_ma_min = 3.6;
constexpr double loop_current_ma_max = 21.0;

/// For a normal distribution, the standard deviation is 1.4826 times the median absolute deviation.
constexpr double mad_to_sigma = 1.4826;

bool is_too_fast(double rate_per_s_max, std::int64_t from_ms, double from, const Measurement& to) {
    const auto seconds = static_cast<double>(to.time_ms - from_ms) / 1000.0;
    return seconds > 0.0 && std::abs(to.value - from) > rate_per_s_max * seconds;
}

double middle_of(std::array<double, 7> values) {
    std::nth_element(values.begin(), values.begin() + 3, values.end());
    return values[3];
}

}  // namespace

MendedTime mend_time(std::int64_t time_ms, std::int64_t received_ms, const TimeLimits& limits) {
    if (time_ms == 0) {
        return {received_ms, Quality::good};
    }
    if (time_ms < limits.oldest_ms || time_ms > received_ms + limits.future_tolerance_ms) {
        return {received_ms, Quality::late};
    }
    return {time_ms, Quality::good};
}

Reading read_instrument(double raw, Quality device_quality, const UnitConversion& conversion,
                        const QualityRules& rules) {
    const double value = conversion.apply(raw);
    if (!std::isfinite(raw) || !std::isfinite(value)) {
        return {0.0, worse_of(device_quality, Quality::not_a_number)};
    }
    auto quality = device_quality;
    if (rules.current_loop && (raw < loop_current_ma_min || raw > loop_current_ma_max)) {
        quality = worse_of(quality, Quality::wire_break);
    }
    if ((rules.minimum && value < *rules.minimum) || (rules.maximum && value > *rules.maximum)) {
        quality = worse_of(quality, Quality::range);
    }
    return {value, quality};
}

RobustLevel robust_level(const std::array<double, 7>& values) {
    const double median = middle_of(values);
    std::array<double, 7> deviations;
    std::transform(values.begin(), values.end(), deviations.begin(), [&](double v) { return std::abs(v - median); });
    return {median, mad_to_sigma * middle_of(deviations)};
}

Quality History::judge(const QualityRules& rules, const Measurement& measurement, Quality so_far) {
    if (is_bad(so_far)) {
        suspects_ = 0;
        return so_far;
    }
    auto quality = is_frozen(rules, measurement) ? worse_of(so_far, Quality::frozen) : so_far;
    const auto found = suspect(rules, measurement);
    const bool is_step = found && persists(rules, found, measurement);
    if (found && !is_step) {
        quality = worse_of(quality, found.rate ? Quality::rate_of_change : Quality::spike);
    }
    remember(measurement.value);
    if (!found || is_step) {
        suspects_ = 0;
    }
    if (is_step) {
        restart_window_at_suspects();
    }
    if (is_good(quality) || is_step) {
        seed(measurement.time_ms, measurement.value);
    }
    return quality;
}

void History::seed(std::int64_t time_ms, double value) {
    has_good_ = true;
    good_ms_ = time_ms;
    good_value_ = value;
}

bool History::is_frozen(const QualityRules& rules, const Measurement& measurement) {
    if (!rules.frozen_after_ms) {
        return false;
    }
    const auto bits = std::bit_cast<std::uint64_t>(measurement.raw);
    if (!has_raw_ || bits != raw_bits_) {
        has_raw_ = true;
        raw_bits_ = bits;
        raw_since_ms_ = measurement.time_ms;
    }
    return measurement.time_ms - raw_since_ms_ > *rules.frozen_after_ms;
}

History::Suspicion History::suspect(const QualityRules& rules, const Measurement& measurement) const {
    Suspicion found;
    found.rate =
        rules.rate_per_s_max && has_good_ && is_too_fast(*rules.rate_per_s_max, good_ms_, good_value_, measurement);
    found.spike = rules.hampel_threshold && count_ == window && is_spike(rules, measurement.value, found);
    return found;
}

bool History::is_spike(const QualityRules& rules, double value, Suspicion& found) const {
    const auto level = robust_level(values_);
    found.distance = std::abs(value - level.median);
    return found.distance > *rules.hampel_threshold * level.scale && found.distance > rules.hampel_floor;
}

bool History::persists(const QualityRules& rules, const Suspicion& found, const Measurement& measurement) {
    suspects_ = suspects_ > 0 && agrees(rules, found, measurement) ? static_cast<std::uint8_t>(suspects_ + 1) : 1;
    suspect_ms_ = measurement.time_ms;
    suspect_value_ = measurement.value;
    return suspects_ >= persistence;
}

bool History::agrees(const QualityRules& rules, const Suspicion& found, const Measurement& measurement) const {
    const bool rate_agrees =
        !found.rate || !is_too_fast(*rules.rate_per_s_max, suspect_ms_, suspect_value_, measurement);
    const bool spike_agrees = !found.spike || std::abs(measurement.value - suspect_value_) < found.distance / 2;
    return rate_agrees && spike_agrees;
}

void History::remember(double value) {
    values_[next_] = value;
    next_ = static_cast<std::uint8_t>((next_ + 1) % window);
    count_ = std::min<std::uint8_t>(static_cast<std::uint8_t>(count_ + 1), window);
}

void History::restart_window_at_suspects() {
    std::array<double, persistence> kept{};
    for (std::uint8_t i = 0; i < persistence; ++i) {
        kept[i] = values_[static_cast<std::size_t>((next_ + window - persistence + i) % window)];
    }
    std::copy(kept.begin(), kept.end(), values_.begin());
    count_ = persistence;
    next_ = persistence;
}

}  // namespace nuanshu::telemetry

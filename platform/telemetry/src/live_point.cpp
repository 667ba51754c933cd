#include "platform/telemetry/src/live_point.h"

#include <algorithm>

namespace nuanshu::telemetry {
namespace {

constexpr std::int64_t gap_periods = 3;
constexpr std::int64_t gap_grace_ms = 2'000;

bool is_mark(Quality quality) {
    return quality == Quality::gap || quality == Quality::communication;
}

bool same_conversion(const UnitConversion& a, const UnitConversion& b) {
    return a.scale == b.scale && a.offset == b.offset;
}

}  // namespace

void LivePoint::set(const PointSettings& settings, const std::optional<historian::StoredSample>& last,
                    std::int64_t now_ms) {
    const bool changed_unit = known_ && !same_conversion(settings.conversion, settings_.conversion);
    settings_ = settings;
    if (changed_unit) {
        history_ = History();
    }
    if (known_) {
        return;
    }
    known_ = true;
    heard_ms_ = now_ms;
    if (!last) {
        return;
    }
    shown_ = {.value = last->value, .quality = last->quality, .time_ms = last->time_ms, .received_ms = last->time_ms};
    measured_value_ = last->value;
    measured_quality_ = last->quality;
    if (!is_mark(last->quality)) {
        newest_ms_ = last->time_ms;
    }
    if (is_good(last->quality)) {
        history_.seed(last->time_ms, last->value);
    }
}

Judged LivePoint::take(const RawSample& raw, const Arrival& arrival, const TimeLimits& limits) {
    const auto mended = mend_time(raw.time_ms, arrival.received_ms, limits);
    auto reading = read(raw, arrival);
    reading.quality = worse_of(reading.quality, mended.quality);
    if (arrival.historical) {
        if (mended.time_ms <= std::max(shown_.time_ms, newest_ms_)) {
            return {{raw.point, reading.quality, mended.time_ms, reading.value}, false};
        }
    } else {
        heard(arrival.received_ms);
        if (mended.time_ms < newest_ms_) {
            return {{raw.point, reading.quality, mended.time_ms, reading.value}, false};
        }
        reading.quality = history_.judge(settings_.rules, {mended.time_ms, raw.value, reading.value}, reading.quality);
    }
    return {move_to(reading, mended.time_ms, arrival.received_ms), true};
}

std::optional<Sample> LivePoint::mark_gap(std::int64_t now_ms) {
    if (now_ms < gap_due_ms()) {
        return std::nullopt;
    }
    in_gap_ = true;
    return measured_quality_ == Quality::never ? std::nullopt : mark(Quality::gap, now_ms);
}

std::optional<Sample> LivePoint::mark_silent(std::int64_t now_ms) {
    if (silent_) {
        return std::nullopt;
    }
    silent_ = true;
    return mark(Quality::communication, now_ms);
}

void LivePoint::mark_answering(std::int64_t now_ms) {
    if (silent_) {
        heard_ms_ = now_ms;
        in_gap_ = false;
    }
    silent_ = false;
}

Sample LivePoint::substitute(double value, std::int64_t now_ms) {
    substitute_ = value;
    return show(value, Quality::manual, now_ms, now_ms);
}

std::optional<Sample> LivePoint::release(std::int64_t now_ms) {
    if (!substitute_) {
        return std::nullopt;
    }
    const bool measured = measured_quality_ != Quality::never;
    const double value = measured ? measured_value_ : *substitute_;
    substitute_.reset();
    const auto quality = silent_ ? Quality::communication : in_gap_ || !measured ? Quality::gap : measured_quality_;
    return show(value, quality, now_ms, now_ms);
}

std::int64_t LivePoint::gap_due_ms() const {
    if (settings_.expected_interval_ms <= 0 || in_gap_ || silent_ || !known_) {
        return never_due_ms;
    }
    return heard_ms_ + gap_periods * settings_.expected_interval_ms + gap_grace_ms;
}

Reading LivePoint::read(const RawSample& raw, const Arrival& arrival) const {
    if (!arrival.in_point_unit) {
        return read_instrument(raw.value, raw.device_quality, settings_.conversion, settings_.rules);
    }
    auto rules = settings_.rules;
    rules.current_loop = false;
    return read_instrument(raw.value, raw.device_quality, UnitConversion(), rules);
}

std::optional<Sample> LivePoint::mark(Quality quality, std::int64_t now_ms) {
    if (substitute_ || shown_.quality == quality) {
        return std::nullopt;
    }
    return show(measured_value_, quality, now_ms, now_ms);
}

Sample LivePoint::show(double value, Quality quality, std::int64_t time_ms, std::int64_t received_ms) {
    shown_ = {.value = value, .quality = quality, .time_ms = time_ms, .received_ms = received_ms};
    return {settings_.point, quality, time_ms, value};
}

void LivePoint::heard(std::int64_t received_ms) {
    heard_ms_ = received_ms;
    silent_ = false;
    in_gap_ = false;
}

Sample LivePoint::move_to(const Reading& reading, std::int64_t time_ms, std::int64_t received_ms) {
    newest_ms_ = time_ms;
    measured_quality_ = reading.quality;
    if (reading.quality != Quality::not_a_number) {
        measured_value_ = reading.value;
    }
    if (substitute_) {
        return show(*substitute_, Quality::manual, time_ms, received_ms);
    }
    return show(reading.value, reading.quality, time_ms, received_ms);
}

}  // namespace nuanshu::telemetry

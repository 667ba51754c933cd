#pragma once

#include <memory>
#include <vector>

#include "platform/historian/src/meters.h"

namespace nuanshu::historian {

/// Which column an aggregation fills.
struct FigurePlace {
    std::size_t column = 0;
    Aggregation aggregation;
};

/// One of the figures that a summary knows; `none` when it has no answer.
double figure_of(const Aggregate& window, Figure figure);
/// Whether a summary knows it.
bool is_plain(Figure figure);

/// time_weighted_mean, integral, covered_s, duration_s, changes, as_of: what a value covers.
std::unique_ptr<Meter> make_hold_meter(std::vector<FigurePlace> places, const HoldRule& rule,
                                       const Surroundings& surroundings);
/// delta, rate.
std::unique_ptr<Meter> make_counter_meter(std::vector<FigurePlace> places, const Surroundings& surroundings);
/// interpolated.
std::unique_ptr<Meter> make_interpolation_meter(std::vector<FigurePlace> places, const HoldRule& rule,
                                                const Surroundings& surroundings);

}  // namespace nuanshu::historian

#pragma once

#include <string>
#include <vector>

namespace nuanshu::cli {

/// A range of values on paper, with ticks at round ones.
struct Axis {
    double low = 0.0, high = 1.0;  ///< values
    double from = 0.0, to = 1.0;   ///< places on paper
    std::vector<double> ticks;
    double step = 1.0;

    double place(double value) const { return from + (value - low) / (high - low) * (to - from); }
};

enum class AxisKind { number, seconds };

/// Ticks at 1, 2 or 5 times a power of ten (seconds: minutes, hours and days), about `wanted` of them.
/// `round_ends` widens the range to whole ticks. A range of nothing is widened.
Axis make_axis(double low, double high, int wanted, bool round_ends, AxisKind kind = AxisKind::number);

/// "0.25", "1 500", "06:30".
std::string tick_text(const Axis& axis, double value, AxisKind kind = AxisKind::number);

}  // namespace nuanshu::cli

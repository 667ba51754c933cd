#include "cli/src/plot_axis.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace nuanshu::cli {
namespace {

constexpr int ticks_max = 100;

double round_step(double rough) {
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (rough <= factor * power * 1.0001) {
            return factor * power;
        }
    }
    return 10.0 * power;
}

double round_seconds(double rough) {
    constexpr std::array steps = {1.0,    2.0,    5.0,    10.0,    30.0,    60.0,    120.0,   300.0,  600.0,
                                  1800.0, 3600.0, 7200.0, 10800.0, 14400.0, 21600.0, 43200.0, 86400.0};
    const auto* found = std::lower_bound(steps.begin(), steps.end(), rough);
    return found != steps.end() ? *found : 86400.0 * std::ceil(rough / 86400.0);
}

std::string with_thousands(std::string digits) {
    const auto point = std::min(digits.find('.'), digits.size());
    const std::size_t first = digits.starts_with('-') ? 1 : 0;
    for (auto at = point; at > first + 3; at -= 3) {
        digits.insert(at - 3, " ");
    }
    return digits;
}

}  // namespace

Axis make_axis(double low, double high, int wanted, bool round_ends, AxisKind kind) {
    if (!(high > low)) {
        const double room = std::max(std::abs(low) * 0.05, 0.5);
        low -= room;
        high += room;
    }
    Axis axis;
    const double rough = (high - low) / wanted;
    axis.step = kind == AxisKind::seconds ? round_seconds(rough) : round_step(rough);
    axis.low = round_ends ? std::floor(low / axis.step + 1e-9) * axis.step : low;
    axis.high = round_ends ? std::ceil(high / axis.step - 1e-9) * axis.step : high;
    for (double k = std::ceil(axis.low / axis.step - 1e-9);
         k * axis.step <= axis.high + 1e-9 * axis.step && axis.ticks.size() < ticks_max; ++k) {
        axis.ticks.push_back(k * axis.step);
    }
    return axis;
}

std::string tick_text(const Axis& axis, double value, AxisKind kind) {
    if (kind == AxisKind::seconds) {
        const auto minutes = std::llround(value / 60.0);
        return axis.step < 60.0 ? fmt::format("{:.0f}", value) : fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
    }
    const int decimals = std::clamp(static_cast<int>(-std::floor(std::log10(axis.step) + 1e-9)), 0, 9);
    return with_thousands(fmt::format("{:.{}f}", value == 0.0 ? 0.0 : value, decimals));
}

}  // namespace nuanshu::cli

#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "platform/historian/query.h"

namespace nuanshu::historian {

/// No answer.
constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// One column of doubles for each aggregation, one row for each window.
using FigureColumns = std::vector<std::vector<double>>;

struct WindowPlace {
    std::size_t row = 0;
    std::int64_t from_ms = 0;
    std::int64_t to_ms = 0;
};

/// What the neighbours of a query's range tell about it. A value that is NaN is a bad sample's.
struct Surroundings {
    std::optional<StoredSample> before;         ///< the newest sample before the range
    std::optional<StoredSample> usable_before;  ///< the newest usable one
};

/// Works out some figures of one window after the other. Samples come by time; the bad ones have the value NaN,
/// whatever was stored. For each window: open(), take() any number of times, close().
class Meter {
 public:
    virtual ~Meter() = default;
    virtual void open(const WindowPlace& window) = 0;
    virtual Result<> take(std::span<const StoredSample> samples) = 0;
    /// Writes the window's figures into their columns.
    virtual void close(const WindowPlace& window, FigureColumns& figures) = 0;
    /// After the last window.
    /// @param next  the first sample behind the range, if it was asked for
    virtual void end(const std::optional<StoredSample>& next, FigureColumns& figures) {
        static_cast<void>(next);
        static_cast<void>(figures);
    }
};

/// What the figures of a question need beside the samples of its windows.
struct MeterNeeds {
    bool before = false;
    bool usable_before = false;
    bool after = false;
};
MeterNeeds needs_of(std::span<const Aggregation> aggregations);

struct HoldRule {
    std::int64_t hold_max_ms;
    std::int64_t now_ms;
};

/// The meters that together fill one column for each aggregation.
std::vector<std::unique_ptr<Meter>> make_meters(std::span<const Aggregation> aggregations, const HoldRule& rule,
                                                const Surroundings& surroundings);

}  // namespace nuanshu::historian

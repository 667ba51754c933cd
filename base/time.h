#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nuanshu {

/// Where time comes from. Everything that needs the time is handed one; engines never are.
/// Times are UTC milliseconds since 1970-01-01 everywhere inside; a plant's time zone exists only at the edges.
class Clock {
 public:
    virtual ~Clock() = default;
    /// UTC, ms; may jump when the machine's clock is set. Thread-safe.
    virtual std::int64_t now_ms() const = 0;
    /// Never goes back; for measuring, ns. Thread-safe.
    virtual std::int64_t steady_ns() const = 0;
};

class SystemClock final : public Clock {
 public:
    std::int64_t now_ms() const override;
    std::int64_t steady_ns() const override;
};

/// A clock that stands still until told otherwise; for tests and replay. Thread-safe.
class ManualClock final : public Clock {
 public:
    explicit ManualClock(std::int64_t start_ms) : now_ms_(start_ms) {}
    std::int64_t now_ms() const override;
    std::int64_t steady_ns() const override;
    void advance_ms(std::int64_t by_ms);

 private:
    std::int64_t now_ms_;
};

/// "2026-01-15T08:30:00.250Z"; milliseconds are left out when zero.
std::string format_time(std::int64_t time_ms);

/// RFC 3339 with `Z` or an offset ("2026-01-15T16:30:00+08:00"), or integer Unix seconds (up to 11 digits) or
/// milliseconds (12 and more).
Result<std::int64_t> parse_time(std::string_view text);

/// "600s", "10m", "1h", "1d", "500ms" as milliseconds; a bare number is refused, because nobody knows its unit.
Result<std::int64_t> parse_duration_ms(std::string_view text);

}  // namespace nuanshu

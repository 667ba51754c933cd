#include "base/time.h"

#include <atomic>
#include <charconv>
#include <chrono>

namespace nuanshu {
namespace {

constexpr std::int64_t ms_per_day = 86'400'000;

/// Reads exactly `digits` digits at `at`; -1 when they are not there.
int read_digits(std::string_view text, std::size_t at, std::size_t digits) {
    if (at + digits > text.size()) {
        return -1;
    }
    int value = 0;
    for (const char c : text.substr(at, digits)) {
        if (c < '0' || c > '9') {
            return -1;
        }
        value = value * 10 + (c - '0');
    }
    return value;
}

tl::unexpected<Error> no_time(std::string_view text) {
    return fail(ErrorCode::invalid, "time",
                "`{}`; wanted 2026-01-15T08:30:00Z, an offset like +08:00 in place of Z, or Unix seconds", text);
}

Result<std::int64_t> parse_unix(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        return no_time(text);
    }
    const auto digits = text.size() - (text.front() == '-' ? 1 : 0);
    return digits >= 12 ? value : value * 1000;
}

/// The part after the seconds: ".250", then "Z" or "+08:00". Returns ms to add.
Result<std::int64_t> parse_tail(std::string_view text, std::string_view tail) {
    std::int64_t ms = 0;
    if (tail.starts_with('.')) {
        std::int64_t unit = 100;
        tail.remove_prefix(1);
        while (!tail.empty() && tail.front() >= '0' && tail.front() <= '9') {
            ms += (tail.front() - '0') * unit;
            unit /= 10;
            tail.remove_prefix(1);
        }
    }
    if (tail == "Z" || tail == "z") {
        return ms;
    }
    const int hours = read_digits(tail, 1, 2);
    const int minutes = tail.size() == 6 ? read_digits(tail, 4, 2) : -1;
    if (tail.size() != 6 || (tail[0] != '+' && tail[0] != '-') || tail[3] != ':' || hours < 0 || hours > 14 ||
        minutes < 0 || minutes > 59) {
        return no_time(text);
    }
    const std::int64_t offset_ms = (hours * 60LL + minutes) * 60'000;
    return tail[0] == '+' ? ms - offset_ms : ms + offset_ms;
}

}  // namespace

std::int64_t SystemClock::now_ms() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

std::int64_t SystemClock::steady_ns() const {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

std::int64_t ManualClock::now_ms() const {
    return std::atomic_ref(const_cast<std::int64_t&>(now_ms_)).load();
}
std::int64_t ManualClock::steady_ns() const {
    return now_ms() * 1'000'000;
}
void ManualClock::advance_ms(std::int64_t by_ms) {
    std::atomic_ref(now_ms_).fetch_add(by_ms);
}

std::string format_time(std::int64_t time_ms) {
    using namespace std::chrono;
    const auto days_count = time_ms >= 0 ? time_ms / ms_per_day : (time_ms - ms_per_day + 1) / ms_per_day;
    const year_month_day date{sys_days{days{days_count}}};
    const auto in_day = time_ms - days_count * ms_per_day;
    auto text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                            static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), in_day / 3'600'000,
                            in_day / 60'000 % 60, in_day / 1000 % 60);
    if (in_day % 1000 != 0) {
        text += fmt::format(".{:03}", in_day % 1000);
    }
    return text + "Z";
}

Result<std::int64_t> parse_time(std::string_view text) {
    using namespace std::chrono;
    if (text.size() < 19 || text[4] != '-') {
        return text.empty() ? Result<std::int64_t>(no_time(text)) : parse_unix(text);
    }
    const int y = read_digits(text, 0, 4);
    const int mo = read_digits(text, 5, 2);
    const int d = read_digits(text, 8, 2);
    const int h = read_digits(text, 11, 2);
    const int mi = read_digits(text, 14, 2);
    const int s = read_digits(text, 17, 2);
    const year_month_day date{year{y}, month{static_cast<unsigned>(mo)}, day{static_cast<unsigned>(d)}};
    const bool right = y >= 0 && mo >= 0 && d >= 0 && h >= 0 && h < 24 && mi >= 0 && mi < 60 && s >= 0 && s < 61 &&
                       date.ok() && text[7] == '-' && (text[10] == 'T' || text[10] == ' ') && text[13] == ':' &&
                       text[16] == ':';
    if (!right) {
        return no_time(text);
    }
    NUANSHU_TRY(const auto tail_ms, parse_tail(text, text.substr(19)));
    const auto day_ms = static_cast<std::int64_t>(sys_days{date}.time_since_epoch().count()) * ms_per_day;
    return day_ms + ((h * 60LL + mi) * 60 + s) * 1000 + tail_ms;
}

Result<std::int64_t> parse_duration_ms(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto unit =
        error == std::errc() ? text.substr(static_cast<std::size_t>(end - text.data())) : std::string_view();
    const double factor = unit == "ms"  ? 1
                          : unit == "s" ? 1000
                          : unit == "m" ? 60'000
                          : unit == "h" ? 3'600'000
                          : unit == "d" ? static_cast<double>(ms_per_day)
                                        : 0;
    if (factor == 0 || !(number >= 0) || number * factor > 1e15) {
        return fail(ErrorCode::invalid, "duration", "`{}`; wanted a number and a unit: 500ms, 30s, 10m, 1h, 7d", text);
    }
    return static_cast<std::int64_t>(number * factor);
}

}  // namespace nuanshu

#include "platform/historian/src/number_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace nuanshu::historian {
namespace {

constexpr std::uint64_t exact_integer_max = std::uint64_t{1} << 53;
constexpr int digits_max = 19;    ///< that a 64-bit integer surely holds
constexpr int decimals_max = 22;  ///< 10^22 is the last power of ten that a double holds exactly

constexpr std::array<double, decimals_max + 1> powers_of_ten{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                             1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                             1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

constexpr std::ptrdiff_t milliseconds_digits_min = 12;
constexpr std::uint64_t seconds_end = 100'000'000'000;  ///< from here on whole numbers would pass for milliseconds
constexpr std::uint64_t time_max = std::numeric_limits<std::int64_t>::max();

constexpr std::array named_qualities{
    Quality::good,          Quality::manual, Quality::estimated,    Quality::spike,      Quality::rate_of_change,
    Quality::frozen,        Quality::late,   Quality::range,        Quality::wire_break, Quality::not_a_number,
    Quality::communication, Quality::gap,    Quality::device_fault, Quality::never};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

const char* read_any_number(const char* at, const char* end, double& number) {
    const auto [behind, error] = std::from_chars(at, end, number);
    return error == std::errc() ? behind : nullptr;
}

/// ".25" as 250. Returns behind the digits.
const char* read_milliseconds(const char* at, const char* end, std::uint64_t& ms) {
    std::uint64_t unit = 100;
    for (++at; at != end && is_digit(*at); ++at) {
        ms += static_cast<std::uint64_t>(*at - '0') * unit;
        unit /= 10;
    }
    return at;
}

}  // namespace

/// Numbers of few digits, which nearly all are, are a whole number by a power of ten, both exact: one division rounds
/// rightly (Clinger, 1990). The others go to the library.
const char* read_number(const char* at, const char* end, double& number) {
    at += at != end && *at == '+' && at + 1 != end && at[1] != '-' ? 1 : 0;
    const bool negative = at != end && *at == '-';
    const char* p = at + (negative ? 1 : 0);
    std::uint64_t digits = 0;
    const char* first = p;
    for (; p != end && is_digit(*p); ++p) {
        digits = digits * 10 + static_cast<std::uint64_t>(*p - '0');
    }
    std::ptrdiff_t count = p - first;
    std::ptrdiff_t decimals = 0;
    if (p != end && *p == '.') {
        const char* point = p++;
        for (; p != end && is_digit(*p); ++p) {
            digits = digits * 10 + static_cast<std::uint64_t>(*p - '0');
        }
        decimals = p - point - 1;
        count += decimals;
    }
    if (count == 0 || count > digits_max || digits > exact_integer_max || (p != end && (*p == 'e' || *p == 'E'))) {
        return read_any_number(at, end, number);
    }
    const double size = static_cast<double>(digits) / powers_of_ten[static_cast<std::size_t>(decimals)];
    number = negative ? -size : size;
    return p;
}

const char* read_unix_time(const char* at, const char* end, std::int64_t& time_ms) {
    const bool negative = at != end && *at == '-';
    const char* first = at + (negative ? 1 : 0);
    const char* p = first;
    std::uint64_t size = 0;
    for (; p != end && is_digit(*p) && p - first < digits_max; ++p) {
        size = size * 10 + static_cast<std::uint64_t>(*p - '0');
    }
    const std::ptrdiff_t digits = p - first;
    if (digits == 0 || (p != end && is_digit(*p))) {
        return nullptr;
    }
    if (const bool fraction = p != end && *p == '.'; fraction || digits < milliseconds_digits_min) {
        std::uint64_t ms = 0;
        p = fraction ? read_milliseconds(p, end, ms) : p;
        if (size > time_max / 1000) {
            return nullptr;
        }
        size = size * 1000 + ms;
    }
    if (size > time_max + (negative ? 1 : 0)) {
        return nullptr;
    }
    time_ms = static_cast<std::int64_t>(negative ? 0 - size : size);
    return p;
}

std::optional<Quality> parse_quality(std::string_view text) {
    for (const auto quality : named_qualities) {
        if (to_string(quality) == text) {
            return quality;
        }
    }
    unsigned number = 256;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc() && end == text.data() + text.size() && number < 256;
    return whole ? std::optional(static_cast<Quality>(number)) : std::nullopt;
}

void put_number(std::string& out, double number) {
    if (std::isnan(number)) {
        out += "nan";
        return;
    }
    std::array<char, 32> text;
    out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr);
}

void put_unix_time(std::string& out, std::int64_t time_ms) {
    std::array<char, 24> text;
    const bool negative = time_ms < 0;
    const std::uint64_t size = negative ? 0 - static_cast<std::uint64_t>(time_ms) : static_cast<std::uint64_t>(time_ms);
    const std::uint64_t ms = size % 1000;
    out += negative ? "-" : "";
    out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), size / 1000).ptr);
    if (ms != 0 || size / 1000 >= seconds_end) {
        const auto digit = [](std::uint64_t value) { return static_cast<char>('0' + value); };
        out += {'.', digit(ms / 100), digit(ms / 10 % 10), digit(ms % 10)};
    }
}

void put_quality(std::string& out, Quality quality) {
    const bool named = std::find(named_qualities.begin(), named_qualities.end(), quality) != named_qualities.end();
    out += named ? std::string(to_string(quality)) : std::to_string(static_cast<unsigned>(quality));
}

}  // namespace nuanshu::historian

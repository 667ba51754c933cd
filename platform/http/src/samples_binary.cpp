#include "platform/http/src/samples_binary.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "platform/http/src/sample_series.h"

namespace nuanshu::http {
namespace {

constexpr std::int32_t no_value = std::numeric_limits<std::int32_t>::min();
constexpr std::array<double, 10> powers = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

/// Numbers as their bytes, least significant first.
template <class Number>
void append_bytes(std::string& out, Number number) {
    static_assert(std::endian::native == std::endian::little);
    char bytes[sizeof(Number)];
    std::memcpy(bytes, &number, sizeof(Number));
    out.append(bytes, sizeof(Number));
}

template <class Number>
void append_array(std::string& out, std::span<const Number> numbers) {
    out.append(reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes());
}

void fill_up(std::string& out) {
    out.resize((out.size() + 7) / 8 * 8, '\0');
}

/// The longest tick of which all times are multiples, counted from the first; 0 when they do not fit into 32 bits.
std::int64_t tick_of(std::span<const std::int64_t> time_ms) {
    std::int64_t tick = 0;
    for (std::size_t i = 1; i < time_ms.size() && tick != 1; ++i) {
        tick = std::gcd(tick, time_ms[i] - time_ms.front());
    }
    tick = std::max<std::int64_t>(tick, 1);
    const auto span = time_ms.empty() ? 0 : time_ms.back() - time_ms.front();
    return span / tick > std::numeric_limits<std::uint32_t>::max() ? 0 : tick;
}

void append_times(std::string& out, std::span<const std::int64_t> time_ms, std::int64_t tick) {
    for (const auto time : time_ms) {
        if (tick == 0) {
            append_bytes(out, static_cast<double>(time));
        } else {
            append_bytes(out, static_cast<std::uint32_t>((time - time_ms.front()) / tick));
        }
    }
    fill_up(out);
}

/// The number whose `places`-th decimal part is exactly `value`; nothing when there is none of 32 bits.
std::optional<std::int32_t> as_decimal(double value, std::size_t places) {
    if (!std::isfinite(value)) {
        return no_value;
    }
    const double number = std::nearbyint(value * powers[places]);
    if (std::abs(number) >= -static_cast<double>(no_value)) {
        return std::nullopt;
    }
    const auto whole = static_cast<std::int32_t>(number);
    const double back = static_cast<double>(whole) / powers[places];  // loses the sign of -0, which is then no decimal
    const bool is_same = std::bit_cast<std::uint64_t>(back) == std::bit_cast<std::uint64_t>(value);
    return is_same ? std::optional(whole) : std::nullopt;
}

/// All values as decimals of so many places; false, and nothing appended, when one is none.
bool append_decimals(std::string& out, std::span<const double> values, std::size_t places) {
    const auto begin = out.size();
    for (const double value : values) {
        const auto number = as_decimal(value, places);
        if (!number) {
            out.resize(begin);
            return false;
        }
        append_bytes(out, *number);
    }
    return true;
}

/// How many places the values need at least, as far as it can be told without looking at all again.
std::size_t places_of(std::span<const double> values) {
    std::size_t places = 0;
    for (const double value : values) {
        while (places < powers.size() && !as_decimal(value, places)) {
            ++places;
        }
    }
    return places;
}

void append_column(std::string& out, std::span<const double> values) {
    const auto head = out.size();
    const auto places = places_of(values);
    append_bytes(out, std::uint64_t{0});
    if (places < powers.size() && append_decimals(out, values, places)) {
        out[head] = 1;
        out[head + 1] = static_cast<char>(places);
    } else {
        append_array(out, values);
    }
    fill_up(out);
}

bool all_alike(std::span<const Quality> quality) {
    return std::all_of(quality.begin(), quality.end(), [&](Quality one) { return one == quality.front(); });
}

void append_series_head(std::string& out, const BinarySeries& series, std::int64_t tick) {
    const bool any = !series.time_ms.empty();
    append_bytes(out, static_cast<std::uint32_t>(series.time_ms.size()));
    append_bytes(out, static_cast<std::uint16_t>(series.code.size()));
    append_bytes(out, static_cast<std::uint8_t>(tick != 0));
    append_bytes(out, static_cast<std::uint8_t>(!all_alike(series.quality)));
    append_bytes(out, any ? static_cast<double>(series.time_ms.front()) : 0.0);
    append_bytes(out, static_cast<double>(tick));
    append_bytes(out, static_cast<std::uint16_t>(series.columns.size()));
    append_bytes(out, static_cast<std::uint8_t>(series.truncated));
    append_bytes(out, any ? static_cast<std::uint8_t>(series.quality.front()) : std::uint8_t{0});
    append_bytes(out, std::uint32_t{0});
}

void append_samples(std::string& out, const SeriesPoint& point, const Series& series) {
    std::vector<std::int64_t> time_ms;
    std::vector<double> values;
    std::vector<Quality> quality;
    for (const auto& sample : series.samples) {
        time_ms.push_back(sample.time_ms);
        values.push_back(value_shown(sample));
        quality.push_back(sample.quality);
    }
    append_binary(out, {point.code, time_ms, {values}, quality, series.truncated});
}

/// Writes one series after the other.
class BinaryAnswer {
 public:
    BinaryAnswer(const historian::SampleStore& store, SamplesQuestion question)
        : store_(store), question_(std::move(question)), windows_(store, question_) {}

    Result<bool> next(std::string& chunk) {
        if (next_ == 0) {
            append_binary_head(chunk, question_.points.size());
        }
        const auto& point = question_.points[next_];
        if (question_.kind == SamplesKind::aggregate) {
            NUANSHU_TRY(const auto* series, windows_.of(next_));
            append_binary(
                chunk,
                {point.code, series->time_ms, {series->figures.begin(), series->figures.end()}, series->quality});
        } else {
            NUANSHU_TRY(const auto series, read_series(store_, question_, point));
            append_samples(chunk, point, series);
        }
        ++next_;
        return next_ < question_.points.size();
    }

 private:
    const historian::SampleStore& store_;
    SamplesQuestion question_;
    Windows windows_;
    std::size_t next_ = 0;
};

}  // namespace

void append_binary_head(std::string& out, std::size_t series) {
    out += "NSB2";
    append_bytes(out, static_cast<std::uint32_t>(series));
    append_bytes(out, std::uint64_t{0});
}

void append_binary(std::string& out, const BinarySeries& series) {
    const auto tick = tick_of(series.time_ms);
    append_series_head(out, series, tick);
    out += series.code;
    fill_up(out);
    append_times(out, series.time_ms, tick);
    for (const auto& column : series.columns) {
        append_column(out, column);
    }
    if (!all_alike(series.quality)) {
        append_array(out, series.quality);
        fill_up(out);
    }
}

NextChunk samples_as_binary(const historian::SampleStore& store, SamplesQuestion question) {
    const auto answer = std::make_shared<BinaryAnswer>(store, std::move(question));
    return [answer](std::string& chunk) { return answer->next(chunk); };
}

}  // namespace nuanshu::http

// A chunk: consecutive samples of one point, in one value of the column family `chunks`. The key holds the point and
// the time of the first sample (keys.h). Integers are little-endian, varints LEB128, doubles IEEE 754.
//
//   u8       version, 2
//   u8       flags: 1 evenly spaced, 2 one quality, 4 which is good, 8 all usable, 16 integer summary; others 0
//   varint   count of samples, 1 … 65 536
//   varint   time of the last sample, ms after the first
//   u8       quality, if all have one and it is not good
//   varint   count of those that are not usable (bad, or not a number), unless all are usable
//   summary of the usable samples, only if there are some. A time is a varint: the sample's index if they are evenly
//   spaced, else ms after the first of all:
//     time × 2     of the first and the last one, unless all are usable
//     time × 2     of the least and the greatest
//     with flag 16, as integers:
//       u8               scale (decimal_scale.h)
//       zigzag varint    first
//       zigzag varint    last − first
//       varint           first − least
//       varint           greatest − first
//       zigzag varint    sum − count · first
//     else f64 × 5       first, last, least, greatest, sum in order of time
//   qualities  unless they are one: runs until there are `count`: u8 quality, varint how many
//   times    unless evenly spaced: a list of integers (packed_ints.cpp), count − 1 of them: ms after the sample before
//   values   value_codec.cpp, up to the checksum
//   u32      CRC-32C of all bytes before
//
// A reader that meets another version says so and touches nothing.

#include "platform/historian/src/chunk.h"

#include <algorithm>

#include "base/check.h"
#include "platform/historian/src/bytes.h"
#include "platform/historian/src/chunk_format.h"
#include "platform/historian/src/chunk_reader.h"
#include "platform/historian/src/crc32c.h"
#include "platform/historian/src/packed_ints.h"
#include "platform/historian/src/value_codec.h"

namespace nuanshu::historian {
namespace {

void add_usable(ChunkSummary& summary, std::int64_t time_ms, double value, bool is_first) {
    if (is_first) {
        summary.first_usable_ms = summary.min_ms = summary.max_ms = time_ms;
        summary.first = summary.min = summary.max = value;
    }
    if (value < summary.min) {
        summary.min = value;
        summary.min_ms = time_ms;
    }
    if (value > summary.max) {
        summary.max = value;
        summary.max_ms = time_ms;
    }
    summary.last = value;
    summary.last_usable_ms = time_ms;
    summary.sum += value;
}

std::uint64_t after(std::int64_t start_ms, std::int64_t time_ms) {
    return static_cast<std::uint64_t>(wrapping_subtract(time_ms, start_ms));
}

bool is_evenly_spaced(std::span<const std::int64_t> times) {
    const std::int64_t step = times.size() < 2 ? 0 : wrapping_subtract(times[1], times[0]);
    for (std::size_t i = 2; i < times.size(); ++i) {
        if (wrapping_subtract(times[i], times[i - 1]) != step) {
            return false;
        }
    }
    return after(times.front(), times.back()) == static_cast<std::uint64_t>(step) * (times.size() - 1) &&
           (times.size() < 2 || static_cast<std::uint64_t>(step) <= ~std::uint64_t{0} / (times.size() - 1));
}

/// The summary's values as integers, if they are.
struct IntegerSummary {
    std::int64_t first, last, min, max, sum;  ///< sum: less count times first
};

std::optional<IntegerSummary> integers_of(const std::optional<ScaledValues>& scaled) {
    if (!scaled || !scaled->exceptions.empty() || scaled->scale.scaling == Scaling::divide_float) {
        return std::nullopt;
    }
    const auto& all = scaled->integers;
    WideInt sum = 0;
    for (const auto integer : all) {
        sum += integer - all[0];
    }
    const auto near = static_cast<std::int64_t>(sum);
    if (near != sum) {
        return std::nullopt;
    }
    const auto [least, most] = std::minmax_element(all.begin(), all.end());
    return IntegerSummary{all.front(), all.back(), *least, *most, near};
}

/// Writes one chunk.
class ChunkWriter {
 public:
    explicit ChunkWriter(ColumnsView samples)
        : samples_(samples), summary_(summarise(samples)), scaled_(scale_values(samples.value)) {
        if (summary_.bad_count == 0) {
            integers_ = integers_of(scaled_);
        }
        flags_ = flags();
    }

    std::string write() {
        out_.reserve(64 + samples_.size() * 4);
        out_.push_back(chunk_version);
        out_.push_back(static_cast<char>(flags_));
        put_varint(out_, summary_.count);
        put_varint(out_, after(summary_.first_ms, summary_.last_ms));
        write_summary();
        if (!has(one_quality)) {
            write_qualities();
        }
        if (!has(evenly_spaced)) {
            write_times();
        }
        encode_values(out_, samples_.value, scaled_);
        put_fixed(out_, crc32c(out_));
        return std::move(out_);
    }

 private:
    bool has(ChunkFlag flag) const { return (flags_ & flag) != 0; }

    std::uint8_t flags() const {
        int flags = is_evenly_spaced(samples_.time_ms) ? evenly_spaced : 0;
        flags |= summary_.quality ? one_quality : 0;
        flags |= summary_.quality == Quality::good ? quality_is_good : 0;
        flags |= summary_.bad_count == 0 ? all_usable : 0;
        flags |= integers_ ? integer_summary : 0;
        return static_cast<std::uint8_t>(flags);
    }

    void write_summary() {
        if (has(one_quality) && !has(quality_is_good)) {
            out_.push_back(static_cast<char>(*summary_.quality));
        }
        if (!has(all_usable)) {
            put_varint(out_, summary_.bad_count);
        }
        if (summary_.usable_count() == 0) {
            return;
        }
        if (!has(all_usable)) {
            write_time(summary_.first_usable_ms);
            write_time(summary_.last_usable_ms);
        }
        write_time(summary_.min_ms);
        write_time(summary_.max_ms);
        write_values_of_summary();
    }

    void write_time(std::int64_t time_ms) {
        const std::uint64_t offset = after(summary_.first_ms, time_ms);
        const bool by_index = has(evenly_spaced) && offset > 0;
        put_varint(out_, by_index ? offset / after(samples_.time_ms[0], samples_.time_ms[1]) : offset);
    }

    void write_values_of_summary() {
        if (!integers_) {
            for (const double value : {summary_.first, summary_.last, summary_.min, summary_.max, summary_.sum}) {
                put_fixed(out_, value);
            }
            return;
        }
        out_.push_back(static_cast<char>(byte_of(scaled_->scale)));
        put_varint(out_, zigzag(integers_->first));
        put_varint(out_, zigzag(integers_->last - integers_->first));
        put_varint(out_, static_cast<std::uint64_t>(integers_->first - integers_->min));
        put_varint(out_, static_cast<std::uint64_t>(integers_->max - integers_->first));
        put_varint(out_, zigzag(integers_->sum));
    }

    void write_qualities() {
        const auto qualities = samples_.quality;
        for (std::size_t at = 0; at < qualities.size();) {
            std::size_t end = at + 1;
            while (end < qualities.size() && qualities[end] == qualities[at]) {
                ++end;
            }
            out_.push_back(static_cast<char>(qualities[at]));
            put_varint(out_, end - at);
            at = end;
        }
    }

    void write_times() {
        std::vector<std::int64_t> steps(samples_.size() - 1);
        for (std::size_t i = 1; i < samples_.size(); ++i) {
            steps[i - 1] = wrapping_subtract(samples_.time_ms[i], samples_.time_ms[i - 1]);
        }
        encode_ints(out_, steps);
    }

    ColumnsView samples_;
    ChunkSummary summary_;
    std::optional<ScaledValues> scaled_;
    std::optional<IntegerSummary> integers_;
    std::uint8_t flags_ = 0;
    std::string out_;
};

}  // namespace

ChunkSummary summarise(ColumnsView samples) {
    ChunkSummary summary;
    summary.count = static_cast<std::uint32_t>(samples.size());
    summary.first_ms = samples.time_ms.front();
    summary.last_ms = samples.time_ms.back();
    std::uint32_t usable = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        if (is_usable(samples.value[i], samples.quality[i])) {
            add_usable(summary, samples.time_ms[i], samples.value[i], usable == 0);
            ++usable;
        }
    }
    summary.bad_count = summary.count - usable;
    const auto differs = [&](Quality quality) { return quality != samples.quality[0]; };
    if (std::none_of(samples.quality.begin(), samples.quality.end(), differs)) {
        summary.quality = samples.quality[0];
    }
    return summary;
}

std::string encode_chunk(ColumnsView samples) {
    NUANSHU_CHECK(!samples.empty() && samples.size() <= max_chunk_samples, "{} samples", samples.size());
    return ChunkWriter(samples).write();
}

Result<ChunkSummary> read_chunk_summary(std::string_view bytes, std::int64_t first_ms) {
    ChunkReader reader;
    NUANSHU_TRY_VOID(reader.open(bytes, first_ms));
    return reader.summary();
}

Result<> decode_chunk(std::string_view bytes, std::int64_t first_ms, Columns& samples) {
    ChunkReader reader;
    NUANSHU_TRY_VOID(reader.open(bytes, first_ms));
    return reader.decode(samples);
}

}  // namespace nuanshu::historian

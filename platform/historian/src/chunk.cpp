// A chunk: consecutive samples of one point, in one value of the column family `chunks`. The key holds the point and
// the time of the first sample (keys.h). Integers are little-endian, varints LEB128, doubles IEEE 754.
//
//   u8       version, 1
//   varint   count of samples, 1 … 65 536
//   varint   count of those that are not usable (bad, or not a number)
//   varint   time of the last sample, ms after the first
//   summary of the usable samples, only if there are some:
//     varint × 4   times of the first, last, least and greatest, ms after the first sample of all
//     f64 × 5      first, last, least, greatest, sum in order of time
//   quality  runs until there are `count`: u8 quality, varint how many
//   times    a list of integers (packed_ints.cpp), count − 1 of them: ms after the sample before
//   values   value_codec.cpp, up to the checksum
//   u32      CRC-32C of all bytes before
//
// A reader that meets another version says so and touches nothing.

#include "platform/historian/src/chunk.h"

#include <algorithm>

#include "base/check.h"
#include "platform/historian/src/bytes.h"
#include "platform/historian/src/crc32c.h"
#include "platform/historian/src/packed_ints.h"
#include "platform/historian/src/value_codec.h"

namespace nuanshu::historian {
namespace {

constexpr char version = 1;
constexpr std::size_t checksum_bytes = 4;

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

void write_summary(std::string& out, const ChunkSummary& summary) {
    put_varint(out, summary.count);
    put_varint(out, summary.bad_count);
    put_varint(out, after(summary.first_ms, summary.last_ms));
    if (summary.usable_count() == 0) {
        return;
    }
    for (const auto time : {summary.first_usable_ms, summary.last_usable_ms, summary.min_ms, summary.max_ms}) {
        put_varint(out, after(summary.first_ms, time));
    }
    for (const double value : {summary.first, summary.last, summary.min, summary.max, summary.sum}) {
        put_fixed(out, value);
    }
}

void read_usable(ByteReader& in, ChunkSummary& summary) {
    for (auto* time : {&summary.first_usable_ms, &summary.last_usable_ms, &summary.min_ms, &summary.max_ms}) {
        *time = wrapping_add(summary.first_ms, static_cast<std::int64_t>(in.varint()));
    }
    for (auto* value : {&summary.first, &summary.last, &summary.min, &summary.max, &summary.sum}) {
        *value = in.fixed<double>();
    }
}

/// Looks ahead: the quality of the first run, when it covers all.
std::optional<Quality> shared_quality(ByteReader in, std::uint64_t count) {
    const auto quality = static_cast<Quality>(in.u8());
    return in.varint() == count ? std::optional(quality) : std::nullopt;
}

ChunkSummary read_summary(ByteReader& in, std::int64_t first_ms) {
    ChunkSummary summary;
    const std::uint64_t count = in.varint();
    const std::uint64_t bad_count = in.varint();
    if (count == 0 || count > max_chunk_samples || bad_count > count) {
        in.refuse();
        return summary;
    }
    summary.count = static_cast<std::uint32_t>(count);
    summary.bad_count = static_cast<std::uint32_t>(bad_count);
    summary.first_ms = first_ms;
    summary.last_ms = wrapping_add(first_ms, static_cast<std::int64_t>(in.varint()));
    if (summary.usable_count() > 0) {
        read_usable(in, summary);
    }
    summary.quality = shared_quality(in, count);
    return summary;
}

void write_times(std::string& out, std::span<const std::int64_t> times) {
    std::vector<std::int64_t> steps(times.size() - 1);
    for (std::size_t i = 1; i < times.size(); ++i) {
        steps[i - 1] = wrapping_subtract(times[i], times[i - 1]);
    }
    encode_ints(out, steps);
}

void read_times(ByteReader& in, const ChunkSummary& summary, std::span<std::int64_t> times) {
    times[0] = summary.first_ms;
    decode_ints(in, times.subspan(1));
    for (std::size_t i = 1; i < times.size(); ++i) {
        times[i] = wrapping_add(times[i], times[i - 1]);
    }
    if (times.back() != summary.last_ms) {
        in.refuse();
    }
}

void write_qualities(std::string& out, std::span<const Quality> qualities) {
    for (std::size_t at = 0; at < qualities.size();) {
        std::size_t end = at + 1;
        while (end < qualities.size() && qualities[end] == qualities[at]) {
            ++end;
        }
        out.push_back(static_cast<char>(qualities[at]));
        put_varint(out, end - at);
        at = end;
    }
}

void read_qualities(ByteReader& in, std::span<Quality> qualities) {
    for (std::size_t at = 0; at < qualities.size() && in.ok();) {
        const auto quality = static_cast<Quality>(in.u8());
        const std::uint64_t times = in.varint();
        if (times == 0 || times > qualities.size() - at) {
            in.refuse();
            return;
        }
        std::fill_n(qualities.begin() + static_cast<std::ptrdiff_t>(at), times, quality);
        at += times;
    }
}

/// The bytes between version and checksum, once both are right.
Result<std::string_view> checked_body(std::string_view bytes) {
    if (bytes.size() < 1 + checksum_bytes) {
        return fail(ErrorCode::corrupt, "", "{} bytes; a chunk has at least {}", bytes.size(), 1 + checksum_bytes);
    }
    if (bytes[0] != version) {
        return fail(ErrorCode::corrupt, "", "version {}; this program knows version {}", static_cast<int>(bytes[0]),
                    static_cast<int>(version));
    }
    const std::string_view covered = bytes.substr(0, bytes.size() - checksum_bytes);
    const auto stored = ByteReader(bytes.substr(covered.size())).fixed<std::uint32_t>();
    if (const std::uint32_t computed = crc32c(covered); computed != stored) {
        return fail(ErrorCode::corrupt, "", "checksum {:08x} stored, {:08x} computed", stored, computed);
    }
    return covered.substr(1);
}

tl::unexpected<Error> malformed() {
    return fail(ErrorCode::corrupt, "", "the checksum is right but the bytes do not follow the chunk format");
}

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
    std::string out;
    out.reserve(128 + samples.size() * 2);
    out.push_back(version);
    write_summary(out, summarise(samples));
    write_qualities(out, samples.quality);
    write_times(out, samples.time_ms);
    encode_values(out, samples.value);
    put_fixed(out, crc32c(out));
    return out;
}

Result<ChunkSummary> read_chunk_summary(std::string_view bytes, std::int64_t first_ms) {
    NUANSHU_TRY(const std::string_view body, checked_body(bytes));
    ByteReader in(body);
    ChunkSummary summary = read_summary(in, first_ms);
    if (!in.ok()) {
        return malformed();
    }
    return summary;
}

Result<> decode_chunk(std::string_view bytes, std::int64_t first_ms, Columns& samples) {
    NUANSHU_TRY(const std::string_view body, checked_body(bytes));
    ByteReader in(body);
    const ChunkSummary summary = read_summary(in, first_ms);
    if (!in.ok()) {
        return malformed();
    }
    samples.resize(summary.count);
    read_qualities(in, samples.quality);
    read_times(in, summary, samples.time_ms);
    decode_values(in, samples.value);
    if (!in.ok() || in.left() != 0) {
        return malformed();
    }
    return {};
}

}  // namespace nuanshu::historian

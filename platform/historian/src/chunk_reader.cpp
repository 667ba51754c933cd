#include "platform/historian/src/chunk_reader.h"

#include <algorithm>

#include "platform/historian/src/chunk_format.h"
#include "platform/historian/src/crc32c.h"
#include "platform/historian/src/packed_ints.h"
#include "platform/historian/src/value_codec.h"

namespace nuanshu::historian {
namespace {

/// The bytes between version and checksum, once both are right.
Result<std::string_view> checked_body(std::string_view bytes) {
    if (bytes.size() < 1 + chunk_checksum_bytes) {
        return fail(ErrorCode::corrupt, "", "{} bytes; a chunk has at least {}", bytes.size(),
                    1 + chunk_checksum_bytes);
    }
    if (bytes[0] != chunk_version) {
        return fail(ErrorCode::corrupt, "", "version {}; this program knows version {}", static_cast<int>(bytes[0]),
                    static_cast<int>(chunk_version));
    }
    const std::string_view covered = bytes.substr(0, bytes.size() - chunk_checksum_bytes);
    const auto stored = ByteReader(bytes.substr(covered.size())).fixed<std::uint32_t>();
    if (const std::uint32_t computed = crc32c(covered); computed != stored) {
        return fail(ErrorCode::corrupt, "", "checksum {:08x} stored, {:08x} computed", stored, computed);
    }
    return covered.substr(1);
}

tl::unexpected<Error> malformed() {
    return fail(ErrorCode::corrupt, "", "the checksum is right but the bytes do not follow the chunk format");
}

std::int64_t moved(std::int64_t start_ms, std::uint64_t by_ms) {
    return wrapping_add(start_ms, static_cast<std::int64_t>(by_ms));
}

}  // namespace

Result<> ChunkReader::open(std::string_view bytes, std::int64_t first_ms) {
    NUANSHU_TRY(const std::string_view body, checked_body(bytes));
    ByteReader in(body);
    summary_ = {};
    summary_.first_ms = first_ms;
    index_ = Index::unknown;
    read_header(in);
    if (!in.ok()) {
        return malformed();
    }
    body_ = body.substr(body.size() - in.left());
    return {};
}

void ChunkReader::read_header(ByteReader& in) {
    flags_ = in.u8();
    const std::uint64_t count = in.varint();
    const std::uint64_t span_ms = in.varint();
    if (flags_ > all_chunk_flags || count == 0 || count > max_chunk_samples) {
        in.refuse();
        return;
    }
    summary_.count = static_cast<std::uint32_t>(count);
    summary_.last_ms = moved(summary_.first_ms, span_ms);
    step_ms_ = (flags_ & evenly_spaced) != 0 && count > 1 ? span_ms / (count - 1) : 0;
    if ((flags_ & one_quality) != 0) {
        summary_.quality = (flags_ & quality_is_good) != 0 ? Quality::good : static_cast<Quality>(in.u8());
    }
    const std::uint64_t bad_count = (flags_ & all_usable) != 0 ? 0 : in.varint();
    if (bad_count > count || ((flags_ & evenly_spaced) != 0 && step_ms_ * (count - 1) != span_ms)) {
        in.refuse();
        return;
    }
    summary_.bad_count = static_cast<std::uint32_t>(bad_count);
    if (summary_.usable_count() > 0) {
        read_usable(in);
    }
}

std::int64_t ChunkReader::read_time(ByteReader& in) const {
    const std::uint64_t after = in.varint();
    return moved(summary_.first_ms, (flags_ & evenly_spaced) != 0 ? after * step_ms_ : after);
}

void ChunkReader::read_usable(ByteReader& in) {
    summary_.first_usable_ms = summary_.first_ms;
    summary_.last_usable_ms = summary_.last_ms;
    if ((flags_ & all_usable) == 0) {
        summary_.first_usable_ms = read_time(in);
        summary_.last_usable_ms = read_time(in);
    }
    summary_.min_ms = read_time(in);
    summary_.max_ms = read_time(in);
    read_values_of_summary(in);
}

void ChunkReader::read_values_of_summary(ByteReader& in) {
    if ((flags_ & integer_summary) == 0) {
        for (auto* value : {&summary_.first, &summary_.last, &summary_.min, &summary_.max, &summary_.sum}) {
            *value = in.fixed<double>();
        }
        return;
    }
    const std::uint8_t scale_byte = in.u8();
    if (!is_scale(scale_byte)) {
        in.refuse();
        return;
    }
    const Scale scale = scale_of(scale_byte);
    const std::int64_t first = in.signed_varint();
    summary_.first = unscale(scale, first);
    summary_.last = unscale(scale, wrapping_add(first, in.signed_varint()));
    summary_.min = unscale(scale, wrapping_subtract(first, static_cast<std::int64_t>(in.varint())));
    summary_.max = unscale(scale, wrapping_add(first, static_cast<std::int64_t>(in.varint())));
    summary_.sum = unscale_sum(scale, WideInt{first} * summary_.count + in.signed_varint());
}

void ChunkReader::read_qualities(ByteReader& in, std::span<Quality> qualities) const {
    if (summary_.quality) {
        std::fill(qualities.begin(), qualities.end(), *summary_.quality);
        return;
    }
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

void ChunkReader::read_times(ByteReader& in, std::span<std::int64_t> times) const {
    times[0] = summary_.first_ms;
    if ((flags_ & evenly_spaced) != 0) {
        for (std::size_t i = 1; i < times.size(); ++i) {
            times[i] = moved(times[i - 1], step_ms_);
        }
        return;
    }
    decode_ints(in, times.subspan(1));
    for (std::size_t i = 1; i < times.size(); ++i) {
        times[i] = wrapping_add(times[i], times[i - 1]);
    }
    if (times.back() != summary_.last_ms) {
        in.refuse();
    }
}

Result<> ChunkReader::decode(Columns& samples) {
    ByteReader in(body_);
    samples.resize(summary_.count);
    read_qualities(in, samples.quality);
    read_times(in, samples.time_ms);
    decode_values(in, samples.value);
    if (!in.ok() || in.left() != 0) {
        return malformed();
    }
    return {};
}

Result<bool> ChunkReader::open_index() {
    if (index_ != Index::unknown) {
        return index_ == Index::open;
    }
    index_ = Index::none;
    if (!summary_.quality || summary_.bad_count > 0) {
        return false;
    }
    ByteReader in(body_);
    if ((flags_ & evenly_spaced) == 0) {
        times_.resize(summary_.count);
        read_times(in, times_);
    }
    if (!in.ok() || !nuanshu::historian::open_index(in, summary_.count, values_)) {
        return false;
    }
    if (!in.ok() || in.left() != 0) {
        return malformed();
    }
    index_ = Index::open;
    return true;
}

std::int64_t ChunkReader::time_at(std::size_t index) const {
    return (flags_ & evenly_spaced) != 0 ? moved(summary_.first_ms, index * step_ms_) : times_[index];
}

std::size_t ChunkReader::first_at_or_after(std::int64_t time_ms) const {
    if (time_ms <= summary_.first_ms) {
        return 0;
    }
    if (time_ms > summary_.last_ms) {
        return summary_.count;
    }
    if ((flags_ & evenly_spaced) != 0) {
        const auto after = static_cast<std::uint64_t>(wrapping_subtract(time_ms, summary_.first_ms));
        return (after - 1) / step_ms_ + 1;
    }
    return static_cast<std::size_t>(std::lower_bound(times_.begin(), times_.end(), time_ms) - times_.begin());
}

ChunkSummary ChunkReader::part(std::size_t from, std::size_t to) {
    const ValuePart values = values_.part(from, to);
    ChunkSummary part;
    part.count = static_cast<std::uint32_t>(to - from);
    part.first_ms = part.first_usable_ms = time_at(from);
    part.last_ms = part.last_usable_ms = time_at(to - 1);
    part.min_ms = time_at(values.min_at);
    part.max_ms = time_at(values.max_at);
    part.first = values.first;
    part.last = values.last;
    part.min = values.min;
    part.max = values.max;
    part.quality = summary_.quality;
    return part;
}

}  // namespace nuanshu::historian

// The samples of one append(), in the order given, in one value of the column family `log`. RocksDB guards it with its
// own checksums.
//
//   u8        version, 1
//   varint    count n
//   n ×       zigzag varint: point id minus the one before (the first: minus 0)
//   n ×       zigzag varint: time in ms minus the one before (the first: minus 0)
//   runs until there are n: u8 quality, varint how many
//   n × f64   values, little-endian

#include "platform/historian/src/log_record.h"

#include "platform/historian/src/bytes.h"

namespace nuanshu::historian {
namespace {

constexpr char version = 1;
constexpr std::size_t least_bytes_per_sample = 1 + 1 + sizeof(double);
constexpr std::size_t most_bytes_per_sample = max_varint_bytes * 2 + 2 + sizeof(double);

char* write_points(char* at, std::span<const Sample> samples) {
    std::int64_t before = 0;
    for (const auto& sample : samples) {
        const std::int64_t point = sample.point.value;
        at = write_varint(at, zigzag(point - before));
        before = point;
    }
    return at;
}

char* write_times(char* at, std::span<const Sample> samples) {
    std::int64_t before = 0;
    for (const auto& sample : samples) {
        at = write_varint(at, zigzag(wrapping_subtract(sample.time_ms, before)));
        before = sample.time_ms;
    }
    return at;
}

char* write_qualities(char* at, std::span<const Sample> samples) {
    for (std::size_t start = 0; start < samples.size();) {
        std::size_t end = start + 1;
        while (end < samples.size() && samples[end].quality == samples[start].quality) {
            ++end;
        }
        *at++ = static_cast<char>(samples[start].quality);
        at = write_varint(at, end - start);
        start = end;
    }
    return at;
}

char* write_values(char* at, std::span<const Sample> samples) {
    for (const auto& sample : samples) {
        std::memcpy(at, &sample.value, sizeof(double));
        at += sizeof(double);
    }
    return at;
}

void read_qualities(ByteReader& in, std::span<Sample> samples) {
    for (std::size_t at = 0; at < samples.size() && in.ok();) {
        const auto quality = static_cast<Quality>(in.u8());
        const std::uint64_t times = in.varint();
        if (times == 0 || times > samples.size() - at) {
            in.refuse();
            return;
        }
        for (const std::size_t end = at + times; at < end; ++at) {
            samples[at].quality = quality;
        }
    }
}

void read_samples(ByteReader& in, std::span<Sample> samples) {
    std::int64_t point = 0;
    for (auto& sample : samples) {
        point = wrapping_add(point, in.signed_varint());
        sample.point = PointId{static_cast<std::uint32_t>(point)};
    }
    std::int64_t time_ms = 0;
    for (auto& sample : samples) {
        time_ms = wrapping_add(time_ms, in.signed_varint());
        sample.time_ms = time_ms;
    }
    read_qualities(in, samples);
    for (auto& sample : samples) {
        sample.value = in.fixed<double>();
    }
}

}  // namespace

std::string encode_log_record(std::span<const Sample> samples) {
    std::string out;
    out.resize(1 + max_varint_bytes + samples.size() * most_bytes_per_sample);
    char* at = out.data();
    *at++ = version;
    at = write_varint(at, samples.size());
    at = write_points(at, samples);
    at = write_times(at, samples);
    at = write_qualities(at, samples);
    at = write_values(at, samples);
    out.resize(static_cast<std::size_t>(at - out.data()));
    return out;
}

Result<std::vector<Sample>> decode_log_record(std::string_view bytes) {
    ByteReader in(bytes);
    const unsigned found = in.u8();
    const std::uint64_t count = in.varint();
    if (!in.ok() || found != static_cast<unsigned>(version) || count > in.left() / least_bytes_per_sample) {
        return fail(ErrorCode::corrupt, "log record",
                    "version {}, {} samples, {} bytes follow; version {} and at least {} bytes a sample", found, count,
                    in.left(), static_cast<int>(version), least_bytes_per_sample);
    }
    std::vector<Sample> samples(count);
    read_samples(in, samples);
    if (!in.ok() || in.left() != 0) {
        return fail(ErrorCode::corrupt, "log record", "the bytes do not follow the format of {} samples", count);
    }
    return samples;
}

}  // namespace nuanshu::historian

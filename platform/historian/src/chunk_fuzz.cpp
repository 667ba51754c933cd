// Three things must hold for any bytes: decoding them ends with samples or with `corrupt`, also behind a right
// checksum; taken as samples, they come back from a chunk; and the same for a log record.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/check.h"
#include "platform/historian/src/bytes.h"
#include "platform/historian/src/chunk.h"
#include "platform/historian/src/crc32c.h"
#include "platform/historian/src/log_record.h"

namespace nuanshu::historian {
namespace {

/// Cuts the input into samples of 17 bytes: time step, value, quality.
Columns samples_of(std::string_view bytes) {
    Columns samples;
    std::int64_t time_ms = 0;
    ByteReader in(bytes);
    while (in.left() >= 17 && samples.size() < max_chunk_samples) {
        time_ms += 1 + in.fixed<std::int64_t>() / (std::int64_t{1} << 40);
        const auto value = in.fixed<double>();
        samples.push_back(time_ms, value, static_cast<Quality>(in.u8()));
    }
    sort_keep_last(samples);
    return samples;
}

void check_decoding(std::string_view bytes) {
    std::string guarded("\x02");
    guarded.append(bytes);
    put_fixed(guarded, crc32c(guarded));
    Columns samples;
    if (decode_chunk(guarded, 0, samples)) {
        NUANSHU_CHECK(!samples.empty() && read_chunk_summary(guarded, 0)->count == samples.size(),
                      "summary and samples differ");
    }
    if (const auto record = decode_log_record(bytes)) {
        NUANSHU_CHECK(decode_log_record(encode_log_record(*record))->size() == record->size(), "log record");
    }
}

void check_round_trip(const Columns& samples) {
    Columns back;
    const std::string bytes = encode_chunk(samples.view());
    NUANSHU_CHECK(decode_chunk(bytes, samples.time_ms[0], back).has_value(), "{} samples", samples.size());
    NUANSHU_CHECK(back.time_ms == samples.time_ms && back.quality == samples.quality, "times or qualities differ");
    NUANSHU_CHECK(std::memcmp(back.value.data(), samples.value.data(), samples.size() * sizeof(double)) == 0,
                  "values differ");
}

}  // namespace
}  // namespace nuanshu::historian

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace nuanshu::historian;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    check_decoding(bytes);
    if (const Columns samples = samples_of(bytes); !samples.empty()) {
        check_round_trip(samples);
    }
    return 0;
}

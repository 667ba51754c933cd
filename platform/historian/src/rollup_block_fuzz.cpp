#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "platform/historian/src/bytes.h"
#include "platform/historian/src/crc32c.h"
#include "platform/historian/src/log_barrier.h"
#include "platform/historian/src/rollup_block.h"

using namespace nuanshu::historian;

/// Any bytes: refused, or a block that comes back the same once encoded. The first byte chooses hours or days; the
/// checksum is mended, so that the fuzzer gets behind it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const Bucket bucket = data[0] % 2 == 0 ? Bucket::hour : Bucket::day;
    std::string bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    (void)decode_barrier(bytes).has_value();
    put_fixed(bytes, crc32c(bytes));
    const auto block = decode_block(bytes, 0, bucket);
    if (!block) {
        return 0;
    }
    const std::string again = encode_block(*block, 0, bucket);
    const auto back = decode_block(again, 0, bucket);
    if (!back || encode_block(*back, 0, bucket) != again) {
        std::abort();
    }
    return 0;
}

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "platform/http/src/credentials.h"
#include "platform/http/src/gzip.h"

/// What programs send before anybody knows them: an Authorization header and a packed body. Neither may be longer than
/// its bound once read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t bytes_max = 1 << 20;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto credentials = nuanshu::http::sent_credentials(text);
    if (credentials && credentials->user.size() + credentials->password.size() > size) {
        __builtin_trap();
    }
    const auto unpacked = nuanshu::http::gunzip(text, bytes_max);
    if (unpacked && unpacked->size() > bytes_max) {
        __builtin_trap();
    }
    return 0;
}

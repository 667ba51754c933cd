#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engines/network/read.h"
#include "engines/network/write.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto reading = nuanshu::network::read_json(text, "fuzz.json");
    if (reading.faults.empty() && nuanshu::network::validate(reading.network).empty()) {
        const auto again = nuanshu::network::read_json(nuanshu::network::write_json(reading.network), "again.json");
        if (!again.faults.empty()) {
            std::abort();
        }
    }
    return 0;
}

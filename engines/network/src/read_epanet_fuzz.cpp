#include <cstdint>
#include <string_view>

#include "engines/network/read.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto reading = nuanshu::network::read_epanet(text, "fuzz.inp");
    if (reading.faults.empty()) {
        (void)nuanshu::network::validate(reading.network);
    }
    return 0;
}

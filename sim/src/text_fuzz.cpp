#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sim/src/csv.h"
#include "sim/src/mqtt_link.h"
#include "sim/src/register_map.h"

/// Everything here that reads text from outside: register addresses, lines of CSV, broker URLs. What is read as an
/// address must also carry a number there and back.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace nuanshu::sim;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (split_csv_line(text).empty()) {
        std::abort();
    }
    if (const auto url = read_mqtt_url(text); url && (url->port < 1 || url->port > 65'535 || url->host.empty())) {
        std::abort();
    }
    if (const auto address = read_register_address(text); address && address->coding != Coding::bit) {
        std::vector<std::uint16_t> words(static_cast<std::size_t>(address->count()));
        encode_number(100.0, *address, words);
        if (decode_number(*address, words) != 100.0) {
            std::abort();
        }
    }
    return 0;
}

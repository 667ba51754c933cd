#include "platform/drivers/mqtt/src/reason.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

namespace nuanshu::drivers::mqtt {

std::string_view reason_name(std::uint8_t reason) {
    static constexpr std::array<std::pair<std::uint8_t, std::string_view>, 34> names = {{
        {0x00, "success"},
        {0x04, "disconnect with will message"},
        {0x10, "no matching subscribers"},
        {0x11, "no subscription existed"},
        {0x80, "unspecified error"},
        {0x81, "malformed packet"},
        {0x82, "protocol error"},
        {0x83, "implementation specific error"},
        {0x84, "unsupported protocol version"},
        {0x85, "client identifier not valid"},
        {0x86, "bad user name or password"},
        {0x87, "not authorized"},
        {0x88, "server unavailable"},
        {0x89, "server busy"},
        {0x8A, "banned"},
        {0x8B, "server shutting down"},
        {0x8C, "bad authentication method"},
        {0x8D, "keep alive timeout"},
        {0x8E, "session taken over"},
        {0x8F, "topic filter invalid"},
        {0x90, "topic name invalid"},
        {0x91, "packet identifier in use"},
        {0x93, "receive maximum exceeded"},
        {0x94, "topic alias invalid"},
        {0x95, "packet too large"},
        {0x96, "message rate too high"},
        {0x97, "quota exceeded"},
        {0x98, "administrative action"},
        {0x99, "payload format invalid"},
        {0x9A, "retain not supported"},
        {0x9B, "QoS not supported"},
        {0x9C, "use another server"},
        {0x9D, "server moved"},
        {0xA2, "wildcard subscriptions not supported"},
    }};
    const auto found = std::find_if(names.begin(), names.end(), [&](const auto& row) { return row.first == reason; });
    return found == names.end() ? "unknown reason" : found->second;
}

std::string describe_reason(std::uint8_t reason, std::string_view text) {
    auto words = fmt::format("{} (0x{:02X})", reason_name(reason), reason);
    return text.empty() ? words : fmt::format("{}: {}", words, text);
}

}  // namespace nuanshu::drivers::mqtt

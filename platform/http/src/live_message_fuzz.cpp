#include <cstdlib>

#include "platform/http/src/live_session.h"

/// Messages as they come from anybody on a live connection, one a line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace nuanshu;
    http::LiveSource source;
    source.find_point = [](std::string_view code) { return PointId{static_cast<std::uint32_t>(code.size() % 4)}; };
    source.read_current = [](auto, auto) {};
    source.now_ms = [] { return std::int64_t{0}; };
    Counter sent;
    http::LiveSession session(std::move(source), sent);
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    std::int64_t steady_ms = 0;
    std::string frame;
    while (!rest.empty()) {
        const auto end = rest.find('\n');
        (void)session.take(rest.substr(0, end), steady_ms);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        steady_ms += 500;
        while (session.write_due(steady_ms, frame)) {
            if (!frame.ends_with("]}")) {
                std::abort();
            }
        }
    }
    return 0;
}

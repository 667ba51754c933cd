#include "platform/http/server.h"
#include "platform/http/src/live_session.h"

namespace nuanshu::http {

LiveSource live_source(const Services& services) {
    LiveSource source;
    source.find_point = [&catalogue = services.catalogue](std::string_view code) {
        const auto point = catalogue.find(code);
        return point ? point->id : PointId{};
    };
    source.read_current = [&pipeline = services.pipeline](std::span<const PointId> points,
                                                          std::span<telemetry::CurrentValue> values) {
        pipeline.current(points, values);
    };
    source.now_ms = [&clock = services.clock] { return clock.now_ms(); };
    return source;
}

}  // namespace nuanshu::http

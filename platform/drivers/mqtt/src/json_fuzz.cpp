#include <cstddef>
#include <cstdint>
#include <memory>

#include "platform/drivers/mqtt/src/json_routes.h"

using namespace nuanshu::drivers::mqtt;
using nuanshu::PointId;

namespace {

std::unique_ptr<JsonRoutes> make_routes() {
    auto routes = std::make_unique<JsonRoutes>();
    JsonPlan json{.topic = *TopicTemplate::create("r/{code}"), .time = {"t"}, .write_topic = "", .fields = {}};
    json.fields.push_back({PointId{1}, "a", {"v"}});
    json.fields.push_back({PointId{2}, "a", {"v", "0", "x"}});
    routes->add(1, json);
    routes->add(2, ThingsBoardPlan{.topic = "tb", .fields = {{PointId{3}, "A", "k"}}});
    return routes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto routes = make_routes();
    Taken taken;
    routes->take("r/a", {data, size}, taken);
    routes->take("tb", {data, size}, taken);
    return 0;
}

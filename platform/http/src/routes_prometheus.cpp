#include "platform/http/src/problem.h"
#include "platform/http/src/prometheus_read.h"
#include "platform/http/src/routes.h"

namespace nuanshu::http {
namespace {

Reply read_for_prometheus(const Call& call) {
    const auto& services = call.context.services;
    auto packed = answer_remote_read(call.request.body, services.catalogue, services.samples);
    if (!packed) {
        const bool is_askers_fault = packed.error().code == ErrorCode::corrupt ||
                                     packed.error().code == ErrorCode::invalid ||
                                     packed.error().code == ErrorCode::exhausted;
        return tl::unexpected(Failure(packed.error(), is_askers_fault ? 400 : 0));
    }
    Response response{.content_type = "application/x-protobuf", .body = std::move(*packed)};
    response.headers.emplace_back("Content-Encoding", "snappy");
    return response;
}

}  // namespace

void add_prometheus_routes(Routes& routes) {
    const auto binary = text_schema().of_format("binary");
    routes.push_back({.method = "POST",
                      .pattern = "/api/v1/prometheus/read",
                      .id = "read_for_prometheus",
                      .summary = "Prometheus' remote read 0.1.0: a ReadRequest packed by Snappy",
                      .body = binary,
                      .raw_body = "application/x-protobuf",
                      .answers = {{200, "A ReadResponse packed by Snappy", binary, "application/x-protobuf"}},
                      .handler = read_for_prometheus});
}

}  // namespace nuanshu::http

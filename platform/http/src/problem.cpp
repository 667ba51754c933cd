#include "platform/http/src/problem.h"

#include "platform/http/src/json_writer.h"

namespace nuanshu::http {

int status_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid:
            return 422;
        case ErrorCode::not_found:
            return 404;
        case ErrorCode::conflict:
            return 409;
        case ErrorCode::unauthenticated:
            return 401;
        case ErrorCode::refused:
            return 403;
        case ErrorCode::unavailable:
            return 503;
        case ErrorCode::timeout:
            return 504;
        case ErrorCode::exhausted:
            return 507;
        case ErrorCode::cancelled:
            return 503;
        case ErrorCode::unsupported:
            return 501;
        case ErrorCode::corrupt:
        case ErrorCode::internal:
            return 500;
    }
    return 500;
}

Response problem(const Failure& failure) {
    const auto name = to_string(failure.error.code);
    const int status = failure.status != 0 ? failure.status : status_of(failure.error.code);
    JsonWriter json;
    json.object().member("type", fmt::format("https://nuanshu.dev/problems/{}", name)).member("title", name);
    json.member("status", status).member("detail", failure.error.message());
    if (!failure.faults.empty()) {
        json.key("errors").array();
        for (const auto& fault : failure.faults) {
            json.object().member("field", fault.field).member("text", fault.text).end();
        }
        json.end();
    }
    json.end();
    return {.status = status, .content_type = "application/problem+json", .body = json.take()};
}

Failure field_failure(std::string_view what, std::vector<records::FieldFault> faults) {
    const auto count = faults.size();
    return {Error{ErrorCode::invalid, std::string(what),
                  count == 1 ? "1 field is wrong" : fmt::format("{} fields are wrong", count)},
            0, std::move(faults)};
}

}  // namespace nuanshu::http

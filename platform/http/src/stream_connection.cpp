#include "platform/http/src/stream_connection.h"

namespace nuanshu::http {

std::optional<Response> refusal_of(const beast::error_code& error) {
    using Wrong = beast::http::error;
    if (error == Wrong::end_of_stream || error == Wrong::partial_message ||
        error.category() != make_error_code(Wrong::bad_method).category()) {
        return std::nullopt;
    }
    if (error == Wrong::body_limit) {
        return problem(Failure(Error{ErrorCode::invalid, "body", "is longer than the server takes"}, 413));
    }
    if (error == Wrong::header_limit || error == Wrong::buffer_overflow) {
        return problem(Failure(Error{ErrorCode::invalid, "request head", "is longer than the server takes"}, 431));
    }
    return problem(Failure(Error{ErrorCode::invalid, "request", "is no HTTP: " + error.message()}, 400));
}

std::optional<Response> protocol_fault(const WireRequest& message) {
    if (!message.target().starts_with('/')) {
        return problem(Failure(Error{ErrorCode::invalid, "request", "the target does not begin with /"}, 400));
    }
    if (message.version() == 11 && message.count(beast::http::field::host) != 1) {
        return problem(Failure(Error{ErrorCode::invalid, "request", "HTTP/1.1 wants one Host header"}, 400));
    }
    return std::nullopt;
}

std::uint64_t body_bytes_max_of(const Context& context, const WireRequest& message) {
    const std::string_view target = message.target();
    const auto found = match(context.routes, message.method_string(), target.substr(0, target.find('?')));
    return found.route == nullptr ? context.settings.body_bytes_max
                                  : std::max(context.settings.body_bytes_max, found.route->body_bytes_max);
}

}  // namespace nuanshu::http

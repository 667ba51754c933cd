#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "platform/records/json.h"

namespace nuanshu::http {

/// A request as the handlers see it: no socket, no library. What was not sent is "".
struct Request {
    std::string method;
    std::string path;   ///< without the query, still percent-encoded
    std::string query;  ///< without the question mark, still percent-encoded
    std::string body;
    std::string host, origin, authorization, cookie, content_type, content_encoding, accept, accept_encoding,
        if_none_match;
    std::string own_request;  ///< X-Nuanshu-Request
    std::string remote;       ///< the peer's address, for the log
    bool tls = false;

    bool changes_something() const { return method != "GET" && method != "HEAD"; }
};

/// Appends the next piece of a long body; false when there is nothing more. Called from worker threads, one after the
/// other.
using NextChunk = std::function<Result<bool>(std::string& chunk)>;

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body{};
    std::vector<std::pair<std::string, std::string>> headers{};
    NextChunk next_chunk{};  ///< when set, `body` is only the beginning
};

/// Why there is no response of the asked kind: becomes a problem document.
struct Failure {
    Error error;
    int status = 0;  ///< 0: the usual one of the error's code
    std::vector<records::FieldFault> faults;

    Failure(Error reason, int http_status = 0, std::vector<records::FieldFault> field_faults = {})
        : error(std::move(reason)), status(http_status), faults(std::move(field_faults)) {}
};

/// What a handler returns. Errors pass into it by NUANSHU_TRY.
using Reply = tl::expected<Response, Failure>;

inline Response json_response(std::string body, int status = 200) {
    return {.status = status, .body = std::move(body)};
}

}  // namespace nuanshu::http

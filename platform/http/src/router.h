#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "platform/http/src/message.h"
#include "platform/http/src/schema.h"
#include "platform/identity/identity.h"

namespace nuanshu::http {

struct Context;
class Call;

/// A query parameter that a route takes.
struct Parameter {
    std::string name;
    Schema schema;
    std::string description{};
    bool required = false;
};

/// What a route may answer when all goes well.
struct Answer {
    int status = 200;
    std::string description{};
    std::optional<Schema> schema{};  ///< nothing: no body
    std::string content_type = "application/json";
};

enum class Access { session, open };

using Handler = Reply (*)(const Call& call);

/// One route, declared once: the router finds it, requests are checked against it, and the OpenAPI document is written
/// from it.
struct Route {
    std::string method{};
    std::string pattern{};  ///< "/api/v1/points/{code}/{name}"; a capture is one path segment
    std::string id{};       ///< names the operation in the document, the client and the metrics
    std::string summary{};
    std::vector<Parameter> query{};
    std::optional<Schema> body{};
    std::string raw_body{};  ///< the media type of a body that the handler reads itself; "" for JSON, checked before it
    std::size_t body_bytes_max = 0;  ///< when more may be sent than elsewhere; 0: as the server's settings say
    std::vector<Answer> answers{};
    Access access = Access::session;
    Handler handler = nullptr;
};

using Captures = std::map<std::string, std::string, std::less<>>;

/// Where a request leads. Without a route, `allowed` lists the methods that the path knows ("" when it is unknown
/// altogether).
struct Match {
    const Route* route = nullptr;
    Captures captures{};
    std::string allowed{};
};

/// The first route that fits wins; HEAD takes GET's.
Match match(std::span<const Route> routes, std::string_view method, std::string_view path);

/// The names in braces of a pattern.
std::vector<std::string> capture_names(std::string_view pattern);

/// The parameters of a request by name, checked against the route: unknown, repeated, missing and wrong ones are all
/// reported. One without a value (`limit=`) counts as not sent.
tl::expected<Captures, Failure> read_query(const Route& route, std::string_view query);

/// Everything a handler is given; all parts were checked against the route.
class Call {
 public:
    const Request& request;
    Context& context;
    const Route& route;
    const Captures& captures;
    const Captures& query;
    const boost::json::value* body = nullptr;  ///< when the route declares one
    const std::optional<identity::Session>& session;

    /// A path segment by its name in the pattern.
    const std::string& captured(std::string_view name) const;
    /// A query parameter; "" when it was not sent.
    std::string_view text(std::string_view name) const;
    std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
    bool flag(std::string_view name) const;
    /// Who is signed in. @pre the route's access is session
    const identity::User& user() const;
    /// "code/name" of the routes that have both.
    std::string point_code() const { return captured("code") + "/" + captured("name"); }
};

}  // namespace nuanshu::http

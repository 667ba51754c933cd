#include <boost/json.hpp>

#include "base/log.h"
#include "platform/http/src/context.h"
#include "platform/http/src/problem.h"
#include "platform/http/src/static_files.h"
#include "platform/http/src/url.h"

namespace nuanshu::http {
namespace {

constexpr std::string_view room = "http";
constexpr std::string_view bearer = "Bearer ";
constexpr std::string_view influx_token = "Token ";  // InfluxDB's clients
constexpr std::int64_t slow_ns = 3'000'000'000;

/// The token of an Authorization header; "" when it holds none.
std::string_view header_token(std::string_view authorization) {
    for (const auto scheme : {bearer, influx_token}) {
        if (authorization.starts_with(scheme)) {
            return authorization.substr(scheme.size());
        }
    }
    return {};
}

/// A password sent with each request must not be read on the way.
Result<> require_private_line(const Request& request) {
    const bool is_local = request.remote.starts_with("127.") || request.remote == "::1";
    if (!request.tls && !is_local) {
        return fail(
            ErrorCode::refused, "password",
            "is taken by HTTPS, or from this machine; give the server a certificate, or POST /api/v1/session and "
            "send its token");
    }
    return {};
}

bool is_api_path(std::string_view path) {
    return path == "/api" || path.starts_with("/api/");
}

/// "https://host:port" → "host:port".
std::string_view host_of(std::string_view origin) {
    const auto scheme_end = origin.find("://");
    return scheme_end == std::string_view::npos ? origin : origin.substr(scheme_end + 3);
}

Result<> require_own_origin(const Request& request) {
    if (!request.origin.empty() && host_of(request.origin) != request.host) {
        return fail(ErrorCode::refused, "origin", "{} may not send this to {}", request.origin, request.host);
    }
    return {};
}

Result<> require_own_request(const Request& request) {
    if (request.changes_something() && request.own_request != "1") {
        return fail(ErrorCode::refused, "request", "{} with the cookie wants the header X-Nuanshu-Request: 1",
                    request.method);
    }
    return {};
}

tl::expected<boost::json::value, Failure> read_body(const Route& route, const Request& request) {
    boost::system::error_code error;
    boost::json::parse_options options;
    options.max_depth = 32;
    auto value = boost::json::parse(request.body, error, {}, options);
    if (error) {
        return tl::unexpected(Failure(Error{ErrorCode::invalid, "body", "is not JSON: " + error.message()}, 400));
    }
    if (auto faults = check(value, *route.body); !faults.empty()) {
        return tl::unexpected(field_failure("body", std::move(faults)));
    }
    return value;
}

Failure no_such_method(const Request& request) {
    return {Error{ErrorCode::invalid, request.path, request.method + " is not taken here"}, 405};
}

/// What is no route: the web pages, or nothing.
Response answer_unrouted(const Context& context, const Request& request, const Match& found) {
    if (!found.allowed.empty()) {
        auto response = problem(no_such_method(request));
        response.headers.emplace_back("Allow", found.allowed);
        return response;
    }
    if (is_api_path(request.path)) {
        return problem(Error{ErrorCode::not_found, request.path, "there is no such path; /api/openapi.json lists all"});
    }
    if (request.changes_something()) {
        return problem(no_such_method(request));
    }
    auto file = serve_file(context.settings.web_dir, request);
    return file ? std::move(*file) : problem(file.error());
}

/// Lets the handler do its work on a request that was found right.
Reply handle(Context& context, const Request& request, const Match& found, std::optional<identity::Session>& session) {
    const auto& route = *found.route;
    if (route.access == Access::session) {
        NUANSHU_TRY(session, authenticate(context, request));
    } else {
        NUANSHU_TRY_VOID(request.changes_something() ? require_own_origin(request) : Result<>());
    }
    auto query = read_query(route, request.query);
    if (!query) {
        return tl::unexpected(std::move(query.error()));
    }
    boost::json::value body;
    if (route.body && route.raw_body.empty()) {
        auto read = read_body(route, request);
        if (!read) {
            return tl::unexpected(std::move(read.error()));
        }
        body = std::move(*read);
    }
    const Call call{request, context, route, found.captures, *query, &body, session};
    return route.handler(call);
}

/// Exceptions (a broken invariant, no memory) end the request here, not the process.
Response handle_safely(Context& context, const Request& request, const Match& found,
                       std::optional<identity::Session>& session) {
    try {
        auto reply = handle(context, request, found, session);
        return reply ? std::move(*reply) : problem(reply.error());
    } catch (const std::exception& broken) {
        log_error(room, "{} {}: {}", request.method, request.path, broken.what());
        return problem(Error{ErrorCode::internal, request.path, "a fault of the server; its log says more"});
    }
}

void note_request(Context& context, const Request& request, std::string_view route, const Response& response,
                  std::int64_t took_ns, const std::optional<identity::Session>& session) {
    auto& metrics = context.services.metrics;
    const auto name = std::string(route);
    metrics
        .counter("nuanshu_http_requests_total", "Requests answered",
                 {{"route", name}, {"status", std::to_string(response.status)}})
        .add();
    metrics.histogram("nuanshu_http_request_seconds", "From a whole request to its answer", {{"route", name}})
        .observe(static_cast<double>(took_ns) / 1e9);
    const auto who = session ? std::string_view(session->user.name) : "-";
    const double took_ms = static_cast<double>(took_ns) / 1e6;
    log_debug(room, "{} {} {} {} {} {:.1f} ms", request.remote, who, request.method, request.path, response.status,
              took_ms);
    if (took_ns > slow_ns) {
        log_warn(room, "slow: {} {}?{} took {:.1f} s for {}", request.method, request.path, request.query,
                 took_ms / 1000, who);
    }
}

}  // namespace

std::string_view sent_token(const Request& request) {
    const auto by_header = header_token(request.authorization);
    return by_header.empty() ? cookie_value(request.cookie, "nuanshu_session") : by_header;
}

std::optional<Credentials> sent_password(const Request& request) {
    const bool has_cookie = !cookie_value(request.cookie, "nuanshu_session").empty();
    return has_cookie ? std::nullopt : sent_credentials(request.authorization);
}

Result<identity::Session> authenticate(const Context& context, const Request& request, std::string_view query_token) {
    if (const auto credentials = sent_password(request)) {
        NUANSHU_TRY_VOID(require_private_line(request));
        return context.passwords->session(*credentials);
    }
    const auto sent = query_token.empty() ? sent_token(request) : query_token;
    if (sent.empty()) {
        return fail(ErrorCode::unauthenticated, "session", "nobody is signed in; POST /api/v1/session does");
    }
    NUANSHU_TRY(auto session, context.services.identity.session(sent));
    if (header_token(request.authorization).empty() && query_token.empty()) {
        NUANSHU_TRY_VOID(require_own_origin(request));
        NUANSHU_TRY_VOID(require_own_request(request));
    }
    return session;
}

Result<identity::Session> admit_live(const Context& context, const Request& request) {
    NUANSHU_TRY_VOID(require_own_origin(request));
    std::string token;
    for (const auto& [name, value] : parse_query(request.query).value_or(QueryPairs())) {
        token = name == "token" ? value : token;
    }
    return authenticate(context, request, token);
}

Response answer(Context& context, const Request& request) {
    const auto begun_ns = context.services.clock.steady_ns();
    const auto found = match(context.routes, request.method, request.path);
    std::optional<identity::Session> session;
    const bool routed = found.route != nullptr;
    auto response = routed ? handle_safely(context, request, found, session) : answer_unrouted(context, request, found);
    const auto route = routed ? std::string_view(found.route->id) : is_api_path(request.path) ? "unknown" : "file";
    note_request(context, request, route, response, context.services.clock.steady_ns() - begun_ns, session);
    return response;
}

}  // namespace nuanshu::http

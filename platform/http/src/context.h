#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platform/http/server.h"
#include "platform/http/src/credentials.h"
#include "platform/http/src/live_hub.h"
#include "platform/http/src/rate_meter.h"
#include "platform/http/src/router.h"

namespace nuanshu::http {

/// What all requests share; fixed after start but for the meters inside.
struct Context {
    ServerSettings settings;
    Services services;
    std::vector<Route> routes{};
    std::string openapi{};       ///< the document, made once
    std::string drivers_json{};  ///< the answer of /api/v1/drivers, made once
    std::int64_t started_ms = 0;
    std::shared_ptr<LiveHub> live{};
    std::unique_ptr<PasswordSessions> passwords{};
    RateMeter stored_rate{};
};

/// Answers one request. Blocks for the database and the historian: worker threads only. Never throws.
Response answer(Context& context, const Request& request);

/// Who sends this. Errors: unauthenticated; refused, when a page of another origin sends the cookie, or a password
/// comes unencrypted from another machine.
Result<identity::Session> authenticate(const Context& context, const Request& request,
                                       std::string_view query_token = {});

/// The same for opening the live connection: the token may be a query parameter, and a page must be ours.
Result<identity::Session> admit_live(const Context& context, const Request& request);

/// The session's token of the Authorization header, or of the cookie; "" when neither is there.
std::string_view sent_token(const Request& request);

/// Name and password, when they are what the request comes with. With our cookie they are somebody else's: those of a
/// proxy between.
std::optional<Credentials> sent_password(const Request& request);

}  // namespace nuanshu::http

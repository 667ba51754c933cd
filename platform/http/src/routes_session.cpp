#include <boost/json.hpp>

#include "platform/http/src/routes.h"
#include "platform/http/src/value_json.h"

namespace nuanshu::http {
namespace {

std::string_view text_of(const Call& call, std::string_view name) {
    return call.body->as_object().at(name).as_string();
}

std::string cookie(const Call& call, std::string_view token, std::int64_t seconds) {
    return fmt::format("nuanshu_session={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}", token, seconds,
                       call.request.tls ? "; Secure" : "");
}

Reply sign_in(const Call& call) {
    const auto& services = call.context.services;
    NUANSHU_TRY(const auto session, services.identity.sign_in(text_of(call, "user"), text_of(call, "password")));
    JsonWriter json;
    json.object().member("token", session.token).key("user");
    write_user(json, session.user);
    json.member("expires_at", format_time(session.expires_ms)).end();
    auto response = json_response(json.take(), 201);
    response.headers.emplace_back("Set-Cookie",
                                  cookie(call, session.token, (session.expires_ms - services.clock.now_ms()) / 1000));
    return response;
}

Reply show_session(const Call& call) {
    JsonWriter json;
    json.object().key("user");
    write_user(json, call.user());
    json.member("expires_at", format_time(call.session->expires_ms)).end();
    return json_response(json.take());
}

Reply sign_out(const Call& call) {
    NUANSHU_TRY_VOID(call.context.services.identity.sign_out(sent_token(call.request)));
    Response response{.status = 204};
    response.headers.emplace_back("Set-Cookie", cookie(call, "", 0));
    return response;
}

Reply change_password(const Call& call) {
    NUANSHU_TRY_VOID(call.context.services.identity.change_password(
        call.user().name, text_of(call, "old_password"), text_of(call, "new_password"), sent_token(call.request)));
    return Response{.status = 204};
}

Schema word(std::size_t length) {
    return text_schema().at_most(length);
}

}  // namespace

void add_session_routes(Routes& routes) {
    routes.push_back({.method = "POST",
                      .pattern = "/api/v1/session",
                      .id = "sign_in",
                      .summary = "Sign in; the answer also sets the session cookie",
                      .body = object_schema({{"user", word(64)}, {"password", word(1024)}}),
                      .answers = {{201, "Signed in", reference_schema("SignedIn")}},
                      .access = Access::open,
                      .handler = sign_in});
    routes.push_back({.method = "GET",
                      .pattern = "/api/v1/session",
                      .id = "show_session",
                      .summary = "Who is signed in",
                      .answers = {{200, "The session", reference_schema("Session")}},
                      .handler = show_session});
    routes.push_back({.method = "DELETE",
                      .pattern = "/api/v1/session",
                      .id = "sign_out",
                      .summary = "Sign out",
                      .answers = {{204, "Signed out", {}}},
                      .handler = sign_out});
    routes.push_back({.method = "POST",
                      .pattern = "/api/v1/session/password",
                      .id = "change_password",
                      .summary = "Change one's own password; the other sessions end",
                      .body = object_schema({{"old_password", word(1024)}, {"new_password", word(1024)}}),
                      .answers = {{204, "Changed", {}}},
                      .handler = change_password});
}

}  // namespace nuanshu::http

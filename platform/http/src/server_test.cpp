#include "platform/http/server.h"

#include <fstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "platform/http/src/server_for_tests.h"

namespace nuanshu::http {
namespace {

class Session : public ServerOf {};

TEST_F(Session, tells_who_is_signed_in) {
    const auto session = get("/api/v1/session");
    EXPECT_EQ(session.at("user").at("name").as_string(), "li");
    EXPECT_EQ(session.at("user").at("title").as_string(), "李工");
    EXPECT_TRUE(session.at("user").at("administrator").as_bool());
    EXPECT_TRUE(parse_time(std::string(session.at("expires_at").as_string())));
}

TEST_F(Session, a_wrong_password_is_no_session) {
    Client other(house_.port());
    auto answer = other.ask("POST", "/api/v1/session", R"({"user":"li","password":"wrong"})");
    problem_of(401, "unauthenticated", answer);
    EXPECT_EQ(answer.header("set-cookie"), "");
}

TEST_F(Session, the_cookie_is_hidden_from_pages) {
    Client other(house_.port());
    auto answer = other.ask("POST", "/api/v1/session", R"({"user":"li","password":"correct horse battery"})");
    const auto& cookie = answer.header("set-cookie");
    EXPECT_TRUE(contains(cookie, "HttpOnly") && contains(cookie, "SameSite=Strict") && contains(cookie, "Path=/"))
        << cookie;
    EXPECT_FALSE(contains(cookie, "Secure"));
}

TEST_F(Session, signing_out_ends_it) {
    EXPECT_EQ(ask("DELETE", "/api/v1/session").status, 204);
    problem_of(401, "unauthenticated", ask("GET", "/api/v1/session"));
}

TEST_F(Session, the_password_can_be_changed) {
    const auto* wrong = R"({"old_password":"not it","new_password":"long enough now"})";
    EXPECT_GE(ask("POST", "/api/v1/session/password", wrong).status, 400);
    const auto* right = R"({"old_password":"correct horse battery","new_password":"long enough now"})";
    EXPECT_EQ(ask("POST", "/api/v1/session/password", right).status, 204);
    Client other(house_.port());
    EXPECT_EQ(other.ask("POST", "/api/v1/session", R"({"user":"li","password":"long enough now"})").status, 201);
}

TEST_F(Session, everything_else_needs_one) {
    Client stranger(house_.port());
    for (const auto* path :
         {"/api/v1/types", "/api/v1/records/station", "/api/v1/points", "/api/v1/samples", "/api/v1/devices",
          "/api/v1/system", "/api/v1/commands", "/api/openapi.json", "/api/v1/live"}) {
        problem_of(401, "unauthenticated", stranger.ask("GET", path));
    }
    EXPECT_EQ(stranger.ask("GET", "/healthz").status, 200);
    EXPECT_EQ(stranger.ask("GET", "/metrics").status, 200);
}

TEST_F(Session, a_change_by_cookie_needs_our_own_header) {
    const Headers cookie = {{"Cookie", "nuanshu_session=" + token_}};
    EXPECT_EQ(client_.ask("GET", "/api/v1/session", "", cookie).status, 200);
    const auto detail = problem_of(403, "refused", client_.ask("DELETE", "/api/v1/session", "", cookie));
    EXPECT_TRUE(contains(detail, "X-Nuanshu-Request")) << detail;
    const Headers ours = {{"Cookie", "nuanshu_session=" + token_}, {"X-Nuanshu-Request", "1"}};
    EXPECT_EQ(client_.ask("DELETE", "/api/v1/session", "", ours).status, 204);
}

TEST_F(Session, a_foreign_page_is_refused) {
    const Headers foreign = {
        {"Cookie", "nuanshu_session=" + token_}, {"X-Nuanshu-Request", "1"}, {"Origin", "https://evil.example"}};
    problem_of(403, "refused", client_.ask("DELETE", "/api/v1/session", "", foreign));
    const Headers own = {
        {"Cookie", "nuanshu_session=" + token_}, {"X-Nuanshu-Request", "1"}, {"Origin", "http://localhost"}};
    EXPECT_EQ(client_.ask("DELETE", "/api/v1/session", "", own).status, 204);
    const auto* body = R"({"user":"li","password":"correct horse battery"})";
    problem_of(403, "refused", client_.ask("POST", "/api/v1/session", body, {{"Origin", "https://evil.example"}}));
}

class RecordRoutes : public ServerOf {};

TEST_F(RecordRoutes, types_are_described) {
    const auto types = get("/api/v1/types").at("items").as_array();
    ASSERT_EQ(types.size(), 2U);
    const auto station = get("/api/v1/types/station");
    EXPECT_EQ(station.at("geometry").as_string(), "point");
    EXPECT_EQ(station.at("points").as_array().size(), 2U);
    EXPECT_EQ(station.at("points").as_array()[1].at("command").at("maximum").to_number<double>(), 100.0);
    EXPECT_TRUE(get("/api/v1/types/plc").at("device").as_bool());
    EXPECT_TRUE(contains(problem_of(404, "not_found", ask("GET", "/api/v1/types/castle")), "known: station, plc"));
}

TEST_F(RecordRoutes, lists_are_filtered_sorted_paged_and_counted) {
    const auto page = get("/api/v1/records/station?sort=-heated_area&limit=2&count=1&fields=heated_area");
    const auto& items = page.at("items").as_array();
    ASSERT_EQ(items.size(), 2U);
    EXPECT_EQ(items[0].at("code").as_string(), "xc.h3");
    EXPECT_FALSE(items[0].as_object().contains("status"));
    EXPECT_EQ(page.at("count").as_int64(), 3);
    const auto next = std::string(page.at("next").as_string());
    ASSERT_FALSE(next.empty());
    const auto rest = get("/api/v1/records/station?sort=-heated_area&limit=2&after=" + next);
    ASSERT_EQ(rest.at("items").as_array().size(), 1U);
    EXPECT_EQ(rest.at("next").as_string(), "");
    EXPECT_EQ(get("/api/v1/records/station?filter=heated_area%20%3E%201500").at("items").as_array().size(), 2U);
}

TEST_F(RecordRoutes, a_record_is_made_changed_and_removed) {
    auto made = ask("POST", "/api/v1/records/station", R"({"code":"xc.h9","title":"九号","heated_area":900})");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.header("location"), "/api/v1/records/station/xc.h9");
    EXPECT_EQ(get("/api/v1/record-types/xc.h9").at("type").as_string(), "station");
    auto changed = ask("PATCH", "/api/v1/records/station/xc.h9", R"({"heated_area":950,"version":1})");
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(json::parse(changed.body).at("heated_area").to_number<double>(), 950.0);
    problem_of(409, "conflict", ask("PATCH", "/api/v1/records/station/xc.h9", R"({"heated_area":1,"version":1})"));
    EXPECT_EQ(get("/api/v1/records/station/xc.h9").at("title").as_string(), "九号");
    EXPECT_EQ(ask("DELETE", "/api/v1/records/station/xc.h9").status, 204);
    problem_of(404, "not_found", ask("GET", "/api/v1/records/station/xc.h9"));
    problem_of(404, "not_found", ask("GET", "/api/v1/record-types/xc.h9"));
}

TEST_F(RecordRoutes, bad_fields_are_all_named) {
    const auto text = problem_of(
        422, "invalid",
        ask("POST", "/api/v1/records/station", R"({"code":"xc.h9","title":"九号","heated_area":-5,"colour":1})"));
    EXPECT_TRUE(contains(text, "heated_area") && contains(text, "colour")) << text;
}

TEST_F(RecordRoutes, what_cannot_be_right_is_refused) {
    problem_of(400, "invalid", ask("POST", "/api/v1/records/station", "{not json"));
    problem_of(409, "conflict", ask("POST", "/api/v1/records/station", R"({"code":"xc.h1","title":"again"})"));
    problem_of(404, "not_found", ask("GET", "/api/v1/records/castle"));
    problem_of(404, "not_found", ask("DELETE", "/api/v1/records/station/nowhere"));
    problem_of(422, "invalid", ask("GET", "/api/v1/records/station?filter=heated_area%20%3E%3E"));
    problem_of(422, "invalid", ask("GET", "/api/v1/records/station?fields=colour"));
    EXPECT_TRUE(
        contains(problem_of(422, "invalid", ask("GET", "/api/v1/records/station?lmit=3")), "known: filter, under"));
    problem_of(400, "invalid", ask("GET", "/api/v1/records/station?search=%ff"));
}

class PointRoutes : public ServerOf {};

TEST_F(PointRoutes, a_point_comes_with_its_value) {
    auto point = get("/api/v1/points/xc.h1/flow");
    EXPECT_TRUE(point.at("value").is_null());
    EXPECT_EQ(point.at("unit").as_string(), "m3/h");
    EXPECT_EQ(point.at("record_title").as_string(), "xc.h1 号站");
    EXPECT_EQ(point.at("device").as_string(), "xc.h1.plc");
    EXPECT_TRUE(point.at("command").is_null());
    house_.measure(House::flow, 23.5);
    point = get("/api/v1/points/xc.h1/flow");
    EXPECT_EQ(point.at("value").at("value").to_number<double>(), 23.5);
    EXPECT_EQ(point.at("value").at("quality").as_string(), "good");
    EXPECT_TRUE(get("/api/v1/points/xc.h1/opening").at("writable").as_bool());
    problem_of(404, "not_found", ask("GET", "/api/v1/points/xc.h1/pressure"));
}

TEST_F(PointRoutes, lists_are_searched_paged_and_totalled) {
    const auto page = get("/api/v1/points?limit=4");
    EXPECT_EQ(page.at("items").as_array().size(), 4U);
    EXPECT_EQ(page.at("total").as_int64(), 6);
    const auto rest = get("/api/v1/points?limit=4&after=" + std::string(page.at("next").as_string()));
    EXPECT_EQ(rest.at("items").as_array().size(), 2U);
    EXPECT_EQ(rest.at("next").as_string(), "");
    EXPECT_EQ(get("/api/v1/points?search=%E6%B5%81%E9%87%8F%20h2").at("total").as_int64(), 1);
    EXPECT_EQ(get("/api/v1/points?under=xc.h1&name=flow&limit=1").at("total").as_int64(), 1);
    EXPECT_EQ(get("/api/v1/points?writable=1").at("total").as_int64(), 1);
    problem_of(422, "invalid", ask("GET", "/api/v1/points?limit=10001"));
}

TEST_F(PointRoutes, many_values_come_in_the_order_asked) {
    house_.measure(House::flow, 5);
    const auto answer = ask("POST", "/api/v1/points/values", R"({"points":["no/such","xc.h1/flow","xc.h2/flow"]})");
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto items = json::parse(answer.body).at("items").as_array();
    ASSERT_EQ(items.size(), 3U);
    EXPECT_TRUE(items[0].is_null());
    EXPECT_EQ(items[1].at("value").to_number<double>(), 5.0);
    EXPECT_TRUE(items[2].is_null());
    std::string many = "{\"points\":[\"a\"";
    for (int i = 0; i < 10'000; ++i) {
        many += ",\"a\"";
    }
    EXPECT_TRUE(
        contains(problem_of(422, "invalid", ask("POST", "/api/v1/points/values", many + "]}")), "at most 10000"));
}

TEST_F(PointRoutes, a_value_put_by_hand_stays_until_released) {
    const auto put = ask("PUT", "/api/v1/points/xc.h1/flow/substitution", R"({"value":42})");
    ASSERT_EQ(put.status, 200) << put.body;
    const auto flow = house_.id_of(House::flow);
    ASSERT_TRUE(eventually([&] { return house_.pipeline->current(flow).quality == Quality::manual; }));
    EXPECT_EQ(get("/api/v1/points/xc.h1/flow").at("value").at("value").to_number<double>(), 42.0);
    EXPECT_EQ(ask("DELETE", "/api/v1/points/xc.h1/flow/substitution").status, 200);
    EXPECT_TRUE(eventually([&] { return house_.pipeline->current(flow).quality != Quality::manual; }));
    EXPECT_TRUE(
        contains(problem_of(422, "invalid", ask("PUT", "/api/v1/points/xc.h1/flow/substitution", R"({"value":101})")),
                 "above 100"));
    problem_of(422, "invalid", ask("PUT", "/api/v1/points/xc.h1/flow/substitution", R"({"value":"42"})"));
    problem_of(404, "not_found", ask("PUT", "/api/v1/points/xc.h1/heat/substitution", R"({"value":1})"));
}

class CommandRoutes : public ServerOf {};

TEST_F(CommandRoutes, select_then_execute_and_read_how_it_ended) {
    house_.measure(House::opening, 10);
    const auto selected = ask("POST", "/api/v1/commands/selections", R"({"point":"xc.h1/opening","value":55})");
    ASSERT_EQ(selected.status, 201) << selected.body;
    const auto selection = json::parse(selected.body);
    EXPECT_EQ(selection.at("present").at("value").to_number<double>(), 10.0);
    EXPECT_GT(selection.at("expires_ms").as_int64(), house_.clock.now_ms());
    const auto body = fmt::format(R"({{"selection":"{}"}})", std::string_view(selection.at("id").as_string()));
    const auto executed = ask("POST", "/api/v1/commands", body);
    ASSERT_EQ(executed.status, 202) << executed.body;
    const auto command = json::parse(executed.body);
    EXPECT_EQ(command.at("outcome").as_string(), "running");
    EXPECT_EQ(command.at("user").as_string(), "li");
    const auto path = fmt::format("/api/v1/commands/{}", command.at("id").as_int64());
    EXPECT_TRUE(eventually([&] { return get(path).at("outcome").as_string() == "confirmed"; }));
    const auto ended = get(path);
    EXPECT_EQ(ended.at("value_read_back").to_number<double>(), 55.0);
    EXPECT_EQ(ended.at("value_before").to_number<double>(), 10.0);
    EXPECT_EQ(get("/api/v1/commands?point=xc.h1/opening").at("items").as_array().size(), 1U);
    EXPECT_EQ(get("/api/v1/commands?point=xc.h2/opening").at("items").as_array().size(), 0U);
    EXPECT_GE(ask("POST", "/api/v1/commands", body).status, 400);
}

TEST_F(CommandRoutes, wrong_commands_are_refused) {
    EXPECT_TRUE(
        contains(problem_of(422, "invalid",
                            ask("POST", "/api/v1/commands/selections", R"({"point":"xc.h1/opening","value":101})")),
                 "100"));
    problem_of(404, "not_found", ask("POST", "/api/v1/commands/selections", R"({"point":"xc.h1/none","value":1})"));
    problem_of(403, "refused", ask("POST", "/api/v1/commands/selections", R"({"point":"xc.h2/opening","value":1})"));
    problem_of(422, "invalid", ask("POST", "/api/v1/commands/selections", R"({"point":"xc.h1/opening"})"));
    problem_of(404, "not_found", ask("POST", "/api/v1/commands", R"({"selection":"made up"})"));
    problem_of(404, "not_found", ask("GET", "/api/v1/commands/999"));
    problem_of(404, "not_found", ask("GET", "/api/v1/commands/abc"));
    EXPECT_TRUE(house_.driver->statuses().front().code == "xc.h1.plc");
}

class SystemRoutes : public ServerOf {};

TEST_F(SystemRoutes, devices_are_joined_with_their_records) {
    const auto devices = get("/api/v1/devices").at("items").as_array();
    ASSERT_EQ(devices.size(), 1U);
    EXPECT_EQ(devices[0].at("title").as_string(), "一号控制器");
    EXPECT_EQ(devices[0].at("serves").as_string(), "xc.h1");
    EXPECT_EQ(devices[0].at("state").as_string(), "online");
    EXPECT_EQ(devices[0].at("requests").as_int64(), 7);
}

TEST_F(SystemRoutes, drivers_show_their_manifests) {
    const auto drivers = get("/api/v1/drivers").at("items").as_array();
    ASSERT_EQ(drivers.size(), 1U);
    EXPECT_EQ(drivers[0].at("title").at("zh").as_string(), "听话");
    EXPECT_EQ(json::serialize(drivers[0].at("abilities")), R"(["read","write"])");
    EXPECT_TRUE(drivers[0].at("settings_schema").is_null());
}

TEST_F(SystemRoutes, the_system_tells_its_sizes) {
    const auto system = get("/api/v1/system");
    EXPECT_EQ(system.at("points").as_int64(), 6);
    EXPECT_EQ(system.at("records").at("station").as_int64(), 3);
    EXPECT_EQ(system.at("devices").at("online").as_int64(), 1);
    EXPECT_EQ(system.at("version").as_string(), "0.1.0");
    EXPECT_EQ(system.at("database").as_string(), "sqlite");
    EXPECT_TRUE(system.at("samples_per_s").is_number());
    EXPECT_TRUE(system.at("historian").at("bytes").is_number());
}

TEST_F(SystemRoutes, health_is_degraded_when_one_check_fails) {
    EXPECT_EQ(json::parse(client_.ask("GET", "/healthz").body).at("status").as_string(), "ok");
    house_.healthy = false;
    const auto sick = client_.ask("GET", "/healthz");
    EXPECT_EQ(sick.status, 503);
    EXPECT_EQ(json::parse(sick.body).at("checks").as_array()[0].at("text").as_string(), "does not answer");
}

TEST_F(SystemRoutes, requests_are_counted_by_route_and_status) {
    get("/api/v1/types");
    const auto text = client_.ask("GET", "/metrics").body;
    EXPECT_TRUE(contains(text, R"(nuanshu_http_requests_total{route="list_types",status="200"} 1)")) << text;
    EXPECT_TRUE(contains(text, R"(nuanshu_http_request_seconds_count{route="sign_in"} 1)")) << text;
}

TEST_F(SystemRoutes, the_document_is_served) {
    EXPECT_EQ(get("/api/openapi.json").at("openapi").as_string(), "3.1.0");
}

class Wire : public ServerOf {};

TEST_F(Wire, unknown_paths_and_methods) {
    problem_of(404, "not_found", ask("GET", "/api/v1/nothing"));
    auto wrong = ask("DELETE", "/api/v1/types");
    problem_of(405, "invalid", wrong);
    EXPECT_EQ(wrong.header("allow"), "GET");
    problem_of(405, "invalid", ask("POST", "/", "{}"));
    problem_of(426, "invalid", ask("GET", "/api/v1/live"));
}

TEST_F(Wire, every_answer_guards_the_page) {
    put_page("index.html", "<html>");
    for (const auto* path : {"/", "/api/v1/types", "/healthz"}) {
        auto answer = ask("GET", path);
        EXPECT_TRUE(contains(answer.header("content-security-policy"), "frame-ancestors 'none'")) << path;
        EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
        EXPECT_EQ(answer.header("referrer-policy"), "no-referrer");
        EXPECT_FALSE(answer.header("date").empty());
    }
    EXPECT_EQ(ask("GET", "/api/v1/types").header("cache-control"), "no-store");
}

TEST_F(Wire, pages_are_served_and_nothing_beside_them) {
    put_page("index.html", "<html>");
    EXPECT_EQ(client_.ask("GET", "/stations/xc.h1", "", {{"Accept", "text/html"}}).body, "<html>");
    std::ofstream(house_.directory.path() + "/secret.txt") << "secret";
    for (const auto* path : {"/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt"}) {
        EXPECT_EQ(client_.ask("GET", path).status, 404) << path;
    }
}

TEST_F(Wire, requests_on_one_connection_are_answered_in_order) {
    std::string three;
    for (const auto* path : {"/healthz", "/api/v1/nothing", "/healthz"}) {
        three += fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
    }
    client_.send(three);
    EXPECT_EQ(client_.receive().status, 200);
    EXPECT_EQ(client_.receive().status, 404);
    EXPECT_EQ(client_.receive().status, 200);
}

TEST_F(Wire, a_request_may_arrive_byte_by_byte) {
    for (const char c : std::string("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")) {
        client_.send(std::string_view(&c, 1));
    }
    EXPECT_EQ(client_.receive().status, 200);
}

TEST_F(Wire, head_has_the_length_and_no_body) {
    client_.send("HEAD /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    const auto answer = client_.read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
    EXPECT_FALSE(contains(answer, "Content-Length: 0"));
}

TEST_F(Wire, http_1_0_gets_its_answer_and_the_end) {
    client_.send(fmt::format(
        "GET /api/v1/samples?points=xc.h1/flow&from=0&to=9 HTTP/1.0\r\nAuthorization: Bearer {}\r\n\r\n", token_));
    const auto answer = client_.read_to_end();
    EXPECT_TRUE(contains(answer, "\r\n\r\n{\"series\":[{")) << answer;
    EXPECT_FALSE(contains(answer, "chunked"));
}

/// What a connection of its own is answered to these bytes, until it is closed.
std::string answer_to(int port, std::string_view bytes) {
    Client client(port);
    client.send(bytes);
    return client.read_to_end();
}

TEST_F(Wire, what_is_no_http_is_told_so_and_closed) {
    for (const auto* bytes :
         {"hello\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost a\r\n\r\n",
          "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
          "POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
          "POST /api/v1/session HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
          "GET http://x/ HTTP/1.1\r\nHost: a\r\n\r\n",
          "\x16\x03\x01\x02\x01"
          "\r\n\r\n"}) {
        EXPECT_TRUE(answer_to(house_.port(), bytes).starts_with("HTTP/1.1 400")) << bytes;
    }
    EXPECT_EQ(client_.ask("GET", "/healthz").status, 200);
}

TEST_F(Wire, what_is_too_long_is_refused) {
    const std::string long_line(20'000, 'x');
    EXPECT_TRUE(
        answer_to(house_.port(), "GET /" + long_line + " HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 431"));
    const std::string body(2 << 20, ' ');
    const auto answer = answer_to(
        house_.port(),
        fmt::format("POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{}", body.size(), body));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 413")) << answer.substr(0, 200);
}

TEST_F(Wire, deep_or_wrong_json_is_no_crash) {
    const std::string deep(100'000, '[');
    for (const auto& body : {deep, std::string("\"\\ud800\""), std::string("{\"user\":1e999}"), std::string("nul")}) {
        const auto status = client_.ask("POST", "/api/v1/session", body).status;
        EXPECT_TRUE(status == 400 || status == 422) << status;
    }
    problem_of(422, "invalid", client_.ask("POST", "/api/v1/session", R"({"user":"li"})"));
    problem_of(422, "invalid", client_.ask("POST", "/api/v1/session", R"({"user":"li","password":"x","extra":1})"));
}

TEST_F(Wire, a_body_after_100_continue) {
    const std::string body = R"({"user":"li","password":"correct horse battery"})";
    client_.send(fmt::format(
        "POST /api/v1/session HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n", body.size()));
    EXPECT_EQ(client_.receive().status, 100);
    client_.send(body);
    EXPECT_EQ(client_.receive().status, 201);
}

class WireLimits : public testing::Test {};

TEST_F(WireLimits, half_a_request_is_not_waited_for_long) {
    House house([](ServerSettings& settings) {
        settings.transfer_ms = 100;
        settings.idle_ms = 100;
    });
    EXPECT_EQ(answer_to(house.port(), "GET /healthz HT"), "");
    EXPECT_EQ(answer_to(house.port(), "POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{"), "");
    Client idle(house.port());
    EXPECT_EQ(idle.read_to_end(), "");
}

TEST_F(WireLimits, a_connection_too_many_is_told_so) {
    House house([](ServerSettings& settings) { settings.connections_max = 2; });
    Client first(house.port());
    Client second(house.port());
    EXPECT_EQ(first.ask("GET", "/healthz").status, 200);
    EXPECT_EQ(second.ask("GET", "/healthz").status, 200);
    Client third(house.port());
    EXPECT_TRUE(third.read_to_end().starts_with("HTTP/1.1 503"));
    EXPECT_EQ(first.ask("GET", "/healthz").status, 200);
}

TEST_F(WireLimits, stopping_ends_idle_connections_at_once) {
    House house;
    Client idle(house.port());
    EXPECT_EQ(idle.ask("GET", "/healthz").status, 200);
    house.server->stop();
    EXPECT_EQ(idle.read_to_end(), "");
    EXPECT_ANY_THROW(Client another(house.port()));
}

TEST_F(WireLimits, many_threads_serve_alike) {
    House house([](ServerSettings& settings) { settings.threads = 3; });
    std::vector<std::thread> clients;
    std::atomic<int> right{0};
    for (int i = 0; i < 8; ++i) {
        clients.emplace_back([&] {
            Client client(house.port());
            for (int k = 0; k < 20; ++k) {
                right += client.ask("GET", "/healthz").status == 200 ? 1 : 0;
            }
        });
    }
    for (auto& client : clients) {
        client.join();
    }
    EXPECT_EQ(right, 160);
}

TEST(ServerStart, says_what_is_wrong_with_the_settings) {
    House house;
    const auto refusal = [&](const std::function<void(ServerSettings&)>& change) {
        try {
            House other(change);
        } catch (const FailedResult& failed) {
            return std::string(failed.what());
        }
        return std::string("started");
    };
    EXPECT_TRUE(contains(refusal([&](ServerSettings& settings) { settings.port = house.port(); }), "in use"));
    EXPECT_TRUE(contains(refusal([](ServerSettings& settings) { settings.address = "nowhere"; }), "an IP address"));
    EXPECT_TRUE(
        contains(refusal([](ServerSettings& settings) { settings.tls_certificate = "/no/such.pem"; }), "/no/such.pem"));
}

}  // namespace
}  // namespace nuanshu::http

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "platform/http/src/client_for_tests.h"
#include "platform/http/src/house_for_tests.h"

namespace nuanshu::http {
namespace {

namespace json = boost::json;

/// A running house and the token of a session.
class Live : public testing::Test {
 protected:
    Live() {
        Client client(house_.port());
        token_ = std::string(json::parse(client.ask("POST", "/api/v1/session", sign_in).body).at("token").as_string());
    }

    LiveClient open() { return LiveClient(house_.port(), "/api/v1/live?token=" + token_); }

    std::string refusal(const std::string& target, const Headers& headers) {
        try {
            LiveClient client(house_.port(), target, headers);
        } catch (const std::exception& refused) {
            return refused.what();
        }
        return "opened";
    }

    /// The rows of the next values frame.
    static std::string rows(LiveClient& client) {
        const auto values = json::parse(client.receive_op("values")).at("values").as_array();
        std::string text;
        for (const auto& row : values) {
            text += fmt::format("[{}:{}:{}]", row.at(0).as_int64(),
                                row.at(2).is_null() ? "null" : fmt::format("{}", row.at(2).to_number<double>()),
                                row.at(3).as_int64());
        }
        return text;
    }

    static constexpr const char* sign_in = R"({"user":"li","password":"correct horse battery"})";
    House house_;
    std::string token_;
};

TEST_F(Live, greets_then_sends_all_then_changes) {
    house_.measure(House::flow, 23.5);
    auto client = open();
    EXPECT_EQ(json::parse(client.receive()).at("version").as_string(), "0.1.0");
    client.send(
        R"({"op":"subscribe","id":"mimic","points":["xc.h1/flow","xc.h2/flow","no.such/point"],"every_ms":50})");
    EXPECT_EQ(json::serialize(json::parse(client.receive()).at("unknown")), R"(["no.such/point"])");
    EXPECT_EQ(rows(client), "[0:23.5:0][1:null:255]");
    house_.measure(House::flow, 24.5);
    EXPECT_EQ(rows(client), "[0:24.5:0]");
}

TEST_F(Live, answers_pings_and_nonsense) {
    auto client = open();
    client.send(R"({"op":"ping","n":17})");
    EXPECT_EQ(json::parse(client.receive_op("pong")).at("n").as_int64(), 17);
    client.send("nonsense");
    EXPECT_TRUE(json::parse(client.receive_op("error")).as_object().contains("text"));
}

TEST_F(Live, opens_by_cookie_or_token_of_our_own_page_only) {
    const std::string cookie = "nuanshu_session=" + token_;
    EXPECT_EQ(refusal("/api/v1/live", {{"Cookie", cookie}}), "opened");
    EXPECT_EQ(refusal("/api/v1/live", {{"Cookie", cookie}, {"Origin", "http://localhost"}}), "opened");
    EXPECT_TRUE(
        refusal("/api/v1/live", {{"Cookie", cookie}, {"Origin", "http://evil.example"}}).ends_with("status 403"));
    EXPECT_TRUE(refusal("/api/v1/live", {}).ends_with("status 401"));
    EXPECT_TRUE(refusal("/api/v1/live?token=made-up", {}).ends_with("status 401"));
    EXPECT_TRUE(refusal("/api/v1/session", {{"Cookie", cookie}}).ends_with("status 200"));
}

TEST_F(Live, everybody_hears_how_a_command_ended) {
    house_.measure(House::opening, 10);
    auto first = open();
    auto second = open();
    first.receive();
    second.receive();
    Client client(house_.port());
    const Headers bearer = {{"Authorization", "Bearer " + token_}};
    const auto selected =
        client.ask("POST", "/api/v1/commands/selections", R"({"point":"xc.h1/opening","value":55})", bearer);
    const auto id = std::string(json::parse(selected.body).at("id").as_string());
    EXPECT_EQ(client.ask("POST", "/api/v1/commands", fmt::format(R"({{"selection":"{}"}})", id), bearer).status, 202);
    for (auto* hearer : {&first, &second}) {
        const auto command = json::parse(hearer->receive_op("command")).at("command");
        EXPECT_EQ(command.at("outcome").as_string(), "confirmed") << json::serialize(command);
        EXPECT_EQ(command.at("point").as_string(), "xc.h1/opening");
    }
}

/// The metric's value now.
double figure(const House& house, const std::string& name) {
    const auto text = "\n" + house.metrics.render();
    const auto at = text.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
}

TEST_F(Live, a_reader_that_stalls_gets_the_newest_state_not_a_backlog) {
    auto client = open();
    client.receive();
    // The same point many times over makes frames that fill the socket's buffers soon.
    std::string points = "\"xc.h1/flow\"";
    for (int i = 1; i < 20'000; ++i) {
        points += ",\"xc.h1/flow\"";
    }
    client.send(R"({"op":"subscribe","id":"a","every_ms":50,"points":[)" + points + "]}");
    double before = -1;
    double measured = 0;
    const auto is_stuck = [&] {
        measured = measured < 100 ? measured + 0.01 : 0;
        house_.driver->measure(house_.id_of(House::flow), measured);
        const auto sent = figure(house_, "nuanshu_http_live_values_total");
        const bool same = sent == before && sent > 0;
        before = sent;
        return same;
    };
    // Stuck: nothing more was sent over several ticks, though the value moved.
    int still = 0;
    ASSERT_TRUE(eventually([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        still = is_stuck() ? still + 1 : 0;
        return still > 20;
    }));
    house_.measure(House::flow, 99.25);
    std::size_t frames = 0;
    std::string frame;
    while (frame.find(",99.25,") == std::string::npos && frames < 200) {
        frame = client.receive_op("values");
        ++frames;
    }
    EXPECT_NE(frame.find(",99.25,"), std::string::npos);
    // What was in the sockets, and then at once the newest state.
    EXPECT_LE(static_cast<double>(frames) * 20'000, before + 2 * 20'000);
}

TEST_F(Live, a_client_that_leaves_is_forgotten) {
    {
        auto client = open();
        client.receive();
        EXPECT_EQ(figure(house_, "nuanshu_http_live_connections"), 1);
    }
    EXPECT_TRUE(eventually([&] { return figure(house_, "nuanshu_http_live_connections") == 0; }));
    EXPECT_TRUE(eventually([&] { return figure(house_, "nuanshu_http_connections") == 0; }));
}

TEST_F(Live, stopping_says_goodbye) {
    auto client = open();
    client.receive();
    std::thread stopper([&] { house_.server->stop(); });
    EXPECT_TRUE(client.is_ended());
    stopper.join();
}

TEST(LiveSessionEnd, signing_out_ends_the_live_connection) {
    House house([](ServerSettings& settings) { settings.session_check_ms = 50; });
    const auto session = value_or_throw(house.identity->sign_in("li", House::password));
    LiveClient client(house.port(), "/api/v1/live?token=" + session.token);
    client.receive();
    value_or_throw(house.identity->sign_out(session.token));
    EXPECT_TRUE(client.is_ended());
}

TEST_F(Live, a_message_too_long_ends_the_connection) {
    auto client = open();
    client.receive();
    client.send(std::string(5 << 20, ' '));
    EXPECT_TRUE(client.is_ended());
}

}  // namespace
}  // namespace nuanshu::http

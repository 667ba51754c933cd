#include "platform/http/src/credentials.h"

#include "platform/http/src/server_for_tests.h"

namespace nuanshu::http {
namespace {

TEST(Credentials, are_read_as_programs_send_them) {
    const auto basic = sent_credentials("Basic bGk6Y29ycmVjdCBob3JzZSBiYXR0ZXJ5");
    ASSERT_TRUE(basic);
    EXPECT_EQ(basic->user, "li");
    EXPECT_EQ(basic->password, "correct horse battery");
    const auto token = sent_credentials("Token li:with:colons");
    ASSERT_TRUE(token);
    EXPECT_EQ(token->password, "with:colons");
    for (const auto* other :
         {"", "Bearer abc", "Basic", "Basic ", "Basic !!!!", "Basic bGk", "Basic bGlu", "Token abc"}) {
        EXPECT_FALSE(sent_credentials(other)) << other;
    }
    EXPECT_FALSE(sent_credentials("Basic " + std::string(10'000, 'A')));
}

class Passwords : public ServerOf {
 protected:
    int status(const std::string& authorization) {
        return client_.ask("GET", "/api/v1/points", "", {{"Authorization", authorization}}).status;
    }
    static constexpr const char* basic = "Basic bGk6Y29ycmVjdCBob3JzZSBiYXR0ZXJ5";
};

TEST_F(Passwords, are_taken_with_each_request_from_programs) {
    EXPECT_EQ(status(basic), 200);
    EXPECT_EQ(status(basic), 200);
    EXPECT_EQ(status(std::string("Token li:") + House::password), 200);
    EXPECT_EQ(status("Token " + token_), 200) << "a session's token, as InfluxDB's clients send tokens";
    EXPECT_EQ(status("Token li:wrong"), 401);
    EXPECT_EQ(status("Token wrong"), 401);
}

TEST_F(Passwords, stop_working_when_changed) {
    EXPECT_EQ(status(basic), 200);
    value_or_throw(house_.identity->set_password("li", "another long one"));
    EXPECT_EQ(status(basic), 401);
    EXPECT_EQ(status("Token li:another long one"), 200);
}

TEST_F(Passwords, are_looked_at_once_for_many_requests_at_once) {
    std::atomic<int> right{0};
    std::vector<std::thread> programs;
    for (int i = 0; i < 8; ++i) {
        programs.emplace_back([&] {
            Client program(house_.port());
            right += program.ask("GET", "/api/v1/points", "", {{"Authorization", basic}}).status == 200;
        });
    }
    for (auto& program : programs) {
        program.join();
    }
    EXPECT_EQ(right, 8);
}

TEST_F(Passwords, of_a_proxy_before_us_do_not_count_when_our_cookie_is_there) {
    const Headers headers = {{"Authorization", "Basic cHJveHk6c2VjcmV0"}, {"Cookie", "nuanshu_session=" + token_}};
    EXPECT_EQ(client_.ask("GET", "/api/v1/points", "", headers).status, 200);
    EXPECT_EQ(client_.ask("DELETE", "/api/v1/session", "", headers).status, 403) << "and the cookie's rules hold";
}

TEST(PasswordSessions, know_a_limited_number) {
    House house;
    PasswordSessions sessions(*house.identity);
    const Credentials right{"li", House::password};
    EXPECT_FALSE(sessions.knows(right));
    const auto first = value_or_throw(sessions.session(right));
    EXPECT_TRUE(sessions.knows(right));
    EXPECT_EQ(value_or_throw(sessions.session(right)).token, first.token);
    EXPECT_FALSE(sessions.knows({"l", std::string("i") + House::password}));
    EXPECT_EQ(sessions.session({"li", "wrong password"}).error().code, ErrorCode::unauthenticated);
}

}  // namespace
}  // namespace nuanshu::http

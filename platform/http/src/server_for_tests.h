#pragma once

#include <filesystem>
#include <fstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "platform/http/src/client_for_tests.h"
#include "platform/http/src/house_for_tests.h"

namespace nuanshu::http {

namespace json = boost::json;

/// A running house and a client that is signed in by token.
class ServerOf : public testing::Test {
 protected:
    ServerOf() : client_(house_.port()) {
        const auto answer =
            client_.ask("POST", "/api/v1/session", R"({"user":"li","password":"correct horse battery"})");
        EXPECT_EQ(answer.status, 201) << answer.body;
        token_ = std::string(json::parse(answer.body).at("token").as_string());
    }

    ClientAnswer ask(std::string_view method, std::string_view target, std::string_view body = {}) {
        return client_.ask(method, target, body, {{"Authorization", "Bearer " + token_}});
    }

    json::value get(std::string_view target) {
        const auto answer = ask("GET", target);
        EXPECT_EQ(answer.status, 200) << target << ": " << answer.body;
        return json::parse(answer.body);
    }

    /// Asks and wants this problem; returns its detail and errors as one text.
    std::string problem_of(int status, std::string_view title, const ClientAnswer& answer) {
        EXPECT_EQ(answer.status, status) << answer.body;
        EXPECT_EQ(ClientAnswer(answer).header("content-type"), "application/problem+json");
        const auto problem = json::parse(answer.body);
        EXPECT_EQ(problem.at("title").as_string(), title);
        EXPECT_EQ(problem.at("status").as_int64(), status);
        EXPECT_EQ(problem.at("type").as_string(), fmt::format("https://nuanshu.dev/problems/{}", title));
        std::string text(problem.at("detail").as_string());
        if (const auto* errors = problem.as_object().if_contains("errors")) {
            text += " " + json::serialize(*errors);
        }
        return text;
    }

    void put_page(const std::string& name, std::string_view text) {
        std::filesystem::create_directories(house_.web_dir());
        std::ofstream(house_.web_dir() + "/" + name) << text;
    }

    House house_;
    Client client_;
    std::string token_;
};

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace nuanshu::http

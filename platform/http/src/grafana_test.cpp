#include <gtest/gtest.h>

#include "base/time.h"
#include "platform/http/src/server_for_tests.h"

namespace nuanshu::http {
namespace {

/// What Grafana's JSON data source sends and expects; its requests are as the plugin makes them.
class Grafana : public ServerOf {
 protected:
    Grafana() {
        for (std::int64_t i = 0; i < 600; ++i) {
            flow_.push_back({start_ms + i * 10'000, static_cast<double>(i % 60), Quality::good});
        }
        flow_[100].quality = Quality::communication;
        house_.store(House::flow, flow_);
    }

    json::value post(const std::string& path, const std::string& body) {
        const auto answer = ask("POST", "/api/v1/grafana/" + path, body);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return json::parse(answer.body);
    }

    std::string query(const std::string& targets, int columns = 1'000) const {
        return fmt::format(
            R"({{"app":"dashboard","requestId":"Q1","timezone":"browser","panelId":2,"range":{{"from":"{}","to":"{}",
                "raw":{{"from":"now-6h","to":"now"}}}},"interval":"1m","intervalMs":60000,"maxDataPoints":{},
                "targets":{},"scopedVars":{{}},"adhocFilters":[]}})",
            format_time(start_ms), format_time(start_ms + 6'000'000), columns, targets);
    }

    static constexpr std::int64_t start_ms = 1'700'000'000'000;
    std::vector<historian::StoredSample> flow_;
};

TEST_F(Grafana, is_greeted_when_let_in) {
    EXPECT_EQ(ask("GET", "/api/v1/grafana").status, 200);
    EXPECT_EQ(ask("GET", "/api/v1/grafana/").status, 200);
    EXPECT_EQ(client_.ask("GET", "/api/v1/grafana/").status, 401);
}

TEST_F(Grafana, finds_points_by_words) {
    EXPECT_EQ(json::serialize(post("search", R"({"target":"h2 flow"})")), R"(["xc.h2/flow"])");
    EXPECT_EQ(post("search", R"({"target":""})").as_array().size(), 6U);
    const auto metrics = post("metrics", R"({"metric":"","payload":{"target":"流量"}})").as_array();
    ASSERT_EQ(metrics.size(), 3U);
    EXPECT_EQ(metrics[0].at("value").as_string(), "xc.h1/flow");
    EXPECT_EQ(metrics[0].at("label").as_string(), "xc.h1 号站 · 流量 (xc.h1/flow)");
    EXPECT_EQ(post("variable", R"({"payload":{"target":"h3"}})").as_array()[0].at("__value").as_string(), "xc.h3/flow");
}

TEST_F(Grafana, draws_what_all_samples_look_like) {
    const auto series = post("query", query(R"([{"refId":"A","target":"xc.h1/flow","type":"timeserie"},
                                              {"refId":"B","target":"xc.h2/flow","hide":true},{"refId":"C"}])",
                                            10));
    ASSERT_EQ(series.as_array().size(), 1U);
    EXPECT_EQ(series.at(0).at("target").as_string(), "xc.h1/flow");
    const auto& points = series.at(0).at("datapoints").as_array();
    EXPECT_LE(points.size(), 50U);
    double highest = 0;
    bool has_gap = false;
    for (const auto& point : points) {
        has_gap = has_gap || point.at(0).is_null();
        highest = std::max(highest, point.at(0).is_null() ? 0.0 : point.at(0).to_number<double>());
    }
    EXPECT_EQ(highest, 59) << "the highest of each column is never lost";
    EXPECT_TRUE(has_gap) << "nor that one was bad";
}

TEST_F(Grafana, asks_for_figures_of_each_interval) {
    const auto series =
        post("query",
             query(R"json([{"refId":"A","target":"mean(xc.h1/flow)"},{"refId":"B","target":"p50(xc.h2/flow)"}])json"));
    const auto& means = series.at(0).at("datapoints").as_array();
    ASSERT_EQ(means.size(), 100U);
    EXPECT_EQ(means[0].at(0).to_number<double>(), 2.5);
    EXPECT_EQ(means[1].at(1).as_int64(), start_ms + 60'000);
    const auto& none = series.at(1).at("datapoints").as_array();
    EXPECT_EQ(none.size(), 100U);
    EXPECT_TRUE(none[0].at(0).is_null());
}

TEST_F(Grafana, is_told_what_it_asks_wrongly) {
    const auto refusal = [&](const std::string& body) {
        return problem_of(422, "invalid", ask("POST", "/api/v1/grafana/query", body));
    };
    EXPECT_TRUE(contains(refusal(query(R"json([{"refId":"A","target":"no/such"}])json")), "no/such is not known"));
    EXPECT_TRUE(contains(refusal(query(R"json([{"refId":"A","target":"average(xc.h1/flow)"}])json")), "mean"));
    EXPECT_TRUE(contains(refusal(R"({"targets":[]})"), "range.from"));
    EXPECT_TRUE(contains(refusal(query("7")), "targets"));
    auto fine = query("[]");
    fine.replace(fine.find("60000"), 5, "1");
    EXPECT_TRUE(contains(refusal(fine), "intervalMs"));
}

TEST_F(Grafana, shows_commands_as_annotations) {
    house_.measure(House::opening, 10);
    const auto selection =
        json::parse(ask("POST", "/api/v1/commands/selections", R"({"point":"xc.h1/opening","value":55})").body);
    const auto body = fmt::format(R"({{"selection":"{}"}})", std::string_view(selection.at("id").as_string()));
    const auto command = json::parse(ask("POST", "/api/v1/commands", body).body);
    const auto path = fmt::format("/api/v1/commands/{}", command.at("id").as_int64());
    ASSERT_TRUE(eventually([&] { return get(path).at("outcome").as_string() == "confirmed"; }));
    const auto asked = [&](std::int64_t from_ms, const char* point) {
        return post("annotations",
                    fmt::format(R"({{"range":{{"from":"{}","to":"{}"}},"annotation":{{"name":"c","query":"{}"}}}})",
                                format_time(from_ms), format_time(from_ms + 3'600'000), point))
            .as_array();
    };
    const auto now_ms = house_.clock.now_ms();
    const auto found = asked(now_ms - 1'800'000, "xc.h1/opening");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].at("title").as_string(), "xc.h1/opening = 55");
    EXPECT_EQ(found[0].at("annotation").at("name").as_string(), "c");
    EXPECT_EQ(asked(now_ms - 1'800'000, "").size(), 1U);
    EXPECT_TRUE(asked(now_ms - 1'800'000, "xc.h2/opening").empty());
    EXPECT_TRUE(asked(now_ms - 7'200'000, "").empty());
}

}  // namespace
}  // namespace nuanshu::http

#include <cmath>
#include <fstream>

#include <snappy.h>

#include "platform/http/src/prometheus_labels.h"
#include "platform/http/src/prometheus_read.h"
#include "platform/http/src/prometheus_remote.pb.h"
#include "platform/http/src/server_for_tests.h"
#include "tests/support/process.h"

namespace nuanshu::http {
namespace {

using Kind = LabelMatcher::Kind;

TEST(MetricName, has_only_what_prometheus_allows) {
    EXPECT_EQ(metric_name("secondary_supply_temperature"), "secondary_supply_temperature");
    EXPECT_EQ(metric_name("2nd-flow"), "_2nd_flow");
    EXPECT_EQ(metric_name("温度"), "______");
}

TEST(LabelMatchers, compare_as_prometheus_does) {
    House house;
    const auto point = house.catalogue->find(House::flow);
    const auto matches = [&](Kind kind, const char* label, const char* value) {
        return value_or_throw(LabelMatcher::create(kind, label, value)).matches(*point);
    };
    EXPECT_TRUE(matches(Kind::equal, "__name__", "flow"));
    EXPECT_TRUE(matches(Kind::equal, "record", "xc.h1"));
    EXPECT_TRUE(matches(Kind::equal, "title", "xc.h1 号站"));
    EXPECT_TRUE(matches(Kind::equal, "no_such_label", ""));
    EXPECT_FALSE(matches(Kind::not_equal, "type", "station"));
    EXPECT_TRUE(matches(Kind::regex, "record", "xc\\.h[12]"));
    EXPECT_FALSE(matches(Kind::regex, "record", "xc")) << "the whole value must match";
    EXPECT_TRUE(matches(Kind::not_regex, "unit", "t/h|GJ"));
    EXPECT_EQ(LabelMatcher::create(Kind::regex, "record", "(").error().code, ErrorCode::invalid);
    EXPECT_FALSE(matches(Kind::regex, "record", "(x+x+)+y")) << "and takes no time that grows without bound";
}

std::string packed(const prometheus::ReadRequest& request) {
    std::string bytes;
    const auto plain = request.SerializeAsString();
    snappy::Compress(plain.data(), plain.size(), &bytes);
    return bytes;
}

TEST(RemoteRead, what_is_no_question_is_refused) {
    House house;
    const auto refusal = [&](const std::string& body) {
        return answer_remote_read(body, *house.catalogue, *house.samples).error();
    };
    EXPECT_EQ(refusal("").code, ErrorCode::corrupt);
    EXPECT_EQ(refusal("hello").code, ErrorCode::corrupt);
    std::string bomb;
    const std::string zeros(8 << 20, '\0');
    snappy::Compress(zeros.data(), zeros.size(), &bomb);
    EXPECT_EQ(refusal(bomb).code, ErrorCode::corrupt);
    prometheus::ReadRequest many;
    for (int i = 0; i < 101; ++i) {
        many.add_queries();
    }
    EXPECT_EQ(refusal(packed(many)).code, ErrorCode::exhausted);
    prometheus::ReadRequest wrong;
    auto* matcher = wrong.add_queries()->add_matchers();
    matcher->set_type(prometheus::LabelMatcher::REGEX);
    matcher->set_value("[");
    EXPECT_EQ(refusal(packed(wrong)).code, ErrorCode::invalid);
}

TEST(RemoteRead, more_samples_than_its_bound_are_refused_and_the_way_out_told) {
    House house;
    std::vector<historian::StoredSample> many;
    for (std::int64_t i = 0; i < 1'000'001; ++i) {
        many.push_back({i * 1'000, 1, Quality::good});
    }
    house.store(House::flow, many);
    prometheus::ReadRequest request;
    for (int i = 0; i < 4; ++i) {
        request.add_queries()->set_end_timestamp_ms(2'000'000'000);
    }
    const auto refused = answer_remote_read(packed(request), *house.catalogue, *house.samples);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::exhausted);
    EXPECT_TRUE(contains(refused.error().what, "shorter period"));
}

/// A Prometheus of Debian's, whose only store for the past is our server.
class Prometheus {
 public:
    Prometheus(int our_port, const std::string& authorization) : port_(support::free_port()) {
        const auto config = folder_.path() + "/prometheus.yml";
        std::ofstream(config) << fmt::format(
            "remote_read:\n  - url: http://127.0.0.1:{}/api/v1/prometheus/read\n    read_recent: true\n{}", our_port,
            authorization);
        process_.emplace(value_or_throw(support::Process::start(
            {"prometheus", "--config.file=" + config, "--storage.tsdb.path=" + folder_.path() + "/data",
             fmt::format("--web.listen-address=127.0.0.1:{}", port_)})));
        NUANSHU_CHECK(process_->wait_for_output("Server is ready to receive web requests", 30'000), "{}",
                      process_->output());
    }

    /// The answer's `data` to a range query in PromQL.
    json::value ask(const std::string& query, std::int64_t from_s, std::int64_t to_s, int step_s) {
        Client client(port_);
        const auto target =
            fmt::format("/api/v1/query_range?query={}&start={}&end={}&step={}", query, from_s, to_s, step_s);
        const auto answer = client.ask("GET", target);
        EXPECT_EQ(answer.status, 200) << answer.body << process_->output();
        return json::parse(answer.body).at("data");
    }

 private:
    support::TemporaryDirectory folder_;
    int port_;
    std::optional<support::Process> process_;
};

class PrometheusClient : public testing::Test {
 protected:
    PrometheusClient() {
        std::vector<historian::StoredSample> flow;
        for (std::int64_t i = 0; i < 360; ++i) {
            const bool is_broken = i >= 200 && i < 210;
            flow.push_back({start_ms + i * 10'000, 20.0 + static_cast<double>(i % 10),
                            is_broken ? Quality::wire_break : Quality::good});
        }
        house_.store(House::flow, flow);
        house_.store("xc.h2/flow", {{start_ms + 5'000, 7, Quality::good}});
    }

    static constexpr std::int64_t start_s = 1'700'000'000;
    static constexpr std::int64_t start_ms = start_s * 1000;
    static constexpr const char* password = "    basic_auth: {username: li, password: correct horse battery}\n";
    House house_;
};

TEST_F(PrometheusClient, reads_our_samples_in_its_own_language) {
    Prometheus prometheus(house_.port(), password);
    const auto flow =
        prometheus.ask("flow%7Brecord%3D%22xc.h1%22%7D", start_s, start_s + 1'990, 10).at("result").as_array();
    ASSERT_EQ(flow.size(), 1U);
    EXPECT_EQ(flow[0].at("metric").at("point").as_string(), "xc.h1/flow");
    EXPECT_EQ(flow[0].at("metric").at("unit").as_string(), "m3/h");
    const auto& values = flow[0].at("values").as_array();
    ASSERT_EQ(values.size(), 200U);
    EXPECT_EQ(values[7].as_array()[1].as_string(), "27");
    const auto sum = prometheus.ask("sum(flow)", start_s + 20, start_s + 20, 10).at("result").as_array();
    ASSERT_EQ(sum.size(), 1U);
    EXPECT_EQ(sum[0].at("values").as_array().at(0).as_array()[1].as_string(), "29") << "22 of one and 7 of the other";
}

TEST_F(PrometheusClient, sees_no_line_where_samples_are_bad) {
    Prometheus prometheus(house_.port(), password);
    const auto broken =
        prometheus.ask("flow%7Brecord%3D%22xc.h1%22%7D", start_s + 1'990, start_s + 2'110, 10).at("result").as_array();
    ASSERT_EQ(broken.size(), 1U);
    const auto& values = broken[0].at("values").as_array();
    ASSERT_EQ(values.size(), 3U) << "one before the wire broke, two after";
    EXPECT_EQ(values[1].as_array()[0].to_number<double>(), start_s + 2'100);
}

TEST_F(PrometheusClient, may_be_a_regular_expression_over_all_points) {
    Prometheus prometheus(house_.port(), password);
    const auto both = prometheus.ask("%7Bpoint%3D~%22xc%5C%5C.h%5B12%5D%2Fflow%22%7D", start_s + 10, start_s + 10, 10);
    EXPECT_EQ(both.at("result").as_array().size(), 2U) << json::serialize(both);
}

TEST_F(PrometheusClient, must_be_let_in) {
    Prometheus prometheus(house_.port(), "");
    const auto nothing = prometheus.ask("flow", start_s, start_s + 10, 10).at("result").as_array();
    EXPECT_TRUE(nothing.empty());
}

}  // namespace
}  // namespace nuanshu::http

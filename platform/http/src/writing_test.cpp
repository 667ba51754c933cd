#include <zlib.h>

#include "base/time.h"
#include "platform/http/src/gzip.h"
#include "platform/http/src/sample_offer.h"
#include "platform/http/src/server_for_tests.h"

namespace nuanshu::http {
namespace {

std::string gzip(const std::string& text) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string packed(deflateBound(&stream, text.size()) + 32, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    packed.resize(packed.size() - stream.avail_out);
    deflateEnd(&stream);
    return packed;
}

TEST(Gzip, unpacks_what_was_packed_and_no_more) {
    const std::string text(1'000'000, 'x');
    EXPECT_EQ(gunzip(gzip(text), 2'000'000).value(), text);
    EXPECT_EQ(gunzip(gzip(""), 10).value(), "");
    EXPECT_EQ(gunzip(gzip(text), 500'000).error().code, ErrorCode::exhausted);
    EXPECT_EQ(gunzip(gzip(text).substr(0, 500), 2'000'000).error().code, ErrorCode::corrupt);
    EXPECT_EQ(gunzip("hello", 10).error().code, ErrorCode::corrupt);
    EXPECT_EQ(gunzip("", 10).error().code, ErrorCode::corrupt);
}

class Writing : public ServerOf {
 protected:
    Writing() : now_ms_(house_.clock.now_ms()) {}

    std::vector<historian::StoredSample> stored(std::string_view code) {
        return value_or_throw(house_.samples->read(house_.id_of(code), {0, now_ms_ + 100'000}, 1'000'000));
    }
    ClientAnswer post(const std::string& target, const std::string& body, Headers headers = {}) {
        headers["Authorization"] = "Token " + token_;
        return client_.ask("POST", target, body, headers);
    }
    std::string line(std::int64_t time_ms, double value) const {
        return fmt::format("xc.h1 flow={} {}\n", value, time_ms * 1'000'000);
    }

    std::int64_t now_ms_;
};

TEST_F(Writing, json_that_was_read_can_be_written_again) {
    house_.store("xc.h2/flow", {{1'700'000'000'000, 1.5, Quality::good},
                                {1'700'000'001'000, 7, Quality::frozen},
                                {1'700'000'002'000, 0, Quality::not_a_number}});
    auto body = ask("GET", "/api/v1/samples?points=xc.h2/flow&from=0&to=1800000000000&kind=raw").body;
    body.replace(body.find("xc.h2"), 5, "xc.h1");
    const auto answer = ask("POST", "/api/v1/samples", body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.body, R"({"stored":3})");
    const auto samples = stored(House::flow);
    ASSERT_EQ(samples.size(), 3U);
    EXPECT_EQ(samples[1].quality, Quality::frozen);
    EXPECT_EQ(samples[2].quality, Quality::not_a_number);
}

TEST_F(Writing, what_is_new_shows_at_once_and_what_is_old_does_not) {
    const auto body = fmt::format(R"({{"series":[{{"point":"xc.h1/flow","t":[{},{}],"v":[8,9]}}]}})",
                                  now_ms_ - 86'400'000, now_ms_ - 1'000);
    EXPECT_EQ(ask("POST", "/api/v1/samples", body).status, 200);
    const auto value = get("/api/v1/points/xc.h1/flow").at("value");
    EXPECT_EQ(value.at("value").to_number<double>(), 9);
    EXPECT_EQ(value.at("time_ms").as_int64(), now_ms_ - 1'000);
    const auto older = fmt::format(R"({{"series":[{{"point":"xc.h1/flow","t":[{}],"v":[5]}}]}})", now_ms_ - 3'600'000);
    EXPECT_EQ(ask("POST", "/api/v1/samples", older).status, 200);
    EXPECT_EQ(get("/api/v1/points/xc.h1/flow").at("value").at("value").to_number<double>(), 9);
    EXPECT_EQ(stored(House::flow).size(), 3U);
}

TEST_F(Writing, what_the_instrument_cannot_measure_is_judged_so) {
    EXPECT_EQ(post("/api/v2/write", line(now_ms_ - 1'000, 1234)).status, 204);
    EXPECT_EQ(stored(House::flow).at(0).quality, Quality::range);
}

TEST_F(Writing, json_with_faults_stores_nothing_and_tells_all) {
    const auto text = problem_of(422, "invalid",
                                 ask("POST", "/api/v1/samples",
                                     fmt::format(R"({{"series":[{{"point":"xc.h1/flow","t":[{0}],"v":[1]}},
                          {{"point":"no/such","t":[],"v":[]}},
                          {{"point":"xc.h2/flow","t":[{0},5],"v":[1,2]}},
                          {{"point":"xc.h2/flow","t":[{0}],"v":[null]}},
                          {{"point":"xc.h2/flow","t":[{0}],"v":[]}},
                          {{"point":"xc.h2/flow","unit":"t/h","t":[{0}],"v":[1]}}]}})",
                                                 now_ms_)));
    EXPECT_TRUE(contains(text, "point no/such: is not known")) << text;
    EXPECT_TRUE(contains(text, R"("field":"series.2.1")") && contains(text, "before 2000")) << text;
    EXPECT_TRUE(contains(text, "null is no value")) << text;
    EXPECT_TRUE(contains(text, "1 times and 0 values")) << text;
    EXPECT_TRUE(contains(text, "the point is in m3/h")) << text;
    EXPECT_TRUE(stored(House::flow).empty());
}

TEST_F(Writing, line_protocol_in_both_dialects) {
    EXPECT_EQ(post("/api/v2/write?org=x&bucket=y&precision=ms", fmt::format("xc.h1 flow=1.5 {}", now_ms_)).status, 204);
    EXPECT_EQ(post("/write?db=x&precision=s", fmt::format("xc.h1 flow=2i {}", now_ms_ / 1000 - 5)).status, 204);
    EXPECT_EQ(post("/write", fmt::format("sensor,point=xc.h1/flow value=3 {}", (now_ms_ - 9'000) * 1'000'000)).status,
              204);
    EXPECT_EQ(post("/api/v2/write?bucket={tag:station}/{field}", "any,station=xc.h2 flow=4").status, 204);
    EXPECT_EQ(stored(House::flow).size(), 3U);
    EXPECT_EQ(stored("xc.h2/flow").at(0).value, 4);
}

TEST_F(Writing, packed_lines_as_telegraf_sends_them) {
    std::string lines;
    for (int i = 0; i < 5'000; ++i) {
        lines += line(now_ms_ - 86'400'000 + i * 10'000, i % 100);
    }
    EXPECT_EQ(post("/api/v2/write", gzip(lines), {{"Content-Encoding", "gzip"}}).status, 204);
    EXPECT_EQ(stored(House::flow).size(), 5'000U);
    EXPECT_EQ(post("/api/v2/write", lines, {{"Content-Encoding", "gzip"}}).status, 400);
    EXPECT_EQ(post("/api/v2/write", lines, {{"Content-Encoding", "br"}}).status, 400);
}

TEST_F(Writing, bad_lines_are_told_and_the_others_stored) {
    const auto answer = post("/api/v2/write", line(now_ms_, 1) + "no.such flow=1\nxc.h1 flow=\"text\"\n" +
                                                  line(now_ms_ - 1'000, 2) + line(now_ms_ + 3'600'000, 3));
    EXPECT_EQ(answer.status, 400);
    const auto problem = json::parse(answer.body);
    const std::string message(problem.at("message").as_string());
    EXPECT_TRUE(contains(message, "partial write: 2 samples stored, 3 ")) << message;
    EXPECT_TRUE(contains(message, "line 2: ") && contains(message, "line 3: ")) << message;
    EXPECT_TRUE(contains(message, "is to come")) << message;
    EXPECT_EQ(problem.at("error").as_string(), message);
    EXPECT_EQ(problem.at("errors").as_array().size(), 3U);
    EXPECT_EQ(stored(House::flow).size(), 2U);
}

TEST_F(Writing, whole_requests_that_are_wrong) {
    EXPECT_EQ(post("/api/v2/write?precision=h", "").status, 400);
    EXPECT_EQ(post("/api/v2/write?nonsense=1", "").status, 422);
    EXPECT_EQ(post("/api/v2/write?bucket={nonsense}", "xc.h1 flow=1").status, 400);
    EXPECT_EQ(client_.ask("POST", "/api/v2/write", "xc.h1 flow=1").status, 401);
    EXPECT_EQ(post("/api/v2/write", "").status, 204);
    EXPECT_EQ(post("/api/v2/write", std::string(3 << 20, '#')).status, 204) << "more than elsewhere may be sent";
    EXPECT_EQ(post("/api/v1/points/values", std::string(3 << 20, ' ')).status, 413);
}

TEST_F(Writing, more_than_its_bound_is_refused_before_it_is_read) {
    client_.send(fmt::format(
        "POST /api/v2/write HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n", 5 << 20));
    EXPECT_EQ(client_.receive().status, 413);
}

TEST_F(Writing, many_at_once_are_all_stored) {
    constexpr int programs = 4;
    constexpr int lines_each = 20'000;
    std::vector<std::thread> threads;
    std::atomic<int> good{0};
    for (int p = 0; p < programs; ++p) {
        threads.emplace_back([&, p] {
            std::string lines;
            for (int i = 0; i < lines_each; ++i) {
                lines += line(now_ms_ - 86'400'000 + (i * programs + p) * 1'000, i % 100);
            }
            Client program(house_.port());
            good += program.ask("POST", "/api/v2/write", lines, {{"Authorization", "Token " + token_}}).status == 204;
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(good, programs);
    EXPECT_EQ(stored(House::flow).size(), std::size_t{programs} * lines_each);
}

}  // namespace
}  // namespace nuanshu::http

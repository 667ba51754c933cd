#include "platform/http/src/samples.h"

#include <cmath>
#include <cstring>

#include "base/time.h"
#include "platform/http/src/samples_binary.h"
#include "platform/http/src/server_for_tests.h"

namespace nuanshu::http {
namespace {

class SampleRoutes : public ServerOf {
 protected:
    SampleRoutes() {
        house_.store(House::flow, {{1000, 1.5, Quality::good},
                                   {2000, 0.1, Quality::spike},
                                   {3000, 9, Quality::range},
                                   {61'000, 4, Quality::good}});
    }
    static constexpr const char* hour = "/api/v1/samples?points=xc.h1/flow&from=0&to=3600000";
};

TEST_F(SampleRoutes, raw_samples_keep_every_digit_and_show_bad_ones_as_null) {
    const auto series = get(std::string(hour) + "&kind=raw").at("series").as_array().at(0);
    EXPECT_EQ(json::serialize(series.at("t")), "[1000,2000,3000,61000]");
    EXPECT_EQ(series.at("v").as_array()[1].to_number<double>(), 0.1);
    EXPECT_TRUE(series.at("v").as_array()[2].is_null());
    EXPECT_EQ(json::serialize(series.at("q")), "[0,32,128,0]");
    EXPECT_FALSE(series.at("truncated").as_bool());
    EXPECT_EQ(series.at("unit").as_string(), "m3/h");
}

TEST_F(SampleRoutes, a_drawing_and_several_points_and_rfc_3339) {
    const auto drawn = get(
        "/api/v1/samples?points=xc.h1/flow,xc.h2/flow&from=1970-01-01T00:00:00Z&to=1970-01-01T01:00:00Z&columns=10");
    ASSERT_EQ(drawn.at("series").as_array().size(), 2U);
    EXPECT_GE(drawn.at("series").as_array()[0].at("t").as_array().size(), 3U);
    EXPECT_TRUE(drawn.at("series").as_array()[1].at("t").as_array().empty());
}

TEST_F(SampleRoutes, windows_have_their_figures) {
    const auto rows = get(std::string(hour) + "&window=1m").at("series").as_array().at(0).at("rows").as_array();
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].at("count").to_number<double>(), 2);
    EXPECT_EQ(rows[0].at("bad_count").to_number<double>(), 1);
    EXPECT_EQ(rows[0].at("mean").to_number<double>(), 0.8);
    EXPECT_EQ(rows[1].at("from_ms").as_int64(), 60'000);
    EXPECT_FALSE(rows[0].as_object().contains("q"));
}

TEST_F(SampleRoutes, figures_may_be_chosen_and_doubtful_samples_left_out) {
    const auto rows = get(std::string(hour) + "&window=all&figures=max,p50,duration_s:4&good_only=1&hold=10s")
                          .at("series")
                          .as_array()
                          .at(0)
                          .at("rows")
                          .as_array();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].at("max").to_number<double>(), 4);
    EXPECT_EQ(rows[0].at("p50").to_number<double>(), 2.75);
    EXPECT_EQ(rows[0].at("duration_s:4").to_number<double>(), 10);
}

TEST_F(SampleRoutes, months_are_those_of_the_plant) {
    // 2023-11-30T20:00Z is December in Shanghai and November in London.
    house_.store("xc.h2/flow", {{1'701'374'400'000, 5, Quality::good}});
    const auto from_of = [&](const std::string& zone) {
        const auto rows = get("/api/v1/samples?points=xc.h2/flow&from=2023-10-31T16:00:00Z&to=2024-01-01T00:00:00Z"
                              "&window=month&figures=count" +
                              zone)
                              .at("series")
                              .as_array()
                              .at(0)
                              .at("rows")
                              .as_array();
        EXPECT_EQ(rows.size(), 1U);
        return format_time(rows.at(0).at("from_ms").as_int64());
    };
    EXPECT_EQ(from_of(""), "2023-11-30T16:00:00Z");
    EXPECT_EQ(from_of("&time_zone=Europe/London"), "2023-11-01T00:00:00Z");
}

TEST_F(SampleRoutes, empty_windows_are_filled_when_asked_and_marked) {
    const auto asked = "/api/v1/samples?points=xc.h1/flow&from=0&to=180000&window=1m&figures=last&fill=previous";
    const auto rows = get(asked).at("series").as_array().at(0).at("rows").as_array();
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[2].at("last").to_number<double>(), 4);
    EXPECT_EQ(rows[2].at("q").as_int64(), static_cast<int>(Quality::estimated));
    EXPECT_EQ(rows[1].at("q").as_int64(), 0);
    const auto csv = ask("GET", std::string(asked) + "&format=csv").body;
    EXPECT_TRUE(contains(csv, "point,from,last,quality\r\n")) << csv;
    EXPECT_TRUE(contains(csv, "xc.h1/flow,1970-01-01T00:02:00Z,4,estimated\r\n")) << csv;
}

TEST_F(SampleRoutes, csv_opens_in_a_spreadsheet) {
    auto csv = ask("GET", std::string(hour) + "&kind=raw&format=csv");
    EXPECT_EQ(csv.status, 200);
    EXPECT_EQ(csv.header("content-type"), "text/csv; charset=utf-8");
    EXPECT_EQ(csv.header("content-disposition"), "attachment; filename=\"samples_19700101T000000Z.csv\"");
    EXPECT_EQ(csv.body,
              "\xEF\xBB\xBFpoint,time,value,quality\r\n"
              "xc.h1/flow,1970-01-01T00:00:01Z,1.5,good\r\n"
              "xc.h1/flow,1970-01-01T00:00:02Z,0.1,spike\r\n"
              "xc.h1/flow,1970-01-01T00:00:03Z,,range\r\n"
              "xc.h1/flow,1970-01-01T00:01:01Z,4,good\r\n");
}

TEST_F(SampleRoutes, long_csv_is_paged_without_gaps_or_repeats) {
    std::vector<historian::StoredSample> many;
    for (std::int64_t i = 0; i < 150'001; ++i) {
        many.push_back({10'000'000 + i, static_cast<double>(i), Quality::good});
    }
    house_.store("xc.h2/flow", many);
    const auto csv = ask("GET", "/api/v1/samples?points=xc.h2/flow,xc.h1/flow&from=0&to=20000000&kind=raw&format=csv");
    EXPECT_EQ(std::count(csv.body.begin(), csv.body.end(), '\n'), 1 + 150'001 + 4);
}

TEST_F(SampleRoutes, the_accept_header_or_the_path_says_the_format) {
    const auto type_of = [&](const std::string& target, const std::string& accept) {
        return client_.ask("GET", target, "", {{"Authorization", "Bearer " + token_}, {"Accept", accept}})
            .header("content-type");
    };
    EXPECT_EQ(type_of(hour, "application/vnd.nuanshu.samples"), "application/vnd.nuanshu.samples");
    EXPECT_EQ(type_of(hour, "text/csv"), "text/csv; charset=utf-8");
    EXPECT_EQ(type_of(hour, "*/*"), "application/json");
    EXPECT_EQ(type_of(std::string(hour) + "&format=json", "text/csv"), "application/json");
    const auto csv = ask("GET", "/api/v1/samples.csv?points=xc.h1/flow&from=0&to=3600000").body;
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 5) << "every sample, without asking for kind=raw";
}

template <class Number>
Number number_at(const std::string& bytes, std::size_t at) {
    Number number;
    std::memcpy(&number, bytes.data() + at, sizeof(Number));
    return number;
}

TEST_F(SampleRoutes, binary_is_nsb2) {
    const auto bytes = ask("GET", std::string(hour) + "&kind=raw&format=binary").body;
    ASSERT_EQ(bytes.size(), 16 + 32 + 16 + 16 + 8 + 16 + 8U);
    EXPECT_EQ(bytes.substr(0, 4), "NSB2");
    EXPECT_EQ(number_at<std::uint32_t>(bytes, 4), 1U);
    EXPECT_EQ(number_at<std::uint32_t>(bytes, 16), 4U) << "rows";
    EXPECT_EQ(number_at<std::uint16_t>(bytes, 20), 10U);
    EXPECT_EQ(bytes[22], 1) << "times as ticks";
    EXPECT_EQ(bytes[23], 1) << "a quality each";
    EXPECT_EQ(number_at<double>(bytes, 24), 1000.0);
    EXPECT_EQ(number_at<double>(bytes, 32), 1000.0) << "a tick is a second here";
    EXPECT_EQ(number_at<std::uint16_t>(bytes, 40), 1U);
    EXPECT_EQ(bytes.substr(48, 10), "xc.h1/flow");
    EXPECT_EQ(number_at<std::uint32_t>(bytes, 64 + 3 * 4), 60U);
    EXPECT_EQ(bytes[80], 1) << "values as decimals";
    EXPECT_EQ(bytes[81], 1) << "of one place";
    EXPECT_EQ(number_at<std::int32_t>(bytes, 88), 15);
    EXPECT_EQ(number_at<std::int32_t>(bytes, 92), 1);
    EXPECT_EQ(number_at<std::int32_t>(bytes, 96), std::numeric_limits<std::int32_t>::min());
    EXPECT_EQ(static_cast<std::uint8_t>(bytes[104 + 2]), 128);
}

TEST_F(SampleRoutes, windows_come_in_columns_too) {
    const auto bytes = ask("GET", std::string(hour) + "&window=1m&figures=min,max&format=binary").body;
    ASSERT_GT(bytes.size(), 64U);
    EXPECT_EQ(number_at<std::uint32_t>(bytes, 16), 2U);
    EXPECT_EQ(number_at<std::uint16_t>(bytes, 40), 2U);
    EXPECT_EQ(bytes[23], 0) << "all of one quality";
}

/// Reads one series of NSB2 as docs/api.md describes it.
struct Decoded {
    std::vector<double> time_ms;
    std::vector<double> values;

    explicit Decoded(const std::string& bytes) {
        const auto rows = number_at<std::uint32_t>(bytes, 0);
        const auto up = [](std::size_t length) { return (length + 7) / 8 * 8; };
        std::size_t at = 32 + up(number_at<std::uint16_t>(bytes, 4));
        const bool ticks = bytes[6] == 1;
        for (std::size_t i = 0; i < rows; ++i) {
            time_ms.push_back(ticks ? number_at<double>(bytes, 8) +
                                          number_at<double>(bytes, 16) * number_at<std::uint32_t>(bytes, at + 4 * i)
                                    : number_at<double>(bytes, at + 8 * i));
        }
        at += up(rows * (ticks ? 4U : 8U));
        const bool decimals = bytes[at] == 1;
        const double power = std::pow(10, bytes[at + 1]);
        at += 8;
        for (std::size_t i = 0; i < rows; ++i) {
            const auto whole = number_at<std::int32_t>(bytes, at + 4 * i);
            values.push_back(!decimals                                           ? number_at<double>(bytes, at + 8 * i)
                             : whole == std::numeric_limits<std::int32_t>::min() ? NAN
                                                                                 : whole / power);
        }
    }
};

void check_round_trip(const std::vector<std::int64_t>& time_ms, const std::vector<double>& values) {
    const std::vector<Quality> quality(values.size(), Quality::good);
    std::string bytes;
    append_binary(bytes, {"a/b", time_ms, {values}, quality});
    EXPECT_EQ(bytes.size() % 8, 0U);
    const Decoded decoded(bytes);
    ASSERT_EQ(decoded.values.size(), values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        EXPECT_EQ(decoded.time_ms[i], static_cast<double>(time_ms[i]));
        EXPECT_TRUE(std::isnan(values[i])
                        ? std::isnan(decoded.values[i])
                        : decoded.values[i] == values[i] && std::signbit(decoded.values[i]) == std::signbit(values[i]))
            << values[i] << " came back as " << decoded.values[i];
    }
}

TEST(SamplesBinary, gives_back_every_double_and_time) {
    check_round_trip({}, {});
    check_round_trip({5}, {23.4});
    check_round_trip({0, 10'000, 30'000}, {0.1, 36.8, -273.15});
    check_round_trip({1, 2, 4}, {1e300, 0.30000000000000004, -0.0});
    check_round_trip({0, 1, 400LL * 86'400'000}, {123456789.123456789, NAN, 1});
    check_round_trip({0, 1, 5'000'000'000'000}, {2147483647, -2147483648.0, 0.5});
    check_round_trip({0, 1}, {2147483647, 0.1});
    check_round_trip({-5'000, 0, 5'000}, {101325.125, 0.000000001, 1e-9});
}

TEST_F(SampleRoutes, wrong_questions_are_told_apart) {
    EXPECT_TRUE(
        contains(problem_of(422, "invalid", ask("GET", "/api/v1/samples?points=a&to=1")), "\"field\":\"from\""));
    EXPECT_TRUE(contains(problem_of(422, "invalid", ask("GET", "/api/v1/samples?points=no/such&from=0&to=1")),
                         "no/such is not known"));
    EXPECT_TRUE(
        contains(problem_of(422, "invalid", ask("GET", "/api/v1/samples?points=xc.h1/flow&from=5&to=5")), "not after"));
    problem_of(422, "invalid", ask("GET", "/api/v1/samples?points=xc.h1/flow&from=yesterday&to=5"));
    problem_of(422, "invalid", ask("GET", std::string(hour) + "&kind=aggregate"));
    problem_of(422, "invalid", ask("GET", std::string(hour) + "&kind=aggregate&window=10ms"));
    EXPECT_TRUE(contains(problem_of(422, "invalid", ask("GET", std::string(hour) + "&window=fortnight")), "month"));
    EXPECT_TRUE(contains(problem_of(422, "invalid", ask("GET", std::string(hour) + "&window=1m&figures=average")),
                         "\"field\":\"figures\""));
    problem_of(422, "invalid", ask("GET", std::string(hour) + "&window=day&time_zone=Mars/Olympus"));
    problem_of(422, "invalid", ask("GET", std::string(hour) + "&window=1m&fill=regression&predictors=no/such"));
    EXPECT_TRUE(
        contains(problem_of(422, "invalid", ask("GET", std::string(hour) + "&format=xlsx")), "json, csv, binary"));
    std::string many = "a";
    for (int i = 0; i < 100; ++i) {
        many += ",a";
    }
    EXPECT_TRUE(
        contains(problem_of(422, "invalid", ask("GET", "/api/v1/samples?from=0&to=1&points=" + many)), "101 points"));
}

}  // namespace
}  // namespace nuanshu::http

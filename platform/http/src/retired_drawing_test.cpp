#include "platform/http/src/retired_drawing.h"

#include <gtest/gtest.h>

#include "base/time.h"
#include "platform/http/src/server_for_tests.h"

namespace nuanshu::http {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t day_ms = 24 * hour_ms;
constexpr std::int64_t start_ms = 1'748'707'200'000;  // midnight in China, 2025-06-01

/// Sixty days of a point, a sample a minute, with one high and one bad hour.
class RetiredHistory : public ServerOf {
 protected:
    RetiredHistory() {
        for (std::int64_t minute = 0; minute < days * 1'440; ++minute) {
            const bool is_bad = minute / 60 == 100;
            samples_.push_back({start_ms + minute * 60'000, static_cast<double>(minute % 997) / 10.0,
                                is_bad ? Quality::wire_break : Quality::good});
        }
        samples_[30'000].value = 500;
        house_.store(House::flow, samples_);
    }

    /// Takes away what is older than the last twenty days.
    void retire() {
        const auto rules = value_or_throw(historian::parse_retention("* raw=20d"));
        value_or_throw(house_.samples->flush());
        auto* life = house_.samples->life();
        const auto gone =
            value_or_throw(life->retire(rules, start_ms + days * day_ms, historian::RetentionMode::apply, {}));
        ASSERT_GT(life->raw_kept_from_ms(house_.id_of(House::flow)), start_ms + 30 * day_ms);
        ASSERT_TRUE(
            value_or_throw(house_.samples->read(house_.id_of(House::flow), {0, start_ms + 30 * day_ms}, 1)).empty());
        EXPECT_GT(gone.points, 0U);
    }

    std::vector<historian::StoredSample> draw(std::size_t columns) {
        return value_or_throw(read_drawing(*house_.samples, house_.samples->life(), house_.id_of(House::flow),
                                           {start_ms, start_ms + days * day_ms}, columns));
    }

    static constexpr std::int64_t days = 60;
    std::vector<historian::StoredSample> samples_;
};

bool is_one_of(const std::vector<historian::StoredSample>& all, const historian::StoredSample& one) {
    return std::any_of(all.begin(), all.end(), [&](const historian::StoredSample& sample) {
        return sample.time_ms == one.time_ms && sample.value == one.value;
    });
}

TEST_F(RetiredHistory, is_drawn_from_what_remains_with_true_times_and_extremes) {
    retire();
    for (const std::size_t columns : {20U, 60U, 1'000U}) {
        const auto drawn = draw(columns);
        EXPECT_TRUE(is_one_of(drawn, samples_[30'000])) << "the highest, at " << columns;
        EXPECT_EQ(drawn.front().time_ms, start_ms);
        EXPECT_EQ(drawn.back().time_ms, samples_.back().time_ms);
        EXPECT_LE(drawn.size(), 5 * columns + 10);
        for (std::size_t i = 0; i < drawn.size(); ++i) {
            EXPECT_TRUE(is_bad(drawn[i].quality) || is_one_of(samples_, drawn[i])) << format_time(drawn[i].time_ms);
            EXPECT_TRUE(i == 0 || drawn[i - 1].time_ms < drawn[i].time_ms);
        }
    }
}

TEST_F(RetiredHistory, shows_an_hour_without_a_usable_sample_as_bad) {
    retire();
    const auto drawn = draw(60 * 24);
    EXPECT_EQ(
        std::count_if(drawn.begin(), drawn.end(), [](const auto& sample) { return sample.quality == Quality::gap; }),
        1);
}

TEST_F(RetiredHistory, answers_for_drawing_and_for_grafana_alike) {
    const auto target =
        fmt::format("/api/v1/samples?points=xc.h1/flow&from={}&to={}&columns=60", start_ms, start_ms + days * day_ms);
    const auto before = get(target).at("series").as_array().at(0).at("v").as_array();
    retire();
    const auto after = get(target).at("series").as_array().at(0).at("v").as_array();
    EXPECT_GT(after.size() * 2, before.size());
    const auto body =
        fmt::format(R"({{"range":{{"from":"{}","to":"{}"}},"maxDataPoints":60,"targets":[{{"target":"xc.h1/flow"}}]}})",
                    format_time(start_ms), format_time(start_ms + days * day_ms));
    const auto grafana = json::parse(ask("POST", "/api/v1/grafana/query", body).body);
    EXPECT_EQ(grafana.at(0).at("datapoints").as_array().size(), after.size());
}

TEST(DrawRollups, keeps_four_samples_a_column) {
    historian::Rollup hour{.from_ms = 0, .count = 3, .begin_ms = 1, .end_ms = 9};
    hour.first_ms = 1, hour.first = 5, hour.min_ms = 1, hour.min = 5, hour.max_ms = 4, hour.max = 8;
    hour.last_ms = 9, hour.last = 6;
    const auto drawn = draw_rollups(std::span(&hour, 1), {0, hour_ms}, 1);
    ASSERT_EQ(drawn.size(), 3U) << "the first is the lowest too";
    EXPECT_EQ(drawn[1].value, 8);
    EXPECT_TRUE(draw_rollups({}, {0, hour_ms}, 10).empty());
}

}  // namespace
}  // namespace nuanshu::http

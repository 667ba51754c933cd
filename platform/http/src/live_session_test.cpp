#include "platform/http/src/live_session.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace nuanshu::http {
namespace {

/// A session over points p1 … p5 whose values the test sets.
class LiveSessionOf : public testing::Test {
 protected:
    LiveSession make() {
        LiveSource source;
        source.find_point = [](std::string_view code) {
            const bool known = code.size() == 2 && code[0] == 'p' && code[1] >= '1' && code[1] <= '5';
            return known ? PointId{static_cast<std::uint32_t>(code[1] - '0')} : PointId{};
        };
        source.read_current = [this](std::span<const PointId> points, std::span<telemetry::CurrentValue> out) {
            ++scans_;
            for (std::size_t i = 0; i < points.size(); ++i) {
                out[i] = values_[points[i].value];
            }
        };
        source.now_ms = [] { return std::int64_t{1768465800250}; };
        return LiveSession(std::move(source), sent_);
    }

    void set(std::uint32_t point, double value, Quality quality = Quality::good) {
        auto& held = values_[point];
        held = {value, quality, 1768465800000, 1768465800100, held.change + 1};
    }

    /// The rows of the frame that is due now; "none" without one.
    std::string due(std::int64_t steady_ms) {
        std::string frame;
        if (!session_.write_due(steady_ms, frame)) {
            return "none";
        }
        return boost::json::serialize(boost::json::parse(frame).at("values"));
    }

    std::string subscribe(std::string_view id, std::string_view points, int every_ms, std::int64_t steady_ms = 0) {
        return session_.take(
            fmt::format(R"({{"op":"subscribe","id":"{}","points":{},"every_ms":{}}})", id, points, every_ms),
            steady_ms);
    }

    telemetry::CurrentValue values_[6];
    int scans_ = 0;
    Counter sent_;
    LiveSession session_ = make();
};

TEST_F(LiveSessionOf, greets_and_answers_pings) {
    EXPECT_EQ(session_.hello("0.1.0"), R"({"op":"hello","now_ms":1768465800250,"version":"0.1.0"})");
    EXPECT_EQ(session_.take(R"({"op":"ping","n":17})", 0), R"({"op":"pong","n":17,"now_ms":1768465800250})");
}

TEST_F(LiveSessionOf, all_points_come_first_then_what_changed) {
    set(1, 23.5);
    EXPECT_EQ(subscribe("mimic", R"(["p1","p2"])", 1000), R"({"op":"subscribed","id":"mimic","unknown":[]})");
    EXPECT_EQ(due(0), "[[0,1768465800000,2.35E1,0],[1,0,null,255]]");
    EXPECT_EQ(due(500), "none");
    EXPECT_EQ(due(1000), "none");
    set(2, 7);
    EXPECT_EQ(due(1999), "none");
    EXPECT_EQ(due(2000), "[[1,1768465800000,7,0]]");
    EXPECT_EQ(sent_.value(), 3U);
}

TEST_F(LiveSessionOf, unknown_points_are_named_and_keep_their_index) {
    set(1, 1);
    EXPECT_EQ(subscribe("a", R"(["no.such/point","p1"])", 1000),
              R"({"op":"subscribed","id":"a","unknown":["no.such/point"]})");
    EXPECT_EQ(due(0), "[[1,1768465800000,1,0]]");
}

TEST_F(LiveSessionOf, a_bad_value_is_shown_with_its_quality_and_no_number_as_null) {
    set(1, 12, Quality::communication);
    set(2, 0, Quality::not_a_number);
    subscribe("a", R"(["p1","p2"])", 1000);
    EXPECT_EQ(due(0), "[[0,1768465800000,12,131],[1,1768465800000,null,130]]");
}

TEST_F(LiveSessionOf, a_late_reader_gets_the_newest_state_once) {
    subscribe("a", R"(["p1"])", 100);
    due(0);
    for (int i = 1; i <= 50; ++i) {
        set(1, i);
    }
    EXPECT_EQ(due(60'000), "[[0,1768465800000,50,0]]");
    EXPECT_EQ(due(60'001), "none");
}

TEST_F(LiveSessionOf, an_empty_frame_shows_that_the_line_lives) {
    subscribe("slow", R"(["p1"])", 60'000);
    due(0);
    EXPECT_EQ(due(4'999), "none");
    EXPECT_EQ(session_.next_due_ms(), 5'000);
    const int scans = scans_;
    EXPECT_EQ(due(5'000), "[]");
    EXPECT_EQ(scans_, scans);
    EXPECT_EQ(session_.next_due_ms(), 10'000);
}

TEST_F(LiveSessionOf, a_subscription_of_nothing_lives_too) {
    subscribe("empty", "[]", 1000);
    EXPECT_EQ(due(0), "[]");
    EXPECT_EQ(due(5'000), "[]");
}

TEST_F(LiveSessionOf, subscribing_again_replaces_and_unsubscribing_ends) {
    set(1, 1);
    set(2, 2);
    subscribe("a", R"(["p1"])", 1000);
    due(0);
    subscribe("a", R"(["p2"])", 1000, 10);
    EXPECT_EQ(due(10), "[[0,1768465800000,2,0]]");
    EXPECT_EQ(session_.take(R"({"op":"unsubscribe","id":"a"})", 20), "");
    EXPECT_EQ(session_.next_due_ms(), std::nullopt);
    EXPECT_EQ(due(100'000), "none");
}

TEST_F(LiveSessionOf, the_one_that_waited_longest_is_next) {
    set(1, 1);
    set(2, 2);
    subscribe("fast", R"(["p1"])", 50, 0);
    subscribe("slow", R"(["p2"])", 1000, 1);
    due(2);
    EXPECT_EQ(due(2), "[[0,1768465800000,2,0]]");
}

TEST_F(LiveSessionOf, nonsense_is_answered_not_obeyed) {
    for (const auto* nonsense :
         {"", "x", "[]", "{}", R"({"op":"dance"})", R"({"op":1})", R"({"op":"ping"})", R"({"op":"ping","n":1.5})",
          R"({"op":"subscribe","id":"a"})", R"({"op":"subscribe","id":"a","points":["p1"],"every_ms":49})",
          R"({"op":"subscribe","id":"a","points":[1]})", R"({"op":"subscribe","id":7,"points":[]})"}) {
        EXPECT_TRUE(session_.take(nonsense, 0).starts_with(R"({"op":"error","text":")")) << nonsense;
    }
    EXPECT_EQ(session_.next_due_ms(), std::nullopt);
}

TEST_F(LiveSessionOf, points_of_a_connection_are_bounded) {
    std::string many = "[";
    for (int i = 0; i < 11'000; ++i) {
        many += i == 0 ? R"("p1")" : R"(,"p1")";
    }
    many += "]";
    EXPECT_TRUE(subscribe("a", many, 1000).starts_with(R"({"op":"subscribed")"));
    EXPECT_TRUE(subscribe("a", many, 1000).starts_with(R"({"op":"subscribed")"));
    EXPECT_EQ(subscribe("b", many, 1000), R"({"op":"error","text":"b: more than 20000 points on this connection"})");
}

TEST_F(LiveSessionOf, subscriptions_of_a_connection_are_bounded) {
    for (std::size_t i = 0; i < LiveSession::subscriptions_max; ++i) {
        subscribe(std::to_string(i), "[]", 1000);
    }
    EXPECT_TRUE(subscribe("one more", "[]", 1000).starts_with(R"({"op":"error")"));
    EXPECT_TRUE(subscribe("7", "[]", 1000).starts_with(R"({"op":"subscribed")"));
}

}  // namespace
}  // namespace nuanshu::http

#include "platform/drivers/mqtt/src/confirmations.h"

#include <gtest/gtest.h>

#include "platform/drivers/mqtt/src/reason.h"

namespace nuanshu::drivers::mqtt {
namespace {

using namespace std::chrono_literals;

/// What each of three messages was told: nothing, ok, or the error's name.
class Awaiting : public ::testing::Test {
 protected:
    Awaiting() {
        for (std::uint16_t id = 1; id <= 3; ++id) {
            const auto deadline = start_ + std::chrono::seconds(id);
            confirmations_.await(
                id, [this, id](Result<> result) { told_[id] += result ? "ok" : to_string(result.error().code); },
                deadline);
        }
    }

    Confirmations::Clock::time_point start_;
    Confirmations confirmations_{"broker"};
    std::map<std::uint16_t, std::string> told_;
};

TEST_F(Awaiting, each_is_told_what_the_broker_said_of_it) {
    confirmations_.confirm({.packet_id = 2});
    confirmations_.confirm({.packet_id = 1, .reason = 0x87});
    confirmations_.confirm({.packet_id = 3, .reason = 0x10});
    confirmations_.confirm({.packet_id = 2});
    confirmations_.confirm({.packet_id = 99});
    EXPECT_EQ(told_, (std::map<std::uint16_t, std::string>{{1, "refused"}, {2, "ok"}, {3, "unavailable"}}));
    EXPECT_EQ(confirmations_.size(), 0U);
}

TEST_F(Awaiting, those_whose_time_is_over_are_told_so_once) {
    confirmations_.expire(start_ + 1s);
    EXPECT_TRUE(told_.empty());
    confirmations_.expire(start_ + 2500ms);
    EXPECT_EQ(told_, (std::map<std::uint16_t, std::string>{{1, "timeout"}, {2, "timeout"}}));
    confirmations_.confirm({.packet_id = 1});
    EXPECT_EQ(told_[1], "timeout");
}

TEST_F(Awaiting, a_lost_connection_is_told_to_all) {
    confirmations_.lose("end of file");
    EXPECT_EQ(told_,
              (std::map<std::uint16_t, std::string>{{1, "unavailable"}, {2, "unavailable"}, {3, "unavailable"}}));
}

TEST(Reason, is_told_in_words) {
    EXPECT_EQ(describe_reason(0x87, ""), "not authorized (0x87)");
    EXPECT_EQ(describe_reason(0x86, "no such user"), "bad user name or password (0x86): no such user");
    EXPECT_EQ(describe_reason(0xFF, ""), "unknown reason (0xFF)");
}

}  // namespace
}  // namespace nuanshu::drivers::mqtt

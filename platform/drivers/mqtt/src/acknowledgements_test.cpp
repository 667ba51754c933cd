#include "platform/drivers/mqtt/src/acknowledgements.h"

#include <gtest/gtest.h>

namespace nuanshu::drivers::mqtt {
namespace {

using Ids = std::vector<std::uint16_t>;

TEST(Acknowledgements, wait_for_their_own_samples_and_for_all_messages_before_them) {
    Acknowledgements acknowledgements;
    const auto first = acknowledgements.close_group({1, 2}, 1);
    const auto second = acknowledgements.close_group({3}, 1);
    acknowledgements.stored(second);
    EXPECT_EQ(acknowledgements.take_ready(), Ids{}) << "1 and 2 came before 3";
    acknowledgements.stored(first);
    EXPECT_EQ(acknowledgements.take_ready(), (Ids{1, 2, 3}));
    EXPECT_EQ(acknowledgements.take_ready(), Ids{}) << "each is given once";
}

TEST(Acknowledgements, live_and_historical_samples_of_a_group_both_have_to_be_stored) {
    Acknowledgements acknowledgements;
    const auto group = acknowledgements.close_group({7}, 2);
    acknowledgements.stored(group);
    EXPECT_EQ(acknowledgements.take_ready(), Ids{});
    acknowledgements.stored(group);
    EXPECT_EQ(acknowledgements.take_ready(), Ids{7});
}

TEST(Acknowledgements, messages_without_samples_have_their_turn_too) {
    Acknowledgements acknowledgements;
    const auto first = acknowledgements.close_group({1}, 1);
    acknowledgements.close_group({2}, 0);
    EXPECT_EQ(acknowledgements.take_ready(), Ids{});
    acknowledgements.stored(first);
    EXPECT_EQ(acknowledgements.take_ready(), (Ids{1, 2}));
}

TEST(Acknowledgements, nothing_of_a_lost_connection_is_acknowledged_on_the_next) {
    Acknowledgements acknowledgements;
    const auto before = acknowledgements.close_group({1}, 1);
    acknowledgements.forget();
    const auto after = acknowledgements.close_group({1}, 1);
    acknowledgements.stored(before);
    EXPECT_EQ(acknowledgements.take_ready(), Ids{});
    acknowledgements.stored(after);
    EXPECT_EQ(acknowledgements.take_ready(), Ids{1});
}

}  // namespace
}  // namespace nuanshu::drivers::mqtt

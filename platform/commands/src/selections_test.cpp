#include "platform/commands/src/selections.h"

#include <set>

#include <gtest/gtest.h>

namespace nuanshu::commands {
namespace {

Result<Selection> keep(Selections& selections, const std::string& user, std::int64_t now_ms) {
    Selection selection;
    selection.point = "v/opening";
    selection.expires_ms = now_ms + 30'000;
    return selections.keep({std::move(selection), user, now_ms}, now_ms);
}

TEST(Selections, give_each_an_id_of_its_own) {
    Selections selections;
    std::set<std::string> ids;
    for (int i = 0; i < 200; ++i) {
        ids.insert(keep(selections, "user" + std::to_string(i), 0)->id);
    }
    EXPECT_EQ(ids.size(), 200U);
    EXPECT_EQ(ids.begin()->size(), 32U);
}

TEST(Selections, are_used_once) {
    Selections selections;
    const auto id = keep(selections, "li", 0)->id;
    EXPECT_TRUE(selections.use(id));
    EXPECT_FALSE(selections.use(id));
    EXPECT_EQ(selections.find("li", id, 0).error().code, ErrorCode::not_found);
}

TEST(Selections, belong_to_one_person_for_half_a_minute) {
    Selections selections;
    const auto id = keep(selections, "li", 1'000)->id;
    EXPECT_EQ(selections.find("wang", id, 1'001).error().code, ErrorCode::conflict);
    EXPECT_TRUE(selections.find("li", id, 30'999));
    EXPECT_EQ(selections.find("li", id, 31'000).error().code, ErrorCode::conflict);
    EXPECT_TRUE(keep(selections, "li", 400'000));
    EXPECT_EQ(selections.find("li", id, 400'000).error().code, ErrorCode::not_found);
}

TEST(Selections, of_one_person_push_out_the_oldest) {
    Selections selections;
    const auto first = keep(selections, "li", 0)->id;
    const auto others = keep(selections, "wang", 0)->id;
    for (std::size_t i = 0; i < Selections::held_by_one_max; ++i) {
        EXPECT_TRUE(keep(selections, "li", 1));
    }
    EXPECT_FALSE(selections.find("li", first, 1));
    EXPECT_TRUE(selections.find("wang", others, 1));
}

TEST(Selections, have_a_bound_that_time_frees) {
    Selections selections;
    for (std::size_t i = 0; i < Selections::held_max; ++i) {
        ASSERT_TRUE(keep(selections, "user" + std::to_string(i), 0));
    }
    EXPECT_EQ(keep(selections, "late", 0).error().code, ErrorCode::exhausted);
    EXPECT_TRUE(keep(selections, "late", 400'000));
}

}  // namespace
}  // namespace nuanshu::commands

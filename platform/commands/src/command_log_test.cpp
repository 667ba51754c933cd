#include "platform/commands/src/command_log.h"

#include <thread>

#include <gtest/gtest.h>

#include "tests/support/postgres.h"
#include "tests/support/process.h"

namespace nuanshu::commands {
namespace {

using store::Dialect;
using support::Postgres;
using support::TemporaryDirectory;

class CommandLogIn : public testing::TestWithParam<Dialect> {
 protected:
    void SetUp() override {
        const auto url = GetParam() == Dialect::sqlite ? "sqlite://" + directory_.path() + "/commands.db"
                                                       : Postgres::shared().create_database();
        database_ = value_or_throw(store::open_database(url));
        log_ = std::make_unique<CommandLog>(*database_);
        value_or_throw(log_->prepare());
    }

    CommandRecord add(const std::string& point) {
        CommandRecord record;
        record.point = point;
        record.user = "李";
        record.value = 45.5;
        record.quality_before = Quality::gap;
        record.selected_ms = 1'768'000'000'000;
        value_or_throw(log_->add(record));
        return record;
    }

    TemporaryDirectory directory_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<CommandLog> log_;
};

INSTANTIATE_TEST_SUITE_P(Commands, CommandLogIn, testing::Values(Dialect::sqlite, Dialect::postgresql),
                         [](const auto& each) { return each.param == Dialect::sqlite ? "sqlite" : "postgresql"; });

TEST_P(CommandLogIn, gives_back_what_was_kept) {
    auto record = add("v/opening");
    EXPECT_EQ(record.id, 1);
    EXPECT_EQ(log_->get(1)->outcome, Outcome::running);
    EXPECT_FALSE(log_->get(1)->value_read_back);
    record.outcome = Outcome::not_confirmed;
    record.written_after_ms = 12;
    record.value_read_back = 44.0;
    record.reason = "v/opening reads 44";
    ASSERT_TRUE(log_->complete(record));
    const auto kept = log_->get(1);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->user, "李");
    EXPECT_EQ(kept->value, 45.5);
    EXPECT_EQ(kept->quality_before, Quality::gap);
    EXPECT_EQ(kept->selected_ms, 1'768'000'000'000);
    EXPECT_EQ(kept->written_after_ms, 12);
    EXPECT_FALSE(kept->confirmed_after_ms);
    EXPECT_EQ(kept->value_read_back, 44.0);
    EXPECT_EQ(kept->outcome, Outcome::not_confirmed);
    EXPECT_EQ(kept->reason, "v/opening reads 44");
    EXPECT_EQ(log_->get(2).error().code, ErrorCode::not_found);
}

TEST_P(CommandLogIn, numbers_without_holes_from_many_threads) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int k = 0; k < 5; ++k) {
                add("v/opening");
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    const auto all = log_->list({.point = {}, .limit = 100});
    ASSERT_TRUE(all) << all.error().message();
    ASSERT_EQ(all->size(), 20U);
    EXPECT_EQ(all->front().id, 20);
    EXPECT_EQ(all->back().id, 1);
}

TEST_P(CommandLogIn, lists_newest_first_by_point_and_page) {
    for (const auto* point : {"a/x", "b/x", "a/x", "a/x"}) {
        add(point);
    }
    const auto newest = log_->list({.point = "a/x", .limit = 2});
    ASSERT_EQ(newest->size(), 2U);
    EXPECT_EQ(newest->at(0).id, 4);
    EXPECT_EQ(newest->at(1).id, 3);
    const auto older = log_->list({.point = "a/x", .limit = 2, .before_id = 3});
    ASSERT_EQ(older->size(), 1U);
    EXPECT_EQ(older->at(0).id, 1);
    EXPECT_EQ(log_->list({.point = {}, .limit = 0}).error().code, ErrorCode::invalid);
    EXPECT_EQ(log_->list({.point = {}, .limit = 1'001}).error().code, ErrorCode::invalid);
}

TEST_P(CommandLogIn, closes_what_was_left_running) {
    add("a/x");
    auto ended = add("a/x");
    ended.outcome = Outcome::confirmed;
    ASSERT_TRUE(log_->complete(ended));
    EXPECT_EQ(log_->close_running("the program ended"), 1U);
    EXPECT_EQ(log_->get(1)->outcome, Outcome::failed);
    EXPECT_EQ(log_->get(1)->reason, "the program ended");
    EXPECT_EQ(log_->get(2)->outcome, Outcome::confirmed);
}

}  // namespace
}  // namespace nuanshu::commands

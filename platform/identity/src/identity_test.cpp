#include "platform/identity/identity.h"

#include <thread>

#include <gtest/gtest.h>

#include "tests/support/postgres.h"
#include "tests/support/process.h"

namespace nuanshu::identity {
namespace {

using store::Dialect;
using support::Postgres;
using support::TemporaryDirectory;

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t start_ms = 1'768'464'000'000;

class AnyIdentity : public testing::TestWithParam<Dialect> {
 protected:
    void SetUp() override {
        const std::string url = GetParam() == Dialect::sqlite ? "sqlite://" + directory_.path() + "/test.db"
                                                              : Postgres::shared().create_database();
        database_ = value_or_throw(store::open_database(url));
        open();
        value_or_throw(identity_->create_user({.name = "li.wei", .title = "李伟"}, right_));
    }

    void open() { identity_ = value_or_throw(Identity::open(*database_, {}, clock_)); }

    ErrorCode sign_in_error(std::string_view name, std::string_view password) {
        const auto session = identity_->sign_in(name, password);
        return session ? ErrorCode::internal : session.error().code;
    }

    /// Every text that the three tables hold.
    std::string everything_stored() {
        std::string all;
        value_or_throw(database_->read([&](store::Connection& connection) -> Result<> {
            for (const std::string_view sql : {"SELECT name || title || password_hash FROM identity_users",
                                               "SELECT token_hash || user_name FROM identity_sessions"}) {
                NUANSHU_TRY(const auto rows, connection.query(sql));
                for (const auto& row : rows) {
                    all += std::get<std::string>(row[0]) + "\n";
                }
            }
            return {};
        }));
        return all;
    }

    const std::string right_ = "correct horse 马";
    const std::string wrong_ = "correct horse 牛";
    TemporaryDirectory directory_;
    ManualClock clock_{start_ms};
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<Identity> identity_;
};

INSTANTIATE_TEST_SUITE_P(Identity, AnyIdentity, testing::Values(Dialect::sqlite, Dialect::postgresql),
                         [](const auto& each) { return each.param == Dialect::sqlite ? "sqlite" : "postgresql"; });

TEST_P(AnyIdentity, a_session_lasts_its_time_and_over_a_restart) {
    const auto session = value_or_throw(identity_->sign_in("li.wei", right_));
    EXPECT_EQ(session.token.size(), 43U);
    EXPECT_EQ(session.token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
              std::string::npos);
    EXPECT_EQ(session.expires_ms, start_ms + 12 * hour_ms);
    open();
    const auto found = value_or_throw(identity_->session(session.token));
    EXPECT_EQ(found.user.name, "li.wei");
    EXPECT_EQ(found.user.title, "李伟");
    EXPECT_FALSE(found.user.administrator);
    EXPECT_EQ(found.token, session.token);
    clock_.advance_ms(12 * hour_ms - 1);
    EXPECT_TRUE(identity_->session(session.token));
    clock_.advance_ms(1);
    EXPECT_EQ(identity_->session(session.token).error().code, ErrorCode::unauthenticated);
}

TEST_P(AnyIdentity, neither_password_nor_token_is_stored) {
    const auto session = value_or_throw(identity_->sign_in("li.wei", right_));
    const std::string stored = everything_stored();
    EXPECT_NE(stored.find("$argon2id$"), std::string::npos);
    EXPECT_EQ(stored.find(right_), std::string::npos);
    EXPECT_EQ(stored.find(session.token), std::string::npos);
}

TEST_P(AnyIdentity, signing_out_ends_that_session_only) {
    const auto one = value_or_throw(identity_->sign_in("li.wei", right_));
    const auto two = value_or_throw(identity_->sign_in("li.wei", right_));
    EXPECT_NE(one.token, two.token);
    EXPECT_TRUE(identity_->sign_out(one.token));
    EXPECT_FALSE(identity_->session(one.token));
    EXPECT_TRUE(identity_->session(two.token));
    EXPECT_TRUE(identity_->sign_out(one.token));
    EXPECT_TRUE(identity_->sign_out("never was"));
}

TEST_P(AnyIdentity, sessions_that_are_over_are_deleted) {
    value_or_throw(identity_->sign_in("li.wei", right_));
    clock_.advance_ms(13 * hour_ms);
    value_or_throw(identity_->sign_in("li.wei", right_));
    value_or_throw(database_->read([](store::Connection& connection) -> Result<> {
        NUANSHU_TRY(const auto rows, connection.query("SELECT count(*) FROM identity_sessions"));
        EXPECT_EQ(std::get<std::int64_t>(rows[0][0]), 1);
        return {};
    }));
}

TEST_P(AnyIdentity, wrong_name_and_wrong_password_sound_alike) {
    const auto password = identity_->sign_in("li.wei", wrong_);
    const auto name = identity_->sign_in("nobody", right_);
    const auto shape = identity_->sign_in("Robert'); DROP TABLE identity_users;--", right_);
    ASSERT_TRUE(!password && !name && !shape);
    for (const auto* error : {&password.error(), &name.error(), &shape.error()}) {
        EXPECT_EQ(error->code, ErrorCode::unauthenticated);
        EXPECT_EQ(error->message(), password.error().message());
    }
}

TEST_P(AnyIdentity, five_wrong_passwords_lock_the_name_for_five_minutes) {
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(sign_in_error("li.wei", wrong_), ErrorCode::unauthenticated);
    }
    const auto locked = identity_->sign_in("li.wei", right_);
    ASSERT_FALSE(locked);
    EXPECT_EQ(locked.error().code, ErrorCode::refused);
    EXPECT_NE(locked.error().what.find("2026-01-15T08:05:00Z"), std::string::npos) << locked.error().what;
    open();
    clock_.advance_ms(5 * 60'000 - 1);
    EXPECT_EQ(sign_in_error("li.wei", right_), ErrorCode::refused);
    clock_.advance_ms(1);
    EXPECT_TRUE(identity_->sign_in("li.wei", right_));
}

TEST_P(AnyIdentity, a_right_password_starts_the_count_anew) {
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 4; ++i) {
            EXPECT_EQ(sign_in_error("li.wei", wrong_), ErrorCode::unauthenticated);
        }
        EXPECT_TRUE(identity_->sign_in("li.wei", right_));
    }
}

TEST_P(AnyIdentity, a_name_that_nobody_has_locks_too) {
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(sign_in_error("nobody", wrong_), ErrorCode::unauthenticated);
    }
    EXPECT_EQ(sign_in_error("nobody", wrong_), ErrorCode::refused);
    EXPECT_TRUE(identity_->sign_in("li.wei", right_));
}

TEST_P(AnyIdentity, guessing_in_parallel_gains_no_attempt) {
    std::atomic<int> looked_at{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back(
            [&] { looked_at += sign_in_error("li.wei", wrong_) == ErrorCode::unauthenticated ? 1 : 0; });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(looked_at, 5);
}

TEST_P(AnyIdentity, the_administrator_is_made_once) {
    store::Database& database = *database_;
    value_or_throw(database.transaction([](store::Connection& connection) -> Result<> {
        NUANSHU_TRY_VOID(connection.execute("DELETE FROM identity_users"));
        return {};
    }));
    const auto password = value_or_throw(identity_->ensure_administrator());
    ASSERT_TRUE(password);
    EXPECT_EQ(password->size(), 20U);
    EXPECT_EQ(password->find_first_of("0O1lIio"), std::string::npos);
    EXPECT_TRUE(value_or_throw(identity_->sign_in("admin", *password)).user.administrator);
    EXPECT_EQ(value_or_throw(identity_->ensure_administrator()), std::nullopt);
}

TEST_P(AnyIdentity, changing_ones_password_ends_the_other_sessions) {
    const auto mine = value_or_throw(identity_->sign_in("li.wei", right_));
    const auto other = value_or_throw(identity_->sign_in("li.wei", right_));
    EXPECT_EQ(identity_->change_password("li.wei", wrong_, "a new password").error().code, ErrorCode::unauthenticated);
    EXPECT_EQ(identity_->change_password("li.wei", right_, "short").error().code, ErrorCode::invalid);
    EXPECT_TRUE(identity_->session(other.token));
    EXPECT_TRUE(identity_->change_password("li.wei", right_, "a new password", mine.token));
    EXPECT_TRUE(identity_->session(mine.token));
    EXPECT_FALSE(identity_->session(other.token));
    EXPECT_EQ(sign_in_error("li.wei", right_), ErrorCode::unauthenticated);
    EXPECT_TRUE(identity_->sign_in("li.wei", "a new password"));
}

TEST_P(AnyIdentity, a_password_set_by_the_operator_ends_all_sessions_and_unlocks) {
    const auto session = value_or_throw(identity_->sign_in("li.wei", right_));
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(sign_in_error("li.wei", wrong_), ErrorCode::unauthenticated);
    }
    EXPECT_TRUE(identity_->set_password("li.wei", "set by the operator"));
    EXPECT_FALSE(identity_->session(session.token));
    EXPECT_TRUE(identity_->sign_in("li.wei", "set by the operator"));
    EXPECT_EQ(identity_->set_password("nobody", "set by the operator").error().code, ErrorCode::not_found);
}

TEST_P(AnyIdentity, users_have_a_proper_name_and_a_long_enough_password) {
    const auto error_of = [&](User user, std::string_view password) {
        const auto created = identity_->create_user(user, password);
        return created ? ErrorCode::internal : created.error().code;
    };
    EXPECT_EQ(error_of({.name = "li.wei"}, right_), ErrorCode::conflict);
    EXPECT_EQ(error_of({.name = ""}, right_), ErrorCode::invalid);
    EXPECT_EQ(error_of({.name = "Li"}, right_), ErrorCode::invalid);
    EXPECT_EQ(error_of({.name = "李伟"}, right_), ErrorCode::invalid);
    EXPECT_EQ(error_of({.name = std::string(65, 'x')}, right_), ErrorCode::invalid);
    EXPECT_EQ(error_of({.name = "x", .title = std::string(201, 'x')}, right_), ErrorCode::invalid);
    EXPECT_EQ(error_of({.name = "x"}, "九个汉字不够长的啊"), ErrorCode::invalid);
    EXPECT_EQ(error_of({.name = "x"}, std::string(1'025, 'x')), ErrorCode::invalid);
    EXPECT_TRUE(identity_->create_user({.name = "x"}, "十个汉字就已经够长了吧"));
}

}  // namespace
}  // namespace nuanshu::identity

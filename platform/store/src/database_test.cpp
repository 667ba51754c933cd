#include "platform/store/database.h"

#include <cmath>
#include <filesystem>
#include <future>
#include <limits>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/postgres.h"
#include "tests/support/process.h"

namespace nuanshu::store {
namespace {

using support::Postgres;
using support::TemporaryDirectory;

class AnyDatabase : public testing::TestWithParam<Dialect> {
 protected:
    void SetUp() override {
        url_ = GetParam() == Dialect::sqlite ? "sqlite://" + directory_.path() + "/test.db"
                                             : Postgres::shared().create_database();
        database_ = value_or_throw(open_database(url_));
    }

    Result<std::uint64_t> execute(std::string_view sql, std::vector<SqlValue> parameters = {}) {
        Result<std::uint64_t> changed = 0;
        auto done = database_->transaction([&](Connection& connection) -> Result<> {
            NUANSHU_TRY(changed, connection.execute(sql, parameters));
            return {};
        });
        return done ? changed : Result<std::uint64_t>(tl::unexpected<Error>(done.error()));
    }

    std::vector<SqlRow> query(std::string_view sql, std::vector<SqlValue> parameters = {}) {
        std::vector<SqlRow> rows;
        value_or_throw(database_->read([&](Connection& connection) -> Result<> {
            NUANSHU_TRY(rows, connection.query(sql, parameters));
            return {};
        }));
        return rows;
    }

    std::int64_t count(std::string_view table) {
        return std::get<std::int64_t>(query(fmt::format("SELECT count(*) FROM {}", table)).at(0).at(0));
    }

    TemporaryDirectory directory_;
    std::string url_;
    std::unique_ptr<Database> database_;
};

INSTANTIATE_TEST_SUITE_P(Store, AnyDatabase, testing::Values(Dialect::sqlite, Dialect::postgresql),
                         [](const auto& each) { return each.param == Dialect::sqlite ? "sqlite" : "postgresql"; });

constexpr const char* make_table =
    "CREATE TABLE thing (code TEXT PRIMARY KEY, n BIGINT, x DOUBLE PRECISION, t TEXT, b BOOLEAN)";

TEST_P(AnyDatabase, values_come_back_as_they_went) {
    ASSERT_TRUE(execute(make_table));
    const std::int64_t big = std::numeric_limits<std::int64_t>::max();
    const std::string text = "暖枢 'quoted' \"double\" \\ :1 ; --\n";
    EXPECT_EQ(execute("INSERT INTO thing VALUES (:1, :2, :3, :4, :5)", {"a", big, 0.1, text, std::int64_t{1}}), 1U);
    EXPECT_EQ(execute("INSERT INTO thing VALUES (:1, :2, :3, :4, :5)", {"b", {}, {}, {}, {}}), 1U);
    const auto rows = query("SELECT n, x, t, b FROM thing ORDER BY code");
    EXPECT_EQ(rows.at(0), (SqlRow{big, 0.1, text, std::int64_t{1}}));
    EXPECT_EQ(rows.at(1), SqlRow(4));
}

TEST_P(AnyDatabase, expressions_keep_their_type_and_size) {
    ASSERT_TRUE(execute(make_table));
    EXPECT_EQ(query("SELECT count(*), max(n), CAST(NULL AS TEXT) FROM thing").at(0), (SqlRow{std::int64_t{0}, {}, {}}));
    ASSERT_TRUE(execute("INSERT INTO thing (code, n) VALUES ('a', :1)", {std::int64_t{5'000'000'000}}));
    EXPECT_EQ(query("SELECT max(n), count(*), code || '!' FROM thing GROUP BY code").at(0),
              (SqlRow{std::int64_t{5'000'000'000}, std::int64_t{1}, "a!"}));
}

TEST_P(AnyDatabase, one_statement_takes_values_of_changing_kinds) {
    ASSERT_TRUE(execute(make_table));
    for (const SqlValue& value : {SqlValue(), SqlValue(1.5), SqlValue(), SqlValue(2.5)}) {
        ASSERT_TRUE(
            execute("INSERT INTO thing (code, x) VALUES (:1, :2)", {fmt::format("c{}", count("thing")), value}));
    }
    EXPECT_EQ(query("SELECT sum(x), count(x) FROM thing").at(0), (SqlRow{4.0, std::int64_t{2}}));
}

TEST_P(AnyDatabase, a_parameter_may_stand_in_many_places_and_any_order) {
    ASSERT_TRUE(execute(make_table));
    ASSERT_TRUE(execute("INSERT INTO thing (t, code) VALUES (:2, :1), (:2, :3)", {"a", "same", "b"}));
    EXPECT_EQ(query("SELECT code FROM thing WHERE t = :2 AND code <> :1 AND t = :2", {"a", "same"}),
              std::vector<SqlRow>{{"b"}});
}

TEST_P(AnyDatabase, insert_can_return_what_it_made) {
    ASSERT_TRUE(execute(make_table));
    ASSERT_TRUE(database_->transaction([&](Connection& connection) -> Result<> {
        NUANSHU_TRY(const auto rows, connection.query("INSERT INTO thing (code, n) VALUES ('a', 7) RETURNING n", {}));
        EXPECT_EQ(rows, std::vector<SqlRow>{{std::int64_t{7}}});
        return {};
    }));
    EXPECT_EQ(count("thing"), 1);
}

TEST_P(AnyDatabase, execute_counts_the_changed_rows) {
    ASSERT_TRUE(execute(make_table));
    EXPECT_EQ(execute("INSERT INTO thing (code) VALUES ('a'), ('b'), ('c')"), 3U);
    EXPECT_EQ(execute("UPDATE thing SET n = 1 WHERE code <> 'a'"), 2U);
    EXPECT_EQ(execute("UPDATE thing SET n = 1 WHERE code = 'nobody'"), 0U);
    EXPECT_EQ(execute("CREATE TABLE other (n BIGINT)"), 0U);
    EXPECT_EQ(execute("DELETE FROM thing"), 3U);
}

TEST_P(AnyDatabase, a_failed_transaction_leaves_nothing) {
    ASSERT_TRUE(execute(make_table));
    const auto result = database_->transaction([](Connection& connection) -> Result<> {
        NUANSHU_TRY_VOID(connection.execute("INSERT INTO thing (code) VALUES ('a')", {}));
        return fail(ErrorCode::refused, "test", "changed my mind");
    });
    EXPECT_EQ(result.error().code, ErrorCode::refused);
    EXPECT_EQ(count("thing"), 0);
}

TEST_P(AnyDatabase, a_throw_rolls_back_too) {
    ASSERT_TRUE(execute(make_table));
    const auto work = [](Connection& connection) -> Result<> {
        NUANSHU_TRY_VOID(connection.execute("INSERT INTO thing (code) VALUES ('a')", {}));
        throw std::logic_error("a broken invariant");
    };
    EXPECT_THROW(static_cast<void>(database_->transaction(work)), std::logic_error);
    EXPECT_EQ(count("thing"), 0);
    EXPECT_TRUE(execute("INSERT INTO thing (code) VALUES ('b')"));
}

TEST_P(AnyDatabase, a_taken_key_is_a_conflict_and_the_connection_lives_on) {
    ASSERT_TRUE(execute(make_table));
    ASSERT_TRUE(execute("INSERT INTO thing (code) VALUES ('a')"));
    const auto taken = execute("INSERT INTO thing (code) VALUES ('a')");
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, ErrorCode::conflict) << taken.error().message();
    EXPECT_NE(taken.error().what.find("thing"), std::string::npos) << taken.error().what;
    EXPECT_TRUE(execute("INSERT INTO thing (code) VALUES ('b')"));
}

TEST_P(AnyDatabase, a_failed_statement_leaves_none_of_its_values_behind) {
    ASSERT_TRUE(execute(make_table));
    constexpr const char* insert = "INSERT INTO thing (code, t) VALUES (:1, :2)";
    ASSERT_TRUE(execute(insert, {"a", {}}));
    ASSERT_FALSE(execute(insert, {"a", "left over"}));
    ASSERT_TRUE(execute(insert, {"b", {}}));
    EXPECT_EQ(query("SELECT t FROM thing WHERE code = 'b'").at(0).at(0), SqlValue());
}

TEST_P(AnyDatabase, a_foreign_key_is_kept) {
    ASSERT_TRUE(execute(make_table));
    ASSERT_TRUE(execute("CREATE TABLE part (code TEXT PRIMARY KEY, thing TEXT REFERENCES thing (code))"));
    EXPECT_EQ(execute("INSERT INTO part VALUES ('p', 'nobody')").error().code, ErrorCode::conflict);
}

TEST_P(AnyDatabase, what_one_dialect_would_bend_is_refused_by_both) {
    ASSERT_TRUE(execute(make_table));
    for (const SqlValue& value : {SqlValue(std::nan("")), SqlValue(HUGE_VAL), SqlValue(std::string("a\0b", 3))}) {
        const auto result = execute("INSERT INTO thing (code, x) VALUES ('a', :1)", {value});
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, ErrorCode::invalid);
    }
}

TEST_P(AnyDatabase, wrong_sql_is_our_fault_and_says_what) {
    const auto result = execute("SELECT wrong FROM nowhere");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::internal);
    EXPECT_NE(result.error().what.find("nowhere"), std::string::npos) << result.error().what;
}

TEST_P(AnyDatabase, readers_see_the_committed_state_while_somebody_writes) {
    ASSERT_TRUE(execute(make_table));
    ASSERT_TRUE(database_->transaction([&](Connection& connection) -> Result<> {
        NUANSHU_TRY_VOID(connection.execute("INSERT INTO thing (code) VALUES ('a')", {}));
        EXPECT_EQ(count("thing"), 0);
        return {};
    }));
    EXPECT_EQ(count("thing"), 1);
}

TEST_P(AnyDatabase, many_writers_lose_no_update) {
    constexpr int writers = 6;
    constexpr int rounds = 20;
    ASSERT_TRUE(execute(make_table));
    ASSERT_TRUE(execute("INSERT INTO thing (code, n) VALUES ('a', 0)"));
    std::vector<std::future<int>> failures;
    for (int i = 0; i < writers; ++i) {
        failures.push_back(std::async(std::launch::async, [&] {
            int failed = 0;
            for (int round = 0; round < rounds; ++round) {
                const auto result = database_->transaction([](Connection& connection) -> Result<> {
                    NUANSHU_TRY(const auto rows, connection.query("SELECT n FROM thing WHERE code = 'a'", {}));
                    const SqlValue next = std::get<std::int64_t>(rows.at(0).at(0)) + 1;
                    NUANSHU_TRY_VOID(
                        connection.execute("UPDATE thing SET n = :1 WHERE code = 'a'", std::span(&next, 1)));
                    return {};
                });
                failed += result ? 0 : 1;
            }
            return failed;
        }));
    }
    int failed = 0;
    for (auto& each : failures) {
        failed += each.get();
    }
    EXPECT_EQ(query("SELECT n FROM thing").at(0).at(0), SqlValue(std::int64_t{writers * rounds - failed}));
    EXPECT_LT(failed, writers * rounds / 10);
}

TEST_P(AnyDatabase, more_statements_than_are_kept_still_work) {
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(query(fmt::format("SELECT {}", i)).at(0).at(0), SqlValue(std::int64_t{i}));
    }
}

TEST_P(AnyDatabase, data_are_there_after_opening_again) {
    ASSERT_TRUE(execute(make_table));
    ASSERT_TRUE(execute("INSERT INTO thing (code) VALUES ('a')"));
    database_.reset();
    database_ = value_or_throw(open_database(url_));
    EXPECT_EQ(count("thing"), 1);
}

TEST(SqliteDatabase, a_missing_folder_is_unavailable) {
    const auto result = open_database("sqlite:///no/such/folder/test.db");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::unavailable) << result.error().message();
}

TEST(SqliteDatabase, a_file_that_is_no_database_is_corrupt) {
    const auto result = open_database(std::string("sqlite://") + NUANSHU_SOURCE_DIR + "/platform/store/CMakeLists.txt");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::corrupt) << result.error().message();
}

TEST(SqliteDatabase, a_path_with_spaces_is_fine) {
    const TemporaryDirectory directory;
    const std::string path = directory.path() + "/two  blanks 暖.db";
    ASSERT_TRUE(open_database("sqlite://" + path));
    EXPECT_TRUE(std::filesystem::exists(path));
}

TEST(SqliteDatabase, full_is_exhausted_and_keeps_what_was_there) {
    const TemporaryDirectory directory;
    const auto database = value_or_throw(open_database("sqlite://" + directory.path() + "/test.db"));
    const auto fill = [](Connection& connection) -> Result<> {
        NUANSHU_TRY_VOID(connection.query("PRAGMA max_page_count=20", {}));
        NUANSHU_TRY_VOID(connection.execute("CREATE TABLE thing (t TEXT)", {}));
        return {};
    };
    ASSERT_TRUE(database->transaction(fill));
    const SqlValue text = std::string(200'000, 'x');
    const auto result = database->transaction([&](Connection& connection) -> Result<> {
        NUANSHU_TRY_VOID(connection.execute("INSERT INTO thing VALUES (:1)", std::span(&text, 1)));
        return {};
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::exhausted) << result.error().message();
    EXPECT_TRUE(database->transaction([](Connection& connection) -> Result<> {
        NUANSHU_TRY_VOID(connection.execute("INSERT INTO thing VALUES ('small')", {}));
        return {};
    }));
}

std::unique_ptr<Database> open_numbers(const std::string& url) {
    auto database = value_or_throw(open_database(url));
    value_or_throw(database->transaction([](Connection& connection) -> Result<> {
        NUANSHU_TRY_VOID(connection.execute("CREATE TABLE IF NOT EXISTS number (n BIGINT PRIMARY KEY)", {}));
        return {};
    }));
    return database;
}

Result<> add_number(Database& database, std::int64_t number) {
    const SqlValue parameter = number;
    return database.transaction([&](Connection& connection) -> Result<> {
        NUANSHU_TRY_VOID(connection.execute("INSERT INTO number VALUES (:1)", std::span(&parameter, 1)));
        return {};
    });
}

std::int64_t count_numbers(Database& database) {
    std::int64_t count = 0;
    value_or_throw(database.read([&](Connection& connection) -> Result<> {
        NUANSHU_TRY(const auto rows, connection.query("SELECT count(*) FROM number", {}));
        count = std::get<std::int64_t>(rows.at(0).at(0));
        return {};
    }));
    return count;
}

/// Runs in a child process until it is killed: commits 0, 1, 2 … and tells each through the pipe.
[[noreturn]] void commit_for_ever(const std::string& url, int told) {
    const auto database = open_numbers(url);
    for (std::int64_t number = 0; add_number(*database, number); ++number) {
        if (::write(told, "+", 1) != 1) {
            break;
        }
    }
    ::_exit(1);
}

TEST(SqliteDatabase, a_killed_process_loses_nothing_it_has_committed) {
    const TemporaryDirectory directory;
    const std::string url = "sqlite://" + directory.path() + "/test.db";
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        commit_for_ever(url, ends[1]);
    }
    ::close(ends[1]);
    std::int64_t told = 0;
    for (char each = 0; told < 50 && ::read(ends[0], &each, 1) == 1;) {
        ++told;
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(ends[0]);
    ASSERT_EQ(told, 50);
    const auto database = open_numbers(url);
    EXPECT_GE(count_numbers(*database), told);
    EXPECT_TRUE(add_number(*database, -1));
}

TEST(SqliteDatabase, two_programs_write_one_file_in_turn) {
    constexpr std::int64_t each = 40;
    const TemporaryDirectory directory;
    const std::string url = "sqlite://" + directory.path() + "/test.db";
    const auto first = open_numbers(url);
    const auto second = open_numbers(url);
    const auto fill = [](Database& database, std::int64_t from) {
        int failed = 0;
        for (std::int64_t number = from; number < from + each; ++number) {
            failed += add_number(database, number) ? 0 : 1;
        }
        return failed;
    };
    auto beside = std::async(std::launch::async, fill, std::ref(*first), 0);
    EXPECT_EQ(fill(*second, each), 0);
    EXPECT_EQ(beside.get(), 0);
    EXPECT_EQ(count_numbers(*first), 2 * each);
}

TEST(SqliteDatabase, readers_cannot_write) {
    const TemporaryDirectory directory;
    const auto database = value_or_throw(open_database("sqlite://" + directory.path() + "/test.db"));
    const auto result = database->read([](Connection& connection) -> Result<> {
        NUANSHU_TRY_VOID(connection.execute("CREATE TABLE thing (n BIGINT)", {}));
        return {};
    });
    EXPECT_FALSE(result);
}

TEST(PostgresqlDatabase, no_server_is_unavailable_and_the_password_stays_secret) {
    const auto result =
        open_database(fmt::format("postgresql://nuanshu:s3cret@127.0.0.1:{}/test", support::free_port()));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::unavailable);
    EXPECT_EQ(result.error().message().find("s3cret"), std::string::npos) << result.error().message();
}

TEST(PostgresqlDatabase, a_restarted_server_is_found_again) {
    auto server = value_or_throw(Postgres::start());
    const auto database = value_or_throw(open_database(server.create_database()));
    const auto write = [&] {
        return database->transaction([](Connection& connection) -> Result<> {
            NUANSHU_TRY_VOID(connection.execute("CREATE TABLE IF NOT EXISTS thing (n BIGINT)", {}));
            NUANSHU_TRY_VOID(connection.execute("INSERT INTO thing VALUES (1)", {}));
            return {};
        });
    };
    const auto read = [&] {
        return database->read([](Connection& connection) -> Result<> {
            NUANSHU_TRY_VOID(connection.query("SELECT n FROM thing", {}));
            return {};
        });
    };
    ASSERT_TRUE(write());
    ASSERT_TRUE(read());
    ASSERT_TRUE(server.restart());
    EXPECT_TRUE(read());
    ASSERT_TRUE(server.restart());
    EXPECT_TRUE(write());
    server.stop();
    EXPECT_EQ(write().error().code, ErrorCode::unavailable);
    EXPECT_EQ(read().error().code, ErrorCode::unavailable);
}

TEST(OpenDatabase, an_unknown_scheme_is_told_what_would_be_right) {
    for (const char* url : {"mysql://host/name", "", "sqlite://", "/var/lib/x.db"}) {
        const auto result = open_database(url);
        ASSERT_FALSE(result) << url;
        EXPECT_EQ(result.error().code, ErrorCode::invalid);
        EXPECT_NE(result.error().what.find("sqlite://"), std::string::npos);
    }
}

TEST(Quoted, anything_but_a_name_is_a_broken_invariant) {
    EXPECT_EQ(quoted("heated_area"), "\"heated_area\"");
    for (const char* name : {"", "a\"b", "a b", "A", "1a", "a;drop"}) {
        EXPECT_THROW(quoted(name), std::logic_error) << name;
    }
}

}  // namespace
}  // namespace nuanshu::store

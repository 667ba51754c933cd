#include "tests/support/postgres.h"

#include <gtest/gtest.h>

namespace nuanshu::support {
namespace {

std::string ask(const std::string& url, const std::string& sql) {
    auto psql =
        value_or_throw(Process::start({"psql", "--no-psqlrc", "--tuples-only", "--no-align", url, "--command", sql}));
    psql.wait_exit(10'000);
    return psql.output();
}

TEST(Postgres, answers_and_keeps_its_data_over_a_restart) {
    auto& server = Postgres::shared();
    const std::string url = server.create_database();
    ask(url, "CREATE TABLE warm (pivot integer); INSERT INTO warm VALUES (42)");
    ASSERT_TRUE(server.restart());
    EXPECT_EQ(ask(url, "SELECT pivot FROM warm"), "42\n");
}

TEST(Postgres, each_database_is_empty) {
    auto& server = Postgres::shared();
    ask(server.create_database(), "CREATE TABLE warm (pivot integer)");
    const std::string url = server.create_database();
    EXPECT_NE(ask(url, "SELECT pivot FROM warm").find("does not exist"), std::string::npos);
}

}  // namespace
}  // namespace nuanshu::support

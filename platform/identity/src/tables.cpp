#include "platform/identity/src/tables.h"

#include <vector>

namespace nuanshu::identity {
namespace {

using store::Connection;
using store::SqlRow;
using store::SqlValue;

constexpr std::string_view tables[] = {
    "CREATE TABLE IF NOT EXISTS identity_users (name TEXT PRIMARY KEY, title TEXT NOT NULL, administrator BIGINT NOT "
    "NULL, "
    "password_hash TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS identity_sessions (token_hash TEXT PRIMARY KEY, user_name TEXT NOT NULL REFERENCES "
    "identity_users (name) ON DELETE CASCADE, expires_ms BIGINT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS identity_sessions_by_user ON identity_sessions (user_name)",
    "CREATE INDEX IF NOT EXISTS identity_sessions_by_end ON identity_sessions (expires_ms)",
    "CREATE TABLE IF NOT EXISTS identity_attempts (name TEXT PRIMARY KEY, failures BIGINT NOT NULL, newest_ms BIGINT "
    "NOT NULL, "
    "locked_until_ms BIGINT NOT NULL)"};

SqlValue text(std::string_view value) {
    return std::string(value);
}
std::int64_t integer(const SqlValue& value) {
    return std::get<std::int64_t>(value);
}
const std::string& text(const SqlValue& value) {
    return std::get<std::string>(value);
}

/// The first row of a question asked outside a transaction.
Result<std::optional<SqlRow>> find_row(const store::Database& database, std::string_view sql,
                                       std::vector<SqlValue> parameters) {
    std::optional<SqlRow> found;
    NUANSHU_TRY_VOID(database.read([&](Connection& connection) -> Result<> {
        NUANSHU_TRY(auto rows, connection.query(sql, parameters));
        found = rows.empty() ? std::nullopt : std::optional(std::move(rows.front()));
        return {};
    }));
    return found;
}

Result<> execute(Connection& connection, std::string_view sql, std::vector<SqlValue> parameters = {}) {
    NUANSHU_TRY_VOID(connection.execute(sql, parameters));
    return {};
}

Result<> execute(store::Database& database, std::string_view sql, const std::vector<SqlValue>& parameters) {
    return database.transaction([&](Connection& connection) { return execute(connection, sql, parameters); });
}

struct Attempts {
    std::int64_t failures = 0;
    std::int64_t locked_until_ms = 0;
};

Result<Attempts> read_attempts(Connection& connection, std::string_view name) {
    const std::vector<SqlValue> parameters{text(name)};
    NUANSHU_TRY(
        const auto rows,
        connection.query("SELECT failures, locked_until_ms FROM identity_attempts WHERE name = :1", parameters));
    return rows.empty() ? Attempts() : Attempts{integer(rows[0][0]), integer(rows[0][1])};
}

Result<> write_attempts(Connection& connection, std::string_view name, const Attempts& attempts, std::int64_t now_ms) {
    return execute(connection,
                   "INSERT INTO identity_attempts (name, failures, newest_ms, locked_until_ms) VALUES (:1, :2, :3, :4) "
                   "ON CONFLICT (name) DO UPDATE SET failures = excluded.failures, newest_ms = excluded.newest_ms, "
                   "locked_until_ms = excluded.locked_until_ms",
                   {text(name), attempts.failures, now_ms, attempts.locked_until_ms});
}

/// One more failure; the one that fills the measure locks the name for the attempts after it.
Attempts one_more(Attempts attempts, std::int64_t now_ms, AttemptRule rule) {
    ++attempts.failures;
    attempts.locked_until_ms = attempts.failures >= rule.failures_before_lock ? now_ms + rule.lock_ms : 0;
    return attempts;
}

}  // namespace

Result<> make_tables(store::Database& database) {
    return database.transaction([](Connection& connection) -> Result<> {
        for (const auto sql : tables) {
            NUANSHU_TRY_VOID(execute(connection, sql));
        }
        return {};
    });
}

Result<bool> has_users(const store::Database& database) {
    NUANSHU_TRY(const auto row, find_row(database, "SELECT name FROM identity_users LIMIT 1", {}));
    return row.has_value();
}

Result<std::optional<StoredUser>> find_user(const store::Database& database, std::string_view name) {
    NUANSHU_TRY(const auto row,
                find_row(database, "SELECT title, administrator, password_hash FROM identity_users WHERE name = :1",
                         {text(name)}));
    if (!row) {
        return std::optional<StoredUser>();
    }
    const auto& columns = *row;
    return std::optional(StoredUser{{std::string(name), text(columns[0]), integer(columns[1]) != 0}, text(columns[2])});
}

Result<> insert_user(store::Database& database, const StoredUser& user) {
    auto inserted = execute(
        database, "INSERT INTO identity_users (name, title, administrator, password_hash) VALUES (:1, :2, :3, :4)",
        {user.user.name, user.user.title, std::int64_t{user.user.administrator}, user.password_hash});
    if (!inserted && inserted.error().code == ErrorCode::conflict) {
        return fail(ErrorCode::conflict, "user name", "there is a user `{}` already; choose another name",
                    user.user.name);
    }
    return inserted;
}

Result<> replace_password(store::Database& database, std::string_view name, std::string_view password_hash,
                          std::string_view kept_token_hash) {
    return database.transaction([&](Connection& connection) -> Result<> {
        const std::vector<SqlValue> parameters{text(password_hash), text(name)};
        NUANSHU_TRY(const auto changed,
                    connection.execute("UPDATE identity_users SET password_hash = :1 WHERE name = :2", parameters));
        if (changed == 0) {
            return fail(ErrorCode::not_found, "user", "there is no user `{}`", name);
        }
        return execute(connection, "DELETE FROM identity_sessions WHERE user_name = :1 AND token_hash <> :2",
                       {text(name), text(kept_token_hash)});
    });
}

Result<std::int64_t> count_attempt(store::Database& database, std::string_view name, std::int64_t now_ms,
                                   AttemptRule rule) {
    std::int64_t locked_until_ms = 0;
    auto counted = database.transaction([&](Connection& connection) -> Result<> {
        NUANSHU_TRY_VOID(
            execute(connection, "DELETE FROM identity_attempts WHERE newest_ms <= :1", {now_ms - rule.lock_ms}));
        NUANSHU_TRY(const Attempts before, read_attempts(connection, name));
        locked_until_ms = before.locked_until_ms;
        if (locked_until_ms > now_ms) {
            return {};
        }
        return write_attempts(connection, name, one_more(before, now_ms, rule), now_ms);
    });
    NUANSHU_TRY_VOID(std::move(counted));
    return locked_until_ms;
}

Result<> forget_attempts(store::Database& database, std::string_view name) {
    return execute(database, "DELETE FROM identity_attempts WHERE name = :1", {text(name)});
}

Result<bool> insert_session(store::Database& database, const StoredSession& session, const StoredUser& user,
                            std::int64_t now_ms) {
    std::uint64_t inserted = 0;
    auto done = database.transaction([&](Connection& connection) -> Result<> {
        NUANSHU_TRY_VOID(execute(connection, "DELETE FROM identity_sessions WHERE expires_ms <= :1", {now_ms}));
        const std::vector<SqlValue> parameters{session.token_hash, session.expires_ms, user.user.name,
                                               user.password_hash};
        NUANSHU_TRY(inserted,
                    connection.execute("INSERT INTO identity_sessions (token_hash, user_name, expires_ms) "
                                       "SELECT CAST(:1 AS TEXT), name, CAST(:2 AS BIGINT) FROM identity_users "
                                       "WHERE name = :3 AND password_hash = :4",
                                       parameters));
        return {};
    });
    NUANSHU_TRY_VOID(std::move(done));
    return inserted == 1;
}

Result<std::optional<Session>> find_session(const store::Database& database, std::string_view token_hash) {
    NUANSHU_TRY(const auto row,
                find_row(database,
                         "SELECT u.name, u.title, u.administrator, s.expires_ms FROM identity_sessions s JOIN "
                         "identity_users u ON u.name = s.user_name WHERE s.token_hash = :1",
                         {text(token_hash)}));
    if (!row) {
        return std::optional<Session>();
    }
    const auto& columns = *row;
    User user{text(columns[0]), text(columns[1]), integer(columns[2]) != 0};
    return std::optional(Session{.token = "", .user = std::move(user), .expires_ms = integer(columns[3])});
}

Result<> delete_session(store::Database& database, std::string_view token_hash) {
    return execute(database, "DELETE FROM identity_sessions WHERE token_hash = :1", {text(token_hash)});
}

}  // namespace nuanshu::identity

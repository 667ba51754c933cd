#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/identity/identity.h"

namespace nuanshu::identity {

// What identity keeps in SQL:
//
//   identity_users     name, title, administrator, password_hash (Argon2id)
//   identity_sessions  token_hash, user_name, expires_ms
//   identity_attempts  name, failures in a row, newest_ms, locked_until_ms; also of names that nobody has
//
// A row of attempts is forgotten once its newest attempt is older than the lock: a lock is over by then, and slower
// guessing than that is no faster than being locked.

struct StoredUser {
    User user;
    std::string password_hash;
};

struct StoredSession {
    std::string token_hash;
    std::int64_t expires_ms = 0;
};

struct AttemptRule {
    int failures_before_lock = 0;
    std::int64_t lock_ms = 0;
};

Result<> make_tables(store::Database& database);

Result<bool> has_users(const store::Database& database);
Result<std::optional<StoredUser>> find_user(const store::Database& database, std::string_view name);
/// Errors: conflict.
Result<> insert_user(store::Database& database, const StoredUser& user);
/// Ends the user's sessions but the one with `kept_token_hash`. Errors: not_found.
Result<> replace_password(store::Database& database, std::string_view name, std::string_view password_hash,
                          std::string_view kept_token_hash);

/// Counts an attempt as a failure until forget_attempts() says otherwise.
/// @return until when the name is locked; not in the future when the attempt may go on
Result<std::int64_t> count_attempt(store::Database& database, std::string_view name, std::int64_t now_ms,
                                   AttemptRule rule);
Result<> forget_attempts(store::Database& database, std::string_view name);

/// Also deletes sessions that are over. @return false when the user's password is no longer the one of `user`
Result<bool> insert_session(store::Database& database, const StoredSession& session, const StoredUser& user,
                            std::int64_t now_ms);
/// The session without its token.
Result<std::optional<Session>> find_session(const store::Database& database, std::string_view token_hash);
Result<> delete_session(store::Database& database, std::string_view token_hash);

}  // namespace nuanshu::identity

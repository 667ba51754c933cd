#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "platform/store/database.h"

namespace nuanshu::identity {

struct User {
    std::string name;   ///< [a-z0-9._-]{1,64}
    std::string title;  ///< for people
    bool administrator = false;
};

struct Session {
    std::string token;  ///< 256 random bits as base64url; only its hash is stored
    User user;
    std::int64_t expires_ms = 0;
};

struct IdentitySettings {
    std::int64_t session_ms = 12LL * 3'600'000;
    int failures_before_lock = 5;             ///< wrong passwords in a row …
    std::int64_t lock_ms = 5LL * 60'000;      ///< … lock the name for this long
};

/// Users and sessions. Passwords as Argon2id (libsodium, interactive limits), sessions in the database so that a restart signs nobody out.
/// Thread-safe.
class Identity {
 public:
    static Result<std::unique_ptr<Identity>> open(store::Database& database, const IdentitySettings& settings, const Clock& clock);
    virtual ~Identity() = default;

    /// When there is no user at all, makes `admin` with a random password and returns the password, to be printed once.
    virtual Result<std::optional<std::string>> ensure_administrator() = 0;
    /// Sets a new password; for `nuanshu user password NAME`. Ends the user's sessions.
    virtual Result<> set_password(std::string_view user, std::string_view password) = 0;
    virtual Result<> create_user(const User& user, std::string_view password) = 0;

    /// Errors: unauthenticated (wrong name or password, without saying which), refused (locked, says until when).
    virtual Result<Session> sign_in(std::string_view user, std::string_view password) = 0;
    virtual Result<Session> session(std::string_view token) const = 0;
    virtual Result<> sign_out(std::string_view token) = 0;
    /// Changes one's own password; the old one must be right. At least 10 characters.
    virtual Result<> change_password(std::string_view user, std::string_view old_password, std::string_view new_password) = 0;
};

}  // namespace nuanshu::identity

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
    int failures_before_lock = 5;         ///< wrong passwords in a row …
    std::int64_t lock_ms = 5LL * 60'000;  ///< … lock the name for this long
};

/// Users and sessions. Passwords as Argon2id (libsodium, interactive limits), sessions in the database so that a
/// restart signs nobody out. Thread-safe. Passwords have 10 … 200 characters, at most 1 024 bytes.
///
/// Looking at a password takes about 0.1 s and 64 MiB; two at a time are looked at, others wait up to 10 s and then get
/// `exhausted`.
class Identity {
 public:
    static Result<std::unique_ptr<Identity>> open(store::Database& database, const IdentitySettings& settings,
                                                  const Clock& clock);
    virtual ~Identity() = default;

    /// When there is no user at all, makes `admin` with a random password and returns the password, to be printed once.
    virtual Result<std::optional<std::string>> ensure_administrator() = 0;
    /// Sets a new password; for `nuanshu user password NAME`. Ends the user's sessions and unlocks the name. Errors:
    /// not_found, invalid (too short or too long).
    virtual Result<> set_password(std::string_view user, std::string_view password) = 0;
    /// Errors: conflict (there is one of that name), invalid (name, title or password).
    virtual Result<> create_user(const User& user, std::string_view password) = 0;

    /// Errors: unauthenticated (wrong name or password, without saying which, and taking as long either way), refused
    /// (locked, says until when). Attempts are counted before the password is looked at, so that guessing at once in
    /// parallel gains nothing; a name that nobody has locks in the same way.
    virtual Result<Session> sign_in(std::string_view user, std::string_view password) = 0;
    /// The session of this token. Errors: unauthenticated (no such session, or it is over).
    virtual Result<Session> session(std::string_view token) const = 0;
    /// Ends the session; one that is over or never was is no error.
    virtual Result<> sign_out(std::string_view token) = 0;
    /// Changes one's own password; the old one must be right, and a wrong one counts like a wrong sign-in. Ends the
    /// user's other sessions: all but that of `kept_token`. Errors: as sign_in(), and invalid (too short or too long).
    virtual Result<> change_password(std::string_view user, std::string_view old_password,
                                     std::string_view new_password, std::string_view kept_token = {}) = 0;
};

}  // namespace nuanshu::identity

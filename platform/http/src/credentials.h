#pragma once

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "platform/identity/identity.h"

namespace nuanshu::http {

/// A user's name and password as a program sends them with each request.
struct Credentials {
    std::string user;
    std::string password;
};

/// Those of an Authorization header: `Basic` with base64 of user:password (RFC 7617), or `Token user:password`, what
/// InfluxDB's clients send. Nothing when it holds no such thing.
std::optional<Credentials> sent_credentials(std::string_view authorization);

/// Lets programs that cannot sign in send their password each time. It is looked at once (Argon2id takes 0.1 s and
/// 64 MiB); after that a keyed digest of it leads to the session that was made then, as long as that lasts: a password
/// changed, or a session ended elsewhere, counts at once. Keeps no password. Thread-safe.
class PasswordSessions {
 public:
    explicit PasswordSessions(identity::Identity& identity);

    /// Whether session() will not have to look at the password.
    bool knows(const Credentials& credentials) const;
    /// Errors: as Identity::sign_in(). May take seconds when the password is looked at.
    Result<identity::Session> session(const Credentials& credentials);

    static constexpr std::size_t known_max = 256;  ///< beyond, all are forgotten and looked at again

 private:
    using Digest = std::array<unsigned char, 32>;

    Digest digest_of(const Credentials& credentials) const;
    std::optional<std::string> token_of(const Digest& digest) const;
    void remember(const Digest& digest, const std::string& token);

    identity::Identity& identity_;
    std::array<unsigned char, 32> key_{};  ///< of this process
    std::mutex signing_in_;                ///< many requests at once with a new password: the first one looks at it
    mutable std::mutex lock_;
    std::map<Digest, std::string> tokens_;
};

}  // namespace nuanshu::http

#include "platform/http/src/credentials.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/check.h"

namespace nuanshu::http {
namespace {

constexpr std::string_view basic = "Basic ";
constexpr std::string_view token = "Token ";
constexpr std::size_t credentials_bytes_max = 2'048;

std::optional<std::string> decode_base64(std::string_view text) {
    if (text.size() % 4 != 0 || text.size() > credentials_bytes_max) {
        return std::nullopt;
    }
    std::string bytes(text.size() / 4 * 3, '\0');
    const auto length =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    const auto padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    if (length < padding) {
        return std::nullopt;
    }
    bytes.resize(static_cast<std::size_t>(length - padding));
    return bytes;
}

std::optional<Credentials> split(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || text.size() > credentials_bytes_max) {
        return std::nullopt;
    }
    return Credentials{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

}  // namespace

std::optional<Credentials> sent_credentials(std::string_view authorization) {
    if (authorization.starts_with(token)) {
        return split(authorization.substr(token.size()));
    }
    if (!authorization.starts_with(basic)) {
        return std::nullopt;
    }
    const auto decoded = decode_base64(authorization.substr(basic.size()));
    return decoded ? split(*decoded) : std::nullopt;
}

PasswordSessions::PasswordSessions(identity::Identity& identity) : identity_(identity) {
    NUANSHU_CHECK(RAND_bytes(key_.data(), static_cast<int>(key_.size())) == 1, "no random bytes");
}

bool PasswordSessions::knows(const Credentials& credentials) const {
    return token_of(digest_of(credentials)).has_value();
}

Result<identity::Session> PasswordSessions::session(const Credentials& credentials) {
    const auto digest = digest_of(credentials);
    const auto known_session = [&]() -> std::optional<identity::Session> {
        const auto known = token_of(digest);
        auto session = known ? identity_.session(*known) : fail(ErrorCode::unauthenticated, "session", "not known yet");
        return session ? std::optional(std::move(*session)) : std::nullopt;
    };
    if (auto session = known_session()) {
        return std::move(*session);
    }
    const std::scoped_lock first_one_looks(signing_in_);
    if (auto session = known_session()) {
        return std::move(*session);
    }
    NUANSHU_TRY(auto session, identity_.sign_in(credentials.user, credentials.password));
    remember(digest, session.token);
    return session;
}

PasswordSessions::Digest PasswordSessions::digest_of(const Credentials& credentials) const {
    const auto text = credentials.user + '\0' + credentials.password;
    Digest digest{};
    unsigned int length = 0;
    HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), reinterpret_cast<const unsigned char*>(text.data()),
         text.size(), digest.data(), &length);
    return digest;
}

std::optional<std::string> PasswordSessions::token_of(const Digest& digest) const {
    const std::scoped_lock guard(lock_);
    const auto found = tokens_.find(digest);
    return found == tokens_.end() ? std::nullopt : std::optional(found->second);
}

void PasswordSessions::remember(const Digest& digest, const std::string& session_token) {
    const std::scoped_lock guard(lock_);
    if (tokens_.size() >= known_max) {
        tokens_.clear();
    }
    tokens_[digest] = session_token;
}

}  // namespace nuanshu::http

#include "platform/identity/identity.h"

#include "base/check.h"
#include "platform/identity/src/password.h"
#include "platform/identity/src/tables.h"

namespace nuanshu::identity {
namespace {

constexpr std::size_t max_name_bytes = 64;
constexpr std::size_t max_title_bytes = 200;

bool is_name(std::string_view name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    };
    return !name.empty() && name.size() <= max_name_bytes && std::all_of(name.begin(), name.end(), fits);
}

Result<> check_user(const User& user) {
    if (!is_name(user.name)) {
        return fail(ErrorCode::invalid, "user name", "`{}`; 1 … {} of a-z, 0-9, `.`, `_` and `-` are right",
                    user.name.substr(0, max_name_bytes), max_name_bytes);
    }
    if (user.title.size() > max_title_bytes) {
        return fail(ErrorCode::invalid, "user title", "{} bytes; at most {} are right", user.title.size(),
                    max_title_bytes);
    }
    return {};
}

tl::unexpected<Error> wrong() {
    return fail(ErrorCode::unauthenticated, "sign-in", "the name or the password is wrong");
}

class DatabaseIdentity final : public Identity {
 public:
    DatabaseIdentity(store::Database& database, const IdentitySettings& settings, const Clock& clock)
        : database_(database), settings_(settings), clock_(clock) {}

    Result<std::optional<std::string>> ensure_administrator() override;
    Result<> set_password(std::string_view user, std::string_view password) override;
    Result<> create_user(const User& user, std::string_view password) override;
    Result<Session> sign_in(std::string_view user, std::string_view password) override;
    Result<Session> session(std::string_view token) const override;
    Result<> sign_out(std::string_view token) override;
    Result<> change_password(std::string_view user, std::string_view old_password, std::string_view new_password,
                             std::string_view kept_token) override;

 private:
    Result<StoredUser> require_password(std::string_view user, std::string_view password);
    Result<> count_attempt(std::string_view user);
    Result<Session> begin_session(const StoredUser& user);

    store::Database& database_;
    const IdentitySettings settings_;
    const Clock& clock_;
    PasswordHasher hasher_;
};

Result<std::optional<std::string>> DatabaseIdentity::ensure_administrator() {
    NUANSHU_TRY(const bool any, has_users(database_));
    if (any) {
        return std::optional<std::string>();
    }
    std::string password = random_password();
    const User administrator{.name = "admin", .title = "Administrator", .administrator = true};
    if (auto created = create_user(administrator, password); !created) {
        // Another process may have been quicker.
        return created.error().code == ErrorCode::conflict ? Result<std::optional<std::string>>(std::nullopt)
                                                           : tl::unexpected<Error>(created.error());
    }
    return std::optional(std::move(password));
}

Result<> DatabaseIdentity::create_user(const User& user, std::string_view password) {
    NUANSHU_TRY_VOID(check_user(user));
    NUANSHU_TRY_VOID(check_password_form(password));
    NUANSHU_TRY(const std::string hash, hasher_.hash(password));
    return insert_user(database_, {user, hash});
}

Result<> DatabaseIdentity::set_password(std::string_view user, std::string_view password) {
    NUANSHU_TRY_VOID(check_password_form(password));
    NUANSHU_TRY(const std::string hash, hasher_.hash(password));
    NUANSHU_TRY_VOID(replace_password(database_, user, hash, ""));
    return forget_attempts(database_, user);
}

Result<> DatabaseIdentity::count_attempt(std::string_view user) {
    const std::int64_t now_ms = clock_.now_ms();
    const AttemptRule rule{settings_.failures_before_lock, settings_.lock_ms};
    NUANSHU_TRY(const std::int64_t locked_until_ms, nuanshu::identity::count_attempt(database_, user, now_ms, rule));
    if (locked_until_ms > now_ms) {
        return fail(ErrorCode::refused, "sign-in", "too many wrong passwords; `{}` is locked until {}", user,
                    format_time(locked_until_ms));
    }
    return {};
}

Result<StoredUser> DatabaseIdentity::require_password(std::string_view user, std::string_view password) {
    if (!is_name(user)) {
        NUANSHU_TRY_VOID(hasher_.matches("", password));
        return wrong();
    }
    NUANSHU_TRY_VOID(count_attempt(user));
    NUANSHU_TRY(auto found, find_user(database_, user));
    NUANSHU_TRY(const bool right, hasher_.matches(found ? found->password_hash : "", password));
    if (!right) {
        return wrong();
    }
    NUANSHU_TRY_VOID(forget_attempts(database_, user));
    return std::move(*found);
}

Result<Session> DatabaseIdentity::begin_session(const StoredUser& user) {
    const std::int64_t now_ms = clock_.now_ms();
    Session session{.token = random_token(), .user = user.user, .expires_ms = now_ms + settings_.session_ms};
    NUANSHU_TRY(const bool begun,
                insert_session(database_, {hash_token(session.token), session.expires_ms}, user, now_ms));
    if (!begun) {
        return wrong();
    }
    return session;
}

Result<Session> DatabaseIdentity::sign_in(std::string_view user, std::string_view password) {
    NUANSHU_TRY(const StoredUser found, require_password(user, password));
    return begin_session(found);
}

Result<Session> DatabaseIdentity::session(std::string_view token) const {
    NUANSHU_TRY(auto found, find_session(database_, hash_token(token)));
    if (!found || found->expires_ms <= clock_.now_ms()) {
        return fail(ErrorCode::unauthenticated, "session",
                    "nobody is signed in, or the session is over; sign in again");
    }
    found->token = token;
    return std::move(*found);
}

Result<> DatabaseIdentity::sign_out(std::string_view token) {
    return delete_session(database_, hash_token(token));
}

Result<> DatabaseIdentity::change_password(std::string_view user, std::string_view old_password,
                                           std::string_view new_password, std::string_view kept_token) {
    NUANSHU_TRY_VOID(check_password_form(new_password));
    NUANSHU_TRY(const StoredUser found, require_password(user, old_password));
    NUANSHU_TRY(const std::string hash, hasher_.hash(new_password));
    return replace_password(database_, found.user.name, hash, kept_token.empty() ? "" : hash_token(kept_token));
}

}  // namespace

Result<std::unique_ptr<Identity>> Identity::open(store::Database& database, const IdentitySettings& settings,
                                                 const Clock& clock) {
    NUANSHU_CHECK(settings.session_ms > 0 && settings.failures_before_lock > 0, "session {} ms, {} failures",
                  settings.session_ms, settings.failures_before_lock);
    NUANSHU_TRY_VOID(start_sodium());
    NUANSHU_TRY_VOID(make_tables(database));
    return std::unique_ptr<Identity>(std::make_unique<DatabaseIdentity>(database, settings, clock));
}

}  // namespace nuanshu::identity

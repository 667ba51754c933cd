#include "platform/identity/src/password.h"

#include <array>
#include <chrono>

#include <sodium.h>

namespace nuanshu::identity {
namespace {

constexpr std::size_t min_characters = 10;
constexpr std::size_t max_characters = 200;
constexpr std::size_t max_bytes = 1'024;
constexpr std::size_t generated_characters = 20;
constexpr std::string_view unambiguous = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
constexpr auto longest_wait = std::chrono::seconds(10);

/// The hash of a random password that nobody knows: what an unknown name is compared with. Argon2id, v=19, m=65536,
/// t=2, p=1.
constexpr const char* nobodys_hash =
    "$argon2id$v=19$m=65536,t=2,p=1$V2WrDWZ/lxE8gL71NURJjg$2gNl+bgbJ8txc69uT0fKIaE+buZAx3l2exA+R52DBvg";

/// One of the places where a password may be looked at, given back at the end.
class Place {
 public:
    explicit Place(std::counting_semaphore<>& places) : places_(places), taken_(places.try_acquire_for(longest_wait)) {}
    ~Place() {
        if (taken_) {
            places_.release();
        }
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    explicit operator bool() const { return taken_; }

 private:
    std::counting_semaphore<>& places_;
    bool taken_;
};

tl::unexpected<Error> too_busy() {
    return fail(ErrorCode::exhausted, "sign-in", "too many people are signing in at once; try again in a moment");
}

std::size_t count_characters(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text) {
        count += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
    }
    return count;
}

}  // namespace

Result<> start_sodium() {
    if (sodium_init() < 0) {
        return fail(ErrorCode::internal, "libsodium", "it does not start: no source of random numbers");
    }
    return {};
}

std::string random_password() {
    std::string password;
    while (password.size() < generated_characters) {
        password.push_back(unambiguous[randombytes_uniform(static_cast<std::uint32_t>(unambiguous.size()))]);
    }
    return password;
}

std::string random_token() {
    std::array<unsigned char, 32> bytes{};
    randombytes_buf(bytes.data(), bytes.size());
    std::array<char, sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_URLSAFE_NO_PADDING)> text{};
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return text.data();
}

std::string hash_token(std::string_view token) {
    std::array<unsigned char, crypto_generichash_BYTES> hash{};
    crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(token.data()), token.size(),
                       nullptr, 0);
    std::array<char, 2 * crypto_generichash_BYTES + 1> text{};
    sodium_bin2hex(text.data(), text.size(), hash.data(), hash.size());
    return text.data();
}

Result<> check_password_form(std::string_view password) {
    const std::size_t characters = count_characters(password);
    if (characters < min_characters || characters > max_characters || password.size() > max_bytes) {
        return fail(ErrorCode::invalid, "password", "{} characters; {} … {} are right", characters, min_characters,
                    max_characters);
    }
    return {};
}

Result<std::string> PasswordHasher::hash(std::string_view password) {
    const Place place(places_);
    std::array<char, crypto_pwhash_STRBYTES> hash{};
    if (!place || crypto_pwhash_str(hash.data(), password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                    crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
        return too_busy();
    }
    return std::string(hash.data());
}

Result<bool> PasswordHasher::matches(std::string_view hash, std::string_view password) {
    const std::string against(hash.empty() ? nobodys_hash : hash);
    const Place place(places_);
    if (!place) {
        return too_busy();
    }
    const bool equal = crypto_pwhash_str_verify(against.c_str(), password.data(), password.size()) == 0;
    return equal && !hash.empty();
}

}  // namespace nuanshu::identity

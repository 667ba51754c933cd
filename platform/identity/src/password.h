#pragma once

#include <semaphore>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nuanshu::identity {

/// Makes libsodium ready; once a process is enough, more do no harm.
Result<> start_sodium();

/// A password of 20 characters that cannot be mistaken for one another (about 115 bits).
std::string random_password();

/// 256 random bits as base64url, 43 characters.
std::string random_token();

/// What is stored of a token: BLAKE2b-256 in hexadecimal.
std::string hash_token(std::string_view token);

/// Whether somebody may choose this password: 10 … 200 characters, at most 1 024 bytes, valid UTF-8 or not. Errors:
/// invalid.
Result<> check_password_form(std::string_view password);

/// Argon2id with libsodium's interactive limits: 64 MiB and about 0.1 s each. Two run at a time. Thread-safe.
class PasswordHasher {
 public:
    /// Errors: exhausted (waited 10 s for others, or memory is short).
    Result<std::string> hash(std::string_view password);

    /// Whether `password` is the one of `hash`. An empty hash costs the same work and is never right. Errors:
    /// exhausted.
    Result<bool> matches(std::string_view hash, std::string_view password);

 private:
    std::counting_semaphore<> places_{2};
};

}  // namespace nuanshu::identity

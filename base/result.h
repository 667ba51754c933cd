#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <tl/expected.hpp>

namespace nuanshu {

/// What kind of failure a caller is looking at; the HTTP status and the exit code follow from it.
enum class ErrorCode {
    invalid,          ///< the input is wrong: a file, a field, a request body
    not_found,        ///< no such record, point, file
    conflict,         ///< it exists already, or somebody changed it meanwhile
    unauthenticated,  ///< nobody is signed in
    refused,          ///< signed in, but not permitted; or an interlock says no
    unavailable,      ///< a device, broker, disk or database does not answer now
    timeout,          ///< it did not answer in time
    corrupt,          ///< bytes that do not follow their format
    exhausted,        ///< a bound was reached: queue, disk, rows
    cancelled,        ///< somebody asked to stop
    unsupported,      ///< known, and not done here
    internal,         ///< a fault of ours
};

/// The name used in logs, JSON and metrics, e.g. "not_found".
std::string_view to_string(ErrorCode code);

/// A failure as a value: what kind, where, and a sentence that says what was wrong and what would be right.
struct [[nodiscard]] Error {
    ErrorCode code = ErrorCode::internal;
    std::string where;
    std::string what;

    /// "where: what" for people.
    std::string message() const { return where.empty() ? what : where + ": " + what; }
};

/// A value, or the reason why there is none. Ignoring one does not compile.
template <class T = void>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
    using tl::expected<T, Error>::expected;
};

/// Makes the failure to return from a function that returns Result<…>.
template <class... Args>
tl::unexpected<Error> fail(ErrorCode code, std::string where, fmt::format_string<Args...> text, Args&&... args) {
    return tl::unexpected<Error>(Error{code, std::move(where), fmt::format(text, std::forward<Args>(args)...)});
}

/// Passes a failure upward with one more word of place in front: "station 12, Modbus reply: …".
inline tl::unexpected<Error> within(std::string_view place, Error error) {
    error.where = error.where.empty() ? std::string(place) : fmt::format("{}, {}", place, error.where);
    return tl::unexpected<Error>(std::move(error));
}

/// Thrown by value_or_throw(): only main(), tests and start-up catch it.
class FailedResult : public std::exception {
 public:
    explicit FailedResult(Error error) : error_(std::move(error)), text_(error_.message()) {}
    const char* what() const noexcept override { return text_.c_str(); }
    const Error& error() const { return error_; }

 private:
    Error error_;
    std::string text_;
};

template <class T>
T value_or_throw(Result<T> result) {
    if (!result) {
        throw FailedResult(std::move(result.error()));
    }
    if constexpr (!std::is_void_v<T>) {
        return std::move(*result);
    }
}

}  // namespace nuanshu

#define NUANSHU_CONCAT_INNER(a, b) a##b
#define NUANSHU_CONCAT(a, b) NUANSHU_CONCAT_INNER(a, b)

/// NUANSHU_TRY(const auto reply, decode(pdu)): declares `reply`, or returns the error upward.
#define NUANSHU_TRY(declaration, expression) \
    NUANSHU_TRY_WITH(NUANSHU_CONCAT(nuanshu_try_, __LINE__), declaration, expression)
#define NUANSHU_TRY_WITH(name, declaration, expression)                   \
    auto name = (expression);                                             \
    if (!name) {                                                          \
        return tl::unexpected<::nuanshu::Error>(std::move(name.error())); \
    }                                                                     \
    declaration = std::move(*name)

/// NUANSHU_TRY_VOID(expression): for Result<> without a value; returns the error upward.
#define NUANSHU_TRY_VOID(expression)                                                        \
    do {                                                                                    \
        if (auto nuanshu_try_result = (expression); !nuanshu_try_result) {                  \
            return tl::unexpected<::nuanshu::Error>(std::move(nuanshu_try_result.error())); \
        }                                                                                   \
    } while (false)

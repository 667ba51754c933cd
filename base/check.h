#pragma once

#include <string>

#include <fmt/core.h>

namespace nuanshu {

/// Logs the broken invariant with its place and throws std::logic_error, which ends the request or job, not the
/// process.
[[noreturn]] void check_failed(const char* file, int line, const char* condition, const std::string& text);

}  // namespace nuanshu

/// An invariant of ours; always on. NUANSHU_CHECK(slot < count, "slot {} of {}", slot, count).
#define NUANSHU_CHECK(condition, ...)                                                          \
    do {                                                                                       \
        if (!(condition)) [[unlikely]] {                                                       \
            ::nuanshu::check_failed(__FILE__, __LINE__, #condition, fmt::format(__VA_ARGS__)); \
        }                                                                                      \
    } while (false)

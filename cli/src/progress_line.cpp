#include "cli/src/progress_line.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

#include <fmt/core.h>
#include <unistd.h>

namespace nuanshu::cli {

using namespace std::chrono_literals;

ProgressLine::ProgressLine() : on_terminal_(::isatty(STDERR_FILENO) == 1), shown_(std::chrono::steady_clock::now()) {}

ProgressLine::~ProgressLine() {
    if (width_ > 0) {
        fmt::print(stderr, "\n");
    }
}

void ProgressLine::show(const std::string& text) {
    const auto now = std::chrono::steady_clock::now();
    if (now - shown_ < (on_terminal_ ? 200ms : 10'000ms)) {
        return;
    }
    shown_ = now;
    if (on_terminal_) {
        fmt::print(stderr, "\r{:<{}}", text, width_);
        std::fflush(stderr);
        width_ = std::max(width_, text.size());
    } else {
        fmt::print(stderr, "{}\n", text);
    }
}

std::string as_bytes(double bytes) {
    constexpr std::array<const char*, 5> units{"B", "kB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    while (bytes >= 1000 && unit + 1 < units.size()) {
        bytes /= 1000;
        ++unit;
    }
    return fmt::format("{:.{}f} {}", bytes, unit == 0 ? 0 : 1, units[unit]);
}

std::string as_count(std::uint64_t count) {
    std::string text = std::to_string(count);
    for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3) {
        text.insert(static_cast<std::size_t>(at), " ");
    }
    return text;
}

}  // namespace nuanshu::cli

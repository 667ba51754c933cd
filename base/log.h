#pragma once

#include <string>
#include <string_view>

#include <fmt/core.h>

namespace nuanshu {

enum class LogLevel { trace, debug, info, warn, error };

/// Sets up the process's log: lines on stderr as `time level room text`, or JSON lines for machines. Called once by
/// main().
struct LogSettings {
    LogLevel level = LogLevel::info;
    bool json = false;
    std::string file;  ///< also written here, rotated at 20 MiB, 5 kept; empty for none
};
void start_log(const LogSettings& settings);

bool log_enabled(LogLevel level);
void write_log(LogLevel level, std::string_view room, std::string_view text);

/// log_info("drivers/modbus", "station {}: {} devices", code, n). The text is formatted only when the level is on.
template <class... Args>
void log_debug(std::string_view room, fmt::format_string<Args...> text, Args&&... args) {
    if (log_enabled(LogLevel::debug)) {
        write_log(LogLevel::debug, room, fmt::format(text, std::forward<Args>(args)...));
    }
}
template <class... Args>
void log_info(std::string_view room, fmt::format_string<Args...> text, Args&&... args) {
    if (log_enabled(LogLevel::info)) {
        write_log(LogLevel::info, room, fmt::format(text, std::forward<Args>(args)...));
    }
}
template <class... Args>
void log_warn(std::string_view room, fmt::format_string<Args...> text, Args&&... args) {
    write_log(LogLevel::warn, room, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void log_error(std::string_view room, fmt::format_string<Args...> text, Args&&... args) {
    write_log(LogLevel::error, room, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace nuanshu

#include "base/log.h"

#include <csignal>
#include <vector>

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace nuanshu {
namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
    return static_cast<spdlog::level::level_enum>(level);
}

/// Escapes what JSON asks for; the log's own text is UTF-8 already.
std::string json_escape(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out += c;
        }
    }
    return out;
}

/// Set once by start_log(), before other threads exist.
bool json_lines = false;

/// The thread that flushes takes no signals: they are for those who wait for them.
void start_flushing() {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    spdlog::flush_every(std::chrono::seconds(1));
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

void start_log(const LogSettings& settings) {
    std::vector<spdlog::sink_ptr> sinks{std::make_shared<spdlog::sinks::stderr_sink_mt>()};
    if (!settings.file.empty()) {
        sinks.push_back(std::make_shared<spdlog::sinks::rotating_file_sink_mt>(settings.file, 20U << 20U, 5));
    }
    auto logger = std::make_shared<spdlog::logger>("nuanshu", sinks.begin(), sinks.end());
    json_lines = settings.json;
    logger->set_pattern(json_lines ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})"
                                   : "%Y-%m-%dT%H:%M:%S.%e%z %-5l %v");
    logger->set_level(spdlog_level(settings.level));
    logger->flush_on(spdlog::level::warn);
    spdlog::set_default_logger(std::move(logger));
    start_flushing();
}

bool log_enabled(LogLevel level) {
    return spdlog::default_logger_raw()->should_log(spdlog_level(level));
}

void write_log(LogLevel level, std::string_view room, std::string_view text) {
    if (json_lines) {
        spdlog::default_logger_raw()->log(spdlog_level(level), R"("room":"{}","text":"{}")", room, json_escape(text));
    } else {
        spdlog::default_logger_raw()->log(spdlog_level(level), "{}: {}", room, text);
    }
}

}  // namespace nuanshu

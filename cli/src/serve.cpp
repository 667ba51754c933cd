#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include <fmt/core.h>

#include "base/config.h"
#include "base/log.h"
#include "cli/platform.h"
#include "cli/src/stop_signals.h"
#include "cli/src/subcommands.h"

namespace nuanshu::cli {
namespace {

struct ServeOptions {
    PlatformOptions platform;
    std::string ready_file;
};

LogLevel level_named(const std::string& name) {
    return name == "trace"   ? LogLevel::trace
           : name == "debug" ? LogLevel::debug
           : name == "warn"  ? LogLevel::warn
           : name == "error" ? LogLevel::error
                             : LogLevel::info;
}

std::string url_of(const Config& config, int port) {
    return fmt::format("{}://{}:{}", config.tls_certificate.empty() ? "http" : "https", config.listen_address, port);
}

/// For scripts: complete when it is there, because it is renamed into place.
void write_ready_file(const std::string& path, const std::string& url, const Platform& platform) {
    if (path.empty()) {
        return;
    }
    std::ofstream(path + ".part") << fmt::format(R"({{"url":"{}","port":{},"password":"{}"}})", url,
                                                 platform.http_port(), platform.first_password().value_or(""))
                                  << "\n";
    std::filesystem::rename(path + ".part", path);
}

Result<> serve(const std::string& config_path, const ServeOptions& options) {
    const StopSignals signals;
    NUANSHU_TRY(const auto config, load_config(config_path));
    start_log({.level = level_named(config.log_level), .json = config.log_json, .file = ""});
    NUANSHU_TRY(const auto platform, Platform::start(config, options.platform));
    const auto url = url_of(config, platform->http_port());
    if (const auto password = platform->first_password()) {
        fmt::print("First start: sign in as `admin` with the password {}\n", *password);
    }
    fmt::print("Nuanshu {} serves {}\n", version(), url);
    std::fflush(stdout);
    write_ready_file(options.ready_file, url, *platform);
    signals.wait();
    log_info("cli", "stopping");
    platform->stop();
    return {};
}

}  // namespace

void add_serve(CLI::App& app, Request& request) {
    auto* command = app.add_subcommand("serve", "run the platform");
    auto options = std::make_shared<ServeOptions>();
    command->add_option("--import", options->platform.import_path, "records as JSON lines, taken in before the start");
    command->add_flag("--demo", options->platform.demo, "say on the pages that the values come from a virtual city");
    command->add_option("--ready-file", options->ready_file, "written as JSON when everything runs");
    command->callback(
        [&request, options] { request.work = [&request, options] { return serve(request.config_path, *options); }; });
}

}  // namespace nuanshu::cli

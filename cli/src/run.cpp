#include <cstdio>

#include <fmt/core.h>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/platform.h"
#include "cli/src/subcommands.h"

namespace nuanshu::cli {
namespace {

int exit_code(const Result<>& result, const Request& request) {
    if (result) {
        return request.exit_code;
    }
    fmt::print(stderr, "nuanshu: {}\n", result.error().message());
    return result.error().code == ErrorCode::invalid ? 2 : 1;
}

}  // namespace

int run(int argument_count, char** arguments) {
    CLI::App app("Nuanshu (暖枢): the industrial-internet platform for district heating.");
    app.set_version_flag("--version", std::string(version()));
    app.require_subcommand(1);
    Request request;
    app.add_option("--config", request.config_path, "settings file; missing means all defaults")->capture_default_str();
    app.add_flag("--json", request.json, "print JSON for programs");
    app.fallthrough();
    add_serve(app, request);
    add_sim(app, request);
    add_records(app, request);
    add_doctor(app, request);
    add_bench(app, request);
    add_network(app, request);
    CLI11_PARSE(app, argument_count, arguments);
    try {
        start_log({});
        const auto result = request.work();
        return exit_code(result, request);
    } catch (const std::exception& e) {
        log_error("cli", "{}", e.what());
        return 1;
    }
}

}  // namespace nuanshu::cli

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
    const auto code = result.error().code;
    return code == ErrorCode::invalid || code == ErrorCode::not_found ? 2 : request.failed_exit_code;
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
    add_historian(app, request);
    try {
        app.parse(argument_count, arguments);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
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

#include "platform/records/records.h"

#include <cstdio>
#include <iostream>
#include <memory>

#include <fmt/core.h>

#include "base/config.h"
#include "base/time.h"
#include "cli/platform.h"
#include "cli/src/import.h"
#include "cli/src/subcommands.h"
#include "platform/apps/packages.h"
#include "platform/http/server.h"
#include "platform/identity/identity.h"

namespace nuanshu::cli {
namespace {

Result<records::TypeRegistry> load_types(const std::string& apps_dir) {
    Diagnostics faults;
    auto packages = apps::load_packages(apps_dir, faults);
    auto types = records::TypeRegistry::create(std::move(packages.types), faults);
    if (!faults.empty()) {
        return fail(ErrorCode::invalid, apps_dir, "{} faults:\n{}", faults.size(), to_string(faults));
    }
    return types;
}

Result<> import_file(const std::string& config_path, const std::string& path) {
    NUANSHU_TRY(const auto config, load_config(config_path));
    NUANSHU_TRY(const auto types, load_types(config.apps_dir));
    const SystemClock clock;
    NUANSHU_TRY(const auto database, store::open_database(database_url(config)));
    NUANSHU_TRY(const auto records, records::Records::open(*database, types, clock));
    Diagnostics faults;
    const auto written = import_records(path, *records, faults);
    fmt::print(stderr, "{}", to_string(faults));
    if (!written) {
        return tl::unexpected<Error>(written.error());
    }
    fmt::print("{} records created or changed\n", *written);
    return {};
}

Result<> set_password(const std::string& config_path, const std::string& user) {
    NUANSHU_TRY(const auto config, load_config(config_path));
    const SystemClock clock;
    NUANSHU_TRY(const auto database, store::open_database(database_url(config)));
    NUANSHU_TRY(const auto identity, identity::Identity::open(*database, {}, clock));
    fmt::print(stderr, "New password for {}: ", user);
    std::string password;
    std::getline(std::cin, password);
    NUANSHU_TRY_VOID(identity->set_password(user, password));
    fmt::print("Set; all sessions of {} have ended\n", user);
    return {};
}

Result<> check_apps(const std::string& folder) {
    Diagnostics faults;
    const auto packages = apps::load_packages(folder, faults);
    if (!faults.empty()) {
        fmt::print("{}", to_string(faults));
        return fail(ErrorCode::invalid, folder, "{} faults", faults.size());
    }
    fmt::print("{} apps, {} types, {} profiles: no fault\n", packages.apps.size(), packages.types.size(),
               packages.profiles.size());
    return {};
}

Result<> print_openapi(const std::string& config_path) {
    NUANSHU_TRY(const auto config, load_config(config_path));
    NUANSHU_TRY(const auto types, load_types(config.apps_dir));
    fmt::print("{}\n", http::openapi_document(types, version()));
    return {};
}

}  // namespace

void add_records(CLI::App& app, Request& request) {
    auto text = std::make_shared<std::string>();
    auto* import_command = app.add_subcommand(
        "import", "create or change records from JSON lines, all or nothing; not while `serve` runs");
    import_command->add_option("file", *text, "one record a line")->required();
    import_command->callback(
        [&request, text] { request.work = [&request, text] { return import_file(request.config_path, *text); }; });

    auto* user = app.add_subcommand("user", "users")->require_subcommand(1)->fallthrough();
    auto* password = user->add_subcommand("password", "set a password, read from standard input");
    password->add_option("name", *text, "the user")->required();
    password->callback(
        [&request, text] { request.work = [&request, text] { return set_password(request.config_path, *text); }; });

    auto* app_command = app.add_subcommand("app", "app packages")->require_subcommand(1)->fallthrough();
    auto* check = app_command->add_subcommand("check", "all faults of the packages in a folder, with file and line");
    check->add_option("folder", *text, "holds a folder for each app")->required();
    check->callback([&request, text] { request.work = [text] { return check_apps(*text); }; });

    auto* openapi = app.add_subcommand("openapi", "print the OpenAPI document");
    openapi->callback([&request] { request.work = [&request] { return print_openapi(request.config_path); }; });
}

}  // namespace nuanshu::cli

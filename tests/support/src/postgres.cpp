#include "tests/support/postgres.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

namespace nuanshu::support {
namespace {

constexpr int patience_ms = 60'000;
constexpr const char* user_name = "nuanshu";
constexpr const char* password = "nuanshu";

/// The folder of the newest PostgreSQL's programs, as Debian lays them out.
Result<std::string> find_programs() {
    const std::filesystem::path root = "/usr/lib/postgresql";
    std::vector<std::string> versions;
    std::error_code missing;
    for (const auto& entry : std::filesystem::directory_iterator(root, missing)) {
        if (std::filesystem::exists(entry.path() / "bin" / "initdb")) {
            versions.push_back(entry.path() / "bin");
        }
    }
    if (versions.empty()) {
        return fail(ErrorCode::not_found, "PostgreSQL", "no initdb below {}; apt-get install postgresql",
                    root.string());
    }
    return *std::max_element(versions.begin(), versions.end());
}

/// The command, run as `postgres` when we are root. `setpriv` replaces itself by the command, so the process id is the
/// command's.
std::vector<std::string> unprivileged(std::vector<std::string> command, const std::string& death_signal) {
    std::vector<std::string> wrapped = {"setpriv", "--pdeathsig", death_signal};
    if (::geteuid() == 0) {
        wrapped.insert(wrapped.end(), {"--reuid=postgres", "--regid=postgres", "--clear-groups"});
    }
    wrapped.push_back("--");
    wrapped.insert(wrapped.end(), command.begin(), command.end());
    return wrapped;
}

Result<> run_to_end(std::vector<std::string> command, const std::string& directory) {
    const std::string name = std::filesystem::path(command[0]).filename();
    NUANSHU_TRY(auto process, Process::start(unprivileged(std::move(command), "TERM"), directory));
    const auto exit_code = process.wait_exit(patience_ms);
    if (exit_code != 0) {
        return fail(ErrorCode::unavailable, name, "{}: {}", exit_code ? "failed" : "still runs after 60 s",
                    process.output());
    }
    return {};
}

Result<> give_to_postgres(const std::string& directory) {
    if (::geteuid() != 0) {
        return {};
    }
    const passwd* owner = ::getpwnam("postgres");
    if (owner == nullptr || ::chown(directory.c_str(), owner->pw_uid, owner->pw_gid) != 0) {
        return fail(ErrorCode::not_found, "PostgreSQL", "no user `postgres` to run it as; apt-get install postgresql");
    }
    return {};
}

Result<> make_cluster(const std::string& programs, const std::string& directory) {
    NUANSHU_TRY_VOID(give_to_postgres(directory));
    std::ofstream(directory + "/password") << password << '\n';
    return run_to_end({programs + "/initdb", "--pgdata=" + directory + "/data", "--username=" + std::string(user_name),
                       "--pwfile=" + directory + "/password", "--auth=scram-sha-256", "--encoding=UTF8",
                       "--locale=C.UTF-8", "--no-sync", "--no-instructions"},
                      directory);
}

}  // namespace

Postgres::Postgres(TemporaryDirectory directory, Process server, int port)
    : directory_(std::move(directory)), server_(std::move(server)), port_(port) {}

Result<Process> Postgres::start_server(const std::string& directory, int port) {
    NUANSHU_TRY(const std::string programs, find_programs());
    NUANSHU_TRY(auto server, Process::start(unprivileged({programs + "/postgres", "-D", directory + "/data", "-p",
                                                          std::to_string(port), "-h", "127.0.0.1", "-k", directory,
                                                          "-c", "fsync=off", "-c", "max_connections=60"},
                                                         "INT"),
                                            directory));
    if (!server.wait_for_output("ready to accept connections", patience_ms)) {
        return fail(ErrorCode::unavailable, "postgres", "did not start: {}", server.output());
    }
    return server;
}

Result<Postgres> Postgres::start() {
    NUANSHU_TRY(const std::string programs, find_programs());
    TemporaryDirectory directory;
    NUANSHU_TRY_VOID(make_cluster(programs, directory.path()));
    const int port = free_port();
    NUANSHU_TRY(auto server, start_server(directory.path(), port));
    return Postgres(std::move(directory), std::move(server), port);
}

Result<> Postgres::restart() {
    stop();
    NUANSHU_TRY(server_, start_server(directory_.path(), port_));
    return {};
}

Postgres& Postgres::shared() {
    static Postgres cluster = value_or_throw(start());
    return cluster;
}

std::string Postgres::create_database() {
    const std::string name = fmt::format("test_{}", ++databases_);
    const std::string server = fmt::format("postgresql://{}:{}@127.0.0.1:{}/", user_name, password, port_);
    value_or_throw(
        run_to_end({"psql", "--no-psqlrc", "--quiet", server + "postgres", "--command", "CREATE DATABASE " + name},
                   directory_.path()));
    return server + name;
}

}  // namespace nuanshu::support

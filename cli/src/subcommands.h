#pragma once

#include <functional>
#include <string>

#include <CLI/CLI.hpp>

#include "base/result.h"

namespace nuanshu::cli {

/// What one run of the program was asked to do; set by the subcommand that was given.
struct Request {
    std::string config_path = "nuanshu.yaml";
    bool json = false;
    std::function<Result<>()> work;
    int exit_code = 0;  ///< of work that was done, but whose answer is not good: 3 for a network without solution
    int failed_exit_code = 1;  ///< of work that could not be done though its input was good
};

// Each adds its subcommands; they fill `request.work` when chosen.
void add_serve(CLI::App& app, Request& request);
void add_sim(CLI::App& app, Request& request);
void add_records(CLI::App& app, Request& request);
void add_doctor(CLI::App& app, Request& request);
void add_bench(CLI::App& app, Request& request);
void add_network(CLI::App& app, Request& request);
void add_historian(CLI::App& app, Request& request);

}  // namespace nuanshu::cli

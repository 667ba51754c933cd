#pragma once

#include "cli/src/subcommands.h"

namespace nuanshu::cli {

// Each adds the subcommands of one group to `nuanshu network`.
void add_network_check(CLI::App& network, Request& request);
void add_network_solve(CLI::App& network, Request& request);
void add_network_convert(CLI::App& network, Request& request);
void add_network_generate(CLI::App& network, Request& request);
void add_network_questions(CLI::App& network, Request& request);

}  // namespace nuanshu::cli

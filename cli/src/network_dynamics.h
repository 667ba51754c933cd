#pragma once

#include "cli/src/subcommands.h"

namespace nuanshu::cli {

void add_network_simulate(CLI::App& network, Request& request);
void add_network_estimate(CLI::App& network, Request& request);
void add_network_leak(CLI::App& network, Request& request);

}  // namespace nuanshu::cli

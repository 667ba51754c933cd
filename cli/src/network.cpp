#include "cli/src/network.h"

#include <cstdio>

#include <fmt/core.h>

#include "cli/src/network_dynamics.h"
#include "engines/network/read.h"

namespace nuanshu::cli {
namespace {

void add_schema(CLI::App& network, Request& request) {
    auto* command = network.add_subcommand("schema", "print the JSON Schema of our form of a network");
    command->callback([&request] {
        request.work = []() -> Result<> {
            fmt::print("{}", network::json_schema());
            return {};
        };
    });
}

}  // namespace

void add_network(CLI::App& app, Request& request) {
    auto* network = app.add_subcommand("network", "hydraulics and heat of pipe networks: 热网水力与热力计算");
    network->require_subcommand(1)->fallthrough();
    add_network_solve(*network, request);
    add_network_check(*network, request);
    add_network_convert(*network, request);
    add_network_generate(*network, request);
    add_network_questions(*network, request);
    add_network_simulate(*network, request);
    add_network_estimate(*network, request);
    add_network_leak(*network, request);
    add_schema(*network, request);
}

}  // namespace nuanshu::cli

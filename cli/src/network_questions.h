#pragma once

#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "cli/src/subcommands.h"
#include "engines/network/solve.h"

/// What the subcommands that ask questions of a network share.
namespace nuanshu::cli {

void add_network_profile(CLI::App& network, Request& request);
void add_network_close(CLI::App& network, Request& request);
void add_network_balance(CLI::App& network, Request& request);
void add_network_map(CLI::App& network, Request& request);

/// The element a person means by "p12", or by "valve:p12" where several kinds have that id.
Result<network::Element> find_named(const network::Network& net, const std::string& name);
Result<std::vector<network::Element>> find_named(const network::Network& net, const std::vector<std::string>& names);
/// The same, of one kind.
Result<std::int32_t> find_named(const network::Network& net, const std::string& name, network::ElementKind kind);

/// Solved; findings are told on stderr. Without a solution the program will end with 3.
Result<network::Solution> solve_for_question(const network::Network& net, Request& request);

/// {"kind":"pipe","id":"p12"}
boost::json::value element_json(const network::Network& net, network::Element element);
/// "pipe p12" or "管道 p12".
std::string element_text(const network::Network& net, network::Element element);
/// A number, or null where it is none.
boost::json::value number_json(double number);

/// Prints a JSON text and a new line.
void print_json(const boost::json::value& value);

}  // namespace nuanshu::cli

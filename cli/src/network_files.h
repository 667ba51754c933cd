#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "engines/network/network.h"
#include "engines/network/read.h"

/// What all subcommands of `nuanshu network` share: reading a net of any form, and speaking with people.
namespace nuanshu::cli {

/// Exit code when a network has no solution.
constexpr int no_solution = 3;

/// Reads a whole file; "-" is standard input.
Result<std::string> read_text(const std::string& path);
/// Writes a whole file; "-" is standard output.
Result<> write_text(const std::string& path, std::string_view text);

struct NetworkFileOptions {
    bool check = true;  ///< false: what is wrong with the description is not asked
    network::PandapipesSettings pandapipes;
    network::GeoJsonSettings geojson;
    std::string friction = "nikuradse";  ///< of pandapipes' files, as on the command line
    std::vector<std::string> fields;     ///< "diameter=DN": which property of a GeoJSON holds what
    bool quiet = false;                  ///< notes about what was left out are not printed
};

/// Adds the argument `file` and the options of reading to a subcommand.
void add_network_file(CLI::App& command, std::string& path, NetworkFileOptions& options);

/// A net from a file of any form: our JSON, EPANET's .inp, pandapipes' JSON or GeoJSON, told apart by their content.
/// All faults of reading and checking are printed on stderr, with file, element and field; the error is then `invalid`,
/// so that the program ends with 2. Notes about what was left out are printed on stderr too.
Result<network::Network> read_network(const std::string& path, const NetworkFileOptions& options = {});

/// The reading before any judgement, for `network check`.
Result<network::Reading> read_network_file(const std::string& path, const NetworkFileOptions& options);

/// Prints them on stderr, one a line, the first 50.
void print_diagnostics(const Diagnostics& diagnostics, std::string_view before);

/// The environment asks for Chinese: LC_ALL, LC_MESSAGES or LANG, the first that is set, begins with "zh".
bool speaks_chinese();
/// The sentence in the language of the environment.
std::string_view say(std::string_view english, std::string_view chinese);

/// A text for a column of `width` letters, where Chinese letters count twice; never cut.
std::string padded(std::string_view text, int width);

/// A number as JSON; null where it is none.
std::string json_number(double number);
/// A text as JSON, with its quotes.
std::string json_text(std::string_view text);

}  // namespace nuanshu::cli

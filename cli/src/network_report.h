#pragma once

#include <string>

#include "engines/network/solve.h"

namespace nuanshu::cli {

/// What to know about a solution: one line a finding on stderr, at most `lines`.
void print_findings(const network::Network& network, const network::Solution& solution, int lines = 20);

/// The findings as a JSON list of {"kind","element","id","amount","text"}, at most the first 1000.
std::string findings_json(const network::Network& network, const network::Solution& solution);

}  // namespace nuanshu::cli

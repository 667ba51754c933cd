#pragma once

#include <string>

#include "base/diagnostic.h"
#include "engines/network/network.h"
#include "engines/network/solve.h"

/// Networks and solutions as text. Numbers are written so that reading them gives the same bits.
namespace nuanshu::network {

/// Our own form, one element a line, without the fields that have their default. read_json() gives the same network.
/// @pre validate(network) is empty
std::string write_json(const Network& network);

}  // namespace nuanshu::network

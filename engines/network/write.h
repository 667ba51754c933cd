#pragma once

#include <string>

#include "base/diagnostic.h"
#include "engines/network/network.h"
#include "engines/network/solve.h"

/// Networks and solutions as text. Numbers are written with as many digits as tell them from all others.
namespace nuanshu::network {

/// Our own form, one element a line, without the fields that have their default. read_json() gives the same network, its
/// numbers within one unit of the last of 16 digits.
/// @pre validate(network) is empty
std::string write_json(const Network& network);

}  // namespace nuanshu::network

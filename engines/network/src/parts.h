#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engines/network/src/links.h"

namespace nuanshu::network {

/// Sets marks[node] = 1 for every node that present links join with one of `seeds`. Linear in the size of the network.
void mark_parts(const Links& links, std::span<const std::int32_t> seeds, std::span<std::uint8_t> marks);

}  // namespace nuanshu::network

#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace nuanshu::network {

/// Water on its way through a link.
struct Arc {
    std::int32_t link = 0, from = 0, to = 0;
};

/// How willing a link is to be torn out of a loop.
enum class Tearing : std::uint8_t {
    cut,     ///< what leaves it does not depend on what enters: never part of a loop
    gladly,  ///< first choice where a loop must be opened
    unwilling,
};

/// The order in which water reaches the nodes, each after all that its streams come from (Kahn 1962).
struct WaterOrder {
    std::vector<std::int32_t> nodes;
    std::vector<std::int32_t> arcs_end;  ///< by place in `nodes`: end of its outgoing arcs in `arcs`
    std::vector<Arc> arcs;               ///< by the place of their `from`
    std::vector<Arc> torn;               ///< cut ones, and those taken out so that an order exists
};

WaterOrder order_water(std::size_t node_count, std::span<const Arc> arcs, std::span<const Tearing> tearing);

}  // namespace nuanshu::network

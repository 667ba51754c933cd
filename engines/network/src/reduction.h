#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engines/network/src/links.h"

/// What remains of a network when everything is taken out that needs no equations.
///
/// 1. **Leaves.** A node on a single link passes on what it takes: the link's flow is known without any pressure. Such
/// nodes are taken off one after the
///    other, with their links, until none is left: whole trees disappear in linear time. Held nodes stay.
/// 2. **Chains.** A node between exactly two links passes on what comes in, less what it takes. Links in a row between
/// two other nodes become one chain,
///    whose only unknown is the flow at its beginning.
///
/// What is left is the core: nodes where three or more chains meet, and held nodes. A node's links are found without
/// lists of neighbours: with the exclusive-or of the links at each node, a leaf's link is that value itself, and a
/// chain's next link is that value without the last one.
///
/// Links are renumbered to *slots*: chains first, in order from beginning to end, then leaves, in the order they were
/// taken off.
namespace nuanshu::network {

struct Reduction {
    std::vector<std::int32_t> slot_link;
    std::vector<std::int8_t>
        slot_sign;  ///< +1: the slot runs along its link, −1: against it. Leaves run away from the leaf
    std::vector<std::int32_t> slot_end;   ///< node at the end of the slot; a leaf slot's end is nearer to the root
    std::vector<std::int32_t> leaf_node;  ///< at the beginning of leaf slot chain_slots + i

    std::vector<std::int32_t> chain_begin;           ///< first slot of each chain, and the end of the last
    std::vector<std::int32_t> chain_from, chain_to;  ///< nodes
    std::vector<std::int32_t> unknown_node;          ///< core nodes whose potential is to be found
    std::vector<std::int32_t>
        floating_node;  ///< one node of each part that has no held node: its potential is set to 0

    std::size_t chain_count() const { return chain_from.size(); }
    std::size_t chain_slots() const { return static_cast<std::size_t>(chain_begin.back()); }
    std::size_t leaf_count() const { return leaf_node.size(); }
};

/// @param present by link; @param held by node; @param pinned nodes that must stay in the core although two links meet
/// there
Reduction reduce(const Links& links, std::span<const std::uint8_t> present, std::span<const std::uint8_t> held,
                 std::span<const std::int32_t> pinned);

}  // namespace nuanshu::network

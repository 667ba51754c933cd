#include "engines/network/src/parts.h"

#include <numeric>

namespace nuanshu::network {

void mark_parts(const Links& links, std::span<const std::int32_t> seeds, std::span<std::uint8_t> marks) {
    std::vector<std::int32_t> parent(static_cast<std::size_t>(links.node_count));
    std::iota(parent.begin(), parent.end(), 0);
    const auto at = [](std::int32_t index) { return static_cast<std::size_t>(index); };
    const auto root = [&](std::int32_t node) {
        while (parent[at(node)] != node) {
            node = parent[at(node)] = parent[at(parent[at(node)])];
        }
        return node;
    };
    for (std::size_t link = 0; link < links.ends.size(); ++link) {
        if (links.present[link] != 0) {
            parent[at(root(links.ends[link].from))] = root(links.ends[link].to);
        }
    }
    std::vector<std::uint8_t> marked(parent.size(), 0);
    for (const auto seed : seeds) {
        marked[at(root(seed))] = 1;
    }
    for (std::int32_t node = 0; node < links.node_count; ++node) {
        if (marked[at(root(node))] != 0) {
            marks[at(node)] = 1;
        }
    }
}

}  // namespace nuanshu::network

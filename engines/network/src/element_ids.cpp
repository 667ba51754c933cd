#include "engines/network/src/element_ids.h"

namespace nuanshu::network {

std::size_t count_of(const Network& network, ElementKind kind) {
    const std::array counts = {network.nodes.size(),  network.pipes.size(),   network.pumps.size(),
                               network.valves.size(), network.sources.size(), network.consumers.size(),
                               network.leaks.size(),  network.tanks.size()};
    return counts.at(static_cast<std::size_t>(kind));
}

std::optional<ElementKind> element_kind_of(std::string_view word) {
    for (std::uint8_t kind = 0; kind < 8; ++kind) {
        if (to_string(static_cast<ElementKind>(kind)) == word) {
            return static_cast<ElementKind>(kind);
        }
    }
    return std::nullopt;
}

std::optional<std::int32_t> ElementIds::find(ElementKind kind, std::string_view id) {
    auto& index = by_kind_[static_cast<std::size_t>(kind)];
    if (!index) {
        index.emplace();
        const auto count = static_cast<std::int32_t>(count_of(network_, kind));
        index->reserve(static_cast<std::size_t>(count));
        for (std::int32_t i = 0; i < count; ++i) {
            index->emplace(id_of(network_, {kind, i}), i);
        }
    }
    const auto at = index->find(id);
    return at == index->end() ? std::nullopt : std::optional(at->second);
}

}  // namespace nuanshu::network

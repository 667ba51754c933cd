#include "engines/network/network.h"

#include <array>

#include "base/check.h"

namespace nuanshu::network {

std::string_view to_string(ElementKind kind) {
    static constexpr std::array<std::string_view, 8> names = {"node",   "pipe",     "pump", "valve",
                                                              "source", "consumer", "leak", "tank"};
    return names.at(static_cast<std::size_t>(kind));
}

const std::string& id_of(const Network& network, Element element) {
    const auto at = static_cast<std::size_t>(element.index);
    switch (element.kind) {
        case ElementKind::node:
            return network.nodes.at(at).id;
        case ElementKind::pipe:
            return network.pipes.at(at).id;
        case ElementKind::pump:
            return network.pumps.at(at).id;
        case ElementKind::valve:
            return network.valves.at(at).id;
        case ElementKind::source:
            return network.sources.at(at).id;
        case ElementKind::consumer:
            return network.consumers.at(at).id;
        case ElementKind::leak:
            return network.leaks.at(at).id;
        case ElementKind::tank:
            return network.tanks.at(at).id;
    }
    NUANSHU_CHECK(false, "element kind {}", static_cast<int>(element.kind));
}

}  // namespace nuanshu::network

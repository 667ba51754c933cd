#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engines/network/network.h"

/// Small networks for tests, written down by the names of their nodes.
namespace nuanshu::network {

class TestNet {
 public:
    /// A node being described; made when first named.
    struct NodeMaker {
        Node& node;
        NodeMaker& held(double pressure_pa) {
            node.held_pressure_pa = pressure_pa;
            return *this;
        }
        NodeMaker& demand(double mass_flow_kg_s) {
            node.demand_kg_s = mass_flow_kg_s;
            return *this;
        }
        NodeMaker& at(double x, double y, double elevation_m = 0.0) {
            node.x = x;
            node.y = y;
            node.elevation_m = elevation_m;
            return *this;
        }
        NodeMaker& side(Side side) {
            node.side = side;
            return *this;
        }
    };

    NodeMaker node(const std::string& id) { return {network_.nodes[index_of(id)]}; }

    Pipe& pipe(const std::string& id, const std::string& from, const std::string& to, double length_m,
               double inner_diameter_m) {
        auto& pipe = add(network_.pipes, id, from, to);
        pipe.length_m = length_m;
        pipe.inner_diameter_m = inner_diameter_m;
        pipe.insulation.u_value_w_mk = 0.0;
        return pipe;
    }

    Valve& valve(const std::string& id, const std::string& from, const std::string& to, double inner_diameter_m = 0.1) {
        auto& valve = add(network_.valves, id, from, to);
        valve.inner_diameter_m = inner_diameter_m;
        valve.loss_coefficient = 0.2;
        return valve;
    }

    Source& source(const std::string& id, const std::string& from, const std::string& to,
                   double pressure_rise_pa = 2e5) {
        auto& source = add(network_.sources, id, from, to);
        source.pressure_rise_pa = pressure_rise_pa;
        source.loss_coefficient_pa_s2_kg2 = 20.0;
        return source;
    }

    Pump& pump(const std::string& id, const std::string& from, const std::string& to) {
        return add(network_.pumps, id, from, to);
    }

    Consumer& consumer(const std::string& id, const std::string& from, const std::string& to, double heat_w) {
        auto& consumer = add(network_.consumers, id, from, to);
        consumer.heat_w = heat_w;
        consumer.return_temperature_c = 45.0;
        return consumer;
    }

    Network& network() { return network_; }
    Network take() { return std::move(network_); }

 private:
    NodeIndex index_of(const std::string& id) {
        for (NodeIndex at = 0; at < static_cast<NodeIndex>(network_.nodes.size()); ++at) {
            if (network_.nodes[at].id == id) {
                return at;
            }
        }
        network_.nodes.emplace_back().id = id;
        return static_cast<NodeIndex>(network_.nodes.size()) - 1;
    }

    template <class T>
    T& add(std::vector<T>& elements, const std::string& id, const std::string& from, const std::string& to) {
        const auto first = index_of(from), last = index_of(to);
        auto& element = elements.emplace_back();
        element.id = id;
        element.from = first;
        element.to = last;
        return element;
    }

    Network network_;
};

struct TestLink {
    NodeIndex from, to;
    Element element;
};

/// Every element between two nodes, found without the engine's own graph.
inline std::vector<TestLink> all_links(const Network& network) {
    std::vector<TestLink> links;
    const auto add = [&](const auto& elements, ElementKind kind) {
        for (std::int32_t at = 0; const auto& element : elements) {
            links.push_back({element.from, element.to, {kind, at++}});
        }
    };
    add(network.pipes, ElementKind::pipe);
    add(network.pumps, ElementKind::pump);
    add(network.valves, ElementKind::valve);
    add(network.sources, ElementKind::source);
    add(network.consumers, ElementKind::consumer);
    add(network.tanks, ElementKind::tank);
    return links;
}

/// The element with this id: links first, then nodes; kind node and −1 when there is none.
inline Element find_element(const Network& network, std::string_view id) {
    for (const auto& link : all_links(network)) {
        if (id_of(network, link.element) == id) {
            return link.element;
        }
    }
    for (NodeIndex at = 0; at < static_cast<NodeIndex>(network.nodes.size()); ++at) {
        if (network.nodes[at].id == id) {
            return {ElementKind::node, at};
        }
    }
    return {ElementKind::node, -1};
}

}  // namespace nuanshu::network

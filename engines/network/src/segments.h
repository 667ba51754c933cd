#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engines/network/src/graph.h"

/// The network between its valves: parts that nothing can separate inside, joined by links that can be shut.
namespace nuanshu::network {

enum class Passage : std::uint8_t {
    open,   ///< nobody can stop the water here
    valve,  ///< somebody can
    shut,   ///< it is stopped already
};

using SegmentIndex = std::int32_t;

/// A link that can be shut, between two segments; both may be the same one.
struct Gate {
    LinkIndex link = 0;
    SegmentIndex from = 0, to = 0;

    SegmentIndex other(SegmentIndex segment) const { return segment == from ? to : from; }
};

using GateIndex = std::int32_t;

/// Segments and gates of a graph under one view of what can be shut. Linear time.
class Segments {
 public:
    Segments(const Graph& graph, const std::function<Passage(const GraphLink&)>& passage);

    SegmentIndex of(NodeIndex node) const { return of_node_[node]; }
    std::int32_t size() const { return static_cast<std::int32_t>(starts_.size()) - 1; }
    Passage passage(LinkIndex link) const { return passages_[link]; }
    std::span<const Gate> gates() const { return gates_; }
    std::span<const GateIndex> gates_around(SegmentIndex segment) const;

 private:
    void join(const Graph& graph);
    void list_gates();

    std::vector<Passage> passages_;  ///< by link
    std::vector<SegmentIndex> of_node_;
    std::vector<Gate> gates_;
    std::vector<std::int32_t> starts_;
    std::vector<GateIndex> around_;
};

/// Segments reached from `seeds` where `passes(gate, segment beyond)` says yes; one flag a segment.
template <class Passes>
std::vector<char> reach(const Segments& segments, std::span<const SegmentIndex> seeds, const Passes& passes) {
    std::vector<char> reached(static_cast<std::size_t>(segments.size()), 0);
    std::vector<SegmentIndex> open_list;
    const auto enter = [&](SegmentIndex segment) {
        if (!reached[segment]) {
            reached[segment] = 1;
            open_list.push_back(segment);
        }
    };
    for (const auto seed : seeds) {
        enter(seed);
    }
    while (!open_list.empty()) {
        const auto segment = open_list.back();
        open_list.pop_back();
        for (const auto gate : segments.gates_around(segment)) {
            const auto beyond = segments.gates()[gate].other(segment);
            if (passes(gate, beyond)) {
                enter(beyond);
            }
        }
    }
    return reached;
}

}  // namespace nuanshu::network

#include "engines/network/src/paths.h"

#include <algorithm>
#include <limits>
#include <queue>

namespace nuanshu::network {
namespace {

constexpr double far_away = std::numeric_limits<double>::infinity();

struct Reached {
    double distance_m;
    NodeIndex node;
    bool operator>(const Reached& other) const { return distance_m > other.distance_m; }
};

class Search {
 public:
    explicit Search(std::size_t node_count) : steps_(node_count, PathStep{.distance_m = far_away}) {}

    void enter(NodeIndex node, LinkIndex through, double distance_m) {
        if (distance_m < steps_[node].distance_m) {
            steps_[node] = {node, through, distance_m};
            next_.push({distance_m, node});
        }
    }

    /// The nearest node not yet passed on from; −1 when none is left.
    NodeIndex take() {
        while (!next_.empty()) {
            const auto [distance, node] = next_.top();
            next_.pop();
            if (distance <= steps_[node].distance_m) {
                return node;
            }
        }
        return -1;
    }

    double distance_m(NodeIndex node) const { return steps_[node].distance_m; }

    Path way_to(const Graph& graph, NodeIndex node) const {
        Path path;
        for (auto step = steps_[node];; step = steps_[node]) {
            path.push_back(step);
            if (step.through < 0) {
                break;
            }
            const auto& link = graph.link(step.through);
            node = node == link.from ? link.to : link.from;
        }
        std::reverse(path.begin(), path.end());
        return path;
    }

 private:
    std::vector<PathStep> steps_;
    std::priority_queue<Reached, std::vector<Reached>, std::greater<>> next_;
};

}  // namespace

double path_length_m(const Network& network, const GraphLink& link) {
    return link.element.kind == ElementKind::pipe ? network.pipes[link.element.index].length_m : 0.0;
}

bool stays_on_side(const GraphLink& link) {
    const auto kind = link.element.kind;
    return link.open && kind != ElementKind::source && kind != ElementKind::consumer && kind != ElementKind::tank;
}

Path shortest_path(const Network& network, const Graph& graph, std::span<const NodeIndex> from,
                   const std::function<bool(NodeIndex)>& arrived, const std::function<bool(const GraphLink&)>& passes) {
    Search search(static_cast<std::size_t>(graph.node_count()));
    for (const auto node : from) {
        search.enter(node, -1, 0.0);
    }
    for (auto node = search.take(); node >= 0; node = search.take()) {
        if (arrived(node)) {
            return search.way_to(graph, node);
        }
        for (const auto& neighbour : graph.around(node)) {
            const auto& link = graph.link(neighbour.link);
            if (passes(link)) {
                search.enter(neighbour.node, neighbour.link, search.distance_m(node) + path_length_m(network, link));
            }
        }
    }
    return {};
}

Path reversed(const Path& path) {
    Path back;
    for (auto at = path.size(); at-- > 0;) {
        const auto through = at + 1 < path.size() ? path[at + 1].through : -1;
        back.push_back({path[at].node, through, path.back().distance_m - path[at].distance_m});
    }
    return back;
}

}  // namespace nuanshu::network

#include "engines/network/src/reduction.h"

#include <numeric>
#include <utility>

namespace nuanshu::network {
namespace {

using Index = std::int32_t;

std::size_t at(Index index) {
    return static_cast<std::size_t>(index);
}

/// What the reduction knows of a node.
struct Spot {
    Index degree = 0;
    Index links = 0;  ///< exclusive-or of the links here that no leaf has taken
    bool held = false;
    bool junction = false;  ///< never in the middle of a chain, whatever its degree
    bool leaf = false;
};

class Reducer {
 public:
    Reducer(const Links& links, std::span<const std::uint8_t> present, std::span<const std::uint8_t> held,
            std::span<const Index> pinned)
        : links_(links), spots_(at(links.node_count)), free_(present.begin(), present.end()) {
        for (std::size_t node = 0; node < spots_.size(); ++node) {
            spots_[node].held = held[node] != 0;
            spots_[node].junction = spots_[node].held;
        }
        for (const auto node : pinned) {
            spots_[at(node)].junction = true;
        }
        count_links();
    }

    Reduction run() {
        take_leaves();
        for (Index link = 0; link < links_.ranges.count; ++link) {
            link_chain(link);
        }
        link_rings();
        result_.chain_begin.push_back(static_cast<Index>(result_.slot_link.size()));
        list_unknown_nodes();
        append_leaves();
        return std::move(result_);
    }

 private:
    void count_links() {
        for (Index link = 0; link < links_.ranges.count; ++link) {
            if (free_[at(link)] == 0) {
                continue;
            }
            const auto& ends = links_.ends[at(link)];
            for (const auto node : {ends.from, ends.to}) {
                ++spots_[at(node)].degree;
                spots_[at(node)].links ^= link;
            }
        }
    }

    Index other_end(Index link, Index node) const {
        const auto& ends = links_.ends[at(link)];
        return ends.from ^ ends.to ^ node;
    }

    bool is_junction(Index node) const { return spots_[at(node)].junction || spots_[at(node)].degree != 2; }

    void take_leaves() {
        leaf_link_.reserve(spots_.size());
        result_.leaf_node.reserve(spots_.size());
        for (Index start = 0; start < links_.node_count; ++start) {
            for (auto node = start; spots_[at(node)].degree == 1 && !spots_[at(node)].held;) {
                node = take_leaf(node);
            }
        }
        for (Index node = 0; node < links_.node_count; ++node) {
            const auto& spot = spots_[at(node)];
            if (spot.degree == 0 && !spot.held && !spot.leaf) {
                result_.floating_node.push_back(node);
            }
        }
    }

    /// @return the node it hung on
    Index take_leaf(Index node) {
        auto& spot = spots_[at(node)];
        const auto link = spot.links;
        const auto next = other_end(link, node);
        spot.degree = 0;
        spot.leaf = true;
        free_[at(link)] = 0;
        --spots_[at(next)].degree;
        spots_[at(next)].links ^= link;
        result_.leaf_node.push_back(node);
        leaf_link_.push_back(link);
        return next;
    }

    /// Makes the chain that begins with this link, if it is free and begins at a junction.
    void link_chain(Index link) {
        if (free_[at(link)] == 0) {
            return;
        }
        const auto& ends = links_.ends[at(link)];
        if (is_junction(ends.from)) {
            walk(link, ends.from);
        } else if (is_junction(ends.to)) {
            walk(link, ends.to);
        }
    }

    void walk(Index link, Index start) {
        const auto first_slot = static_cast<Index>(result_.slot_link.size());
        auto node = start;
        while (true) {
            free_[at(link)] = 0;
            result_.slot_sign.push_back(links_.ends[at(link)].from == node ? 1 : -1);
            node = other_end(link, node);
            result_.slot_link.push_back(link);
            result_.slot_end.push_back(node);
            if (is_junction(node)) {
                break;
            }
            link = spots_[at(node)].links ^ link;
        }
        if (node == start) {  // a ring that hangs on one node: its first inner node becomes a junction
            const auto inner = result_.slot_end[at(first_slot)];
            spots_[at(inner)].junction = true;
            add_chain(first_slot, start, inner);
            add_chain(first_slot + 1, inner, start);
        } else {
            add_chain(first_slot, start, node);
        }
    }

    void add_chain(Index first_slot, Index from, Index to) {
        result_.chain_begin.push_back(first_slot);
        result_.chain_from.push_back(from);
        result_.chain_to.push_back(to);
    }

    /// Rings without any junction are still free: their first node becomes one.
    void link_rings() {
        for (Index link = 0; link < links_.ranges.count; ++link) {
            if (free_[at(link)] != 0) {
                spots_[at(links_.ends[at(link)].from)].junction = true;
                walk(link, links_.ends[at(link)].from);
            }
        }
    }

    /// Core nodes by number, and one of each part of the core that has no held node.
    void list_unknown_nodes() {
        std::vector<Index> parent(spots_.size());
        std::iota(parent.begin(), parent.end(), 0);
        const auto root = [&](Index node) {
            while (parent[at(node)] != node) {
                node = parent[at(node)] = parent[at(parent[at(node)])];
            }
            return node;
        };
        for (std::size_t chain = 0; chain < result_.chain_count(); ++chain) {
            auto a = root(result_.chain_from[chain]), b = root(result_.chain_to[chain]);
            if (spots_[at(b)].held) {
                std::swap(a, b);  // a held node stays the root of its part
            }
            parent[at(b)] = a;
        }
        std::vector<std::uint8_t> listed(spots_.size(), 0);
        const auto list = [&](Index node) {
            if (spots_[at(node)].held || std::exchange(listed[at(node)], std::uint8_t{1}) != 0) {
                return;
            }
            const bool floats = root(node) == node;
            (floats ? result_.floating_node : result_.unknown_node).push_back(node);
        };
        for (std::size_t chain = 0; chain < result_.chain_count(); ++chain) {
            list(result_.chain_from[chain]);
            list(result_.chain_to[chain]);
        }
    }

    void append_leaves() {
        for (std::size_t i = 0; i < leaf_link_.size(); ++i) {
            const auto link = leaf_link_[i];
            const auto node = result_.leaf_node[i];
            result_.slot_link.push_back(link);
            result_.slot_sign.push_back(links_.ends[at(link)].from == node ? 1 : -1);
            result_.slot_end.push_back(other_end(link, node));
        }
    }

    const Links& links_;
    std::vector<Spot> spots_;
    std::vector<std::uint8_t> free_;  ///< by link: neither a leaf's nor in a chain
    std::vector<Index> leaf_link_;
    Reduction result_;
};

}  // namespace

Reduction reduce(const Links& links, std::span<const std::uint8_t> present, std::span<const std::uint8_t> held,
                 std::span<const std::int32_t> pinned) {
    return Reducer(links, present, held, pinned).run();
}

}  // namespace nuanshu::network

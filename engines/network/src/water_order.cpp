#include "engines/network/src/water_order.h"

#include <numeric>

namespace nuanshu::network {
namespace {

using Index = std::int32_t;

std::size_t at(Index index) {
    return static_cast<std::size_t>(index);
}

class Orderer {
 public:
    Orderer(std::size_t node_count, std::span<const Arc> arcs, std::span<const Tearing> tearing)
        : arcs_(arcs), begin_(node_count + 1, 0), waiting_(node_count, 0), done_(node_count, 0), out_(arcs.size()) {
        sort_by_origin(tearing);
        order_.nodes.reserve(node_count);
        order_.arcs.reserve(arcs.size());
        order_.arcs_end.reserve(node_count);
    }

    WaterOrder run(std::span<const Tearing> tearing) {
        for (std::size_t node = waiting_.size(); node-- > 0;) {
            if (waiting_[node] == 0) {
                ready_.push_back(static_cast<Index>(node));
            }
        }
        visit_ready();
        tear_where(tearing, [](Tearing kind) { return kind == Tearing::gladly; });
        tear_where(tearing, [](Tearing) { return true; });
        return std::move(order_);
    }

 private:
    /// Numbers of the arcs that leave each node; cut ones go to the torn at once.
    void sort_by_origin(std::span<const Tearing> tearing) {
        for (std::size_t i = 0; i < arcs_.size(); ++i) {
            if (tearing[i] == Tearing::cut) {
                order_.torn.push_back(arcs_[i]);
            } else {
                ++begin_[at(arcs_[i].from) + 1];
                ++waiting_[at(arcs_[i].to)];
            }
        }
        std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
        auto next = begin_;
        for (std::size_t i = 0; i < arcs_.size(); ++i) {
            if (tearing[i] != Tearing::cut) {
                out_[at(next[at(arcs_[i].from)]++)] = static_cast<Index>(i);
            }
        }
        torn_.assign(arcs_.size(), 0);
    }

    void visit_ready() {
        while (!ready_.empty()) {
            const auto node = ready_.back();
            ready_.pop_back();
            visit(node);
        }
    }

    void visit(Index node) {
        done_[at(node)] = 1;
        order_.nodes.push_back(node);
        for (auto i = begin_[at(node)]; i < begin_[at(node) + 1]; ++i) {
            const auto arc = at(out_[at(i)]);
            if (torn_[arc] == 0) {
                order_.arcs.push_back(arcs_[arc]);
                release(arcs_[arc].to);
            }
        }
        order_.arcs_end.push_back(static_cast<Index>(order_.arcs.size()));
    }

    void release(Index node) {
        if (--waiting_[at(node)] == 0) {
            ready_.push_back(node);
        }
    }

    /// Tears arcs between nodes that wait for each other, one by one, and goes on from there.
    void tear_where(std::span<const Tearing> tearing, const std::function<bool(Tearing)>& may_tear) {
        for (std::size_t i = 0; i < arcs_.size() && order_.nodes.size() < done_.size(); ++i) {
            const bool waits = done_[at(arcs_[i].from)] == 0 && done_[at(arcs_[i].to)] == 0;
            if (waits && tearing[i] != Tearing::cut && may_tear(tearing[i])) {
                torn_[i] = 1;
                order_.torn.push_back(arcs_[i]);
                release(arcs_[i].to);
                visit_ready();
            }
        }
    }

    std::span<const Arc> arcs_;
    std::vector<Index> begin_, waiting_;
    std::vector<std::uint8_t> done_, torn_;
    std::vector<Index> out_;
    std::vector<Index> ready_;
    WaterOrder order_;
};

}  // namespace

WaterOrder order_water(std::size_t node_count, std::span<const Arc> arcs, std::span<const Tearing> tearing) {
    return Orderer(node_count, arcs, tearing).run(tearing);
}

}  // namespace nuanshu::network

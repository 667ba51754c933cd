#include "engines/network/src/mixing.h"

#include <algorithm>
#include <cmath>

namespace nuanshu::network {
namespace {

constexpr int ring_sweeps_max = 200;
constexpr double ring_tolerance_j_kg = 1e-6;

}  // namespace

Mixing::Mixing(std::size_t nodes, std::vector<Ends> ends, std::size_t stores)
    : ends_(std::move(ends)),
      stores_(stores),
      store_at_(nodes, -1),
      flow_kg_s_(ends_.size(), 0.0),
      sign_(ends_.size(), 0),
      out_begin_(nodes + 1),
      waiting_(nodes),
      in_kg_s_(nodes),
      in_w_(nodes),
      node_j_kg_(nodes, 0.0),
      outlet_j_kg_(ends_.size(), 0.0) {
    for (std::size_t link = 0; link < stores_; ++link) {
        store_at_[static_cast<std::size_t>(ends_[link].from)] = static_cast<std::int32_t>(link);
        store_at_[static_cast<std::size_t>(ends_[link].to)] = static_cast<std::int32_t>(link);
    }
    sort_links();
}

void Mixing::arrange(std::span<const double> flow_kg_s, std::span<const std::uint8_t> passes) {
    if (take_signs(flow_kg_s, passes)) {
        sort_links();
    }
}

/// @return whether any link's part has changed
bool Mixing::take_signs(std::span<const double> flow_kg_s, std::span<const std::uint8_t> passes) {
    bool changed = false;
    for (std::size_t link = 0; link < ends_.size(); ++link) {
        const double flow = flow_kg_s[link];
        const int part = flow == 0.0 ? 0 : (passes[link] != 0 ? 2 : 1) * (flow > 0.0 ? 1 : -1);
        changed = changed || part != sign_[link];
        sign_[link] = static_cast<std::int8_t>(part);
        flow_kg_s_[link] = flow;
    }
    return changed;
}

void Mixing::sort_links() {
    independent_.clear();
    std::fill(waiting_.begin(), waiting_.end(), 0);
    std::fill(out_begin_.begin(), out_begin_.end(), 0);
    std::vector<std::uint8_t> fed(node_j_kg_.size(), 0);
    std::size_t dependent = 0;
    for (std::size_t link = 0; link < ends_.size(); ++link) {
        if (sign_[link] != 0) {
            fed[downstream(link)] = 1;
        }
        if (std::abs(sign_[link]) == 1) {
            independent_.push_back(static_cast<std::int32_t>(link));
        } else if (sign_[link] != 0) {
            ++waiting_[downstream(link)];
            ++out_begin_[upstream(link) + 1];
            ++dependent;
        }
    }
    still_nodes_.clear();
    for (std::size_t node = 0; node < fed.size(); ++node) {
        if (fed[node] == 0) {
            still_nodes_.push_back(static_cast<std::int32_t>(node));
        }
        out_begin_[node + 1] += out_begin_[node];
    }
    out_links_.resize(dependent);
    order_dependent();
}

/// Kahn's order of the dependent links; those on rings are left over.
void Mixing::order_dependent() {
    auto next = out_begin_;
    for (std::size_t link = 0; link < ends_.size(); ++link) {
        if (std::abs(sign_[link]) == 2) {
            out_links_[static_cast<std::size_t>(next[upstream(link)]++)] = static_cast<std::int32_t>(link);
        }
    }
    ordered_.clear();
    ready_.clear();
    for (std::size_t node = 0; node < waiting_.size(); ++node) {
        if (waiting_[node] == 0) {
            ready_.push_back(static_cast<std::int32_t>(node));
        }
    }
    while (!ready_.empty()) {
        const auto node = static_cast<std::size_t>(ready_.back());
        ready_.pop_back();
        for (auto at = out_begin_[node]; at < out_begin_[node + 1]; ++at) {
            const auto link = out_links_[static_cast<std::size_t>(at)];
            ordered_.push_back(link);
            const auto down = downstream(static_cast<std::size_t>(link));
            if (--waiting_[down] == 0) {
                ready_.push_back(static_cast<std::int32_t>(down));
            }
        }
    }
    rings_.clear();
    for (const auto link : out_links_) {
        if (waiting_[upstream(static_cast<std::size_t>(link))] > 0) {
            rings_.push_back(link);
        }
    }
}

double Mixing::outlet_of(const Step& step, std::size_t link, double inlet_j_kg) const {
    if (link < stores_) {
        const auto& out = step.outflow[link];
        return out.known_j_kg + out.inlet_share * inlet_j_kg;
    }
    return network::outlet_j_kg(step.laws[link - stores_], inlet_j_kg, std::abs(flow_kg_s_[link]), step.water);
}

void Mixing::deliver(const Step& step, std::size_t link) {
    const auto up = upstream(link);
    if (in_kg_s_[up] > 0.0) {
        node_j_kg_[up] = in_w_[up] / in_kg_s_[up];
    }
    outlet_j_kg_[link] = outlet_of(step, link, node_j_kg_[up]);
    const auto down = downstream(link);
    in_kg_s_[down] += std::abs(flow_kg_s_[link]);
    in_w_[down] += std::abs(flow_kg_s_[link]) * outlet_j_kg_[link];
}

/// Gauss–Seidel over the links that close rings, from the last step's enthalpies.
void Mixing::settle_rings(const Step& step) {
    for (const auto link : rings_) {
        const auto at = static_cast<std::size_t>(link);
        in_kg_s_[downstream(at)] += std::abs(flow_kg_s_[at]);
        in_w_[downstream(at)] += std::abs(flow_kg_s_[at]) * outlet_j_kg_[at];
    }
    double change = rings_.empty() ? 0.0 : ring_tolerance_j_kg;
    for (int sweep = 0; sweep < ring_sweeps_max && change >= ring_tolerance_j_kg; ++sweep) {
        change = 0.0;
        for (const auto link : rings_) {
            const auto at = static_cast<std::size_t>(link);
            const auto up = upstream(at);
            node_j_kg_[up] = in_kg_s_[up] > 0.0 ? in_w_[up] / in_kg_s_[up] : node_j_kg_[up];
            const double outlet = outlet_of(step, at, node_j_kg_[up]);
            const double difference = outlet - outlet_j_kg_[at];
            in_w_[downstream(at)] += std::abs(flow_kg_s_[at]) * difference;
            outlet_j_kg_[at] = outlet;
            change = std::max(change, std::abs(difference));
        }
    }
}

void Mixing::mix(std::span<const PlugFlow::Outflow> outflow, std::span<const HeatLaw> laws,
                 std::span<const Inflow> inflow, const EnthalpyTable& water) {
    for (std::size_t node = 0; node < inflow.size(); ++node) {
        in_kg_s_[node] = inflow[node].mass_flow_kg_s;
        in_w_[node] = inflow[node].mass_flow_kg_s * inflow[node].enthalpy_j_kg;
    }
    const Step step{outflow, laws, water};
    for (const auto link : independent_) {
        const auto at = static_cast<std::size_t>(link);
        outlet_j_kg_[at] = outlet_of(step, at, node_j_kg_[upstream(at)]);
        in_kg_s_[downstream(at)] += std::abs(flow_kg_s_[at]);
        in_w_[downstream(at)] += std::abs(flow_kg_s_[at]) * outlet_j_kg_[at];
    }
    for (const auto link : ordered_) {
        deliver(step, static_cast<std::size_t>(link));
    }
    settle_rings(step);
    for (std::size_t node = 0; node < node_j_kg_.size(); ++node) {
        if (in_kg_s_[node] > 0.0) {
            node_j_kg_[node] = in_w_[node] / in_kg_s_[node];
        }
    }
}

}  // namespace nuanshu::network

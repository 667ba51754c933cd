#include "engines/network/src/heat.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace nuanshu::network {
namespace {

using Index = std::int32_t;

std::size_t at(Index index) {
    return static_cast<std::size_t>(index);
}

/// Less than this is still water: rounding, or what a closed check valve lets through.
constexpr double still_kg_s = 1e-9;
constexpr double difference_k = 1.0;  ///< step of the differences of torn temperatures
constexpr double torn_tolerance_k = 1e-8;
constexpr std::size_t newton_max = 8;  ///< torn temperatures found by Newton's method; more are iterated plainly
constexpr int torn_rounds_max = 200;

std::int8_t sign_of(double flow) {
    return flow > still_kg_s ? 1 : flow < -still_kg_s ? -1 : 0;
}

/// Gaussian elimination with pivoting; `rows` is square, one row after the other. @return false when singular
bool solve_dense(std::vector<double>& rows, std::vector<double>& right) {
    const auto n = right.size();
    for (std::size_t k = 0; k < n; ++k) {
        auto pivot = k;
        for (auto i = k + 1; i < n; ++i) {
            pivot = std::fabs(rows[i * n + k]) > std::fabs(rows[pivot * n + k]) ? i : pivot;
        }
        if (std::fabs(rows[pivot * n + k]) < 1e-14) {
            return false;
        }
        std::swap_ranges(rows.begin() + static_cast<std::ptrdiff_t>(k * n),
                         rows.begin() + static_cast<std::ptrdiff_t>((k + 1) * n),
                         rows.begin() + static_cast<std::ptrdiff_t>(pivot * n));
        std::swap(right[k], right[pivot]);
        for (auto i = k + 1; i < n; ++i) {
            const double factor = rows[i * n + k] / rows[k * n + k];
            for (auto j = k; j < n; ++j) {
                rows[i * n + j] -= factor * rows[k * n + j];
            }
            right[i] -= factor * right[k];
        }
    }
    for (auto k = n; k-- > 0;) {
        for (auto j = k + 1; j < n; ++j) {
            right[k] -= rows[k * n + j] * right[j];
        }
        right[k] /= rows[k * n + k];
    }
    return true;
}

}  // namespace

void Heat::refresh(const Network& network, double start_c) {
    network_ = &network;
    fluid_ = FluidProperties(network.fluid);
    const auto nodes = at(links_.node_count);
    const auto links = links_.ends.size();
    if (temperatures_.node_c.size() != nodes || temperatures_.from_c.size() != links) {
        temperatures_ = {std::vector<double>(nodes, start_c), std::vector<double>(links, start_c),
                         std::vector<double>(links, start_c)};
        direction_.clear();
    }
    transmission_w_k_.resize(network_->pipes.size());
    ambient_c_.resize(network_->pipes.size());
    for (std::size_t i = 0; i < network_->pipes.size(); ++i) {
        const auto& pipe = network_->pipes[i];
        transmission_w_k_[i] = heat_transmission_w_mk(pipe) * pipe.length_m;
        ambient_c_[i] = pipe.ambient_temperature_c.value_or(network_->ambient_temperature_c);
    }
    // A leaking pipe is two links that share its surface.
    for (const auto& leak : network_->leaks) {
        if (leak.pipe >= 0) {
            const double share = std::clamp(leak.position, 1e-6, 1.0 - 1e-6);
            const double whole = transmission_w_k_[at(leak.pipe)];
            transmission_w_k_.push_back(whole * (1.0 - share));
            ambient_c_.push_back(ambient_c_[at(leak.pipe)]);
            transmission_w_k_[at(leak.pipe)] = whole * share;
        }
    }
}

Tearing Heat::tearing_of(Index link, double flow_kg_s) const {
    if (link < links_.ranges.sources || link >= links_.ranges.tanks) {
        return Tearing::unwilling;
    }
    const auto element = links_.element_of(link);
    if (element.kind == ElementKind::source) {
        const bool holds = network_->sources[at(element.index)].heat_control == HeatControl::supply_temperature;
        return holds && flow_kg_s > 0.0 ? Tearing::cut : Tearing::gladly;
    }
    const auto& consumer = network_->consumers[at(element.index)];
    const bool holds = consumer.exchanger.ua_w_k <= 0.0 && consumer.return_temperature_c &&
                       consumer.control != ConsumerControl::heat_and_drop;
    return holds && flow_kg_s > 0.0 ? Tearing::cut : Tearing::unwilling;
}

bool Heat::directions_changed(std::span<const double> flow_kg_s, std::span<const double> inflow_kg_s) {
    bool changed = direction_.size() != flow_kg_s.size();
    direction_.resize(flow_kg_s.size());
    fed_.resize(inflow_kg_s.size());
    for (std::size_t link = 0; link < flow_kg_s.size(); ++link) {
        const auto sign = sign_of(flow_kg_s[link]);
        changed |= std::exchange(direction_[link], sign) != sign;
    }
    for (std::size_t node = 0; node < inflow_kg_s.size(); ++node) {
        const std::uint8_t fed = inflow_kg_s[node] > still_kg_s ? 1 : 0;
        changed |= std::exchange(fed_[node], fed) != fed;
    }
    return changed;
}

void Heat::order(std::span<const double> flow_kg_s) {
    std::vector<Arc> arcs;
    std::vector<Tearing> tearing;
    arcs.reserve(flow_kg_s.size());
    tearing.reserve(flow_kg_s.size());
    arriving_.assign(fed_.begin(), fed_.end());
    for (std::size_t link = 0; link < flow_kg_s.size(); ++link) {
        if (direction_[link] != 0) {
            const auto& ends = links_.ends[link];
            const auto number = static_cast<Index>(link);
            arcs.push_back(direction_[link] > 0 ? Arc{number, ends.from, ends.to} : Arc{number, ends.to, ends.from});
            tearing.push_back(tearing_of(number, flow_kg_s[link]));
            ++arriving_[at(arcs.back().to)];
        }
    }
    order_ = order_water(at(links_.node_count), arcs, tearing);
    torn_c_ = torn_outlets(flow_kg_s);
}

/// What leaves the torn arcs when the nodes have their present temperatures.
std::vector<double> Heat::torn_outlets(std::span<const double> flow_kg_s) const {
    std::vector<double> outlets(order_.torn.size());
    std::ranges::transform(order_.torn, outlets.begin(), [&](const Arc& arc) {
        return outlet(arc, std::fabs(flow_kg_s[at(arc.link)]), temperatures_.node_c[at(arc.from)]);
    });
    return outlets;
}

double Heat::pipe_outlet(std::size_t surface, double flow_kg_s, double inlet_c) const {
    const double decay = std::exp(-transmission_w_k_[surface] / (flow_kg_s * fluid_.specific_heat_j_kgk(inlet_c)));
    return ambient_c_[surface] + (inlet_c - ambient_c_[surface]) * decay;
}

/// @param flow_kg_s in the direction of the arc, positive
double Heat::outlet(const Arc& arc, double flow_kg_s, double inlet_c) const {
    if (arc.link < links_.ranges.pumps) {
        return pipe_outlet(at(arc.link), flow_kg_s, inlet_c);
    }
    if (arc.link >= links_.ranges.halves) {
        return pipe_outlet(network_->pipes.size() + at(arc.link - links_.ranges.halves), flow_kg_s, inlet_c);
    }
    const bool forward = links_.ends[at(arc.link)].from == arc.from;
    const auto element = links_.element_of(arc.link);
    if (element.kind == ElementKind::consumer && forward) {
        return consumer_return_temperature_c(network_->consumers[at(element.index)], fluid_, flow_kg_s, inlet_c);
    }
    if (element.kind == ElementKind::source && forward) {
        const auto& source = network_->sources[at(element.index)];
        return source.heat_control == HeatControl::supply_temperature
                   ? source.supply_temperature_c
                   : fluid_.temperature_c(fluid_.enthalpy_j_kg(inlet_c) + source.heat_w / flow_kg_s);
    }
    return inlet_c;
}

void Heat::arrive(const Arc& arc, double flow_kg_s, double temperature_c) {
    const auto node = at(arc.to);
    mass_kg_s_[node] += flow_kg_s;
    mass_temperature_[node] += flow_kg_s * temperature_c;
    if (arriving_[node] > 1) {
        enthalpy_w_[node] += flow_kg_s * fluid_.enthalpy_j_kg(temperature_c);
    }
    auto& end = links_.ends[at(arc.link)].to == arc.to ? temperatures_.to_c : temperatures_.from_c;
    end[at(arc.link)] = temperature_c;
}

/// The mean of the streams' temperatures, mended so that their enthalpy is kept.
double Heat::mixed_c(std::size_t node) const {
    double temperature = mass_temperature_[node] / mass_kg_s_[node];
    if (arriving_[node] > 1 && !fluid_.constant()) {
        const double enthalpy = enthalpy_w_[node] / mass_kg_s_[node];
        for (int step = 0; step < 2; ++step) {
            temperature -= (fluid_.enthalpy_j_kg(temperature) - enthalpy) / fluid_.specific_heat_j_kgk(temperature);
        }
    }
    return temperature;
}

void Heat::begin_pass(std::span<const double> inflow_kg_s) {
    const auto nodes = at(links_.node_count);
    mass_kg_s_.assign(nodes, 0.0);
    mass_temperature_.assign(nodes, 0.0);
    enthalpy_w_.assign(nodes, 0.0);
    for (std::size_t node = 0; node < network_->nodes.size(); ++node) {
        if (fed_[node] != 0) {
            const double temperature = network_->nodes[node].inflow_temperature_c;
            mass_kg_s_[node] = inflow_kg_s[node];
            mass_temperature_[node] = inflow_kg_s[node] * temperature;
            enthalpy_w_[node] = inflow_kg_s[node] * fluid_.enthalpy_j_kg(temperature);
        }
    }
}

void Heat::pass(std::span<const double> flow_kg_s, std::span<const double> inflow_kg_s) {
    begin_pass(inflow_kg_s);
    for (std::size_t i = 0; i < order_.torn.size(); ++i) {
        arrive(order_.torn[i], std::fabs(flow_kg_s[at(order_.torn[i].link)]), torn_c_[i]);
    }
    std::size_t next = 0;
    for (std::size_t place = 0; place < order_.nodes.size(); ++place) {
        const auto node = at(order_.nodes[place]);
        if (mass_kg_s_[node] > 0.0) {
            temperatures_.node_c[node] = mixed_c(node);
        }
        for (; next < at(order_.arcs_end[place]); ++next) {
            const auto& arc = order_.arcs[next];
            const double flow = std::fabs(flow_kg_s[at(arc.link)]);
            arrive(arc, flow, outlet(arc, flow, temperatures_.node_c[node]));
        }
    }
}

/// Newton's method on torn temperatures x with the differences of x − outlets(x).
bool Heat::newton_on_torn(std::span<const double> flow_kg_s, std::span<const double> inflow_kg_s) {
    std::vector<std::size_t> open;  // those that really depend on what enters
    for (std::size_t i = 0; i < order_.torn.size(); ++i) {
        if (tearing_of(order_.torn[i].link, flow_kg_s[at(order_.torn[i].link)]) != Tearing::cut) {
            open.push_back(i);
        }
    }
    if (open.empty() || open.size() > newton_max) {
        return false;
    }
    const auto n = open.size();
    const auto base = torn_outlets(flow_kg_s);
    std::vector<double> miss(n), slopes(n * n);
    for (std::size_t i = 0; i < n; ++i) {
        miss[i] = base[open[i]] - torn_c_[open[i]];
    }
    for (std::size_t j = 0; j < n; ++j) {
        torn_c_[open[j]] += difference_k;
        pass(flow_kg_s, inflow_kg_s);
        const auto moved = torn_outlets(flow_kg_s);
        torn_c_[open[j]] -= difference_k;
        for (std::size_t i = 0; i < n; ++i) {
            slopes[i * n + j] = (i == j ? 1.0 : 0.0) - (moved[open[i]] - base[open[i]]) / difference_k;
        }
    }
    if (!solve_dense(slopes, miss)) {
        return false;
    }
    for (std::size_t i = 0; i < n; ++i) {
        torn_c_[open[i]] += miss[i];
    }
    return true;
}

/// Passes until what leaves the torn arcs is what was taken to leave them.
bool Heat::settle_torn(std::span<const double> flow_kg_s, std::span<const double> inflow_kg_s) {
    for (int round = 0; round < torn_rounds_max; ++round) {
        pass(flow_kg_s, inflow_kg_s);
        auto outlets = torn_outlets(flow_kg_s);
        double change = 0.0;
        for (std::size_t i = 0; i < outlets.size(); ++i) {
            change = std::max(change, std::fabs(outlets[i] - torn_c_[i]));
        }
        if (change <= torn_tolerance_k) {
            return true;
        }
        if (!newton_on_torn(flow_kg_s, inflow_kg_s)) {
            torn_c_ = std::move(outlets);
        }
    }
    return false;
}

bool Heat::find(std::span<const double> flow_kg_s, std::span<const double> inflow_kg_s) {
    if (directions_changed(flow_kg_s, inflow_kg_s)) {
        order(flow_kg_s);
    }
    const bool settled = settle_torn(flow_kg_s, inflow_kg_s);
    set_still_ends();
    return settled;
}

/// Water leaves a node with the node's temperature; still water in a pipe has its surroundings'.
void Heat::set_still_ends() {
    for (std::size_t node = 0; node < network_->nodes.size(); ++node) {
        if (arriving_[node] == 0) {
            temperatures_.node_c[node] = network_->ambient_temperature_c;
        }
    }
    for (std::size_t link = 0; link < direction_.size(); ++link) {
        const auto& ends = links_.ends[link];
        if (direction_[link] >= 0) {
            temperatures_.from_c[link] = temperatures_.node_c[at(ends.from)];
        }
        if (direction_[link] <= 0) {
            temperatures_.to_c[link] = temperatures_.node_c[at(ends.to)];
        }
    }
}

void Heat::find_powers(std::span<const double> flow_kg_s, std::span<double> pipe_loss_w, std::span<double> source_w,
                       std::span<double> consumer_w) const {
    const auto given_off = [&](Index link) {
        const double drop =
            fluid_.enthalpy_j_kg(temperatures_.from_c[at(link)]) - fluid_.enthalpy_j_kg(temperatures_.to_c[at(link)]);
        return direction_[at(link)] == 0 ? 0.0 : flow_kg_s[at(link)] * drop;
    };
    const auto& ranges = links_.ranges;
    for (Index i = 0; i < static_cast<Index>(pipe_loss_w.size()); ++i) {
        pipe_loss_w[at(i)] = given_off(ranges.pipes + i);
    }
    Index half = ranges.halves;
    for (const auto& leak : network_->leaks) {
        if (leak.pipe >= 0) {
            pipe_loss_w[at(leak.pipe)] += given_off(half++);
        }
    }
    for (Index i = 0; i < static_cast<Index>(source_w.size()); ++i) {
        source_w[at(i)] = -given_off(ranges.sources + i);
    }
    for (Index i = 0; i < static_cast<Index>(consumer_w.size()); ++i) {
        consumer_w[at(i)] = given_off(ranges.consumers + i);
    }
}

}  // namespace nuanshu::network

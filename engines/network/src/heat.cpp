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

/// Place of a link without flow.
constexpr Index still_link = std::numeric_limits<Index>::min();
constexpr double mixing_tolerance_j_kg = 1e-7;
constexpr double difference_k = 1.0;  ///< step of the differences of torn temperatures
constexpr double torn_tolerance_k = 1e-8;
constexpr std::size_t newton_max = 8;  ///< torn temperatures found by Newton's method; more are iterated plainly
constexpr int newton_rounds_max = 12;  ///< laws with a bend may send it in circles
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
    last_temperature_c_ = std::numeric_limits<double>::quiet_NaN();
    const auto nodes = at(links_.node_count);
    const auto links = links_.ends.size();
    if (spots_.size() != nodes || direction_.size() != links) {
        spots_.assign(nodes, {.temperature_c = start_c});
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
    for (std::size_t node = 0; node < spots_.size(); ++node) {
        spots_[node].arriving = fed_[node];
    }
    for (std::size_t link = 0; link < flow_kg_s.size(); ++link) {
        if (direction_[link] != 0) {
            const auto& ends = links_.ends[link];
            const auto number = static_cast<Index>(link);
            arcs.push_back(direction_[link] > 0 ? Arc{number, ends.from, ends.to} : Arc{number, ends.to, ends.from});
            tearing.push_back(tearing_of(number, flow_kg_s[link]));
            ++spots_[at(arcs.back().to)].arriving;
        }
    }
    order_ = order_water(spots_.size(), arcs, tearing);
    arc_c_.resize(order_.arcs.size());
    link_arc_.assign(flow_kg_s.size(), still_link);
    for (std::size_t i = 0; i < order_.arcs.size(); ++i) {
        link_arc_[at(order_.arcs[i].link)] = static_cast<Index>(i);
    }
    for (std::size_t i = 0; i < order_.torn.size(); ++i) {
        link_arc_[at(order_.torn[i].link)] = -1 - static_cast<Index>(i);
    }
    for (auto& spot : spots_) {
        spot.temperature_c = spot.arriving == 0 ? network_->ambient_temperature_c : spot.temperature_c;
    }
    torn_limit_c_.resize(order_.torn.size());
    std::ranges::transform(order_.torn, torn_limit_c_.begin(), [&](const Arc& arc) {
        const auto element = links_.element_of(arc.link);
        return element.kind == ElementKind::consumer && tearing_of(arc.link, flow_kg_s[at(arc.link)]) == Tearing::cut
                   ? *network_->consumers[at(element.index)].return_temperature_c
                   : std::numeric_limits<double>::quiet_NaN();
    });
    torn_c_ = torn_outlets(flow_kg_s);
}

/// What leaves the torn arcs when the nodes have their present temperatures.
std::vector<double> Heat::torn_outlets(std::span<const double> flow_kg_s) const {
    std::vector<double> outlets(order_.torn.size());
    for (std::size_t i = 0; i < outlets.size(); ++i) {
        const auto& arc = order_.torn[i];
        const double inlet = spots_[at(arc.from)].temperature_c;
        outlets[i] = std::isnan(torn_limit_c_[i]) ? outlet(arc, std::fabs(flow_kg_s[at(arc.link)]), inlet)
                                                  : std::min(torn_limit_c_[i], inlet);
    }
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
    if (arc.link >= links_.ranges.halves && arc.link < links_.ranges.demands) {
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
                   : temperature_after_heat(fluid_, inlet_c, -source.heat_w, flow_kg_s);
    }
    return inlet_c;
}

void Heat::arrive(Spot& spot, double flow_kg_s, double temperature_c) {
    spot.mass_kg_s += flow_kg_s;
    spot.mass_temperature += flow_kg_s * temperature_c;
    if (spot.arriving > 1) {
        spot.enthalpy_w += flow_kg_s * enthalpy_j_kg(temperature_c);
    }
}

/// Consumers of the same return come one after the other.
double Heat::enthalpy_j_kg(double temperature_c) {
    if (temperature_c != last_temperature_c_) {
        last_temperature_c_ = temperature_c;
        last_enthalpy_j_kg_ = fluid_.enthalpy_j_kg(temperature_c);
    }
    return last_enthalpy_j_kg_;
}

/// The mean of the streams' temperatures, mended so that their enthalpy is kept. Leaves the sums at zero for the next
/// pass.
void Heat::mix(Spot& spot) const {
    if (spot.mass_kg_s <= 0.0) {
        return;
    }
    double temperature = spot.mass_temperature / spot.mass_kg_s;
    if (spot.arriving > 1 && !fluid_.constant()) {
        const double enthalpy = spot.enthalpy_w / spot.mass_kg_s;
        for (int step = 0; step < 2; ++step) {
            const double miss = fluid_.enthalpy_j_kg(temperature) - enthalpy;
            if (std::fabs(miss) <= mixing_tolerance_j_kg) {
                break;
            }
            temperature -= miss / fluid_.specific_heat_j_kgk(temperature);
        }
    }
    spot.temperature_c = temperature;
    spot.mass_kg_s = spot.mass_temperature = spot.enthalpy_w = 0.0;
}

/// Water from outside.
void Heat::feed(std::span<const double> inflow_kg_s) {
    for (std::size_t node = 0; node < network_->nodes.size(); ++node) {
        if (fed_[node] != 0) {
            arrive(spots_[node], inflow_kg_s[node], network_->nodes[node].inflow_temperature_c);
        }
    }
}

void Heat::pass(std::span<const double> flow_kg_s, std::span<const double> inflow_kg_s) {
    feed(inflow_kg_s);
    for (std::size_t i = 0; i < order_.torn.size(); ++i) {
        const auto& arc = order_.torn[i];
        arrive(spots_[at(arc.to)], std::fabs(flow_kg_s[at(arc.link)]), torn_c_[i]);
    }
    std::size_t next = 0;
    for (std::size_t place = 0; place < order_.nodes.size(); ++place) {
        auto& spot = spots_[at(order_.nodes[place])];
        mix(spot);
        for (; next < at(order_.arcs_end[place]); ++next) {
            const auto& arc = order_.arcs[next];
            const double flow = std::fabs(flow_kg_s[at(arc.link)]);
            arc_c_[next] = outlet(arc, flow, spot.temperature_c);
            arrive(spots_[at(arc.to)], flow, arc_c_[next]);
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
        torn_c_[open[i]] = std::clamp(torn_c_[open[i]] + miss[i], freezing_c, hottest_c);
    }
    return true;
}

/// Passes until what leaves the torn arcs is what was taken to leave them.
bool Heat::settle_torn(std::span<const double> flow_kg_s, std::span<const double> inflow_kg_s) {
    for (int round = 0; round < torn_rounds_max; ++round) {
        pass(flow_kg_s, inflow_kg_s);
        auto outlets = torn_outlets(flow_kg_s);
        double change = 0.0;
        unsettled_link_ = -1;
        for (std::size_t i = 0; i < outlets.size(); ++i) {
            if (const double miss = std::fabs(outlets[i] - torn_c_[i]); miss > std::max(change, torn_tolerance_k)) {
                change = miss;
                unsettled_link_ = order_.torn[i].link;
            }
        }
        if (unsettled_link_ < 0) {
            return true;
        }
        if (round >= newton_rounds_max || !newton_on_torn(flow_kg_s, inflow_kg_s)) {
            torn_c_ = std::move(outlets);
        }
    }
    pass(flow_kg_s, inflow_kg_s);
    return false;
}

bool Heat::find(std::span<const double> flow_kg_s, std::span<const double> inflow_kg_s) {
    if (directions_changed(flow_kg_s, inflow_kg_s)) {
        order(flow_kg_s);
    }
    return settle_torn(flow_kg_s, inflow_kg_s);
}

double Heat::link_c(Index link) const {
    const auto& ends = links_.ends[at(link)];
    const auto arc = link_arc_[at(link)];
    if (arc == still_link) {
        return 0.5 * (node_c(ends.from) + node_c(ends.to));
    }
    const double inlet = node_c(direction_[at(link)] > 0 ? ends.from : ends.to);
    return 0.5 * (inlet + (arc >= 0 ? arc_c_[at(arc)] : torn_c_[at(-1 - arc)]));
}

Temperatures Heat::temperatures() const {
    Temperatures found{std::vector<double>(spots_.size()), std::vector<double>(direction_.size()),
                       std::vector<double>(direction_.size())};
    std::ranges::transform(spots_, found.node_c.begin(), &Spot::temperature_c);
    for (std::size_t link = 0; link < direction_.size(); ++link) {
        const auto& ends = links_.ends[link];
        found.from_c[link] = found.node_c[at(ends.from)];
        found.to_c[link] = found.node_c[at(ends.to)];
    }
    const auto set_outlet = [&](const Arc& arc, double temperature_c) {
        auto& end = direction_[at(arc.link)] > 0 ? found.to_c : found.from_c;
        end[at(arc.link)] = temperature_c;
    };
    for (std::size_t i = 0; i < order_.arcs.size(); ++i) {
        set_outlet(order_.arcs[i], arc_c_[i]);
    }
    for (std::size_t i = 0; i < order_.torn.size(); ++i) {
        set_outlet(order_.torn[i], torn_c_[i]);
    }
    return found;
}

void Heat::find_powers(std::span<const double> flow_kg_s, const Temperatures& temperatures,
                       std::span<double> pipe_loss_w, std::span<double> source_w, std::span<double> consumer_w) const {
    const auto given_off = [&](Index link) {
        const double from = temperatures.from_c[at(link)], to = temperatures.to_c[at(link)];
        const bool same = direction_[at(link)] == 0 || from == to;
        return same ? 0.0 : flow_kg_s[at(link)] * (fluid_.enthalpy_j_kg(from) - fluid_.enthalpy_j_kg(to));
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

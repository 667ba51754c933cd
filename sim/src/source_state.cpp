#include "sim/src/source_state.h"

#include <algorithm>
#include <cmath>

#include "sim/src/thermal.h"

namespace nuanshu::sim {

namespace {

constexpr double ramp_per_s = 0.0004;                   // of the network's flow: about 40 minutes from nothing to all
constexpr double heating_s = 900.0;                     // time constant of a boiler's outlet
constexpr double cooling_s = 7'200.0;                   // of a source that stands still
constexpr double ground_c = 4.0, ground_s = 700'000.0;  // a mile of mains loses some tenths of a kelvin

/// Speed at which the pump holds the header's difference: 1.25·(f/50)² is the difference over rated head plus 0.25 of
/// the flow's square.
double pump_frequency_hz(double relative_flow) {
    return std::min(50.0, 50.0 * std::sqrt((0.75 + 0.25 * relative_flow * relative_flow) / 1.25));
}

}  // namespace

SourcePlant::SourcePlant(const City& city, double design_kg_s, Random& random)
    : leak_share_(random.between(0.0015, 0.003)) {
    double capacity_mw = 0.0;
    for (const auto& source : city.sources) {
        capacity_mw += source.capacity_mw;
    }
    for (const auto& source : city.sources) {
        SourceState state;
        state.capacity_w = source.capacity_mw * 1e6;
        // The base source's pumps can move the whole network's water in the mild season.
        state.rated_kg_s = design_kg_s * std::min(1.0, 1.7 * source.capacity_mw / capacity_mw);
        sources_.push_back(state);
    }
    sources_.front().called = true;
    sources_.front().share = 1.0;
}

/// Calls the next source when needed, sends the last home when it can be spared.
void SourcePlant::call_sources(double needed_w) {
    double called_w = 0.0;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        auto& source = sources_[i];
        const double limit = source.called ? 0.80 : 0.95;
        source.called = i == 0 || needed_w > limit * called_w;
        called_w += source.called ? source.capacity_w : 0.0;
        if (!source.called) {
            called_w = 1e18;
        }
    }
}

void SourcePlant::dispatch(double seconds, double flow_kg_s) {
    const double per_kelvin = flow_kg_s * water_heat_j_kg_k;
    const double needed_w = per_kelvin * std::max(sources_.front().setpoint_c - return_c_, 1.0);
    call_sources(needed_w);
    const double base_share = std::min(1.0, 0.92 * sources_.front().capacity_w / needed_w);
    double peak_w = 0.0;
    for (std::size_t i = 1; i < sources_.size(); ++i) {
        peak_w += sources_[i].called ? sources_[i].capacity_w : 0.0;
    }
    double others = 0.0;
    for (std::size_t i = 1; i < sources_.size(); ++i) {
        const double target = sources_[i].called ? (1.0 - base_share) * sources_[i].capacity_w / peak_w : 0.0;
        sources_[i].share =
            approach(sources_[i].share, std::max(target, sources_[i].called ? 0.04 : 0.0), ramp_per_s * seconds);
        others += sources_[i].share;
    }
    sources_.front().share = 1.0 - others;
}

void SourcePlant::heat(SourceState& source, double seconds, double flow_kg_s) {
    source.flow_kg_s = source.share * flow_kg_s;
    if (source.flow_kg_s < 1e-3) {
        source.supply_c = lag(source.supply_c, 30.0, seconds, cooling_s);
        source.heat_w = 0.0;
    } else {
        const double most_c = return_c_ + source.capacity_w / (source.flow_kg_s * water_heat_j_kg_k);
        source.supply_c = lag(source.supply_c, std::min(source.setpoint_c, most_c), seconds, heating_s);
        source.supply_c = std::clamp(source.supply_c, return_c_, most_c);
        source.heat_w = source.flow_kg_s * water_heat_j_kg_k * (source.supply_c - return_c_);
    }
    source.frequency_hz = source.flow_kg_s < 1e-3 ? 0.0 : pump_frequency_hz(source.flow_kg_s / source.rated_kg_s);
    source.energy_gj += source.heat_w * seconds / 1e9;
    source.makeup_kg_s = leak_share_ * source.flow_kg_s;
    source.makeup_m3 += source.makeup_kg_s * seconds / 1000.0;
}

void SourcePlant::mix(double flow_kg_s) {
    double carried = 0.0, flow = 0.0;
    for (const auto& source : sources_) {
        carried += source.flow_kg_s * source.supply_c;
        flow += source.flow_kg_s;
    }
    mixed_supply_c_ = flow_kg_s < 1e-3 ? mixed_supply_c_ : carried / flow;
}

void SourcePlant::step(double seconds, double flow_kg_s, double return_c, double curve_c) {
    return_c_ = return_c;
    for (auto& source : sources_) {
        if (!source.setpoint_held) {
            source.setpoint_c = std::clamp(curve_c, 55.0, 130.0);
        }
    }
    dispatch(seconds, flow_kg_s);
    for (auto& source : sources_) {
        heat(source, seconds, flow_kg_s);
    }
    mix(flow_kg_s);
}

void SupplyHistory::add(double seconds, double supply_c) {
    since_s_ += seconds;
    while (since_s_ >= slot_s) {
        since_s_ -= slot_s;
        newest_ = (newest_ + 1) % slots;
        ring_[newest_] = supply_c;
    }
}

double SupplyHistory::at(double age_s) const {
    const double position = std::clamp((age_s - since_s_) / slot_s, 0.0, static_cast<double>(slots - 2));
    const auto whole = static_cast<std::size_t>(position);
    const double blend = position - static_cast<double>(whole);
    const double younger = ring_[(newest_ + slots - whole) % slots];
    const double older = ring_[(newest_ + slots - whole - 1) % slots];
    return younger + (older - younger) * blend;
}

double SupplyHistory::delivered_c(double age_s) const {
    return ground_c + (at(age_s) - ground_c) * std::exp(-age_s / ground_s);
}

}  // namespace nuanshu::sim

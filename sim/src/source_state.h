#pragma once

#include <cstddef>
#include <vector>

#include "sim/city.h"
#include "sim/src/random.h"

namespace nuanshu::sim {

/// One heat source: takes return water from the header, heats it to the set-point as far as its capacity goes.
struct SourceState {
    double capacity_w = 0.0, rated_kg_s = 1.0;
    double share = 0.0;   ///< of the network's flow
    bool called = false;  ///< by the dispatch below
    double setpoint_c = 90.0;
    bool setpoint_held = false;  ///< somebody wrote it; else it follows the curve
    double supply_c = 90.0, flow_kg_s = 0.0, heat_w = 0.0, energy_gj = 0.0;
    double makeup_kg_s = 0.0, makeup_m3 = 0.0, frequency_hz = 0.0;
};

/// The sources at the common header: the first carries the base, the others are called one after another when the load
/// comes near to what the called ones can give (95 %), and sent home when they could be spared (80 %).
class SourcePlant {
 public:
    SourcePlant(const City& city, double design_kg_s, Random& random);

    /// `flow` is what the network takes, `return_c` what comes back; `curve_c` what the outdoor temperature asks for.
    void step(double seconds, double flow_kg_s, double return_c, double curve_c);

    /// Mixed temperature leaving the header.
    double mixed_supply_c() const { return mixed_supply_c_; }
    std::vector<SourceState>& sources() { return sources_; }
    const std::vector<SourceState>& sources() const { return sources_; }
    double return_c() const { return return_c_; }

 private:
    void dispatch(double seconds, double flow_kg_s);
    void call_sources(double needed_w);
    void heat(SourceState& source, double seconds, double flow_kg_s);
    void mix(double flow_kg_s);

    std::vector<SourceState> sources_;
    double mixed_supply_c_ = 90.0, return_c_ = 45.0;
    double leak_share_;
};

/// What left the header in the last six hours; the pipes deliver it later.
class SupplyHistory {
 public:
    explicit SupplyHistory(double now_c) : ring_(slots, now_c) {}

    void add(double seconds, double supply_c);
    /// Supply temperature `age` seconds ago, after its loss to the ground.
    double delivered_c(double age_s) const;

 private:
    static constexpr std::size_t slots = 740;
    static constexpr double slot_s = 30.0;

    double at(double age_s) const;

    std::vector<double> ring_;
    std::size_t newest_ = 0;
    double since_s_ = 0.0;  ///< since the newest slot was written
};

}  // namespace nuanshu::sim

#pragma once

#include <vector>

#include "sim/city.h"
#include "sim/src/hydraulics.h"
#include "sim/src/loop_state.h"
#include "sim/src/point_layout.h"
#include "sim/src/source_state.h"
#include "sim/src/weather.h"

namespace nuanshu::sim {

/// A station: where its loops hang on the network, and what its meters count.
struct StationState {
    std::size_t node = 0;
    std::size_t first_loop = 0, loops = 0;
    double outdoor_offset_k = 0.0;
    double supply_c = 90.0, return_c = 45.0, primary_kg_s = 0.0, heat_w = 0.0, energy_gj = 0.0;
    double makeup_m3 = 0.0, electricity_kwh = 0.0;
    double tank_area_m2 = 3.0, tank_level_m = 1.2, tank_c = 14.0;
    bool filling = false;
};

/// A flat with a sensor: how it differs from its building.
struct RoomState {
    std::size_t building = 0;
    double offset_k = 0.0;
    double habit_k = 0.0;   ///< how much its people open windows
    std::uint64_t key = 0;  ///< of its own noise
};

/// The virtual city as a plant. Sub-steps of at most 10 s; every part is stable for longer ones too.
///
/// One sub-step, in the order of cause and effect: valves, pumps and controllers move; the primary tree is solved for
/// the conductances they leave; sources heat what flows; each station gets what left the header a travel time ago;
/// exchangers, secondary circuits and houses follow; the returns flow back, mixed, with the mean travel time.
class CityPlant final : public Plant {
 public:
    explicit CityPlant(const City& city);

    const std::vector<std::string>& points() const override { return layout_.codes; }
    void advance(double seconds) override;
    std::int64_t time_ms() const override { return time_ms_; }
    double true_value(std::size_t slot) const override { return values_[slot]; }
    bool write(std::size_t slot, double value) override;

    const PointLayout& layout() const { return layout_; }

    static constexpr double longest_step_s = 10.0;

 private:
    void build_network(const City& city);
    void build_stations(const City& city, Random& random);
    void build_rooms(const Building& building, std::size_t number);
    void settle();
    void step(double seconds);
    void take_weather(double seconds);
    void solve_primary();
    void step_sources(double seconds);
    void step_station(StationState& station, double seconds);
    void fill_tank(StationState& station, double drawn_kg_s, double seconds);

    void publish();
    void publish_source(std::size_t number);
    void publish_station(std::size_t number);
    void publish_pressures(const StationState& station, double* out) const;
    void publish_loop(std::size_t number);
    void publish_building(std::size_t number, const BuildingState& building);
    void publish_sensor(std::size_t number);

    bool write_source(std::size_t number, std::size_t place, double value);
    bool write_loop(LoopState& loop, std::size_t place, double value);
    BuildingState& building(std::size_t number);

    PointLayout layout_;
    Weather weather_;
    std::uint64_t seed_;
    double longitude_deg_;
    double header_pa_;
    std::int64_t time_ms_ = 0;
    double time_rest_ms_ = 0.0;

    NetworkTree tree_;
    NetworkFlow flow_;
    std::vector<double> node_conductance_;
    std::vector<StationState> stations_;
    std::vector<LoopState> loops_;
    std::vector<std::pair<std::size_t, std::size_t>> building_places_;  ///< loop, index in it
    std::vector<RoomState> rooms_;
    std::unique_ptr<SourcePlant> sources_;
    std::unique_ptr<SupplyHistory> history_;

    OutdoorNow outdoor_;
    double filtered_outdoor_c_ = 0.0;  ///< as controllers use it, 3 h
    double return_c_ = 45.0;           ///< at the header
    double total_kg_s_ = 0.0;
    std::vector<double> values_;
};

}  // namespace nuanshu::sim

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "engines/network/network.h"
#include "engines/network/solve.h"

/// A network over time: steady hydraulics in each step, heat carried along with the water. Equations, sources and
/// limits: docs/network.md, "Dynamics".
namespace nuanshu::network {

/// What a scenario can change. The name in JSON is `kind.field`: "source.supply_temperature_c".
enum class ScenarioField : std::uint8_t {
    network_ambient_temperature_c,  ///< around pipes that say nothing else
    network_consumer_heat_factor,   ///< all consumers' heat_w, as a multiple of the network's; 0 or more
    node_demand_kg_s,
    node_held_pressure_pa,  ///< only where a pressure is held
    node_inflow_temperature_c,
    pipe_open,  ///< 1 or 0
    pipe_ambient_temperature_c,
    pump_running,
    pump_speed,
    pump_pressure_rise_pa,
    pump_mass_flow_kg_s,
    valve_open,
    valve_opening,
    valve_set_pressure_pa,
    valve_set_mass_flow_kg_s,
    source_running,
    source_speed,
    source_pressure_rise_pa,
    source_mass_flow_kg_s,
    source_supply_temperature_c,
    source_heat_w,
    consumer_open,
    consumer_heat_w,
    consumer_heat_factor,  ///< a multiple of the network's heat_w
    consumer_mass_flow_kg_s,
    consumer_opening,
    consumer_return_temperature_c,
    consumer_temperature_drop_k,
    consumer_secondary_mass_flow_kg_s,
    consumer_secondary_inlet_temperature_c,
    leak_area_m2,
    tank_charge_mass_flow_kg_s,
};

/// "source.supply_temperature_c"
std::string_view to_string(ScenarioField field);

/// The course of one boundary. Before the first time it has the first value, after the last time the last one.
struct Series {
    enum class Course : std::uint8_t {
        hold,    ///< a value holds until the next one
        linear,  ///< straight lines between the values
    };
    static constexpr std::int32_t every = -1;

    ScenarioField field = ScenarioField::network_ambient_temperature_c;
    std::int32_t index = every;  ///< position in the network's vector; `every`: all of that kind
    Course course = Course::hold;
    std::vector<double> time_s;  ///< rising, from the beginning of the scenario
    std::vector<double> value;
};

/// What can be asked for; the name in JSON and CSV is `kind.field`, with the id between: "consumer.c12.heat_w".
enum class Quantity : std::uint8_t {
    network_source_heat_w,
    network_consumer_heat_w,
    network_heat_loss_w,
    network_stored_heat_j,  ///< in water and pipe walls, over that of the beginning
    network_make_up_kg_s,   ///< water that enters at nodes that hold the pressure
    network_heat_balance_error,
    node_pressure_pa,
    node_temperature_c,
    pipe_mass_flow_kg_s,
    pipe_from_temperature_c,
    pipe_to_temperature_c,
    pipe_heat_loss_w,
    pump_mass_flow_kg_s,
    pump_pressure_drop_pa,
    valve_mass_flow_kg_s,
    valve_pressure_drop_pa,
    source_mass_flow_kg_s,
    source_supply_temperature_c,
    source_return_temperature_c,
    source_heat_w,
    consumer_mass_flow_kg_s,
    consumer_supply_temperature_c,
    consumer_return_temperature_c,
    consumer_heat_w,
    consumer_differential_pressure_pa,
    leak_mass_flow_kg_s,
    tank_mass_flow_kg_s,
    tank_top_temperature_c,
    tank_bottom_temperature_c,
    tank_mean_temperature_c,
};

/// "consumer.heat_w"
std::string_view to_string(Quantity quantity);

struct ScenarioOutput {
    Quantity quantity = Quantity::network_source_heat_w;
    std::int32_t index = 0;  ///< position in the network's vector; 0 for the network's own
};

/// "consumer.c12.heat_w", "network.heat_loss_w"
std::string name_of(const Network& network, ScenarioOutput output);

struct Scenario {
    std::string title;
    double duration_s = 86400.0;
    double step_s = 60.0;
    int output_every_steps = 1;
    std::vector<Series> series;  ///< where two set the same boundary, the later one counts
    std::vector<ScenarioOutput> outputs;
};

struct ScenarioReading {
    Scenario scenario;
    Diagnostics faults;  ///< with any, the scenario is not to be used
};

/// A scenario from JSON; the form is described in docs/network.md. Names elements by id; finds all faults.
ScenarioReading read_scenario(std::string_view text, const std::string& file, const Network& network);

struct SimulationSettings {
    double merge_tolerance_k = 0.01;  ///< water that differs by less from a parcel's mean may become part of it
    double flow_tolerance = 1e-3;  ///< hydraulics are solved again when a consumer wants another flow by this share …
    double temperature_tolerance_k = 2.0;  ///< … or the water at a node has changed by this since the last time
    /// A consumer whose supply is too cold opens its valve so far: a multiple of the larger of its design flow and its
    /// flow at the beginning.
    double flow_max_share = 1.5;
    SolveSettings solve;
};

/// Heat since the beginning; enthalpy counts from 0 °C.
struct HeatAccount {
    double sources_j = 0.0, consumers_j = 0.0, losses_j = 0.0;
    double inflow_j = 0.0, outflow_j = 0.0;  ///< with water that enters and leaves: make-up, demands, leaks
    double stored_j = 0.0;                   ///< in water and walls, over that of the beginning

    /// What does not balance, as a share of the heat turned over.
    double error() const;
};

/// One run of a scenario. Not thread-safe; no clock: time is the scenario's.
class Simulation {
 public:
    struct State;  ///< behind the door

    /// Starts from the steady state of the boundaries at time 0.
    /// @pre validate(network) is empty
    /// @return `invalid` for a scenario that cannot be, `exhausted` with the reason when there is no steady state
    static Result<Simulation> create(Network network, Scenario scenario, SimulationSettings settings = {});
    ~Simulation();
    Simulation(Simulation&&) noexcept;
    Simulation& operator=(Simulation&&) noexcept;

    /// Goes one step on. Boundaries have the value they have in the middle of the step.
    /// @return `exhausted` with the reason when hydraulics have no solution; the time then stands still
    Result<> step();
    bool done() const;

    double time_s() const;
    const Scenario& scenario() const;
    double value(ScenarioOutput output) const;
    HeatAccount account() const;
    /// The state as a solution: pressures and flows of the last step, temperatures and heats of now.
    Solution solution() const;
    /// What a person should know about the last hydraulics.
    std::span<const Finding> findings() const;
    int hydraulic_solves() const;
    std::size_t parcels() const;

    /// Everything that is needed to go on from here; bytes for the same network and version of the program.
    std::string snapshot() const;
    /// @return `corrupt` for bytes that are no snapshot, `conflict` for one of another network; the state is then
    /// unchanged
    Result<> restore(std::string_view snapshot);

 private:
    explicit Simulation(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// Takes one row of outputs: the time, then the scenario's outputs in their order.
using OutputRow = std::function<void(double time_s, std::span<const double> values)>;
/// Told now and then what share is done.
using Progress = std::function<void(double share)>;

/// Runs to the end, gives the first row at time 0. @return `cancelled` when asked to stop, or what step() said
Result<> run_scenario(Simulation& simulation, const OutputRow& row, const Progress& progress = {},
                      std::stop_token stop = {});

}  // namespace nuanshu::network

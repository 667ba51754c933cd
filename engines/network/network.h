#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

/// A pipe network as its engineer describes it: what stands where, and what is asked of it.
///
/// Units: m, kg/s, Pa over the atmosphere (gauge), °C, W. A link's flow is positive from its `from` node to its `to`
/// node. Structs are plain: fill them, check them with validate(), give them to a Solver. Supply and return are
/// separate nodes and pipes; nothing is assumed symmetrical.
namespace nuanshu::network {

/// Position of a node in Network::nodes.
using NodeIndex = std::int32_t;

enum class Side : std::uint8_t { unknown, supply, return_side };

struct Node {
    std::string id;
    double elevation_m = 0.0;
    std::optional<double> x, y;  ///< map coordinates, for plots and GeoJSON; any plane or degrees
    Side side = Side::unknown;
    double demand_kg_s = 0.0;  ///< water that leaves the network here; negative: enters
    std::optional<double>
        held_pressure_pa;  ///< 定压点: the pressure is held here, by make-up water (补水) or a reservoir
    double inflow_temperature_c = 20.0;  ///< of water that enters here by a negative demand, make-up or a reservoir
};

/// One shell of insulation (or casing) around a pipe, from the inside out.
struct InsulationLayer {
    double thickness_m = 0.0;
    double conductivity_w_mk = 0.0;
};

/// How heat leaves a pipe. `u_value_w_mk` counts if it is not negative; else it follows from the layers and the burial
/// (EN 13941-1, annex; one pipe in ground: R = ln(4h/D)/(2πλ)).
struct Insulation {
    double u_value_w_mk = -1.0;  ///< W per m of pipe and K between water and surroundings; 0: no loss
    std::vector<InsulationLayer> layers;
    double burial_depth_m = 0.0;  ///< of the axis under the surface; 0: in air or in a channel
    double ground_conductivity_w_mk = 1.5;
};

struct Pipe {
    std::string id;
    NodeIndex from = 0, to = 0;
    double length_m = 0.0;
    double inner_diameter_m = 0.0;
    double roughness_m = 5e-4;    ///< absolute; about 5e-4 for old steel, 5e-5 for new. Unused with Hazen–Williams
    double hazen_williams = 0.0;  ///< C; used where the network's friction is Hazen–Williams
    double minor_loss = 0.0;      ///< sum of ζ: Δp = ζ·ρv²/2
    Insulation insulation;
    std::optional<double> ambient_temperature_c;  ///< of ground or air; the network's where absent
    double wall_heat_capacity_j_mk = 0.0;         ///< steel around the water, per m of pipe; counts in dynamics
    bool open = true;
    bool check_valve = false;  ///< water may only go from `from` to `to`
};

/// Delivery of a pump at its rated speed; other speeds by the affinity laws (Q ∝ n, H ∝ n²).
struct PumpCurve {
    enum class Form : std::uint8_t {
        points,      ///< straight lines through the points, by rising flow and falling head
        power,       ///< H = h0 − a·Q^b through three points, the first at zero flow (EPANET's three-point curve)
        polynomial,  ///< H = Σ coefficients[k]·Q^k, falling over the used range
    };
    struct Point {
        double volume_flow_m3_s = 0.0;
        double head_m = 0.0;
    };
    Form form = Form::points;
    std::vector<Point> points;
    std::vector<double> coefficients;  ///< in m and m³/s
};

/// What a pump does.
enum class PumpControl : std::uint8_t { curve, pressure_rise, flow };

struct Pump {
    std::string id;
    NodeIndex from = 0, to = 0;  ///< suction, discharge
    PumpControl control = PumpControl::curve;
    PumpCurve curve;
    double speed = 1.0;             ///< relative to the curve's; 0: stands still
    double pressure_rise_pa = 0.0;  ///< control == pressure_rise
    double mass_flow_kg_s = 0.0;    ///< control == flow
    double efficiency = 0.7;        ///< hydraulic power / electrical power
    bool running = true;            ///< a pump that stands still lets nothing through
};

enum class ValveKind : std::uint8_t {
    shut_off,               ///< open or closed
    throttle,               ///< a resistance: ζ with the diameter, or Kv and opening
    check,                  ///< only from → to
    pressure_reducing,      ///< holds at most set_pressure_pa at `to`
    pressure_sustaining,    ///< holds at least set_pressure_pa at `from`
    pressure_breaker,       ///< takes exactly set_pressure_pa off in the direction of flow
    differential_pressure,  ///< throttles so that p(sense_high) − p(sense_low) is at most set_pressure_pa
    flow_control,           ///< lets at most set_mass_flow_kg_s through
};

/// Kv at an opening h of 0 … 1: linear Kvs·h; equal percentage Kvs·R^(h−1); quick opening Kvs·√h. Closed at h = 0.
enum class Characteristic : std::uint8_t { linear, equal_percentage, quick_opening };

/// A throttling body: Δp[bar] = (volume flow[m³/h] / Kv)² at 1 000 kg/m³.
struct Throttle {
    double kvs_m3_h = 0.0;  ///< fully open; 0: no such body
    double opening = 1.0;   ///< 0 … 1
    Characteristic characteristic = Characteristic::linear;
    double rangeability = 50.0;  ///< R of equal percentage
};

struct Valve {
    std::string id;
    NodeIndex from = 0, to = 0;
    ValveKind kind = ValveKind::shut_off;
    double inner_diameter_m = 0.0;
    double loss_coefficient = 0.0;  ///< ζ of the open valve on the diameter; counts where no Kv is given
    Throttle throttle;
    double set_pressure_pa = 0.0;
    double set_mass_flow_kg_s = 0.0;
    NodeIndex sense_high = -1, sense_low = -1;  ///< differential_pressure: where it measures
    bool open = true;                           ///< false: shut, whatever its kind
    bool operable = true;                       ///< turns when somebody turns it: matters for valve closure
};

/// What a heat source holds on its water side.
enum class SourceControl : std::uint8_t { pressure_rise, pump_curve, flow, passive };
/// What a heat source holds on its fire side.
enum class HeatControl : std::uint8_t { supply_temperature, heat };

/// A heat source: takes return water at `from`, gives it to `to`, hotter.
struct Source {
    std::string id;
    NodeIndex from = 0, to = 0;
    SourceControl control = SourceControl::pressure_rise;
    double pressure_rise_pa = 0.0;  ///< control == pressure_rise
    PumpCurve curve;                ///< control == pump_curve
    double speed = 1.0;
    double mass_flow_kg_s = 0.0;              ///< control == flow
    double loss_coefficient_pa_s2_kg2 = 0.0;  ///< own resistance, at 1 000 kg/m³: Δp = k·G²
    HeatControl heat_control = HeatControl::supply_temperature;
    double supply_temperature_c = 90.0;
    double heat_w = 0.0;
    bool running = true;
};

/// What decides a consumer's flow.
enum class ConsumerControl : std::uint8_t {
    heat_and_return,  ///< heat_w and return_temperature_c
    heat_and_drop,    ///< heat_w and temperature_drop_k
    flow,             ///< mass_flow_kg_s; heat by return temperature, drop, heat or exchanger: the first that is given
    valve,            ///< Δp over its throttle; heat as for flow
};

/// Counterflow heat exchanger of a station, ε–NTU. @see docs/network.md
struct Exchanger {
    double ua_w_k = 0.0;  ///< 0: no exchanger
    double secondary_mass_flow_kg_s = 0.0;
    double secondary_inlet_temperature_c = 40.0;
};

/// A heat station or a house connection, between supply (`from`) and return (`to`).
struct Consumer {
    std::string id;
    NodeIndex from = 0, to = 0;
    ConsumerControl control = ConsumerControl::heat_and_return;
    double heat_w = 0.0;
    std::optional<double> return_temperature_c;
    std::optional<double> temperature_drop_k;
    double mass_flow_kg_s = 0.0;
    Throttle throttle;
    double loss_coefficient_pa_s2_kg2 = 0.0;  ///< of the rest of the station, at 1 000 kg/m³: Δp = k·G²
    Exchanger exchanger;
    double differential_pressure_limit_pa =
        0.0;  ///< control == valve: own Δp controller holds at most this over the throttle; 0: none
    double required_differential_pressure_pa = 0.0;  ///< below this it is not fully served
    double design_mass_flow_kg_s = 0.0;              ///< for the imbalance degree; 0: not known
    bool open = true;
};

/// Water through a hole to ambient pressure: G = Cd·A·√(2ρp). At a node, or on a pipe.
struct Leak {
    std::string id;
    NodeIndex node = -1;     ///< or
    std::int32_t pipe = -1;  ///< position in Network::pipes, and
    double position = 0.5;   ///< 0 … 1 along it
    double area_m2 = 0.0;
    double discharge_coefficient = 0.6;
};

/// A stratified heat store between supply (`from`, top) and return (`to`, bottom). Passive in steady states unless it
/// charges or discharges.
struct Tank {
    std::string id;
    NodeIndex from = 0, to = 0;
    double volume_m3 = 0.0;
    double height_m = 10.0;
    double charge_mass_flow_kg_s =
        0.0;  ///< positive: takes hot water at `from`, gives cold water at `to`; negative: the reverse
    double top_temperature_c = 90.0, bottom_temperature_c = 50.0;  ///< at the beginning
    double hot_fraction = 0.0;  ///< share of the volume at the top temperature at the beginning
    double heat_loss_w_k = 0.0;
    double ambient_temperature_c = 10.0;
};

enum class Friction : std::uint8_t {
    colebrook_white,  ///< laminar below Re 2 000, cubic blend to 4 000 (Dunlop), Colebrook–White above, to 1e-10
    swamee_jain,      ///< the same with Swamee–Jain's explicit formula: EPANET's
    swamee_jain_all,  ///< 1.325/ln²(k/3.7d + 5.74/Re^0.9) from any Re: pandapipes' "swamee-jain"
    nikuradse,        ///< 64/Re + 1/(2·lg(d/k) + 1.14)²: pandapipes' "nikuradse"
    colebrook_all,    ///< Colebrook–White from any Re: pandapipes' "colebrook"
    hazen_williams,   ///< 10.667·C^−1.852·d^−4.871·L·Q^1.852
};

struct Fluid {
    bool constant = false;  ///< false: water by IAPWS, density and viscosity following temperature
    double density_kg_m3 = 1000.0;
    double kinematic_viscosity_m2_s = 1.0e-6;
    double specific_heat_j_kgk = 4186.8;
};

struct Network {
    std::string title;
    Fluid fluid;
    Friction friction = Friction::colebrook_white;
    double gravity_m_s2 = 9.80665;
    double ambient_temperature_c = 5.0;  ///< around pipes that say nothing else
    std::vector<Node> nodes;
    std::vector<Pipe> pipes;
    std::vector<Pump> pumps;
    std::vector<Valve> valves;
    std::vector<Source> sources;
    std::vector<Consumer> consumers;
    std::vector<Leak> leaks;
    std::vector<Tank> tanks;
};

enum class ElementKind : std::uint8_t { node, pipe, pump, valve, source, consumer, leak, tank };

/// One element of a network by kind and position.
struct Element {
    ElementKind kind = ElementKind::node;
    std::int32_t index = 0;
    bool operator==(const Element&) const = default;
};

/// "pipe", "consumer", …: the singular used in messages.
std::string_view to_string(ElementKind kind);
/// The element's id. @pre it exists
const std::string& id_of(const Network& network, Element element);

/// Everything wrong with a description, all of it: unknown nodes, lengths and diameters that are not positive, ids
/// given twice, values out of physical range, a zone with two nodes that hold the pressure, one with none, controls
/// that sense themselves. Diagnostic::field is "pipes.p12.length_m"; file and line are the reader's to fill. A network
/// without diagnostics can be solved or says why not.
Diagnostics validate(const Network& network);

}  // namespace nuanshu::network

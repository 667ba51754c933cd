#pragma once

/// Heat between streams, radiators and rooms. °C, W, kg/s, J/K; every function depends on its arguments only.
namespace nuanshu::sim {

constexpr double water_heat_j_kg_k = 4186.8;

struct ExchangerFlows {
    double hot_kg_s, cold_kg_s;
    double hot_in_c, cold_in_c;
};

struct ExchangerResult {
    double heat_w = 0.0;
    double hot_out_c = 0.0, cold_out_c = 0.0;
};

/// Counterflow exchanger by effectiveness and number of transfer units. With no flow on one side no heat passes.
/// Source: VDI Heat Atlas, section C1; Kays and London, Compact Heat Exchangers.
ExchangerResult exchange(const ExchangerFlows& flows, double transfer_w_k);

/// Transfer coefficient times surface of a plate exchanger off its design flows. Each side holds half of the
/// resistance, and its film coefficient grows with flow^0.7 (VDI Heat Atlas, section N6: exponents 0.6 … 0.8). Flows
/// are relative to design.
double plate_transfer_w_k(double design_w_k, double relative_hot_flow, double relative_cold_flow);

/// Logarithmic mean of the differences at the two ends, both above 0.
double log_mean_difference_k(double one_k, double other_k);

/// How a building's radiators give heat: design_w · (excess / design_excess)^(1+b).
struct Radiator {
    double design_w = 0.0;
    double design_excess_k = 30.0;  ///< mean water temperature above the room's
    double exponent = 1.3;          ///< 1 + b: 1.3 radiators, 1.1 floor heating
};

struct RadiatorResult {
    double return_c = 0.0;
    double heat_w = 0.0;
};

/// Return temperature at which the water gives what the radiators take. `guess_c` is the return of a moment before.
RadiatorResult radiate(const Radiator& radiator, double flow_kg_s, double supply_c, double room_c, double guess_c);

/// Supply temperature of a secondary circuit by the quality-regulation curve (质调节).
/// Source: He Ping and Sun Gang, Heating Engineering (供热工程), the chapter on regulation in operation.
double secondary_curve_c(double design_supply_c, double design_return_c, double exponent, double indoor_c,
                         double outdoor_c);

/// Supply temperature of the primary network so that exchangers of the reference circuit, both flows constant, reach
/// their curve.
double primary_curve_c(double indoor_c, double outdoor_c);

/// The relative load (t_n − t_w)/(t_n′ − t_w′), 0 … 1.2.
double relative_load(double indoor_c, double outdoor_c);

/// Design temperatures of the whole city.
constexpr double primary_design_supply_c = 105.0;
constexpr double radiator_supply_c = 55.0, radiator_return_c = 40.0;
constexpr double floor_supply_c = 42.0, floor_return_c = 34.0;
constexpr double exchanger_approach_k = 7.0;  ///< primary return above secondary return at design
constexpr double radiator_exponent = 1.3, floor_exponent = 1.1;
constexpr double aimed_indoor_c = 20.2;  ///< what operators heat to; the rule is 18

/// A building as two nodes: the air with furniture and inner faces, and the heavy walls behind.
///   C_a dT_a/dt = Q + H_am (T_m − T_a) + H_ao (T_o − T_a)
///   C_m dT_m/dt =     H_am (T_a − T_m) + H_mo (T_o − T_m)
struct BuildingMass {
    double air_j_k = 0.0, mass_j_k = 0.0;
    double air_mass_w_k = 0.0, air_outdoor_w_k = 0.0, mass_outdoor_w_k = 0.0;
};

struct BuildingTemperatures {
    double air_c = 20.0, mass_c = 17.0;
};

/// One backward Euler step: stable for any length of step.
BuildingTemperatures step_building(const BuildingMass& building, const BuildingTemperatures& now, double heat_w,
                                   double outdoor_c, double seconds);

/// Moves towards `target` with the time constant, exactly for a constant target.
double lag(double value, double target, double seconds, double time_constant_s);
/// Moves towards `target` by `most` at the most.
double approach(double value, double target, double most);

}  // namespace nuanshu::sim

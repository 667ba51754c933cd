#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace nuanshu::sim {

/// How an instrument shows a quantity: what it adds and how finely it counts. `noise` is one standard deviation in the
/// point's unit, `noise_share` is of the value and added to it.
struct Quantity {
    std::string_view unit;
    double resolution = 0.0;  ///< 0: exact
    double noise = 0.0;
    double noise_share = 0.0;
    double minimum = -1e300;  ///< what the instrument can show
    bool counter = false;     ///< kept as a 64-bit float on the wire where there is a choice
};

struct PointSpec {
    std::string_view name;
    Quantity quantity;
    bool command = false;
};

namespace quantity {
constexpr Quantity temperature{"℃", 0.1, 0.04};
constexpr Quantity room_temperature{"℃", 0.1, 0.05};
constexpr Quantity pressure{"MPa", 0.001, 0.0008, 0.0, 0.0};
constexpr Quantity flow{"t/h", 0.1, 0.03, 0.003, 0.0};
constexpr Quantity small_flow{"t/h", 0.01, 0.004, 0.01, 0.0};
constexpr Quantity volume_flow{"m³/h", 0.01, 0.01, 0.004, 0.0};
constexpr Quantity heat_mw{"MW", 0.001, 0.0005, 0.004, 0.0};
constexpr Quantity heat_kw{"kW", 0.1, 0.1, 0.005, 0.0};
constexpr Quantity energy{"GJ", 0.01, 0.0, 0.0, 0.0, true};
constexpr Quantity water{"m³", 0.01, 0.0, 0.0, 0.0, true};
constexpr Quantity electricity{"kWh", 0.1, 0.0, 0.0, 0.0, true};
constexpr Quantity state{""};
constexpr Quantity frequency{"Hz", 0.01};
constexpr Quantity measured_frequency{"Hz", 0.01, 0.015, 0.0, 0.0};
constexpr Quantity percent{"%", 0.1};
constexpr Quantity measured_percent{"%", 0.1, 0.05, 0.0, 0.0};
constexpr Quantity humidity{"%", 1.0, 0.4, 0.0, 0.0};
constexpr Quantity setpoint_temperature{"℃", 0.1};
constexpr Quantity current{"A", 0.1, 0.05, 0.004, 0.0};
constexpr Quantity voltage{"V", 0.01, 0.003};
constexpr Quantity level{"m", 0.001, 0.002, 0.0, 0.0};
constexpr Quantity fuel{"t/h", 0.01, 0.0, 0.006, 0.0};
constexpr Quantity flue_gas{"℃", 1.0, 0.4};
constexpr Quantity wind{"m/s", 0.1, 0.0, 0.08, 0.0};
}  // namespace quantity

/// The points of each record type, and the place of each in its table.
namespace source_point {
enum Place : std::size_t {
    supply_temperature,
    return_temperature,
    supply_pressure,
    return_pressure,
    flow,
    heat_power,
    heat_energy,
    makeup_flow,
    makeup_total,
    circulation_pump_frequency,
    circulation_pump_running,
    supply_temperature_setpoint,
    fuel_rate,
    flue_gas_temperature,
    outdoor_temperature,
    wind_speed,
    count
};
}
constexpr std::array<PointSpec, source_point::count> source_points = {{
    {"supply_temperature", quantity::temperature},
    {"return_temperature", quantity::temperature},
    {"supply_pressure", quantity::pressure},
    {"return_pressure", quantity::pressure},
    {"flow", quantity::flow},
    {"heat_power", quantity::heat_mw},
    {"heat_energy", quantity::energy},
    {"makeup_flow", quantity::small_flow},
    {"makeup_total", quantity::water},
    {"circulation_pump_frequency", quantity::measured_frequency},
    {"circulation_pump_running", quantity::state},
    {"supply_temperature_setpoint", quantity::setpoint_temperature, true},
    {"fuel_rate", quantity::fuel},
    {"flue_gas_temperature", quantity::flue_gas},
    {"outdoor_temperature", quantity::temperature},
    {"wind_speed", quantity::wind},
}};

namespace station_point {
enum Place : std::size_t {
    primary_supply_temperature,
    primary_return_temperature,
    primary_supply_pressure,
    primary_return_pressure,
    primary_flow,
    heat_power,
    heat_energy,
    secondary_supply_temperature,
    secondary_return_temperature,
    secondary_supply_pressure,
    secondary_return_pressure,
    secondary_flow,
    outdoor_temperature,
    makeup_flow,
    makeup_total,
    electricity,
    door_open,
    count
};
}
constexpr std::array<PointSpec, station_point::count> station_points = {{
    {"primary_supply_temperature", quantity::temperature},
    {"primary_return_temperature", quantity::temperature},
    {"primary_supply_pressure", quantity::pressure},
    {"primary_return_pressure", quantity::pressure},
    {"primary_flow", quantity::flow},
    {"heat_power", quantity::heat_mw},
    {"heat_energy", quantity::energy},
    {"secondary_supply_temperature", quantity::temperature},
    {"secondary_return_temperature", quantity::temperature},
    {"secondary_supply_pressure", quantity::pressure},
    {"secondary_return_pressure", quantity::pressure},
    {"secondary_flow", quantity::flow},
    {"outdoor_temperature", quantity::temperature},
    {"makeup_flow", quantity::small_flow},
    {"makeup_total", quantity::water},
    {"electricity", quantity::electricity},
    {"door_open", quantity::state},
}};

namespace loop_point {
enum Place : std::size_t {
    secondary_supply_temperature,
    secondary_return_temperature,
    secondary_supply_pressure,
    secondary_return_pressure,
    secondary_flow,
    primary_flow,
    control_mode,
    supply_temperature_setpoint,
    count
};
}
constexpr std::array<PointSpec, loop_point::count> loop_points = {{
    {"secondary_supply_temperature", quantity::temperature},
    {"secondary_return_temperature", quantity::temperature},
    {"secondary_supply_pressure", quantity::pressure},
    {"secondary_return_pressure", quantity::pressure},
    {"secondary_flow", quantity::flow},
    {"primary_flow", quantity::flow},
    {"control_mode", quantity::state, true},
    {"supply_temperature_setpoint", quantity::setpoint_temperature, true},
}};

namespace valve_point {
enum Place : std::size_t { opening, opening_setpoint, count };
}
constexpr std::array<PointSpec, valve_point::count> valve_points = {{
    {"opening", quantity::measured_percent},
    {"opening_setpoint", quantity::percent, true},
}};

namespace pump_point {
enum Place : std::size_t { frequency, frequency_setpoint, running, start_command, current, count };
}
constexpr std::array<PointSpec, pump_point::count> pump_points = {{
    {"frequency", quantity::measured_frequency},
    {"frequency_setpoint", quantity::frequency, true},
    {"running", quantity::state},
    {"start_command", quantity::state, true},
    {"current", quantity::current},
}};

namespace tank_point {
enum Place : std::size_t { level, temperature, count };
}
constexpr std::array<PointSpec, tank_point::count> tank_points = {{
    {"level", quantity::level},
    {"temperature", quantity::temperature},
}};

namespace building_point {
enum Place : std::size_t {
    supply_temperature,
    return_temperature,
    flow,
    heat_power,
    heat_energy,
    valve_opening,
    valve_opening_setpoint,
    count
};
}
constexpr std::array<PointSpec, building_point::count> building_points = {{
    {"supply_temperature", quantity::temperature},
    {"return_temperature", quantity::temperature},
    {"flow", quantity::volume_flow},
    {"heat_power", quantity::heat_kw},
    {"heat_energy", quantity::energy},
    {"valve_opening", quantity::measured_percent},
    {"valve_opening_setpoint", quantity::percent, true},
}};

namespace sensor_point {
enum Place : std::size_t { room_temperature, humidity, battery, count };
}
constexpr std::array<PointSpec, sensor_point::count> sensor_points = {{
    {"room_temperature", quantity::room_temperature},
    {"humidity", quantity::humidity},
    {"battery", quantity::voltage},
}};

}  // namespace nuanshu::sim

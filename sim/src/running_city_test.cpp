#include "sim/src/running_city_test.h"

#include <gtest/gtest.h>

namespace nuanshu::sim {

namespace {

points::ProfilePoint map_point(std::string point, std::string address, double scale = 1.0, double offset = 0.0,
                               std::string unit = "") {
    points::ProfilePoint mapped;
    mapped.point = std::move(point);
    mapped.address = std::move(address);
    mapped.scale = scale;
    mapped.offset = offset;
    mapped.unit = std::move(unit);
    return mapped;
}

points::ProfilePoint writable(points::ProfilePoint point) {
    point.writable = true;
    return point;
}

points::Profile profile(std::string name, std::vector<points::ProfilePoint> points) {
    points::Profile made;
    made.name = name;
    made.driver = "modbus_tcp";
    made.file = name + ".yaml";
    made.points = std::move(points);
    return made;
}

}  // namespace

std::vector<points::Profile> test_profiles() {
    return {profile("station_plc",
                    {map_point("/primary_supply_temperature", "input 0 i16", 0.1),
                     map_point("/outdoor_temperature", "input 4 i16", 0.1),
                     map_point("/primary_supply_pressure", "input 8 u16", 1.0, 0.0, "kPa"),
                     map_point("/primary_flow", "input 20 f32"),
                     map_point("/heat_power", "input 24 f32 dcba", 1.0, 0.0, "kW"),
                     map_point("/heat_energy", "input 30 u32 cdab", 0.01),
                     map_point("tank1/level", "input 40 f32", 0.125, -0.5), map_point("/door_open", "discrete 0"),
                     map_point("b1.valve1/opening", "input 108 u16", 0.1), map_point("b1.pump1/running", "discrete 10"),
                     writable(map_point("b1/control_mode", "coil 10")),
                     writable(map_point("b1.pump1/start_command", "coil 11")),
                     writable(map_point("b1.valve1/opening_setpoint", "holding 100 u16", 0.1)),
                     writable(map_point("b1/supply_temperature_setpoint", "holding 103 f32 cdab")),
                     map_point("b2.valve1/opening", "input 208 u16", 0.1)}),
            profile("source_plc",
                    {map_point("/supply_temperature", "holding 0 f32"), map_point("/heat_energy", "holding 40 f64"),
                     map_point("/circulation_pump_running", "coil 0"),
                     writable(map_point("/supply_temperature_setpoint", "holding 60 f32"))})};
}

CityOptions small_city_options() {
    CityOptions options;
    options.city.stations = 12;
    options.city.buildings = 24;
    options.city.room_sensors = 24;
    options.profiles = test_profiles();
    options.modbus_port = 0;
    options.control_port = 0;
    return options;
}

RunningCity::RunningCity(CityOptions options) {
    std::promise<CityReady> ready;
    auto told = ready.get_future();
    std::promise<Result<>> result;
    result_ = result.get_future();
    thread_ = std::jthread([options = std::move(options), ready = std::move(ready),
                            result = std::move(result)](std::stop_token stop) mutable {
        result.set_value(run_city(
            options, [&](const CityReady& now) { ready.set_value(now); }, stop));
    });
    // When the city ends before it is ready, the promise is broken and get() throws: the test says so.
    ready_ = told.get();
}

RunningCity::~RunningCity() {
    thread_.request_stop();
    thread_.join();
    const auto result = result_.get();
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().message());
}

std::string RunningCity::ask(const std::string& line) const {
    const auto answer = ask_city(ready_.control_port, line);
    return answer ? *answer : "error " + answer.error().message();
}

}  // namespace nuanshu::sim

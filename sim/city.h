#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "sim/plant.h"

namespace nuanshu::sim {

/// What a virtual city is made from. The same parameters give the same city, the same weather and the same plant,
/// always.
struct CityParameters {
    int stations = 60;            ///< 1 … 5 000
    int buildings = 620;          ///< at least one a station, at most 40 a station on average
    int room_sensors = 600;       ///< at most 8 a building on average
    bool all_households = false;  ///< records for every flat (about 70 a building), not only for those with a sensor
    std::uint64_t seed = 1;
    std::int64_t start_ms = 1768471200000;  ///< plant time at the start, UTC ms; 2026-01-15 18:00 in Beijing
    double longitude_deg = 123.20;          ///< WGS-84, of the middle of the city
    double latitude_deg = 41.95;
    std::string code = "xc";  ///< the company's code, the root of all others
    std::string title = "新城热力";
};

/// WGS-84.
struct GeoPoint {
    double longitude_deg = 0.0;
    double latitude_deg = 0.0;
};

struct Source {
    std::string code, title, kind;  ///< kind: "chp" or "boiler"
    GeoPoint position;
    double capacity_mw = 0.0;
    double heated_area_m2 = 0.0;  ///< its share of the city by capacity
};

/// A trench with a supply and a return pipe. The network is a tree: node 0 is the plant's header, pipe i leads from
/// `from_node` to node i+1.
struct Pipe {
    std::string code, title, from, to;
    std::size_t from_node = 0;
    int diameter_mm = 0;
    double length_m = 0.0;
    std::vector<GeoPoint> line = {};
};

struct RoomSensor {
    std::string code, title, manufacturer, installed_at;
};

struct Household {
    std::string code, title, room;
    int unit = 1, floor = 1;
    bool corner = false, shop = false;
    double heated_area_m2 = 0.0;
    std::vector<RoomSensor> sensors;  ///< none or one
};

struct Building {
    std::string code, title, address;
    std::vector<GeoPoint> footprint;  ///< closed ring, counter-clockwise
    double heated_area_m2 = 0.0;
    int floors = 1, units = 1, built_year = 2000;
    double heat_index_w_m2 = 45.0;   ///< design heat load an area
    double branch_length_m = 100.0;  ///< from the station, one way
    std::vector<Household> households;
};

/// One exchanger with its secondary circuit (支路).
struct Loop {
    std::string code, title, zone;  ///< zone: "low" or "high"
    double heated_area_m2 = 0.0;
    double design_heat_kw = 0.0;
    double design_supply_c = 65.0, design_return_c = 45.0;
    bool floor_heating = false;
    double design_primary_kg_s = 0.0, design_secondary_kg_s = 0.0;
    double valve_kvs_m3_h = 0.0;
    int valve_dn_mm = 0;
    double valve_opening_percent = 60.0;  ///< as the dispatcher left it at the start
    double pump_power_kw = 0.0, pump_flow_m3_h = 0.0, pump_head_m = 0.0;
    double exchanger_area_m2 = 0.0;
    int exchanger_plates = 0;
    std::vector<Building> buildings;
};

struct Station {
    std::string code, title, address;
    GeoPoint position;
    double heated_area_m2 = 0.0, design_heat_kw = 0.0;
    int commissioned_year = 2000;
    std::size_t node = 0;  ///< of the primary network
    double tank_volume_m3 = 6.0;
    int meter_dn_mm = 100;
    std::string plc_manufacturer, plc_model, meter_manufacturer;
    std::vector<Loop> loops;  ///< one, or two where there are towers
};

/// A city as it was built: everything that does not change while time passes.
struct City {
    CityParameters parameters;
    std::vector<Source> sources;     ///< the CHP, then the two peak boilers
    std::vector<Pipe> pipes;         ///< the tree
    std::vector<Pipe> source_pipes;  ///< from each source to the header; their loss is the plant's own and not modelled
    std::vector<Station> stations;
    double header_difference_pa = 0.0;  ///< what the plant's pumps hold between supply and return header
};

/// Builds a city. Errors: invalid, when a parameter is out of its range.
Result<City> make_city(const CityParameters& parameters);

/// The city as a plant, in equilibrium with the weather before `start_ms`. Some seconds of computing for thousands of
/// stations.
std::unique_ptr<Plant> make_plant(const City& city);

/// Where the city's devices answer; goes into the device records' settings.
struct CityEndpoints {
    std::string host = "127.0.0.1";
    int gateway_port = 0;            ///< the sources, units 1 … 3
    std::vector<int> station_ports;  ///< one a station, in the city's order
    std::string mqtt_group = "xc";
};

/// Writes all records, one JSON object a line, parents first, in the form of docs/api.md's Record; geometry is GeoJSON
/// in WGS-84.
void write_records(const City& city, const CityEndpoints& endpoints, std::ostream& out);

}  // namespace nuanshu::sim

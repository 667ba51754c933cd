#include <cmath>
#include <ostream>
#include <string>

#include <boost/json.hpp>

#include "sim/city.h"

namespace nuanshu::sim {

namespace {

namespace json = boost::json;

/// 7 decimals of a degree are a centimetre.
json::array to_json(GeoPoint point) {
    const auto round7 = [](double degrees) { return std::round(degrees * 1e7) / 1e7; };
    return {round7(point.longitude_deg), round7(point.latitude_deg)};
}

json::array to_json(const std::vector<GeoPoint>& points) {
    json::array all;
    for (const auto point : points) {
        all.push_back(to_json(point));
    }
    return all;
}

json::object geometry(const char* type, json::value coordinates) {
    return {{"type", type}, {"coordinates", std::move(coordinates)}};
}

double rounded(double value, double step) {
    return std::round(value / step) * step;
}

/// Writes one city, record by record, parents first.
class RecordWriter {
 public:
    RecordWriter(const City& city, const CityEndpoints& endpoints, std::ostream& out)
        : city_(city), endpoints_(endpoints), out_(out), root_(city.parameters.code) {}

    void write_all() {
        write("company", root_, city_.parameters.title, {});
        write_gateways();
        write_sources();
        write("network", root_ + ".s01.n1", "新城一次管网", {});
        write_pipes(city_.pipes);
        write_pipes(city_.source_pipes);
        for (std::size_t i = 0; i < city_.stations.size(); ++i) {
            write_station(city_.stations[i], endpoints_.station_ports.size() > i ? endpoints_.station_ports[i] : 0);
        }
        write_device(
            {root_ + ".rooms", "室温采集平台", root_ + ".gw03", "mqtt", "room_sensor", root_, "温联科技", "WL-Cloud"},
            {{"format", "json"}, {"topic", "city/rooms/{code}/up"}, {"time", "ts"}});
    }

 private:
    struct Device {
        std::string code, title, gateway, driver, profile, serves, manufacturer, model;
    };

    void write(const char* type, const std::string& code, const std::string& title, json::object fields) {
        json::object record{{"type", type}, {"code", code}, {"title", title}};
        for (auto& field : fields) {
            record.insert(std::move(field));
        }
        out_ << json::serialize(record) << '\n';
    }

    void write_device(const Device& device, json::object settings) {
        write("device", device.code, device.title,
              {{"gateway", device.gateway},
               {"driver", device.driver},
               {"settings", std::move(settings)},
               {"profile", device.profile},
               {"serves", device.serves},
               {"manufacturer", device.manufacturer},
               {"model", device.model}});
    }

    void write_gateways() {
        write("gateway", root_ + ".gw01", "换热站光纤环网", {{"kind", "工业以太环网"}, {"address", "调度中心机房"}});
        write("gateway", root_ + ".gw02", "热源通信网关", {{"kind", "Modbus TCP 网关"}, {"address", "新城热电厂首站"}});
        write("gateway", root_ + ".gw03", "物联网接入平台",
              {{"kind", "NB-IoT / MQTT"}, {"address", "调度中心机房"}, {"sim_card", "898600000000000001"}});
    }

    void write_sources() {
        int unit = 0;
        for (const auto& source : city_.sources) {
            write("heat_source", source.code, source.title,
                  {{"kind", source.kind},
                   {"capacity_mw", source.capacity_mw},
                   {"heated_area_m2", source.heated_area_m2},
                   {"geometry", geometry("Point", to_json(source.position))}});
            write_device({source.code + ".plc1", source.title + "控制系统", root_ + ".gw02", "modbus_tcp", "source_plc",
                          source.code, "北辰控制", "BC-S9"},
                         {{"host", endpoints_.host}, {"port", endpoints_.gateway_port}, {"unit", ++unit}});
        }
    }

    void write_pipes(const std::vector<Pipe>& pipes) {
        for (const auto& pipe : pipes) {
            write("pipe", pipe.code, pipe.title,
                  {{"diameter_mm", pipe.diameter_mm},
                   {"length_m", rounded(pipe.length_m, 0.1)},
                   {"from", pipe.from},
                   {"to", pipe.to},
                   {"geometry", geometry("LineString", to_json(pipe.line))}});
        }
    }

    void write_station(const Station& station, int port) {
        write("station", station.code, station.title,
              {{"address", station.address},
               {"heated_area_m2", station.heated_area_m2},
               {"design_heat_kw", station.design_heat_kw},
               {"commissioned_year", station.commissioned_year},
               {"kind", "indirect"},
               {"geometry", geometry("Point", to_json(station.position))}});
        write("tank", station.code + ".tank1", "补水箱", {{"volume_m3", station.tank_volume_m3}});
        write("heat_meter", station.code + ".meter1", "一次侧热量表",
              {{"dn_mm", station.meter_dn_mm}, {"manufacturer", station.meter_manufacturer}});
        write_station_devices(station, port);
        for (const auto& loop : station.loops) {
            write_loop(loop);
        }
    }

    void write_station_devices(const Station& station, int port) {
        write_device({station.code + ".plc1", station.title + "控制柜", root_ + ".gw01", "modbus_tcp", "station_plc",
                      station.code, station.plc_manufacturer, station.plc_model},
                     {{"host", endpoints_.host}, {"port", port}, {"unit", 1}});
        const auto node = station.code.substr(station.code.rfind('.') + 1);
        write_device({station.code + ".bm1", station.title + "楼栋热表集中器", root_ + ".gw03", "mqtt",
                      "building_meter", station.code, station.meter_manufacturer, "HM-C16"},
                     {{"format", "sparkplug"}, {"group", endpoints_.mqtt_group}, {"edge_node", node}});
    }

    void write_loop(const Loop& loop) {
        write("loop", loop.code, loop.title,
              {{"zone", loop.zone},
               {"heated_area_m2", loop.heated_area_m2},
               {"design_supply_temperature_c", loop.design_supply_c},
               {"design_return_temperature_c", loop.design_return_c}});
        write("heat_exchanger", loop.code + ".hx1", "板式换热器",
              {{"area_m2", loop.exchanger_area_m2}, {"plates", loop.exchanger_plates}});
        write_pump(loop.code + ".pump1", "循环泵", "circulation", loop.pump_power_kw, loop.pump_flow_m3_h,
                   loop.pump_head_m);
        write_pump(loop.code + ".makeup1", "补水泵", "makeup", 1.5, std::ceil(0.02 * loop.pump_flow_m3_h), 50.0);
        write("valve", loop.code + ".valve1", "一次侧电动调节阀",
              {{"dn_mm", loop.valve_dn_mm}, {"kvs_m3_h", loop.valve_kvs_m3_h}, {"characteristic", "equal_percentage"}});
        for (const auto& building : loop.buildings) {
            write_building(building);
        }
    }

    void write_pump(const std::string& code, const char* title, const char* role, double power_kw, double flow_m3_h,
                    double head_m) {
        write("pump", code, title,
              {{"role", role}, {"rated_power_kw", power_kw}, {"rated_flow_m3_h", flow_m3_h}, {"rated_head_m", head_m}});
    }

    void write_building(const Building& building) {
        write("building", building.code, building.title,
              {{"address", building.address},
               {"heated_area_m2", building.heated_area_m2},
               {"floors", building.floors},
               {"built_year", building.built_year},
               {"heat_index_w_m2", building.heat_index_w_m2},
               {"geometry", geometry("Polygon", json::array{to_json(building.footprint)})}});
        int unit = 0;
        for (const auto& home : building.households) {
            if (home.unit != unit) {
                unit = home.unit;
                write("building_unit", fmt::format("{}.u{}", building.code, unit),
                      fmt::format("{}{}单元", building.title, unit), {});
            }
            write_household(home);
        }
    }

    void write_household(const Household& home) {
        write("household", home.code, home.title,
              {{"room", home.room},
               {"floor", home.floor},
               {"heated_area_m2", home.heated_area_m2},
               {"usage", home.shop ? "shop" : "residence"}});
        for (const auto& sensor : home.sensors) {
            write("room_sensor", sensor.code, sensor.title,
                  {{"installed_at", sensor.installed_at}, {"manufacturer", sensor.manufacturer}});
        }
    }

    const City& city_;
    const CityEndpoints& endpoints_;
    std::ostream& out_;
    std::string root_;
};

}  // namespace

void write_records(const City& city, const CityEndpoints& endpoints, std::ostream& out) {
    RecordWriter(city, endpoints, out).write_all();
}

}  // namespace nuanshu::sim

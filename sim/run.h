#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/points/profile.h"
#include "sim/city.h"

namespace nuanshu::sim {

/// How a virtual city is run.
struct CityOptions {
    CityParameters city;
    std::vector<points::Profile> profiles;  ///< `station_plc` and `source_plc` are the register maps served
    std::string host = "127.0.0.1";         ///< address listened on
    int modbus_port = 15020;        ///< first port; each device takes the next free one; 0: the system picks all
    int control_port = 15010;       ///< always on 127.0.0.1; 0: the system picks
    std::string mqtt_url;           ///< mqtt://[user:password@]host:port; "" for no MQTT
    std::string mqtt_group = "xc";  ///< Sparkplug group
    std::int64_t sparkplug_period_ms = 10'000;  ///< wall time; changed values are sent each period
    std::int64_t room_period_ms = 60'000;       ///< wall time; each sensor speaks once a period, spread over it
    double speed = 1.0;                         ///< plant seconds a wall second, 0.1 … 600
    std::string records_path;                   ///< city.jsonl is written here before `ready`; "" for none
};

/// What a running city tells about itself, once, when its sockets listen.
struct CityReady {
    CityEndpoints endpoints = {};
    int control_port = 0;
    std::size_t stations = 0;
    std::size_t points = 0;
};

/// Runs a city in the calling thread until told to stop; may be stopped from any thread. A broker that is away is tried
/// again, and does not hold up Modbus. Errors: invalid (parameters, a missing or faulty register map), unavailable (no
/// port could be opened).
Result<> run_city(const CityOptions& options, const std::function<void(const CityReady&)>& ready, std::stop_token stop);

/// One column of the replayed file and where its number goes.
struct ReplayColumn {
    std::string column;
    std::string target;  ///< Modbus: an address as in profiles, "holding 0 f32"; MQTT: the key in the JSON object
    double scale = 1.0;  ///< sent = value / scale
};

/// Plays measurements of a CSV file, in the order of its rows, through a real protocol.
struct ReplayOptions {
    std::string csv_path;
    std::string time_column = "time";
    std::int64_t utc_offset_ms = 0;     ///< of times that carry no zone
    std::vector<ReplayColumn> columns;  ///< for MQTT empty means all numeric columns under their own names
    double speed = 1.0;                 ///< recorded seconds a wall second; above 0
    bool repeat = false;                ///< begin again at the end; else return
    std::string protocol = "modbus";    ///< or "mqtt"
    std::string host = "127.0.0.1";
    int modbus_port = 0;                   ///< 0: the system picks
    std::string mqtt_url;                  ///< for "mqtt"
    std::string mqtt_topic = "replay/up";  ///< payload {"ts":wall ms, key: number …}
};

/// What a running replay tells, once, when it can be asked.
struct ReplayReady {
    int modbus_port = 0;
    std::size_t rows = 0;
};

/// Plays until the end of the file (or for ever with `repeat`), or until told to stop. An empty cell leaves the
/// register as it is and its key out of the JSON. Errors: not_found (file, column), invalid (a time or an address that
/// cannot be read, with its line), unavailable.
Result<> run_replay(const ReplayOptions& options, const std::function<void(const ReplayReady&)>& ready,
                    std::stop_token stop);

/// Asks a running city over its control port, e.g. "fault add frozen xc.s01.n1.h003/primary_flow", and returns its
/// answer without the leading "ok". Errors: unavailable (nobody there), timeout (2 s), invalid (the city's own
/// sentence).
Result<std::string> ask_city(int control_port, const std::string& line);

}  // namespace nuanshu::sim

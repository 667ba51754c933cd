#include <cstdio>
#include <cstdlib>
#include <memory>

#include <fmt/core.h>

#include "cli/src/stop_signals.h"
#include "cli/src/subcommands.h"
#include "platform/apps/packages.h"
#include "sim/run.h"

namespace nuanshu::cli {
namespace {

Result<> run_virtual_city(sim::CityOptions options, const std::string& apps_dir) {
    const StopSignals signals;
    Diagnostics faults;
    options.profiles = apps::load_packages(apps_dir, faults).profiles;
    if (!faults.empty()) {
        return fail(ErrorCode::invalid, apps_dir, "\n{}", to_string(faults));
    }
    const auto ready = [](const sim::CityReady& city) {
        fmt::print(R"({{"stations":{},"points":{},"control_port":{},"gateway_port":{}}})"
                   "\n",
                   city.stations, city.points, city.control_port, city.endpoints.gateway_port);
        std::fflush(stdout);
    };
    return sim::run_city(options, ready, signals.token());
}

Result<> run_measurements(const sim::ReplayOptions& options) {
    const StopSignals signals;
    const auto ready = [](const sim::ReplayReady& replay) {
        fmt::print(R"({{"rows":{},"modbus_port":{}}})"
                   "\n",
                   replay.rows, replay.modbus_port);
        std::fflush(stdout);
    };
    return sim::run_replay(options, ready, signals.token());
}

void add_city(CLI::App& sim, Request& request) {
    auto* command = sim.add_subcommand("city", "run the virtual city on Modbus TCP and MQTT");
    auto options = std::make_shared<sim::CityOptions>();
    auto apps_dir = std::make_shared<std::string>("apps");
    auto& city = options->city;
    command->add_option("--stations", city.stations, "heat stations")->capture_default_str();
    command->add_option("--buildings", city.buildings, "buildings")->capture_default_str();
    command->add_option("--room-sensors", city.room_sensors, "room sensors")->capture_default_str();
    command->add_option("--seed", city.seed, "the same seed gives the same city and weather")->capture_default_str();
    command->add_option("--speed", options->speed, "plant seconds a second, 0.1 to 600")->capture_default_str();
    command->add_option("--modbus-port", options->modbus_port, "first port; 0: any free ones")->capture_default_str();
    command->add_option("--control-port", options->control_port, "for `sim ask`; 0: any free one")
        ->capture_default_str();
    command->add_option("--mqtt", options->mqtt_url, "broker, mqtt://host:port; none: no MQTT");
    command
        ->add_option("--sparkplug-period", options->sparkplug_period_ms,
                     "ms between Sparkplug messages of an edge node")
        ->capture_default_str();
    command->add_option("--room-period", options->room_period_ms, "ms between messages of a room sensor")
        ->capture_default_str();
    command->add_option("--records", options->records_path, "write the city's records here as JSON lines");
    command->add_option("--apps", *apps_dir, "app packages, for the register maps")->capture_default_str();
    command->callback([&request, options, apps_dir] {
        request.work = [options, apps_dir] { return run_virtual_city(*options, *apps_dir); };
    });
}

/// "supply_temperature_c=holding 0 f32" or "flow=flow*0.001".
sim::ReplayColumn column_from(const std::string& text) {
    const auto equals = text.find('=');
    const auto star = text.find('*', equals == std::string::npos ? 0 : equals);
    sim::ReplayColumn column;
    column.column = text.substr(0, equals);
    column.target = equals == std::string::npos
                        ? text
                        : text.substr(equals + 1, star == std::string::npos ? star : star - equals - 1);
    column.scale = star == std::string::npos ? 1.0 : std::strtod(text.c_str() + star + 1, nullptr);
    return column;
}

void add_replay(CLI::App& sim, Request& request) {
    auto* command = sim.add_subcommand("replay", "play measurements of a CSV file through a real protocol");
    auto options = std::make_shared<sim::ReplayOptions>();
    auto columns = std::make_shared<std::vector<std::string>>();
    command->add_option("file", options->csv_path, "CSV with a header")->required();
    command->add_option("--time", options->time_column, "the column of times")->capture_default_str();
    command->add_option("--column", *columns,
                        "NAME=TARGET[*SCALE]; TARGET is a register (`holding 0 f32`) or a JSON key");
    command->add_option("--speed", options->speed, "recorded seconds a second")->capture_default_str();
    command->add_flag("--repeat", options->repeat, "begin again at the end");
    command->add_option("--protocol", options->protocol, "modbus or mqtt")
        ->capture_default_str()
        ->check(CLI::IsMember({"modbus", "mqtt"}));
    command->add_option("--modbus-port", options->modbus_port, "0: any free one")->capture_default_str();
    command->add_option("--mqtt", options->mqtt_url, "broker");
    command->add_option("--topic", options->mqtt_topic, "MQTT topic")->capture_default_str();
    command->callback([&request, options, columns] {
        for (const auto& text : *columns) {
            options->columns.push_back(column_from(text));
        }
        request.work = [options] { return run_measurements(*options); };
    });
}

void add_ask(CLI::App& sim, Request& request) {
    auto* command = sim.add_subcommand(
        "ask", "talk to a running city: status, truth POINT, speed N, fault add KIND POINT, silent DEVICE on|off …");
    auto port = std::make_shared<int>(15010);
    auto words = std::make_shared<std::vector<std::string>>();
    command->add_option("--control-port", *port, "of the running city")->capture_default_str();
    command->add_option("words", *words, "the line to send")->required();
    command->callback([&request, port, words] {
        request.work = [port, words]() -> Result<> {
            std::string line;
            for (const auto& word : *words) {
                line += (line.empty() ? "" : " ") + word;
            }
            NUANSHU_TRY(const auto answer, sim::ask_city(*port, line));
            fmt::print("{}\n", answer);
            return {};
        };
    });
}

}  // namespace

void add_sim(CLI::App& app, Request& request) {
    auto* sim = app.add_subcommand("sim", "the virtual city and the replay of measurements");
    sim->require_subcommand(1);
    sim->fallthrough();
    add_city(*sim, request);
    add_replay(*sim, request);
    add_ask(*sim, request);
}

}  // namespace nuanshu::cli

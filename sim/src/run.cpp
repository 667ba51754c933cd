#include "sim/run.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/log.h"
#include "base/time.h"
#include "sim/src/city_desk.h"
#include "sim/src/line_server.h"
#include "sim/src/loop.h"
#include "sim/src/plant_city.h"
#include "sim/src/rooms_face.h"
#include "sim/src/sparkplug_node.h"

namespace nuanshu::sim {

namespace {

constexpr std::int64_t tick_ms = 200;

Result<std::vector<RegisterLine>> lines_of(const std::vector<points::Profile>& profiles, std::string_view name) {
    const auto found = std::find_if(profiles.begin(), profiles.end(), [name](const auto& p) { return p.name == name; });
    if (found == profiles.end()) {
        return fail(ErrorCode::invalid, "city", "no profile `{}` among the {} given; the heating app has it", name,
                    profiles.size());
    }
    return read_register_lines(*found);
}

Result<> check(const CityOptions& options) {
    if (!(options.speed >= 0.1 && options.speed <= 600.0)) {
        return fail(ErrorCode::invalid, "city", "speed is {}; it must be 0.1 … 600", options.speed);
    }
    if (options.sparkplug_period_ms < 100 || options.room_period_ms < 100) {
        return fail(ErrorCode::invalid, "city", "periods are {} and {} ms; each must be at least 100",
                    options.sparkplug_period_ms, options.room_period_ms);
    }
    if (options.mqtt_group.empty() || options.mqtt_group.find_first_of("/+#") != std::string::npos) {
        return fail(ErrorCode::invalid, "city", "Sparkplug group `{}` is empty or has / + # in it", options.mqtt_group);
    }
    return {};
}

/// Written beside and renamed, so that a reader never sees half of it.
Result<> write_records_file(const City& city, const CityEndpoints& endpoints, const std::string& path) {
    const std::string partial = path + ".partial";
    std::ofstream out(partial);
    write_records(city, endpoints, out);
    out.close();
    std::error_code error;
    std::filesystem::rename(partial, path, error);
    if (!out || error) {
        return fail(ErrorCode::unavailable, path, "cannot write the city's records here");
    }
    return {};
}

/// Lets the plant's time follow the wall's. What a slow machine misses is left out, at most a second at a time is made
/// up.
class Pacer {
 public:
    Pacer(Plant& plant, const double& speed) : plant_(plant), speed_(speed), last_ns_(clock_.steady_ns()) {}

    void follow() {
        const std::int64_t now_ns = clock_.steady_ns();
        const double passed_s = std::min(static_cast<double>(now_ns - last_ns_) * 1e-9, 1.0);
        last_ns_ = now_ns;
        plant_.advance(passed_s * speed_);
    }

 private:
    Plant& plant_;
    const double& speed_;
    SystemClock clock_;
    std::int64_t last_ns_;
};

/// The faces that need a broker.
struct MqttFaces {
    MqttFaces(const CityView& view, const CityOptions& options, BrokerAddress address)
        : broker{std::move(address), 0},
          meters(view, broker, options.mqtt_group, options.sparkplug_period_ms),
          rooms(view, broker, options.room_period_ms) {}

    MosquittoLibrary library;
    Broker broker;
    SparkplugFace meters;
    RoomsFace rooms;
};

/// A city with everything that hangs on it.
class CityRunner {
 public:
    CityRunner(const CityOptions& options, City city, std::vector<RegisterLine> station_lines,
               std::vector<RegisterLine> source_lines)
        : options_(options),
          city_(std::move(city)),
          station_lines_(std::move(station_lines)),
          source_lines_(std::move(source_lines)),
          plant_(city_),
          instruments_(plant_, plant_.layout().specs, options.city.seed),
          view_{city_, plant_.layout(), plant_, instruments_, [] { return SystemClock().now_ms(); }},
          speed_(options.speed),
          plcs_(view_, station_lines_, source_lines_),
          control_([this](std::string_view line) { return desk_->answer(line); }) {}

    Result<> prepare() {
        if (!options_.mqtt_url.empty()) {
            NUANSHU_TRY(auto address, read_mqtt_url(options_.mqtt_url));
            mqtt_ = std::make_unique<MqttFaces>(view_, options_, std::move(address));
        }
        std::vector<DeviceFace*> devices{&plcs_};
        faces_ = {&plcs_, &control_};
        if (mqtt_) {
            devices.insert(devices.end(), {&mqtt_->meters, &mqtt_->rooms});
            faces_.insert(faces_.end(), {&mqtt_->meters, &mqtt_->rooms});
        }
        desk_ = std::make_unique<CityDesk>(view_, instruments_, speed_, std::move(devices));
        return {};
    }

    Result<> run(const std::function<void(const CityReady&)>& ready, const std::stop_token& stop) {
        allow_many_files();
        CityReady told{.stations = city_.stations.size(), .points = plant_.points().size()};
        told.endpoints.mqtt_group = options_.mqtt_group;
        NUANSHU_TRY_VOID(plcs_.open(options_.host, options_.modbus_port, told.endpoints));
        NUANSHU_TRY(told.control_port, control_.listen(options_.control_port));
        if (!options_.records_path.empty()) {
            NUANSHU_TRY_VOID(write_records_file(city_, told.endpoints, options_.records_path));
        }
        if (ready) {
            ready(told);
        }
        Pacer pacer(plant_, speed_);
        const auto each_tick = [&pacer](std::int64_t) {
            pacer.follow();
            return true;
        };
        return run_loop(faces_, tick_ms, each_tick, stop);
    }

 private:
    const CityOptions& options_;
    const City city_;
    const std::vector<RegisterLine> station_lines_, source_lines_;
    CityPlant plant_;
    Instruments instruments_;
    const CityView view_;
    double speed_;
    PlcFace plcs_;
    LineServer control_;
    std::unique_ptr<MqttFaces> mqtt_;
    std::unique_ptr<CityDesk> desk_;
    std::vector<Face*> faces_;
};

}  // namespace

Result<> run_city(const CityOptions& options, const std::function<void(const CityReady&)>& ready,
                  std::stop_token stop) {
    NUANSHU_TRY_VOID(check(options));
    NUANSHU_TRY(auto station_lines, lines_of(options.profiles, "station_plc"));
    NUANSHU_TRY(auto source_lines, lines_of(options.profiles, "source_plc"));
    NUANSHU_TRY(auto city, make_city(options.city));
    CityRunner runner(options, std::move(city), std::move(station_lines), std::move(source_lines));
    NUANSHU_TRY_VOID(runner.prepare());
    return runner.run(ready, stop);
}

}  // namespace nuanshu::sim

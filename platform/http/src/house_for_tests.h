#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include "base/check.h"
#include "platform/http/server.h"

namespace nuanshu::http {

/// Waits until it is so, at most ten seconds.
inline bool eventually(const std::function<bool()>& is_so) {
    for (int i = 0; i < 10'000 && !is_so(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return is_so();
}

/// A folder that goes with whoever holds it.
class HouseFolder {
 public:
    HouseFolder() {
        std::string name = std::filesystem::temp_directory_path().string() + "/nuanshu-http-XXXXXX";
        NUANSHU_CHECK(mkdtemp(name.data()) != nullptr, "no folder {}", name);
        path_ = name;
    }
    ~HouseFolder() { std::filesystem::remove_all(path_); }
    HouseFolder(const HouseFolder&) = delete;
    HouseFolder& operator=(const HouseFolder&) = delete;

    const std::string& path() const { return path_; }

 private:
    std::string path_;
};

/// A device that takes every write and then measures what was written.
class ObedientDriver final : public drivers::Driver {
 public:
    ObedientDriver(telemetry::Intake& intake, const Clock& clock) : intake_(intake), clock_(clock) {}
    ~ObedientDriver() override { stop(); }

    void measure(PointId point, double raw) {
        telemetry::RawBatch batch;
        batch.samples.push_back(
            {.point = point, .device_quality = Quality::good, .time_ms = clock_.now_ms(), .value = raw});
        batch.received_ms = clock_.now_ms();
        NUANSHU_CHECK(intake_.offer(batch), "the pipeline is full");
    }

    Diagnostics configure(std::vector<drivers::DeviceConfig>) override { return {}; }
    void write(PointId point, double raw, std::function<void(Result<>)> done) override {
        const std::scoped_lock guard(lock_);
        writers_.emplace_back([this, point, raw, done = std::move(done)] {
            measure(point, raw);
            done({});
        });
    }
    void read_soon(PointId) override {}
    std::vector<drivers::DeviceStatus> statuses() const override {
        drivers::DeviceStatus status;
        status.code = "xc.h1.plc";
        status.driver = "obedient";
        status.endpoint = "bench";
        status.state = drivers::DeviceState::online;
        status.requests = 7;
        return {status};
    }
    void stop() override {
        const std::scoped_lock guard(lock_);
        for (auto& writer : writers_) {
            writer.join();
        }
        writers_.clear();
    }

 private:
    telemetry::Intake& intake_;
    const Clock& clock_;
    std::mutex lock_;
    std::vector<std::thread> writers_;
};

/// A small city behind a server: stations xc.h1 … xc.h3 with a flow and a valve each, the first with a PLC; the real
/// stores, pipeline, catalogue, commands and users, on a free port.
class House {
 public:
    explicit House(const std::function<void(ServerSettings&)>& change = {}) {
        open_stores();
        fill();
        catalogue = value_or_throw(points::make_catalogue(*records, {profile()}, *samples));
        value_or_throw(catalogue->rebuild());
        value_or_throw(pipeline->set_points(catalogue->point_settings()));
        substitutions = value_or_throw(points::Substitutions::open(*database, *catalogue, *pipeline, clock));
        driver = std::make_unique<ObedientDriver>(*pipeline, clock);
        const auto driver_of = [this](std::string_view code) { return code == "xc.h1.plc" ? driver.get() : nullptr; };
        commands =
            value_or_throw(commands::Commands::open({*database, *catalogue, *pipeline, driver_of, clock, metrics}));
        start(change);
    }

    ~House() {
        server->stop();
        commands->stop();
        driver->stop();
        pipeline->stop();
    }

    int port() const { return server->port(); }
    PointId id_of(std::string_view code) const { return catalogue->find(code)->id; }

    /// The device measures it, and it is everybody's current value.
    void measure(std::string_view code, double raw) {
        const auto id = id_of(code);
        const auto before = pipeline->current(id).change;
        driver->measure(id, raw);
        NUANSHU_CHECK(eventually([&] { return pipeline->current(id).change > before; }), "{} does not show", code);
    }

    void store(std::string_view code, const std::vector<historian::StoredSample>& history) {
        std::vector<Sample> batch;
        for (const auto& sample : history) {
            batch.push_back({id_of(code), sample.quality, sample.time_ms, sample.value});
        }
        value_or_throw(samples->append(batch));
    }

    std::string web_dir() const { return directory.path() + "/web"; }

    static constexpr const char* flow = "xc.h1/flow";
    static constexpr const char* opening = "xc.h1/opening";
    static constexpr const char* password = "correct horse battery";

    HouseFolder directory;
    SystemClock clock;
    Metrics metrics;
    std::unique_ptr<records::TypeRegistry> types;
    std::unique_ptr<store::Database> database;
    std::unique_ptr<historian::SampleStore> samples;
    std::unique_ptr<records::Records> records;
    std::unique_ptr<identity::Identity> identity;
    std::unique_ptr<telemetry::Pipeline> pipeline;
    std::unique_ptr<points::Substitutions> substitutions;
    std::unique_ptr<points::Catalogue> catalogue;
    std::unique_ptr<ObedientDriver> driver;
    std::unique_ptr<commands::Commands> commands;
    std::unique_ptr<Server> server;
    std::atomic<bool> healthy{true};

 private:
    static std::vector<records::Type> city_types() {
        records::Type station{
            .name = "station", .title = {"换热站", "station"}, .geometry = records::GeometryKind::point};
        station.fields = {
            {.name = "heated_area", .kind = records::FieldKind::number, .unit = "m2", .minimum = 0.0, .maximum = 1e7},
            {.name = "status", .kind = records::FieldKind::choice, .choices = {{"running", {}}, {"stopped", {}}}}};
        records::PointType flow_type{
            .name = "flow", .title = {"流量", "flow"}, .unit = "m3/h", .minimum = 0.0, .maximum = 100.0};
        records::PointType valve{.name = "opening", .title = {"开度", "opening"}, .unit = "%"};
        valve.command = records::CommandRules{.minimum = 0, .maximum = 100, .tolerance = 0.5, .within_ms = 5'000};
        station.points = {flow_type, valve};
        records::Type plc{.name = "plc", .title = {"控制器", "PLC"}};
        for (const auto* name : {"driver", "settings", "profile", "serves"}) {
            plc.fields.push_back({.name = name});
        }
        plc.device = records::DeviceFacet{"driver", "settings", "profile", "serves"};
        return {station, plc};
    }

    static points::Profile profile() {
        points::Profile profile{.name = "bench", .driver = "obedient", .for_type = "station"};
        profile.points = {{.point = "/flow", .address = "1"}, {.point = "/opening", .address = "2", .writable = true}};
        return profile;
    }

    void open_stores() {
        Diagnostics faults;
        types = std::make_unique<records::TypeRegistry>(records::TypeRegistry::create(city_types(), faults));
        NUANSHU_CHECK(faults.empty(), "{}", to_string(faults));
        database = value_or_throw(store::open_database("sqlite://" + directory.path() + "/records.db"));
        samples = value_or_throw(
            historian::open_embedded_store({.directory = directory.path() + "/samples", .sync = false}, metrics));
        records = value_or_throw(records::Records::open(*database, *types, clock));
        identity = value_or_throw(identity::Identity::open(*database, {}, clock));
        pipeline = value_or_throw(telemetry::Pipeline::create({.shards = 1}, *samples, clock, metrics));
    }

    void fill() {
        value_or_throw(identity->create_user({.name = "li", .title = "李工", .administrator = true}, password));
        std::vector<records::Record> all;
        for (const auto* code : {"xc.h1", "xc.h2", "xc.h3"}) {
            records::Record station;
            station.type = "station";
            station.code = code;
            station.title = fmt::format("{} 号站", code);
            station.fields["heated_area"] = 1000.0 * (code[4] - '0');
            station.fields["status"] = "running";
            all.push_back(std::move(station));
        }
        records::Record plc;
        plc.type = "plc";
        plc.code = "xc.h1.plc";
        plc.title = "一号控制器";
        plc.fields = {{"driver", "obedient"}, {"settings", "{}"}, {"profile", "bench"}, {"serves", "xc.h1"}};
        all.push_back(std::move(plc));
        value_or_throw(records->upsert(all));
    }

    void start(const std::function<void(ServerSettings&)>& change) {
        ServerSettings settings;
        settings.version = "0.1.0";
        settings.time_zone = "Asia/Shanghai";
        settings.web_dir = web_dir();
        if (change) {
            change(settings);
        }
        static constexpr drivers::DriverKind kinds[] = {
            {"obedient", nullptr,
             "id: obedient\ntitle: {zh: 听话, en: Obedient}\nabilities: [read, write]\ngrade: bronze\n"}};
        const Services services{*records,
                                *identity,
                                *catalogue,
                                *substitutions,
                                *pipeline,
                                *samples,
                                *commands,
                                [this] { return driver->statuses(); },
                                kinds,
                                metrics,
                                clock,
                                [this] {
                return std::vector<HealthCheck>{{"database", healthy, healthy ? "" : "does not answer"}}; }};
        server = value_or_throw(Server::start(settings, services));
    }
};

}  // namespace nuanshu::http

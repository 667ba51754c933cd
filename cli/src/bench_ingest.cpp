#include "cli/src/bench_ingest.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>
#include <unistd.h>

#include "base/log.h"
#include "base/metrics.h"
#include "base/time.h"
#include "cli/src/bench_screen.h"
#include "cli/src/child.h"
#include "platform/historian/store.h"

namespace nuanshu::cli {
namespace fs = std::filesystem;
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t head_start_ms = 3000;  ///< for births, before data begins
constexpr int stalled_polls_max = 100;        ///< of 100 ms each, without one more sample stored

std::string read_text(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

Result<> wait_until(const std::function<bool()>& happened, milliseconds at_most, const std::string& what) {
    const auto deadline = std::chrono::steady_clock::now() + at_most;
    while (!happened()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return fail(ErrorCode::timeout, "bench", "{} did not happen within {} s", what, at_most.count() / 1000);
        }
        std::this_thread::sleep_for(milliseconds(50));
    }
    return {};
}

/// The sum of a metric's series in Prometheus text.
double metric_sum(const std::string& text, const std::string& name) {
    double sum = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(name + " ") || line.starts_with(name + "{")) {
            sum += std::strtod(line.c_str() + line.rfind(' '), nullptr);
        }
    }
    return sum;
}

double percentile(const std::vector<double>& sorted, double share) {
    return sorted.empty() ? 0.0
                          : sorted[std::min(sorted.size() - 1,
                                            static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

/// A broker, the platform with an app of its own, and publishers, in a folder that goes away afterwards.
class Stage {
 public:
    explicit Stage(const IngestOptions& options)
        : options_(options), folder_((fs::temp_directory_path() / fmt::format("nuanshu-bench-{}", getpid())).string()) {
        fs::create_directories(folder_ + "/apps/bench/types");
        fs::create_directories(folder_ + "/apps/bench/profiles");
    }
    ~Stage() {
        publishers_.clear();
        platform_.reset();
        broker_.reset();
        std::error_code error;
        fs::remove_all(folder_, error);
    }
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;

    Result<> set_up() {
        write_app();
        write_records();
        NUANSHU_TRY_VOID(start_broker());
        return start_platform();
    }

    Result<> start_publishers(std::int64_t start_ms) {
        for (int i = 0; i < options_.publishers; ++i) {
            const std::vector<std::string> command = {own_path(),
                                                      "bench",
                                                      "publish",
                                                      "--port",
                                                      std::to_string(mqtt_port_),
                                                      "--edge-node",
                                                      edge_node(i),
                                                      "--devices",
                                                      std::to_string(devices_of(i)),
                                                      "--points",
                                                      std::to_string(options_.points),
                                                      "--seconds",
                                                      std::to_string(options_.seconds),
                                                      "--rate",
                                                      std::to_string(options_.rate / options_.publishers),
                                                      "--start-ms",
                                                      std::to_string(start_ms)};
            NUANSHU_TRY(auto child, Child::start(command, {}, publisher_log(i)));
            publishers_.push_back(std::move(child));
        }
        return {};
    }

    /// Kills the platform and starts it again on the same files, `options.kills` times, spread over the time of
    /// publishing.
    Result<> torment() {
        for (int i = 0; i < options_.kills; ++i) {
            std::this_thread::sleep_for(
                milliseconds(static_cast<std::int64_t>(options_.seconds * 1000 / (options_.kills + 1))));
            platform_->kill_now();
            NUANSHU_TRY_VOID(start_platform());
        }
        return {};
    }

    Result<std::uint64_t> wait_for_publishers() {
        std::uint64_t published = 0;
        for (int i = 0; i < options_.publishers; ++i) {
            if (!publishers_[static_cast<std::size_t>(i)].wait(
                    milliseconds(static_cast<std::int64_t>(options_.seconds * 1000) + 120'000))) {
                return fail(ErrorCode::timeout, "bench", "publisher {} did not end", i);
            }
            boost::system::error_code error;
            const auto answer = boost::json::parse(read_text(publisher_log(i)), error);
            if (error) {
                return fail(ErrorCode::internal, "bench", "publisher {} says: {}", i, read_text(publisher_log(i)));
            }
            published += answer.at("published").to_number<std::uint64_t>();
        }
        return published;
    }

    /// Polls until `samples` are stored; returns when that was, steady ns. Stops waiting when nothing more comes: after
    /// kills that is the only sign, since what the ended processes stored is not counted by the last one.
    std::int64_t wait_until_stored(std::uint64_t samples) const {
        double stored = 0;
        auto newest_ns = clock_.steady_ns();
        for (int stalled = 0; stored < static_cast<double>(samples) && stalled < stalled_polls_max; ++stalled) {
            std::this_thread::sleep_for(milliseconds(100));
            const auto text = ask_http(http_port_, "GET", "/metrics", "");
            const double now = text ? metric_sum(*text, "nuanshu_telemetry_samples_total") : stored;
            if (now > stored) {
                stalled = 0;
                stored = now;
                newest_ns = clock_.steady_ns();
            }
        }
        return newest_ns;
    }

    /// Samples of every point from `from_ms` on, read from the files after the platform has ended.
    Result<std::uint64_t> count_stored(std::int64_t from_ms) {
        platform_.reset();
        Metrics metrics;
        NUANSHU_TRY(const auto store,
                    historian::open_embedded_store({.directory = folder_ + "/state/samples", .sync = false}, metrics));
        std::uint64_t count = 0;
        for (const auto& code : codes_) {
            const auto point = store->find(code);
            if (!point) {
                continue;
            }
            const historian::TimeRange range{from_ms, clock_.now_ms() + 3'600'000};
            NUANSHU_TRY(const auto windows, store->aggregate(*point, range, range.to_ms - range.from_ms));
            for (const auto& window : windows) {
                count += window.count;
            }
        }
        return count;
    }

    /// One point of each of the first devices.
    std::vector<std::string> sampled_codes() const {
        std::vector<std::string> sampled;
        for (std::size_t i = 0; i < codes_.size() && sampled.size() < static_cast<std::size_t>(options_.sampled_points);
             i += static_cast<std::size_t>(options_.points)) {
            sampled.push_back(codes_[i]);
        }
        return sampled;
    }

    const Child& platform() const { return *platform_; }
    int http_port() const { return http_port_; }
    const std::string& password() const { return password_; }

 private:
    static std::string edge_node(int publisher) { return fmt::format("e{}", publisher); }
    std::string publisher_log(int publisher) const { return fmt::format("{}/publisher{}.json", folder_, publisher); }
    int devices_of(int publisher) const {
        return options_.devices / options_.publishers + (publisher < options_.devices % options_.publishers ? 1 : 0);
    }

    void write_app() const {
        const auto app = folder_ + "/apps/bench/";
        const char* title = "title: { zh: 压测, en: Bench }\n";
        std::ofstream(app + "app.yaml") << "id: bench\nversion: 1.0.0\n" << title;
        std::ofstream(app + "types/node.yaml") << "type: node\n" << title;
        std::ofstream(app + "types/edge.yaml")
            << "type: edge\n"
            << title
            << "device: { driver: driver, settings: settings, profile: profile, serves: serves }\nfields:\n"
               "  driver: { title: { zh: 驱动, en: Driver } }\n"
               "  settings: { kind: json, title: { zh: 参数, en: Settings } }\n"
               "  profile: { title: { zh: 点表, en: Profile } }\n"
               "  serves: { kind: link, title: { zh: 对象, en: Serves } }\n";
        std::ofstream type(app + "types/meter.yaml");
        std::ofstream profile(app + "profiles/meter.yaml");
        type << "type: meter\n" << title << "points:\n";
        profile << "profile: meter\n" << title << "driver: mqtt\nfor: meter\npoints:\n";
        for (int point = 1; point <= options_.points; ++point) {
            type << fmt::format(
                "  p{:04}: {{ title: {{ zh: 点{}, en: Point {} }}, decimals: 2, minimum: -1000, maximum: 1000 }}\n",
                point, point, point);
            profile << fmt::format("  - {{ point: /p{:04}, address: \"{{code}}#{{name}}\" }}\n", point);
        }
    }

    void write_records() {
        std::ofstream records(folder_ + "/records.jsonl");
        records << R"({"type":"node","code":"bench","title":"bench"})"
                << "\n";
        for (int publisher = 0; publisher < options_.publishers; ++publisher) {
            const auto edge = edge_node(publisher);
            records << fmt::format(R"({{"type":"node","code":"bench.{0}","title":"{0}"}})", edge) << "\n";
            for (int device = 1; device <= devices_of(publisher); ++device) {
                const auto code = fmt::format("bench.{}.d{:04}", edge, device);
                records << fmt::format(R"({{"type":"meter","code":"{0}","title":"{0}"}})", code) << "\n";
                for (int point = 1; point <= options_.points; ++point) {
                    codes_.push_back(fmt::format("{}/p{:04}", code, point));
                }
            }
            records
                << fmt::format(
                       R"({{"type":"edge","code":"bench.{0}.gateway","title":"{0}","driver":"mqtt","profile":"meter","serves":"bench.{0}",)"
                       R"("settings":{{"format":"sparkplug","group":"bench","edge_node":"{0}"}}}})",
                       edge)
                << "\n";
        }
    }

    Result<> start_broker() {
        mqtt_port_ = free_port();
        std::ofstream(folder_ + "/mosquitto.conf")
            << "listener " << mqtt_port_
            << " 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 1000\n";
        NUANSHU_TRY(auto child, Child::start({"/usr/sbin/mosquitto", "-c", folder_ + "/mosquitto.conf"}, {},
                                             folder_ + "/mosquitto.log"));
        broker_ = std::make_unique<Child>(std::move(child));
        return {};
    }

    Result<> start_platform() {
        const auto ready = folder_ + "/ready.json";
        std::error_code error;
        fs::remove(ready, error);
        const std::vector<std::pair<std::string, std::string>> settings = {
            {"NUANSHU_STATE_DIR", folder_ + "/state"},
            {"NUANSHU_APPS_DIR", folder_ + "/apps"},
            {"NUANSHU_HTTP_PORT", "0"},
            {"NUANSHU_MQTT_URL", fmt::format("mqtt://127.0.0.1:{}", mqtt_port_)}};
        const std::vector<std::string> command = {
            own_path(), "serve", "--config", "", "--import", folder_ + "/records.jsonl", "--ready-file", ready};
        NUANSHU_TRY(auto child, Child::start(command, settings, folder_ + "/serve.log"));
        platform_ = std::make_unique<Child>(std::move(child));
        if (const auto waited = wait_until([&] { return fs::exists(ready); }, seconds(60), "the platform's start");
            !waited) {
            return within(read_text(folder_ + "/serve.log"), waited.error());
        }
        const auto answer = boost::json::parse(read_text(ready));
        http_port_ = answer.at("port").to_number<int>();
        if (const auto& password = answer.at("password").as_string(); !password.empty()) {
            password_ = std::string(password);
        }
        return {};
    }

    IngestOptions options_;
    SystemClock clock_;
    std::string folder_;
    std::vector<std::string> codes_;
    std::unique_ptr<Child> broker_;
    std::unique_ptr<Child> platform_;
    std::vector<Child> publishers_;
    int mqtt_port_ = 0;
    int http_port_ = 0;
    std::string password_;
};

}  // namespace

Result<> bench_ingest(const IngestOptions& options) {
    const SystemClock clock;
    Stage stage(options);
    NUANSHU_TRY_VOID(stage.set_up());
    std::unique_ptr<Screen> screen;
    if (options.kills == 0) {
        NUANSHU_TRY(screen, Screen::open(stage.http_port(), stage.password(), stage.sampled_codes()));
    }
    const auto start_ms = clock.now_ms() + head_start_ms;
    NUANSHU_TRY_VOID(stage.start_publishers(start_ms));
    std::this_thread::sleep_for(milliseconds(head_start_ms));
    const auto begun_ns = clock.steady_ns();
    const double cpu_before_s = stage.platform().cpu_s();
    if (screen) {
        screen->start();
    }
    NUANSHU_TRY_VOID(stage.torment());
    NUANSHU_TRY(const auto published, stage.wait_for_publishers());
    const auto births = static_cast<std::uint64_t>(options.devices) * static_cast<std::uint64_t>(options.points);
    const auto ended_ns = stage.wait_until_stored(published + births);
    const double cpu_s = stage.platform().cpu_s() - cpu_before_s;
    const double memory_mib = stage.platform().peak_memory_mib();
    const auto ages_ms = screen ? screen->finish() : std::vector<double>();
    NUANSHU_TRY(const auto stored, stage.count_stored(start_ms));
    const double elapsed_s = static_cast<double>(ended_ns - begun_ns) * 1e-9;
    boost::json::object result = {{"points_per_s", static_cast<double>(published) / elapsed_s},
                                  {"latency_p50_ms", percentile(ages_ms, 0.5)},
                                  {"latency_p99_ms", percentile(ages_ms, 0.99)},
                                  {"cpu_s", cpu_s},
                                  {"peak_memory_mib", memory_mib},
                                  {"lost", static_cast<std::int64_t>(published) - static_cast<std::int64_t>(stored)},
                                  {"published", published},
                                  {"seconds", elapsed_s},
                                  {"screen_values", ages_ms.size()}};
    fmt::print("{}\n", boost::json::serialize(result));
    return {};
}

}  // namespace nuanshu::cli

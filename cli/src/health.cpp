#include "cli/src/health.h"

#include <filesystem>
#include <fstream>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <sys/timex.h>

#include "base/time.h"
#include "cli/platform.h"
#include "cli/src/sample_life.h"
#include "platform/apps/packages.h"

namespace nuanshu::cli {
namespace {

namespace fs = std::filesystem;
namespace net = boost::asio;

constexpr double gib = 1024.0 * 1024.0 * 1024.0;
constexpr double free_gib_min = 1.0;
constexpr double free_share_min = 0.05;

http::HealthCheck check_disk(const std::string& folder) {
    std::error_code error;
    const auto space = fs::space(folder, error);
    if (error) {
        return {"disk", false, fmt::format("{}: {}", folder, error.message())};
    }
    const double free = static_cast<double>(space.available) / gib;
    const double share =
        static_cast<double>(space.available) / static_cast<double>(std::max<std::uintmax_t>(1, space.capacity));
    const bool ok = free >= free_gib_min && share >= free_share_min;
    return {"disk", ok,
            fmt::format("{:.1f} GiB free ({:.0f} %) for {}{}", free, share * 100, folder,
                        ok ? "" : "; below 1 GiB or 5 %: free some, or move state_dir to a larger disk")};
}

http::HealthCheck check_database(const store::Database& database) {
    const auto answered = database.read([](store::Connection& connection) -> Result<> {
        NUANSHU_TRY_VOID(connection.query("SELECT 1"));
        return {};
    });
    return {"database", answered.has_value(), answered ? "answers" : answered.error().message()};
}

http::HealthCheck check_historian(const telemetry::Pipeline& pipeline) {
    const auto trouble = pipeline.trouble();
    return {"historian", !trouble,
            trouble ? trouble->message() + "; samples wait in the queues and at their sources" : "takes samples"};
}

http::HealthCheck check_devices(const std::vector<drivers::DeviceStatus>& devices) {
    std::size_t online = 0;
    for (const auto& device : devices) {
        online +=
            device.state == drivers::DeviceState::online || device.state == drivers::DeviceState::degraded ? 1 : 0;
    }
    const bool all_silent = !devices.empty() && online == 0;
    return {"devices", !all_silent, fmt::format("{} of {} answer", online, devices.size())};
}

Result<> connect_to(const std::string& host, const std::string& port) {
    net::io_context context;
    net::ip::tcp::resolver resolver(context);
    boost::system::error_code error;
    const auto endpoints = resolver.resolve(host, port, error);
    net::ip::tcp::socket socket(context);
    if (!error) {
        net::connect(socket, endpoints, error);
    }
    if (error) {
        return fail(ErrorCode::unavailable, fmt::format("{}:{}", host, port), "{}", error.message());
    }
    return {};
}

http::HealthCheck examine_broker(const std::string& url) {
    const auto parsed = boost::urls::parse_uri(url);
    if (!parsed || parsed->host().empty()) {
        return {"broker", false, fmt::format("mqtt_url `{}` is no URL; wanted mqtt://host:1883", url)};
    }
    const std::string port = parsed->has_port()            ? std::string(parsed->port())
                             : parsed->scheme() == "mqtts" ? "8883"
                                                           : "1883";
    const auto connected = connect_to(parsed->host(), port);
    return {"broker", connected.has_value(),
            connected ? url + " answers" : connected.error().message() + "; start mosquitto there, or set mqtt_url"};
}

http::HealthCheck examine_port(const Config& config) {
    net::io_context context;
    boost::system::error_code error;
    const auto address = net::ip::make_address(config.listen_address, error);
    if (error) {
        return {"port", false, fmt::format("listen_address `{}` is no IP address", config.listen_address)};
    }
    net::ip::tcp::acceptor acceptor(context);
    const net::ip::tcp::endpoint endpoint(address, static_cast<std::uint16_t>(config.http_port));
    acceptor.open(endpoint.protocol());
    acceptor.set_option(net::socket_base::reuse_address(true));
    acceptor.bind(endpoint, error);
    if (!error) {
        acceptor.listen(1, error);
    }
    return {"port", !error,
            error ? fmt::format("{}:{}: {}; another program (or a running nuanshu) has it: stop that, or set http_port",
                                config.listen_address, config.http_port, error.message())
                  : fmt::format("{}:{} is free", config.listen_address, config.http_port)};
}

http::HealthCheck examine_clock() {
    timex state{};
    const int answer = ::adjtimex(&state);
    const auto now = SystemClock().now_ms();
    if (now < 1'704'067'200'000) {
        return {"clock", false, fmt::format("it says {}; set it before samples get wrong times", format_time(now))};
    }
    const bool kept = answer != TIME_ERROR;
    return {"clock", true,
            kept ? format_time(now) + ", kept by NTP"
                 : format_time(now) + "; no NTP keeps it: install chrony if nothing outside sets it"};
}

http::HealthCheck examine_time_zone(const std::string& zone) {
    const bool known =
        fs::exists("/usr/share/zoneinfo/" + zone) && zone.find("..") == std::string::npos && !zone.empty();
    return {
        "time zone", known,
        known ? zone : fmt::format("`{}` is unknown here; install tzdata, or set time_zone like Asia/Shanghai", zone)};
}

http::HealthCheck examine_apps(const std::string& folder) {
    Diagnostics faults;
    const auto packages = apps::load_packages(folder, faults);
    return {"apps", faults.empty(),
            faults.empty() ? fmt::format("{} apps, {} types", packages.apps.size(), packages.types.size())
                           : to_string(faults)};
}

http::HealthCheck examine_state_folder(const std::string& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    const auto probe = folder + "/.doctor";
    const bool writable = static_cast<bool>(std::ofstream(probe) << "x");
    fs::remove(probe, error);
    return {"state folder", writable,
            writable ? folder + " can be written" : folder + " cannot be written; check its owner, or set state_dir"};
}

http::HealthCheck examine_database(const Config& config) {
    auto database = store::open_database(database_url(config));
    return database ? check_database(**database) : http::HealthCheck{"database", false, database.error().message()};
}

}  // namespace

std::vector<http::HealthCheck> check_health(const Config& config, const telemetry::Pipeline& pipeline,
                                            const store::Database& database,
                                            const std::vector<drivers::DeviceStatus>& devices) {
    return {check_disk(config.state_dir), check_database(database), check_historian(pipeline), check_devices(devices)};
}

std::vector<http::HealthCheck> examine(const Config& config) {
    return {examine_apps(config.apps_dir),
            examine_state_folder(config.state_dir),
            check_disk(config.state_dir),
            examine_database(config),
            examine_port(config),
            examine_broker(config.mqtt_url),
            examine_clock(),
            examine_time_zone(config.time_zone),
            examine_sample_life(config)};
}

}  // namespace nuanshu::cli

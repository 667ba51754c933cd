#include "cli/platform.h"

#include <algorithm>
#include <filesystem>

#include "base/log.h"
#include "base/metrics.h"
#include "base/time.h"
#include "cli/src/catalogue_keeper.h"
#include "cli/src/driver_set.h"
#include "cli/src/health.h"
#include "cli/src/import.h"
#include "cli/src/sample_life.h"
#include "platform/apps/packages.h"
#include "platform/commands/commands.h"
#include "platform/historian/life.h"
#include "platform/historian/store.h"
#include "platform/http/server.h"
#include "platform/identity/identity.h"
#include "platform/points/catalogue.h"
#include "platform/points/substitutions.h"
#include "platform/records/records.h"
#include "platform/store/database.h"
#include "platform/telemetry/pipeline.h"

namespace nuanshu::cli {

/// In the order they are built; taken down in reverse.
struct Platform::Parts {
    Config config;
    SystemClock clock;
    Metrics metrics;
    apps::Packages packages;
    records::TypeRegistry types;
    std::unique_ptr<store::Database> database;
    std::unique_ptr<records::Records> records;
    std::unique_ptr<identity::Identity> identity;
    std::unique_ptr<historian::SampleStore> samples;
    std::unique_ptr<historian::LifeJob> sample_life;
    std::unique_ptr<points::Catalogue> catalogue;
    std::unique_ptr<telemetry::Pipeline> pipeline;
    std::unique_ptr<points::Substitutions> substitutions;
    std::unique_ptr<DriverSet> drivers;
    std::unique_ptr<commands::Commands> commands;
    std::unique_ptr<CatalogueKeeper> keeper;
    std::unique_ptr<http::Server> server;
    std::optional<std::string> first_password;

    Result<> load_apps() {
        Diagnostics faults;
        packages = apps::load_packages(config.apps_dir, faults);
        if (!faults.empty()) {
            return fail(ErrorCode::invalid, "apps", "{} faults:\n{}", faults.size(), to_string(faults));
        }
        types = records::TypeRegistry::create(packages.types, faults);
        return {};
    }

    Result<> open_stores() {
        std::error_code error;
        std::filesystem::create_directories(config.state_dir, error);
        if (error) {
            return fail(ErrorCode::unavailable, config.state_dir, "cannot be made: {}", error.message());
        }
        NUANSHU_TRY(database, store::open_database(database_url(config)));
        NUANSHU_TRY(records, records::Records::open(*database, types, clock));
        const identity::IdentitySettings settings{.session_ms = config.session_hours * 3'600'000LL};
        NUANSHU_TRY(identity, identity::Identity::open(*database, settings, clock));
        NUANSHU_TRY(first_password, identity->ensure_administrator());
        return open_samples();
    }

    Result<> open_samples() {
        NUANSHU_TRY(auto settings, life_settings(config));
        NUANSHU_TRY(const auto day_offset, day_offset_ms(config.time_zone, clock.now_ms()));
        const historian::EmbeddedSettings embedded{.directory = config.state_dir + "/samples",
                                                   .sync = config.historian_sync,
                                                   .day_offset_ms = day_offset,
                                                   .journal = keeps_journal(config)};
        NUANSHU_TRY(samples, historian::open_embedded_store(embedded, metrics));
        if (auto* life = samples->life()) {
            sample_life = std::make_unique<historian::LifeJob>(*life, std::move(settings), clock, metrics);
        }
        return {};
    }

    Result<> import(const std::string& path) {
        if (path.empty()) {
            return {};
        }
        Diagnostics faults;
        const auto written = import_records(path, *records, faults);
        if (!written) {
            return within(to_string(faults), written.error());
        }
        log_info("cli", "{}: {} records created or changed", path, *written);
        return {};
    }

    Result<> start_live_path() {
        NUANSHU_TRY(catalogue, points::make_catalogue(*records, packages.profiles, *samples));
        telemetry::PipelineSettings settings;
        settings.shards = static_cast<std::size_t>(std::max(0, config.telemetry_shards));
        NUANSHU_TRY(pipeline, telemetry::Pipeline::create(settings, *samples, clock, metrics));
        drivers = std::make_unique<DriverSet>(drivers::DriverContext{*pipeline, clock, metrics, config.mqtt_url});
        const auto driver_of = [this](std::string_view device) { return drivers->driver_of(device); };
        commands::Commands::Needs needs{*database, *catalogue, *pipeline, driver_of, clock, metrics};
        NUANSHU_TRY(commands, commands::Commands::open(needs));
        keeper = std::make_unique<CatalogueKeeper>(*catalogue, *pipeline, *drivers, metrics);
        NUANSHU_TRY_VOID(keeper->apply());
        NUANSHU_TRY(substitutions, points::Substitutions::open(*database, *catalogue, *pipeline, clock));
        NUANSHU_TRY_VOID(substitutions->restore());
        records->on_change([this](std::span<const records::Change> changes) {
            const bool matters = std::any_of(changes.begin(), changes.end(), [&](const records::Change& change) {
                const auto* type = types.find(change.type);
                return type != nullptr && (type->device || !type->points.empty());
            });
            if (matters) {
                keeper->changed();
            }
        });
        return {};
    }

    Result<> start_server(bool demo) {
        http::ServerSettings settings;
        settings.address = config.listen_address;
        settings.port = config.http_port;
        settings.web_dir = config.web_dir;
        settings.tls_certificate = config.tls_certificate;
        settings.tls_key = config.tls_key;
        settings.version = version();
        settings.time_zone = config.time_zone;
        settings.database = config.database.empty() ? "sqlite" : "postgresql";
        settings.demo = demo;
        const http::Services services{
            *records,
            *identity,
            *catalogue,
            *substitutions,
            *pipeline,
            *samples,
            *commands,
            [this] { return drivers->statuses(); },
            drivers::registered_drivers(),
            metrics,
            clock,
            [this] { return check_health(config, *pipeline, *database, drivers->statuses()); }};
        NUANSHU_TRY(server, http::Server::start(settings, services));
        return {};
    }

    void show_figures() {
        metrics.gauge_from("nuanshu_devices_online", "Devices that answer.", {}, [this] {
            const auto all = drivers->statuses();
            return static_cast<double>(std::count_if(all.begin(), all.end(), [](const drivers::DeviceStatus& device) {
                return device.state == drivers::DeviceState::online || device.state == drivers::DeviceState::degraded;
            }));
        });
        for (const auto& type : types.all()) {
            metrics.gauge_from("nuanshu_records", "Records by type.", {{"type", type.name}}, [this, name = type.name] {
                return static_cast<double>(records->count(name, {}).value_or(0));
            });
        }
    }

    void stop() {
        if (server) {
            server->stop();
        }
        if (commands) {
            commands->stop();
        }
        if (keeper) {
            keeper->stop();
        }
        if (drivers) {
            drivers->stop();
        }
        if (pipeline) {
            pipeline->stop();
        }
        if (sample_life) {
            sample_life->stop();
        }
    }
};

Platform::Platform(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Platform::~Platform() {
    stop();
}

Result<std::unique_ptr<Platform>> Platform::start(const Config& config, const PlatformOptions& options) {
    auto parts = std::make_unique<Parts>();
    parts->config = config;
    NUANSHU_TRY_VOID(parts->load_apps());
    NUANSHU_TRY_VOID(parts->open_stores());
    NUANSHU_TRY_VOID(parts->import(options.import_path));
    NUANSHU_TRY_VOID(parts->start_live_path());
    parts->show_figures();
    NUANSHU_TRY_VOID(parts->start_server(options.demo));
    return std::unique_ptr<Platform>(new Platform(std::move(parts)));
}

int Platform::http_port() const {
    return parts_->server->port();
}
std::optional<std::string> Platform::first_password() const {
    return parts_->first_password;
}
void Platform::stop() {
    parts_->stop();
}

std::string database_url(const Config& config) {
    return config.database.empty() ? "sqlite://" + config.state_dir + "/nuanshu.db" : config.database;
}

std::string_view version() {
    return NUANSHU_VERSION;
}

}  // namespace nuanshu::cli

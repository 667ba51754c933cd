#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "base/time.h"
#include "platform/commands/commands.h"
#include "platform/drivers/driver.h"
#include "platform/historian/store.h"
#include "platform/identity/identity.h"
#include "platform/points/catalogue.h"
#include "platform/points/substitutions.h"
#include "platform/records/records.h"
#include "platform/telemetry/pipeline.h"

namespace nuanshu::http {

/// How the server listens and what it says of itself. Times in ms.
struct ServerSettings {
    std::string address = "127.0.0.1";
    int port = 0;                          ///< 0: takes a free one, see Server::port()
    std::string web_dir;                   ///< the built pages; "" or missing: only the API
    std::string tls_certificate, tls_key;  ///< PEM files, both or neither; with them only HTTPS is spoken
    std::string version;                   ///< of the product, shown by /api/v1/system
    std::string time_zone;                 ///< the plant's, IANA name, for pages
    std::string database = "sqlite";       ///< its kind, shown by /api/v1/system
    bool demo = false;
    int threads = 1;                            ///< for sockets; each connection stays on one of them
    int workers = 3;                            ///< for what waits for the database or the historian
    std::size_t connections_max = 2'000;        ///< one more is answered 503 and closed
    std::size_t body_bytes_max = 1 << 20;       ///< a longer request body is answered 413; samples may be 4 MiB
    std::uint32_t header_bytes_max = 16 << 10;  ///< a longer request head is answered 431
    std::int64_t idle_ms = 75'000;              ///< a kept-alive connection without a request is closed
    std::int64_t transfer_ms = 20'000;  ///< for a request to arrive once begun, and for each written piece to leave
    std::int64_t session_check_ms = 30'000;  ///< a live connection outlives its session by at most this
};

/// One thing that must work for the process to be healthy.
struct HealthCheck {
    std::string name;
    bool ok = false;
    std::string text;  ///< what is wrong and what to do, or how it is
};

/// What the server serves; all of it outlives the server. The functions are called from the server's threads.
struct Services {
    records::Records& records;
    identity::Identity& identity;
    points::Catalogue& catalogue;
    points::Substitutions& substitutions;
    telemetry::Pipeline& pipeline;
    historian::SampleStore& samples;
    commands::Commands& commands;
    std::function<std::vector<drivers::DeviceStatus>()> device_statuses;
    std::span<const drivers::DriverKind> drivers;
    Metrics& metrics;
    const Clock& clock;
    std::function<std::vector<HealthCheck>()> health;
};

/// The HTTP server: the API of docs/api.md, live values by WebSocket, and the web pages.
///
/// Sockets are served on `threads` threads of its own; whatever may wait for a disk or a database runs on `workers`
/// others, so that a slow query never holds up live values. Every queue, body, head, list and wait has a bound.
class Server {
 public:
    /// Listens when it returns. Errors: unavailable (the address is taken or not ours), invalid (certificate, key, a
    /// driver's manifest).
    static Result<std::unique_ptr<Server>> start(const ServerSettings& settings, const Services& services);
    /// Stops too.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// The port that is listened on.
    int port() const;
    /// Takes no new connection, lets running requests end (at most 5 s), says goodbye to live connections, ends the
    /// threads.
    void stop();

 private:
    struct Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// The OpenAPI 3.1 document of everything the server answers, made from the route table and the record types: what
/// /api/openapi.json gives, also for generating clients without a running server.
std::string openapi_document(const records::TypeRegistry& types, std::string_view version);

}  // namespace nuanshu::http

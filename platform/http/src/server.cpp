#include "platform/http/server.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "platform/http/src/connection.h"
#include "platform/http/src/routes.h"

namespace nuanshu::http {
namespace {

using Acceptor = net::ip::tcp::acceptor;

constexpr auto stop_patience = std::chrono::seconds(5);
constexpr auto quietly = net::as_tuple(net::use_awaitable);

Result<net::ip::tcp::endpoint> read_endpoint(const ServerSettings& settings) {
    boost::system::error_code error;
    const auto address = net::ip::make_address(settings.address == "localhost" ? "127.0.0.1" : settings.address, error);
    if (error || settings.port < 0 || settings.port > 65'535) {
        return fail(ErrorCode::invalid, "listen address",
                    "{} port {}; wanted an IP address like 127.0.0.1 or 0.0.0.0 and a port to 65535", settings.address,
                    settings.port);
    }
    return net::ip::tcp::endpoint(address, static_cast<std::uint16_t>(settings.port));
}

Result<> listen(Acceptor& acceptor, const net::ip::tcp::endpoint& endpoint) {
    try {
        acceptor.open(endpoint.protocol());
        acceptor.set_option(Acceptor::reuse_address(true));
        acceptor.bind(endpoint);
        acceptor.listen(Acceptor::max_listen_connections);
    } catch (const boost::system::system_error& refused) {
        return fail(ErrorCode::unavailable, "listen address", "{}:{}: {}", endpoint.address().to_string(),
                    endpoint.port(), refused.code().message());
    }
    return {};
}

Result<std::unique_ptr<net::ssl::context>> load_tls(const ServerSettings& settings) {
    if (settings.tls_certificate.empty() && settings.tls_key.empty()) {
        return nullptr;
    }
    auto tls = std::make_unique<net::ssl::context>(net::ssl::context::tls_server);
    try {
        tls->set_options(net::ssl::context::default_workarounds | net::ssl::context::no_sslv2 |
                         net::ssl::context::no_sslv3 | net::ssl::context::no_tlsv1 | net::ssl::context::no_tlsv1_1);
        tls->use_certificate_chain_file(settings.tls_certificate);
        tls->use_private_key_file(settings.tls_key, net::ssl::context::pem);
    } catch (const boost::system::system_error& refused) {
        return fail(ErrorCode::invalid, "TLS", "certificate `{}`, key `{}`: {}; both are wanted, as PEM files",
                    settings.tls_certificate, settings.tls_key, refused.code().message());
    }
    return tls;
}

std::size_t at_least_one(int count) {
    return static_cast<std::size_t>(std::max(1, count));
}

}  // namespace

struct Server::Impl {
    Impl(const ServerSettings& settings, const Services& services)
        : context{.settings = settings, .services = services, .routes = all_routes()},
          workers(at_least_one(settings.workers)),
          count(services.metrics.gauge("nuanshu_http_connections", "Open connections")) {
        context.openapi = openapi_document(services.records.types(), settings.version);
        context.started_ms = services.clock.now_ms();
        context.live = std::make_shared<LiveHub>();
        context.passwords = std::make_unique<PasswordSessions>(services.identity);
        for (std::size_t i = 0; i < at_least_one(settings.threads); ++i) {
            shards.push_back(std::make_unique<Shard>(context, workers, count));
        }
        acceptor = std::make_unique<Acceptor>(shards.front()->io());
        rate_timer = std::make_unique<net::steady_timer>(shards.front()->io());
    }

    void begin() {
        net::co_spawn(shards.front()->io(), accept_connections(), net::detached);
        net::co_spawn(shards.front()->io(), measure_rate(), net::detached);
        for (const auto& shard : shards) {
            shard->run();
        }
    }

    net::awaitable<void> accept_connections() {
        for (std::size_t next = 0; acceptor->is_open(); ++next) {
            auto& shard = *shards[next % shards.size()];
            auto [error, socket] = co_await acceptor->async_accept(shard.io(), quietly);
            if (!error) {
                hand_over(shard, std::move(socket));
            } else if (acceptor->is_open()) {
                log_warn("http", "accepting a connection: {}", error.message());
                co_await pause();
            }
        }
    }

    /// After a failure to accept, which is mostly a want of file descriptors.
    net::awaitable<void> pause() {
        net::steady_timer timer(shards.front()->io(), std::chrono::milliseconds(100));
        co_await timer.async_wait(quietly);
    }

    void hand_over(Shard& shard, net::ip::tcp::socket socket) {
        const bool has_room = count.enter() <= context.settings.connections_max;
        net::post(shard.io(), [this, &shard, has_room, taken = std::move(socket)]() mutable {
            boost::system::error_code ignored;
            taken.set_option(net::ip::tcp::no_delay(true), ignored);
            if (tls) {
                serve_tls(shard, std::move(taken), *tls, has_room);
            } else {
                serve_plain(shard, std::move(taken), has_room);
            }
        });
    }

    net::awaitable<void> measure_rate() {
        while (acceptor->is_open()) {
            context.stored_rate.note(context.services.clock.steady_ns(), context.services.pipeline.stored_samples());
            rate_timer->expires_after(std::chrono::seconds(1));
            co_await rate_timer->async_wait(quietly);
        }
    }

    void stop() {
        if (stopped.exchange(true)) {
            return;
        }
        net::post(shards.front()->io(), [this] {
            boost::system::error_code ignored;
            acceptor->close(ignored);
            rate_timer->cancel();
        });
        for (const auto& shard : shards) {
            shard->begin_stop();
        }
        if (!count.wait_for_none(stop_patience)) {
            log_warn("http", "stopping although some connections have not ended");
        }
        workers.join();
        for (const auto& shard : shards) {
            shard->end();
        }
    }

    Context context;
    Workers workers;
    ConnectionCount count;
    std::unique_ptr<net::ssl::context> tls;
    std::vector<std::unique_ptr<Shard>> shards;
    std::unique_ptr<Acceptor> acceptor;
    std::unique_ptr<net::steady_timer> rate_timer;
    std::atomic<bool> stopped{false};
};

Result<std::unique_ptr<Server>> Server::start(const ServerSettings& settings, const Services& services) {
    NUANSHU_TRY(const auto endpoint, read_endpoint(settings));
    NUANSHU_TRY(auto tls, load_tls(settings));
    NUANSHU_TRY(auto drivers, drivers_json(services.drivers));
    auto impl = std::make_unique<Impl>(settings, services);
    impl->tls = std::move(tls);
    impl->context.drivers_json = std::move(drivers);
    NUANSHU_TRY_VOID(listen(*impl->acceptor, endpoint));
    impl->begin();
    log_info("http", "listening on {}://{}:{}", impl->tls ? "https" : "http", settings.address,
             impl->acceptor->local_endpoint().port());
    return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() {
    stop();
}

int Server::port() const {
    return impl_->acceptor->local_endpoint().port();
}
void Server::stop() {
    impl_->stop();
}

}  // namespace nuanshu::http

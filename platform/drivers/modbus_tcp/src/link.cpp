#include "platform/drivers/modbus_tcp/src/link.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "platform/drivers/modbus_tcp/src/connection.h"

namespace nuanshu::modbus_tcp {

namespace {

constexpr std::chrono::milliseconds delivery_retry{drivers::Delivery::retry_ms};

/// Holds one of a link's places for questions under way.
class Slot {
 public:
    Slot(std::size_t& used, std::function<void()> on_free) : used_(used), on_free_(std::move(on_free)) { ++used_; }
    ~Slot() {
        --used_;
        on_free_();
    }
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

 private:
    std::size_t& used_;
    std::function<void()> on_free_;
};

double ms_since(Time start) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

/// A unit and the device that owns it.
struct Member {
    std::shared_ptr<Device> device;
    Unit* unit;
};

struct Link::Impl : std::enable_shared_from_this<Impl> {
    Impl(net::io_context& io_context, std::string link_host, std::uint16_t link_port, drivers::Delivery& link_delivery)
        : context(io_context),
          host(std::move(link_host)),
          port(link_port),
          delivery(link_delivery),
          timer(io_context),
          resolver(io_context) {}

    static net::awaitable<void> run(std::shared_ptr<Impl> self);
    static net::awaitable<void> rest(std::shared_ptr<Impl> self, Time until);
    static net::awaitable<Result<std::shared_ptr<Connection>>> connect(std::shared_ptr<Impl> self);
    static net::awaitable<Result<std::vector<tcp::endpoint>>> resolve(std::shared_ptr<Impl> self);
    static net::awaitable<void> converse(std::shared_ptr<Impl> self);
    static net::awaitable<void> serve_poll(std::shared_ptr<Impl> self, std::shared_ptr<Connection> connection,
                                           Member member, std::shared_ptr<PolledBlock> block);
    static net::awaitable<void> serve_write(std::shared_ptr<Impl> self, std::shared_ptr<Connection> connection,
                                            Member member, Write write);

    void gather_members();
    void close();
    void wake();
    void link_up(std::shared_ptr<Connection> opened);
    void link_down(const Error& why, bool unreachable);
    void dispatch();
    bool start_write();
    bool start_poll(Time now);
    bool start_poll_of(std::size_t member, Time now);
    Time next_wake(Time now) const;
    std::size_t in_flight_max() const;
    std::chrono::milliseconds connect_timeout() const;
    std::chrono::milliseconds pause();

    net::io_context& context;
    const std::string host;
    const std::uint16_t port;
    drivers::Delivery& delivery;
    net::steady_timer timer;  ///< what run() waits on
    tcp::resolver resolver;
    std::shared_ptr<tcp::socket> connecting;
    std::shared_ptr<Connection> connection;  ///< null while there is none
    std::vector<std::shared_ptr<Device>> devices;
    std::vector<Member> members;
    std::size_t turn = 0;  ///< the member whose turn is next
    std::size_t in_flight = 0;
    unsigned failures = 0;  ///< of the connection, in a row
    std::optional<BackOff> back_off;
    bool was_connected = false;
    bool woken = false;
    bool closed = false;
};

net::awaitable<void> Link::Impl::run(std::shared_ptr<Impl> self) {
    while (!self->closed) {
        auto opened = co_await connect(self);
        if (self->closed) {
            co_return;
        }
        if (opened) {
            self->link_up(std::move(*opened));
            co_await converse(self);
        } else {
            self->link_down(opened.error(), true);
        }
        co_await rest(self, std::chrono::steady_clock::now() + self->pause());
    }
}

/// Waits before the next try; a new device ends it.
net::awaitable<void> Link::Impl::rest(std::shared_ptr<Impl> self, Time until) {
    self->woken = false;
    while (!self->closed && !self->woken && std::chrono::steady_clock::now() < until) {
        const bool blocked = self->delivery.blocked() && !self->delivery.retry();
        const auto retry_at = std::chrono::steady_clock::now() + delivery_retry;
        self->timer.expires_at(blocked ? std::min(until, retry_at) : until);
        co_await self->timer.async_wait(as_result);
    }
}

net::awaitable<Result<std::shared_ptr<Connection>>> Link::Impl::connect(std::shared_ptr<Impl> self) {
    auto endpoints = co_await resolve(self);
    if (!endpoints) {
        co_return tl::unexpected<Error>(std::move(endpoints.error()));
    }
    Error last = {ErrorCode::unavailable, "", "it has no address"};
    for (const auto& endpoint : *endpoints) {
        if (self->closed) {
            break;
        }
        const auto socket = std::make_shared<tcp::socket>(self->context);
        self->connecting = socket;
        net::steady_timer deadline(self->context, self->connect_timeout());
        deadline.async_wait([socket](const boost::system::error_code& cancelled) {
            if (!cancelled) {
                boost::system::error_code ignored;
                socket->close(ignored);
            }
        });
        const auto [error] = co_await socket->async_connect(endpoint, as_result);
        deadline.cancel();
        self->connecting.reset();
        if (!error && socket->is_open()) {
            boost::system::error_code ignored;
            socket->set_option(tcp::no_delay(true), ignored);
            socket->non_blocking(true, ignored);
            co_return std::make_shared<Connection>(std::move(*socket), [weak = self->weak_from_this()] {
                if (const auto link = weak.lock()) {
                    link->wake();
                }
            });
        }
        last.what = error == net::error::operation_aborted
                        ? fmt::format("no connection in {} ms", self->connect_timeout().count())
                        : fmt::format("cannot connect: {}", error.message());
    }
    co_return tl::unexpected<Error>(std::move(last));
}

net::awaitable<Result<std::vector<tcp::endpoint>>> Link::Impl::resolve(std::shared_ptr<Impl> self) {
    boost::system::error_code no_number;
    const auto address = net::ip::make_address(self->host, no_number);
    if (!no_number) {
        co_return std::vector<tcp::endpoint>(1, tcp::endpoint(address, self->port));
    }
    const auto [error, found] =
        co_await self->resolver.async_resolve(self->host, std::to_string(self->port), as_result);
    if (error) {
        co_return fail(ErrorCode::unavailable, "", "no address for this name: {}", error.message());
    }
    std::vector<tcp::endpoint> endpoints;
    for (const auto& entry : found) {
        endpoints.push_back(entry.endpoint());
    }
    co_return endpoints;
}

net::awaitable<void> Link::Impl::converse(std::shared_ptr<Impl> self) {
    while (!self->closed && !self->connection->broken()) {
        self->woken = false;
        if (self->delivery.blocked()) {
            self->delivery.retry();
        }
        self->dispatch();
        if (!self->woken) {
            self->timer.expires_at(self->next_wake(std::chrono::steady_clock::now()));
            co_await self->timer.async_wait(as_result);
        }
    }
    if (const auto broken = std::exchange(self->connection, nullptr); !self->closed) {
        self->link_down(*broken->broken(), false);
    }
}

net::awaitable<void> Link::Impl::serve_poll(std::shared_ptr<Impl> self, std::shared_ptr<Connection> connection,
                                            Member member, std::shared_ptr<PolledBlock> block) {
    const Slot slot(self->in_flight, [self] { self->wake(); });
    const auto asked = std::chrono::steady_clock::now();
    member.device->request_sent();
    auto request = read_request(block->block, member.unit->id);
    auto answer =
        co_await Connection::ask(std::move(connection), std::move(request), member.device->settings().timeout);
    self->failures = answer ? 0 : self->failures;
    member.device->poll_ended(*member.unit, *block, std::move(answer), ms_since(asked),
                              std::chrono::steady_clock::now());
}

net::awaitable<void> Link::Impl::serve_write(std::shared_ptr<Impl> self, std::shared_ptr<Connection> connection,
                                             Member member, Write write) {
    const Slot slot(self->in_flight, [self] { self->wake(); });
    const auto timeout = member.device->settings().timeout;
    auto asked = std::chrono::steady_clock::now();
    member.device->request_sent();
    auto answer = co_await Connection::ask(connection, write.request, timeout);
    if (answer && answer->exception == exception::illegal_function && write.otherwise) {
        asked = std::chrono::steady_clock::now();
        member.device->request_sent();
        answer = co_await Connection::ask(connection, *write.otherwise, timeout);
    }
    member.unit->writing = false;
    member.device->write_ended(write, answer, ms_since(asked));
}

void Link::Impl::gather_members() {
    members.clear();
    for (const auto& device : devices) {
        for (const auto& unit : device->units()) {
            members.push_back({device, unit.get()});
        }
    }
    turn = 0;
    if (!devices.empty()) {
        const auto& settings = devices.front()->settings();
        back_off.emplace(settings.retry_min, settings.retry_max, std::hash<std::string>()(host) + port);
    }
}

void Link::Impl::close() {
    closed = true;
    resolver.cancel();
    if (connecting) {
        boost::system::error_code ignored;
        connecting->close(ignored);
    }
    if (connection) {
        connection->break_off({ErrorCode::cancelled, "", "the connection is not needed any more"});
    }
    timer.cancel();
}

void Link::Impl::wake() {
    if (connection) {
        woken = true;
        timer.cancel();
    }
}

void Link::Impl::link_up(std::shared_ptr<Connection> opened) {
    connection = std::move(opened);
    connection->start();
    for (const auto& device : devices) {
        device->connected(was_connected);
    }
    was_connected = true;
}

void Link::Impl::link_down(const Error& why, bool unreachable) {
    ++failures;
    const std::string what = fmt::format("{}:{}: {}", host, port, why.message());
    for (const auto& device : devices) {
        device->link_down(what, unreachable);
    }
}

void Link::Impl::dispatch() {
    const auto now = std::chrono::steady_clock::now();
    while (in_flight < in_flight_max() && (start_write() || (!delivery.blocked() && start_poll(now)))) {
    }
}

bool Link::Impl::start_write() {
    for (const auto& member : members) {
        auto& writes = member.unit->writes;
        if (!writes.empty() && !member.unit->writing) {
            member.unit->writing = true;
            Write write = std::move(writes.front());
            writes.pop_front();
            net::co_spawn(context, serve_write(shared_from_this(), connection, member, std::move(write)), log_failure);
            return true;
        }
    }
    return false;
}

bool Link::Impl::start_poll(Time now) {
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (members[i].unit->poller.has_soon()) {
            return start_poll_of(i, now);
        }
    }
    for (std::size_t i = 0; i < members.size(); ++i) {
        const std::size_t member = (turn + i) % members.size();
        if (start_poll_of(member, now)) {
            turn = member + 1;
            return true;
        }
    }
    return false;
}

bool Link::Impl::start_poll_of(std::size_t member, Time now) {
    auto block = members[member].unit->poller.take(now);
    if (block == nullptr) {
        return false;
    }
    net::co_spawn(context, serve_poll(shared_from_this(), connection, members[member], std::move(block)), log_failure);
    return true;
}

Time Link::Impl::next_wake(Time now) const {
    if (delivery.blocked()) {
        return now + delivery_retry;
    }
    Time next = Time::max();
    if (in_flight < in_flight_max()) {
        for (const auto& member : members) {
            next = std::min(next, member.unit->poller.next_due());
        }
    }
    return std::max(next, now);
}

std::size_t Link::Impl::in_flight_max() const {
    std::size_t max = devices.empty() ? 0 : devices.front()->settings().in_flight_max;
    for (const auto& device : devices) {
        max = std::min(max, device->settings().in_flight_max);
    }
    return max;
}

std::chrono::milliseconds Link::Impl::connect_timeout() const {
    std::chrono::milliseconds longest{0};
    for (const auto& device : devices) {
        longest = std::max(longest, device->settings().connect_timeout);
    }
    return longest;
}

std::chrono::milliseconds Link::Impl::pause() {
    return back_off->wait(std::max(failures, 1U));
}

Link::Link(net::io_context& context, std::string host, std::uint16_t port, drivers::Delivery& delivery)
    : impl_(std::make_shared<Impl>(context, std::move(host), port, delivery)) {}

Link::~Link() {
    impl_->close();
}

void Link::add(std::shared_ptr<Device> device) {
    const bool first = !impl_->back_off;
    impl_->devices.push_back(device);
    impl_->gather_members();
    if (first) {
        net::co_spawn(impl_->context, Impl::run(impl_), log_failure);
    } else if (impl_->connection) {
        device->connected(false);
    }
    impl_->woken = true;
    impl_->timer.cancel();
}

void Link::remove(const Device& device) {
    std::erase_if(impl_->devices, [&](const auto& other) { return other.get() == &device; });
    impl_->gather_members();
}

bool Link::empty() const {
    return impl_->devices.empty();
}

void Link::wake() {
    impl_->wake();
}

}  // namespace nuanshu::modbus_tcp

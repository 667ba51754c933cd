#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <modbus/modbus.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/// Real devices on 127.0.0.1 for tests and benchmarks: one that libmodbus serves, and one that answers whatever bytes
/// it is told to.
namespace nuanshu::modbus_tcp {

/// A file descriptor that is closed with its owner.
class Descriptor {
 public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() { ::close(fd_); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }

 private:
    int fd_;
};

/// A listening socket on 127.0.0.1; port 0 takes a free one.
inline int listen_on(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(fd, 16) != 0) {
        ::close(fd);
        return -1;
    }
    return fd;
}

inline std::uint16_t port_of(int fd) {
    sockaddr_in address{};
    socklen_t length = sizeof address;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
    return ntohs(address.sin_port);
}

/// Accepts connections in a thread and gives each readable one to serve(); ends with stop().
class TcpServer {
 public:
    explicit TcpServer(std::uint16_t port)
        : listener_(listen_on(port)), port_(port_of(listener_.get())), wake_(::eventfd(0, 0)) {}
    virtual ~TcpServer() = default;

    std::uint16_t port() const { return port_; }
    int accepted() const { return accepted_; }

 protected:
    /// Whether the connection stays.
    virtual bool serve(int client) = 0;

    void start() {
        thread_ = std::thread([this] { run(); });
    }

    /// Closes everything; the last derived class calls it in its destructor.
    void stop() {
        ::eventfd_write(wake_.get(), 1);
        thread_.join();
    }

 private:
    void run() {
        std::set<int> clients;
        for (;;) {
            std::vector<pollfd> waits = {{wake_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
            for (const int client : clients) {
                waits.push_back({client, POLLIN, 0});
            }
            ::poll(waits.data(), waits.size(), -1);
            if (waits[0].revents != 0) {
                break;
            }
            if (waits[1].revents != 0) {
                clients.insert(::accept(listener_.get(), nullptr, nullptr));
                ++accepted_;
            }
            for (std::size_t i = 2; i < waits.size(); ++i) {
                if (waits[i].revents != 0 && !serve(waits[i].fd)) {
                    ::close(waits[i].fd);
                    clients.erase(waits[i].fd);
                }
            }
        }
        for (const int client : clients) {
            ::close(client);
        }
    }

    Descriptor listener_;
    std::uint16_t port_;
    Descriptor wake_;
    std::atomic<int> accepted_{0};
    std::thread thread_;
};

struct MappingDeleter {
    void operator()(modbus_mapping_t* mapping) const { modbus_mapping_free(mapping); }
};
struct ContextDeleter {
    void operator()(modbus_t* context) const { modbus_free(context); }
};

/// A gateway of libmodbus units, each with its own bits and registers. All members are thread-safe.
class ModbusServer final : public TcpServer {
 public:
    /// Each unit has bits and registers 0 … items-1; what lies beyond is refused with exception 2.
    explicit ModbusServer(const std::vector<int>& units = {1}, int items = 1'000, std::uint16_t port = 0)
        : TcpServer(port), context_(modbus_new_tcp("127.0.0.1", 0)) {
        for (const int unit : units) {
            mappings_[unit].reset(modbus_mapping_new(items, items, items, items));
        }
        start();
    }
    ~ModbusServer() override { stop(); }

    /// Looks at or changes a unit's items while no request is served.
    void with(int unit, const std::function<void(modbus_mapping_t&)>& change) {
        const std::scoped_lock lock(mutex_);
        change(*mappings_.at(unit));
    }

    /// A silent unit takes requests and answers nothing.
    void set_silent(int unit, bool silent) {
        const std::scoped_lock lock(mutex_);
        silent ? (void)silent_.insert(unit) : (void)silent_.erase(unit);
    }

    /// This function is refused with exception 1.
    void refuse_function(int function) {
        const std::scoped_lock lock(mutex_);
        refused_functions_.insert(function);
    }
    /// This register, of any table, is refused with the exception.
    void refuse_register(int number, int exception) {
        const std::scoped_lock lock(mutex_);
        refused_registers_[number] = exception;
    }
    void repair() {
        const std::scoped_lock lock(mutex_);
        refused_registers_.clear();
    }

    /// How many requests with this function the unit has got.
    int requests(int unit, int function) const {
        const std::scoped_lock lock(mutex_);
        const auto found = requests_.find({unit, function});
        return found == requests_.end() ? 0 : found->second;
    }

 private:
    bool serve(int client) override {
        std::uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
        modbus_set_socket(context_.get(), client);
        const int size = modbus_receive(context_.get(), query);
        if (size <= 0) {
            return size == 0;
        }
        const std::scoped_lock lock(mutex_);
        const int unit = query[6];
        ++requests_[{unit, query[7]}];
        if (silent_.contains(unit)) {
            return true;
        }
        if (const int exception = exception_for(unit, query); exception != 0) {
            modbus_reply_exception(context_.get(), query, static_cast<unsigned>(exception));
        } else {
            modbus_reply(context_.get(), query, size, mappings_.at(unit).get());
        }
        return true;
    }

    int exception_for(int unit, const std::uint8_t* query) const {
        if (!mappings_.contains(unit)) {
            return MODBUS_EXCEPTION_GATEWAY_TARGET;
        }
        if (refused_functions_.contains(query[7])) {
            return MODBUS_EXCEPTION_ILLEGAL_FUNCTION;
        }
        const int first = query[8] << 8 | query[9];
        const int count = query[7] <= 4 ? query[10] << 8 | query[11] : 1;
        const auto refused = refused_registers_.lower_bound(first);
        return refused != refused_registers_.end() && refused->first < first + count ? refused->second : 0;
    }

    std::unique_ptr<modbus_t, ContextDeleter> context_;
    mutable std::mutex mutex_;
    std::map<int, std::unique_ptr<modbus_mapping_t, MappingDeleter>> mappings_;
    std::set<int> silent_;
    std::set<int> refused_functions_;
    std::map<int, int> refused_registers_;
    std::map<std::pair<int, int>, int> requests_;
};

/// Answers each read request with the bytes that `answer` makes of it; nothing, and the connection is closed.
class RawServer final : public TcpServer {
 public:
    using Bytes = std::vector<std::uint8_t>;
    explicit RawServer(std::function<Bytes(const Bytes& request)> answer) : TcpServer(0), answer_(std::move(answer)) {
        start();
    }
    ~RawServer() override { stop(); }

 private:
    static constexpr std::size_t read_request_size = 12;

    bool serve(int client) override {
        Bytes request(read_request_size);
        if (::recv(client, request.data(), request.size(), MSG_WAITALL) != static_cast<ssize_t>(request.size())) {
            return false;
        }
        const Bytes reply = answer_(request);
        return !reply.empty() &&
               ::send(client, reply.data(), reply.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(reply.size());
    }

    std::function<Bytes(const Bytes&)> answer_;
};

}  // namespace nuanshu::modbus_tcp

#include "sim/src/sockets.h"

#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace nuanshu::sim {

namespace {

Result<sockaddr_in> address_of(const std::string& host, int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (port < 0 || port > 65'535 || inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) {
        return fail(ErrorCode::invalid, fmt::format("{}:{}", host, port), "no IPv4 address and port");
    }
    return address;
}

int bound_port(int fd) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

}  // namespace

void Descriptor::reset() {
    if (fd_ >= 0) {
        close(std::exchange(fd_, -1));
    }
}

Result<Listener> open_listener(const std::string& host, int port) {
    NUANSHU_TRY(const auto address, address_of(host, port));
    Descriptor socket_fd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    setsockopt(socket_fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(socket_fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(socket_fd.get(), 64) != 0) {
        return fail(ErrorCode::unavailable, fmt::format("{}:{}", host, port), "cannot listen: {}",
                    std::strerror(errno));
    }
    const int actual = bound_port(socket_fd.get());
    return Listener{std::move(socket_fd), actual};
}

Result<Listener> open_listener_from(const std::string& host, int port) {
    constexpr int further = 2'000;
    auto opened = open_listener(host, port);
    for (int next = port + 1; !opened && opened.error().code == ErrorCode::unavailable && port > 0 &&
                              next <= port + further && next <= 65'535;
         ++next) {
        opened = open_listener(host, next);
    }
    return opened;
}

Descriptor accept_connection(int listener) {
    Descriptor connection(accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (connection) {
        const int on = 1;
        setsockopt(connection.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    return connection;
}

}  // namespace nuanshu::sim

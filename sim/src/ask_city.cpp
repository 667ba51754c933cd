#include <array>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "sim/run.h"
#include "sim/src/sockets.h"

namespace nuanshu::sim {

namespace {

Result<Descriptor> connect_to(int port) {
    Descriptor connection(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval patience{2, 0};
    setsockopt(connection.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return fail(ErrorCode::unavailable, fmt::format("127.0.0.1:{}", port), "no city listens here: {}",
                    std::strerror(errno));
    }
    return connection;
}

Result<std::string> receive_line(int fd) {
    std::string text;
    std::array<char, 4'096> bytes{};
    while (!text.ends_with('\n')) {
        const auto got = recv(fd, bytes.data(), bytes.size(), 0);
        if (got < 0) {
            return fail(ErrorCode::timeout, "city", "no answer within 2 s");
        }
        if (got == 0) {
            return fail(ErrorCode::unavailable, "city", "the connection was closed");
        }
        text.append(bytes.data(), static_cast<std::size_t>(got));
    }
    text.pop_back();
    return text;
}

}  // namespace

Result<std::string> ask_city(int control_port, const std::string& line) {
    NUANSHU_TRY(const auto connection, connect_to(control_port));
    const std::string request = line + "\n";
    if (send(connection.get(), request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
        return fail(ErrorCode::unavailable, "city", "{}", std::strerror(errno));
    }
    NUANSHU_TRY(const auto answer, receive_line(connection.get()));
    if (!answer.starts_with("ok")) {
        return fail(ErrorCode::invalid, "", "{}", answer.starts_with("error ") ? answer.substr(6) : answer);
    }
    return answer.size() > 3 ? answer.substr(3) : std::string();
}

}  // namespace nuanshu::sim

#include "sim/src/line_server.h"

#include <array>
#include <cerrno>

#include <sys/socket.h>

namespace nuanshu::sim {

Result<int> LineServer::listen(int port) {
    NUANSHU_TRY(listener_, open_listener_from("127.0.0.1", port));
    return listener_.port;
}

void LineServer::collect(std::vector<pollfd>& wanted) {
    wanted.push_back({listener_.socket.get(), POLLIN, 0});
    for (const auto& connection : connections_) {
        wanted.push_back({connection.socket.get(), POLLIN, 0});
    }
}

void LineServer::serve(std::span<const pollfd> happened) {
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        if (happened[i + 1].revents != 0 && !receive(connections_[i])) {
            connections_[i].socket.reset();
        }
    }
    std::erase_if(connections_, [](const Connection& connection) { return !connection.socket; });
    if (happened[0].revents == 0) {
        return;
    }
    while (Descriptor socket = accept_connection(listener_.socket.get())) {
        if (connections_.size() < connections_max) {
            connections_.push_back({std::move(socket), ""});
        }
    }
}

bool LineServer::receive(Connection& connection) {
    std::array<char, line_max> bytes{};
    const auto got = recv(connection.socket.get(), bytes.data(), bytes.size(), 0);
    if (got <= 0) {
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    }
    connection.text.append(bytes.data(), static_cast<std::size_t>(got));
    return answer_lines(connection) && connection.text.size() <= line_max;
}

bool LineServer::answer_lines(Connection& connection) {
    for (auto end = connection.text.find('\n'); end != std::string::npos; end = connection.text.find('\n')) {
        std::string line = connection.text.substr(0, end);
        connection.text.erase(0, end + 1);
        if (line.ends_with('\r')) {
            line.pop_back();
        }
        const std::string answer = handler_(line) + "\n";
        const auto sent = send(connection.socket.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
        if (sent != static_cast<ssize_t>(answer.size())) {
            return false;
        }
    }
    return true;
}

}  // namespace nuanshu::sim

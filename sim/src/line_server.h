#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/src/sockets.h"

namespace nuanshu::sim {

/// A TCP server of text lines: one in, one out. Lines over 1 024 bytes end the connection; so does a client that does
/// not read.
class LineServer final : public Face {
 public:
    using Handler = std::function<std::string(std::string_view line)>;

    explicit LineServer(Handler handler) : handler_(std::move(handler)) {}

    /// Errors: unavailable.
    Result<int> listen(int port);

    void collect(std::vector<pollfd>& wanted) override;
    void serve(std::span<const pollfd> happened) override;
    void tick(std::int64_t) override {}

 private:
    static constexpr std::size_t line_max = 1'024;
    static constexpr std::size_t connections_max = 16;

    struct Connection {
        Descriptor socket;
        std::string text;
    };

    bool receive(Connection& connection);
    bool answer_lines(Connection& connection);

    Handler handler_;
    Listener listener_;
    std::vector<Connection> connections_;
};

}  // namespace nuanshu::sim

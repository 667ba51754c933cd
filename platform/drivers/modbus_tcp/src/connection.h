#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/result.h"
#include "platform/drivers/modbus_tcp/src/frame.h"

namespace nuanshu::modbus_tcp {

namespace net = boost::asio;
using net::ip::tcp;

/// Makes a wait give its error code as a value.
constexpr auto as_result = net::as_tuple(net::use_awaitable);

/// How a spawned coroutine ends: an exception is a fault of ours, and is logged.
void log_failure(const std::exception_ptr& failure);

/// An open connection: questions out, answers in, matched by transaction. Once broken it stays so.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
    Connection(tcp::socket socket, std::function<void()> on_broken);

    /// Starts reading; keeps itself alive until broken.
    void start();

    /// Errors: timeout (an answer that comes later is dropped), unavailable (the connection broke), corrupt (it broke
    /// because of what came).
    static net::awaitable<Result<Reply>> ask(std::shared_ptr<Connection> self, Request request,
                                             std::chrono::milliseconds timeout);

    void break_off(Error why);
    const std::optional<Error>& broken() const { return broken_; }

 private:
    struct Open;

    static net::awaitable<void> read_answers(std::shared_ptr<Connection> self);
    void take_answers(std::vector<std::uint8_t>& stream);
    void take_answer(const Frame& frame);
    void send(const std::vector<std::uint8_t>& frame);
    std::uint16_t new_transaction();
    Error silence(std::chrono::milliseconds timeout, std::uint64_t dropped_before);

    tcp::socket socket_;
    std::function<void()> on_broken_;
    std::map<std::uint16_t, Open*> open_;
    std::uint16_t last_transaction_ = 0;
    std::uint64_t dropped_ = 0;     ///< answers to no open question
    unsigned silent_in_a_row_ = 0;  ///< questions without an answer since anything last came
    std::optional<Error> broken_;
};

}  // namespace nuanshu::modbus_tcp

#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "platform/http/src/message.h"

namespace nuanshu::http {

namespace net = boost::asio;
namespace beast = boost::beast;

using WireRequest = beast::http::request<beast::http::string_body>;
using WireHead = beast::http::response<beast::http::empty_body>;

/// A received request as the handlers see it; the body is moved out of `message`.
Request to_request(WireRequest& message, std::string remote, bool tls);

/// The head of the answer, with the headers that every answer has: no sniffing, no referrer, no foreign scripts or
/// frames.
WireHead to_head(const Response& response, unsigned version, bool keep_alive, std::int64_t now_ms);

/// Runs `work` on a worker thread and comes back. `work` does not throw.
net::awaitable<void> run_on(net::thread_pool& workers, std::function<void()> work);

}  // namespace nuanshu::http

#include "platform/http/src/wire.h"

#include <array>
#include <ctime>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace nuanshu::http {
namespace {

using Field = beast::http::field;

std::string header(const WireRequest& message, Field field) {
    return std::string(message[field]);
}

/// Posts the work to the pool; when it is done, the coroutine goes on where it was.
struct StartWork {
    template <class Handler>
    void operator()(Handler handler, net::thread_pool& workers, std::function<void()> work) const {
        auto executor = net::get_associated_executor(handler);
        net::post(workers, [handler = std::move(handler), work = std::move(work), executor]() mutable {
            work();
            net::post(executor, std::move(handler));
        });
    }
};

/// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string http_date(std::int64_t time_ms) {
    static constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t seconds = time_ms / 1000;
    std::tm t{};
    gmtime_r(&seconds, &t);
    return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", days[static_cast<std::size_t>(t.tm_wday)], t.tm_mday,
                       months[static_cast<std::size_t>(t.tm_mon)], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

constexpr std::string_view content_security_policy =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; worker-src 'self' blob:; "
    "connect-src 'self'; "
    "object-src 'none'; base-uri 'self'; frame-ancestors 'none'";

void set_guards(WireHead& head) {
    head.set("Content-Security-Policy", content_security_policy);
    head.set("X-Content-Type-Options", "nosniff");
    head.set("Referrer-Policy", "no-referrer");
    head.set("Cross-Origin-Opener-Policy", "same-origin");
}

}  // namespace

Request to_request(WireRequest& message, std::string remote, bool tls) {
    const std::string_view target = message.target();
    const auto question = target.find('?');
    Request request;
    request.method = std::string(message.method_string());
    request.path = std::string(target.substr(0, question));
    request.query = question == std::string_view::npos ? std::string() : std::string(target.substr(question + 1));
    request.body = std::move(message.body());
    request.host = header(message, Field::host);
    request.origin = header(message, Field::origin);
    request.authorization = header(message, Field::authorization);
    request.cookie = header(message, Field::cookie);
    request.content_type = header(message, Field::content_type);
    request.content_encoding = header(message, Field::content_encoding);
    request.accept = header(message, Field::accept);
    request.accept_encoding = header(message, Field::accept_encoding);
    request.if_none_match = header(message, Field::if_none_match);
    request.own_request = std::string(message["X-Nuanshu-Request"]);
    request.remote = std::move(remote);
    request.tls = tls;
    return request;
}

WireHead to_head(const Response& response, unsigned version, bool keep_alive, std::int64_t now_ms) {
    WireHead head(static_cast<beast::http::status>(response.status), version);
    head.keep_alive(keep_alive);
    head.set(Field::date, http_date(now_ms));
    if (response.status != 204 && response.status != 304) {
        head.set(Field::content_type, response.content_type);
    }
    head.set(Field::cache_control, "no-store");
    set_guards(head);
    for (const auto& [name, value] : response.headers) {
        head.set(name, value);
    }
    return head;
}

net::awaitable<void> run_on(net::thread_pool& workers, std::function<void()> work) {
    co_await net::async_initiate<const net::use_awaitable_t<>, void()>(StartWork(), net::use_awaitable,
                                                                       std::ref(workers), std::move(work));
}

}  // namespace nuanshu::http

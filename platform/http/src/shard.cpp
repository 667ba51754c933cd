#include "platform/http/src/shard.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "base/log.h"

namespace nuanshu::http {

std::size_t ConnectionCount::enter() {
    const std::scoped_lock guard(lock_);
    ++count_;
    gauge_.set(static_cast<double>(count_));
    return count_;
}

void ConnectionCount::leave() {
    const std::scoped_lock guard(lock_);
    --count_;
    gauge_.set(static_cast<double>(count_));
    changed_.notify_all();
}

bool ConnectionCount::wait_for_none(std::chrono::milliseconds patience) {
    std::unique_lock guard(lock_);
    return changed_.wait_for(guard, patience, [this] { return count_ == 0; });
}

Shard::Shard(Context& context, Workers& workers, ConnectionCount& count)
    : context_(context), workers_(workers), count_(count) {}

Shard::~Shard() {
    end();
}

void Shard::run() {
    thread_ = std::thread([this] {
        const auto guard = net::make_work_guard(io_);
        while (!io_.stopped()) {
            try {
                io_.run();
            } catch (const std::exception& broken) {
                log_error("http", "a connection broke: {}", broken.what());
            }
        }
    });
}

void Shard::begin_stop() {
    net::post(io_, [this] {
        stopping_ = true;
        interrupt_all();
    });
}

void Shard::interrupt_all() {
    const auto interrupts = interrupts_;
    for (const auto& interrupt : interrupts) {
        interrupt();
    }
}

void Shard::end() {
    io_.stop();
    if (thread_.joinable()) {
        thread_.join();
    }
}

Shard::Entry::Entry(Shard& shard, std::function<void()> interrupt)
    : shard_(shard), at_(shard.interrupts_.insert(shard.interrupts_.end(), std::move(interrupt))) {}

Shard::Entry::~Entry() {
    shard_.interrupts_.erase(at_);
}

}  // namespace nuanshu::http

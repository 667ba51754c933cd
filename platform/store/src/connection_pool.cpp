#include "platform/store/src/connection_pool.h"

#include <chrono>

namespace nuanshu::store {
namespace {

constexpr auto patience = std::chrono::seconds(30);

}  // namespace

Result<ConnectionPool::Lease> ConnectionPool::take() {
    std::unique_lock lock(mutex_);
    if (!returned_.wait_for(lock, patience, [this] { return in_use_ < capacity_; })) {
        return fail(ErrorCode::unavailable, "database", "all {} connections have been busy for 30 s", capacity_);
    }
    ++in_use_;
    if (!idle_.empty()) {
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        return Lease(*this, std::move(connection));
    }
    lock.unlock();
    auto connection = connect_();
    if (!connection) {
        give_back(nullptr);
        return tl::unexpected<Error>(std::move(connection.error()));
    }
    return Lease(*this, std::move(*connection));
}

void ConnectionPool::give_back(std::unique_ptr<PooledConnection> connection) {
    {
        const std::lock_guard lock(mutex_);
        --in_use_;
        if (connection && !connection->lost()) {
            idle_.push_back(std::move(connection));
        }
    }
    returned_.notify_one();
}

void ConnectionPool::forget_idle() {
    std::vector<std::unique_ptr<PooledConnection>> forgotten;
    const std::lock_guard lock(mutex_);
    forgotten.swap(idle_);
}

}  // namespace nuanshu::store

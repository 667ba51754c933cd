#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "platform/store/src/pooled_connection.h"

namespace nuanshu::store {

/// At most `capacity` connections, made when first needed. Thread-safe.
class ConnectionPool {
 public:
    using Connect = std::function<Result<std::unique_ptr<PooledConnection>>()>;
    ConnectionPool(std::size_t capacity, Connect connect) : capacity_(capacity), connect_(std::move(connect)) {}

    /// One connection for one user; goes back to the pool at the end, or is thrown away when it is lost.
    class Lease {
     public:
        Lease(ConnectionPool& pool, std::unique_ptr<PooledConnection> connection)
            : pool_(&pool), connection_(std::move(connection)) {}
        Lease(Lease&&) noexcept = default;
        Lease& operator=(Lease&&) = delete;
        ~Lease() {
            if (connection_) {
                pool_->give_back(std::move(connection_));
            }
        }
        PooledConnection& operator*() const { return *connection_; }
        PooledConnection* operator->() const { return connection_.get(); }

     private:
        ConnectionPool* pool_;
        std::unique_ptr<PooledConnection> connection_;
    };

    /// Waits up to 30 s for a free one. Errors: unavailable.
    Result<Lease> take();

    /// Throws the idle ones away, after one of them was found dead.
    void forget_idle();

 private:
    void give_back(std::unique_ptr<PooledConnection> connection);

    std::size_t capacity_;
    Connect connect_;
    std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<std::unique_ptr<PooledConnection>> idle_;
    std::size_t in_use_ = 0;
};

}  // namespace nuanshu::store

#pragma once

#include <mutex>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace nuanshu::drivers::mqtt {

/// The way into the driver's thread for those who may come after the driver has gone: the telemetry threads that report
/// what is stored.
class ThreadDoor {
 public:
    explicit ThreadDoor(boost::asio::io_context& io) : io_(&io) {}

    /// False when the door is closed: `work` will not be done.
    template <class Work>
    bool post(Work work) {
        const std::scoped_lock lock(mutex_);
        if (io_ == nullptr) {
            return false;
        }
        boost::asio::post(*io_, std::move(work));
        return true;
    }

    void close() {
        const std::scoped_lock lock(mutex_);
        io_ = nullptr;
    }

 private:
    std::mutex mutex_;
    boost::asio::io_context* io_;
};

}  // namespace nuanshu::drivers::mqtt

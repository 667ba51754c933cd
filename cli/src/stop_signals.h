#pragma once

#include <functional>
#include <stop_token>
#include <thread>

namespace nuanshu::cli {

/// Turns SIGINT and SIGTERM into a stop request. Made before any other thread, so that all inherit the blocked signals.
class StopSignals {
 public:
    StopSignals();
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    std::stop_token token() const { return source_.get_token(); }
    /// Returns when a signal has come.
    void wait() const;

 private:
    std::stop_source source_;
    std::jthread waiter_;
};

}  // namespace nuanshu::cli

#include "cli/src/stop_signals.h"

#include <condition_variable>
#include <csignal>
#include <ctime>
#include <mutex>

namespace nuanshu::cli {
namespace {

sigset_t stop_set() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

}  // namespace

StopSignals::StopSignals() {
    const auto set = stop_set();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    waiter_ = std::jthread([this, set](const std::stop_token& done) {
        const timespec look_again{.tv_sec = 0, .tv_nsec = 100'000'000};
        while (!done.stop_requested()) {
            if (sigtimedwait(&set, nullptr, &look_again) > 0) {
                source_.request_stop();
            }
        }
    });
}

StopSignals::~StopSignals() = default;

void StopSignals::wait() const {
    std::mutex lock;
    std::condition_variable_any came;
    std::unique_lock guard(lock);
    came.wait(guard, source_.get_token(), [] { return false; });
}

}  // namespace nuanshu::cli

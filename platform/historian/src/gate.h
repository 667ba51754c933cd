#pragma once

#include <mutex>
#include <shared_mutex>

namespace nuanshu::historian {

/// Lets many through at once, or one alone. Who wants to be alone waits only for those already inside: it holds the
/// turn that all others need to enter.
class Gate {
 public:
    std::shared_lock<std::shared_mutex> enter() const {
        const std::lock_guard turn(turn_);
        return std::shared_lock(inside_);
    }
    std::unique_lock<std::shared_mutex> enter_alone() const {
        const std::lock_guard turn(turn_);
        return std::unique_lock(inside_);
    }

 private:
    mutable std::mutex turn_;
    mutable std::shared_mutex inside_;
};

}  // namespace nuanshu::historian

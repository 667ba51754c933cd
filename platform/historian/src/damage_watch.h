#pragma once

#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace nuanshu::historian {

/// Column families whose files could not be rewritten because a part of one is damaged. Thread-safe.
class DamageWatch {
 public:
    struct Damage {
        std::string family;
        std::string what;  ///< with the file and the place in it
    };

    void note(Damage damage) {
        const std::lock_guard lock(mutex_);
        new_.push_back(std::move(damage));
    }

    /// What was noted since the last call.
    std::vector<Damage> take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(new_, {});
    }

 private:
    std::mutex mutex_;
    std::vector<Damage> new_;
};

}  // namespace nuanshu::historian

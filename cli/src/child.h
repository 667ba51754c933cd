#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "base/result.h"

namespace nuanshu::cli {

/// A process of ours, for the benchmarks. Ended when this goes out of scope.
class Child {
 public:
    /// Starts `command[0]` (an absolute path) with the environment of this process and `extra` variables; output goes
    /// to `log_path`.
    static Result<Child> start(const std::vector<std::string>& command,
                               const std::vector<std::pair<std::string, std::string>>& extra,
                               const std::string& log_path);
    Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}
    Child& operator=(Child&& other) noexcept {
        std::swap(pid_, other.pid_);
        return *this;
    }
    ~Child();

    /// Waits for its own end; false when it has not ended in time.
    bool wait(std::chrono::milliseconds at_most);
    /// SIGTERM, then SIGKILL after 10 s.
    void stop();
    /// SIGKILL, as a power cut would.
    void kill_now();
    /// User and system time so far. Seconds.
    double cpu_s() const;
    /// The most memory it ever had resident. MiB.
    double peak_memory_mib() const;

 private:
    explicit Child(pid_t pid) : pid_(pid) {}
    pid_t pid_ = 0;
};

/// A loopback TCP port that nobody listens on now.
int free_port();

/// The path of the running program.
std::string own_path();

}  // namespace nuanshu::cli

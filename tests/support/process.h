#pragma once

#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/result.h"

namespace nuanshu::support {

/// A TCP port on 127.0.0.1 that nobody listens on now. Somebody else may still take it before you do; then try with
/// another.
int free_port();

/// A folder of its own under the system's temporary folder, removed with everything in it at the end.
class TemporaryDirectory {
 public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(TemporaryDirectory&& other) noexcept;
    TemporaryDirectory& operator=(TemporaryDirectory&& other) noexcept;

    const std::string& path() const { return path_; }

 private:
    std::string path_;  ///< "" once moved from
};

/// A child process that a test starts and stops. Its stdout and stderr are kept together, the newest 1 MiB.
/// The child also ends (SIGTERM) when the *thread* that started it ends: start it from the test's own thread.
/// The methods may be called from several threads, except stop(), kill_now() and wait_exit(), which belong to one.
class Process {
 public:
    /// `command` is the program (looked up in PATH) and its arguments. An open descriptor of ours is not inherited.
    /// Errors: not_found (the program or the folder), unavailable (no processes or pipes left).
    static Result<Process> start(std::vector<std::string> command, std::string working_directory = "");
    /// Stops it.
    ~Process();
    Process(Process&&) noexcept;
    Process& operator=(Process&&) noexcept;

    pid_t pid() const;
    bool running() const;
    /// True as soon as 127.0.0.1:port takes a connection; false when the time is over or the process has ended.
    bool wait_for_port(int port, int timeout_ms) const;
    /// True as soon as the output contains `text`; false when the time is over or the process has ended without it.
    bool wait_for_output(std::string_view text, int timeout_ms) const;
    /// The exit code, 128 + signal when a signal ended it, nothing while it still runs.
    std::optional<int> wait_exit(int timeout_ms);
    void send_signal(int signal) const;
    /// Asks with `signal`, and after 10 s without an end, SIGKILL. Returns when the process is gone.
    void stop(int signal = SIGTERM);
    /// SIGKILL: what a power cut looks like to the process.
    void kill_now();
    /// Everything written so far (the newest 1 MiB).
    std::string output() const;

 private:
    struct Impl;
    explicit Process(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// A mosquitto on 127.0.0.1:port that lets everybody in, with its own configuration file; returns when it takes
/// connections. `extra_lines` are added to the configuration. Errors: as Process::start, unavailable when it does not
/// come up in 10 s (with its output).
Result<Process> start_mosquitto(int port, const std::vector<std::string>& extra_lines = {});

}  // namespace nuanshu::support

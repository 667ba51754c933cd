#include "tests/support/process.h"

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/src/port.h"

namespace nuanshu::support {
namespace {

constexpr std::size_t output_bytes_max = 1 << 20;
constexpr int stop_patience_ms = 10'000;

class Descriptor {
 public:
    explicit Descriptor(int descriptor = -1) : descriptor_(descriptor) {}
    ~Descriptor() { reset(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const { return descriptor_; }
    void reset(int descriptor = -1) {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
        descriptor_ = descriptor;
    }

 private:
    int descriptor_;
};

struct Pipe {
    Descriptor read_end, write_end;

    bool open() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) {
            return false;
        }
        read_end.reset(ends[0]);
        write_end.reset(ends[1]);
        return true;
    }
};

/// Runs in the child between fork and exec: only calls that are safe there.
[[noreturn]] void become(char* const* arguments, const char* working_directory, int output, int failure, pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    const int null = ::open("/dev/null", O_RDONLY);
    ::dup2(null, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (::getppid() == parent && (*working_directory == '\0' || ::chdir(working_directory) == 0)) {
        ::execvp(arguments[0], arguments);
    }
    const int reason = errno;
    [[maybe_unused]] const auto written = ::write(failure, &reason, sizeof reason);
    ::_exit(127);
}

int remaining_ms(std::chrono::steady_clock::time_point deadline) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
}

}  // namespace

struct Process::Impl {
    pid_t pid = -1;
    Descriptor pidfd;
    Descriptor output_end;
    Descriptor reader_stop;  ///< an eventfd: a grandchild may hold the output open long after the child's end
    std::optional<int> exit_code;
    std::thread reader;

    mutable std::mutex mutex;
    mutable std::condition_variable changed;
    std::string output;
    bool output_ended = false;

    ~Impl() {
        if (reader.joinable()) {
            ::eventfd_write(reader_stop.get(), 1);
            reader.join();
        }
    }

    bool wait_for_more_output() const;
    void read_output();
    bool ended_within(int timeout_ms) const;
};

bool Process::Impl::wait_for_more_output() const {
    pollfd waited[] = {{.fd = output_end.get(), .events = POLLIN, .revents = 0},
                       {.fd = reader_stop.get(), .events = POLLIN, .revents = 0}};
    while (::poll(waited, 2, -1) < 0 && errno == EINTR) {
    }
    return waited[0].revents != 0;
}

void Process::Impl::read_output() {
    char buffer[4096];
    ssize_t count = 0;
    while (wait_for_more_output() && (count = ::read(output_end.get(), buffer, sizeof buffer)) > 0) {
        const std::lock_guard lock(mutex);
        output.append(buffer, static_cast<std::size_t>(count));
        if (output.size() > output_bytes_max) {
            output.erase(0, output.size() - output_bytes_max);
        }
        changed.notify_all();
    }
    const std::lock_guard lock(mutex);
    output_ended = true;
    changed.notify_all();
}

bool Process::Impl::ended_within(int timeout_ms) const {
    pollfd waited{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
    return ::poll(&waited, 1, timeout_ms) > 0;
}

Process::Process(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Process::Process(Process&&) noexcept = default;

Process& Process::operator=(Process&& other) noexcept {
    if (this != &other) {
        if (impl_) {
            stop();
        }
        impl_ = std::move(other.impl_);
    }
    return *this;
}

Process::~Process() {
    if (impl_) {
        stop();
    }
}

Result<Process> Process::start(std::vector<std::string> command, std::string working_directory) {
    if (command.empty()) {
        return fail(ErrorCode::invalid, "process", "no program was named");
    }
    std::vector<char*> arguments;
    for (auto& argument : command) {
        arguments.push_back(argument.data());
    }
    arguments.push_back(nullptr);
    Pipe output;
    Pipe failure;
    if (!output.open() || !failure.open()) {
        return fail(ErrorCode::unavailable, command[0], "no pipe: {}", std::strerror(errno));
    }
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) {
        return fail(ErrorCode::unavailable, command[0], "no process: {}", std::strerror(errno));
    }
    if (pid == 0) {
        become(arguments.data(), working_directory.c_str(), output.write_end.get(), failure.write_end.get(), parent);
    }
    failure.write_end.reset();
    int reason = 0;
    if (::read(failure.read_end.get(), &reason, sizeof reason) == static_cast<ssize_t>(sizeof reason)) {
        ::waitpid(pid, nullptr, 0);
        return fail(ErrorCode::not_found, command[0], "cannot be started: {}", std::strerror(reason));
    }
    auto impl = std::make_unique<Impl>();
    impl->pid = pid;
    impl->pidfd.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    impl->output_end.reset(::dup(output.read_end.get()));
    impl->reader_stop.reset(::eventfd(0, EFD_CLOEXEC));
    impl->reader = std::thread([raw = impl.get()] { raw->read_output(); });
    return Process(std::move(impl));
}

pid_t Process::pid() const {
    return impl_->pid;
}

bool Process::running() const {
    return !impl_->exit_code && !impl_->ended_within(0);
}

bool Process::wait_for_port(int port, int timeout_ms) const {
    constexpr int pause_ms = 10;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    while (!port_answers(port)) {
        const int left_ms = remaining_ms(deadline);
        if (left_ms == 0 || impl_->ended_within(std::min(pause_ms, left_ms))) {
            return false;
        }
    }
    return true;
}

bool Process::wait_for_output(std::string_view text, int timeout_ms) const {
    std::unique_lock lock(impl_->mutex);
    const auto found = [&] { return impl_->output.find(text) != std::string::npos; };
    impl_->changed.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                            [&] { return found() || impl_->output_ended; });
    return found();
}

std::optional<int> Process::wait_exit(int timeout_ms) {
    if (impl_->exit_code || !impl_->ended_within(timeout_ms)) {
        return impl_->exit_code;
    }
    int status = 0;
    ::waitpid(impl_->pid, &status, 0);
    impl_->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return impl_->exit_code;
}

void Process::send_signal(int signal) const {
    if (!impl_->exit_code) {
        ::kill(impl_->pid, signal);
    }
}

void Process::stop(int signal) {
    send_signal(signal);
    if (!wait_exit(stop_patience_ms)) {
        kill_now();
    }
}

void Process::kill_now() {
    send_signal(SIGKILL);
    wait_exit(-1);
}

std::string Process::output() const {
    constexpr std::chrono::seconds last_words{1};
    const bool ended = !running();
    std::unique_lock lock(impl_->mutex);
    if (ended) {
        impl_->changed.wait_for(lock, last_words, [&] { return impl_->output_ended; });
    }
    return impl_->output;
}

}  // namespace nuanshu::support

#include "cli/src/child.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace nuanshu::cli {
namespace {

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (auto& text : texts) {
        pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& extra) {
    std::vector<std::string> all;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        all.emplace_back(*variable);
    }
    for (const auto& [name, value] : extra) {
        all.push_back(name + "=" + value);
    }
    return all;
}

}  // namespace

Result<Child> Child::start(const std::vector<std::string>& command,
                           const std::vector<std::pair<std::string, std::string>>& extra, const std::string& log_path) {
    auto arguments = command;
    auto environment = environment_with(extra);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, log_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    pid_t pid = 0;
    const int error = posix_spawn(&pid, command[0].c_str(), &actions, nullptr, pointers_to(arguments).data(),
                                  pointers_to(environment).data());
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        return fail(ErrorCode::unavailable, command[0], "cannot be started: {}", std::strerror(error));
    }
    return Child(pid);
}

Child::~Child() {
    stop();
}

bool Child::wait(std::chrono::milliseconds at_most) {
    const auto deadline = std::chrono::steady_clock::now() + at_most;
    while (pid_ != 0) {
        if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
            pid_ = 0;
        } else if (std::chrono::steady_clock::now() > deadline) {
            return false;
        } else {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }
    return true;
}

void Child::stop() {
    if (pid_ == 0) {
        return;
    }
    kill(pid_, SIGTERM);
    if (!wait(std::chrono::seconds(10))) {
        kill(pid_, SIGKILL);
        wait(std::chrono::seconds(10));
    }
}

void Child::kill_now() {
    if (pid_ != 0) {
        kill(pid_, SIGKILL);
        wait(std::chrono::seconds(10));
    }
}

double Child::cpu_s() const {
    std::ifstream stat(fmt::format("/proc/{}/stat", pid_));
    std::string line;
    std::getline(stat, line);
    std::istringstream fields(line.substr(std::min(line.size(), line.rfind(')') + 1)));
    std::string skipped;
    for (int i = 0; i < 11; ++i) {
        fields >> skipped;
    }
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double Child::peak_memory_mib() const {
    std::ifstream status(fmt::format("/proc/{}/status", pid_));
    for (std::string word; status >> word;) {
        if (word == "VmHWM:") {
            double kib = 0;
            status >> kib;
            return kib / 1024.0;
        }
    }
    return 0.0;
}

int free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(socket);
    return ntohs(address.sin_port);
}

std::string own_path() {
    return std::filesystem::read_symlink("/proc/self/exe").string();
}

}  // namespace nuanshu::cli

#include <cstdio>
#include <fstream>

#include <fmt/format.h>

#include "tests/support/process.h"

namespace nuanshu::support {
namespace {

constexpr int start_patience_ms = 10'000;

void write_configuration(const std::string& path, int port, const std::vector<std::string>& extra_lines) {
    std::ofstream file(path);
    file << fmt::format("listener {} 127.0.0.1\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\n", port);
    for (const auto& line : extra_lines) {
        file << line << '\n';
    }
}

}  // namespace

Result<Process> start_mosquitto(int port, const std::vector<std::string>& extra_lines) {
    const TemporaryDirectory directory;  // mosquitto has read its configuration by the time its port answers
    const std::string path = directory.path() + "/mosquitto.conf";
    write_configuration(path, port, extra_lines);
    NUANSHU_TRY(auto process, Process::start({"/usr/sbin/mosquitto", "-c", path}));
    if (!process.wait_for_port(port, start_patience_ms)) {
        return fail(ErrorCode::unavailable, fmt::format("mosquitto on port {}", port), "did not start: {}",
                    process.output());
    }
    return process;
}

}  // namespace nuanshu::support

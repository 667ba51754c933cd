#include <cstdio>
#include <memory>

#include <fmt/core.h>

#include "cli/src/network.h"
#include "cli/src/network_files.h"

namespace nuanshu::cli {
namespace {

std::string json_of(const Diagnostics& diagnostics) {
    std::string out = "[";
    for (const auto& diagnostic : diagnostics) {
        out += fmt::format(R"({}{{"file":{},"line":{},"field":{},"text":{}}})", out.size() > 1 ? "," : "",
                           json_text(diagnostic.file), diagnostic.line, json_text(diagnostic.field),
                           json_text(diagnostic.text));
    }
    return out + "]";
}

std::string counts_of(const network::Network& net) {
    return fmt::format(
        R"("nodes":{},"pipes":{},"pumps":{},"valves":{},"sources":{},"consumers":{},"leaks":{},"tanks":{})",
        net.nodes.size(), net.pipes.size(), net.pumps.size(), net.valves.size(), net.sources.size(),
        net.consumers.size(), net.leaks.size(), net.tanks.size());
}

void print_counts(const network::Network& net) {
    const auto line = [](std::string_view name, std::size_t count) {
        if (count > 0) {
            fmt::print("{} {:>9}\n", padded(name, 12), count);
        }
    };
    line(say("nodes", "节点"), net.nodes.size());
    line(say("pipes", "管道"), net.pipes.size());
    line(say("pumps", "水泵"), net.pumps.size());
    line(say("valves", "阀门"), net.valves.size());
    line(say("sources", "热源"), net.sources.size());
    line(say("consumers", "用户"), net.consumers.size());
    line(say("leaks", "泄漏"), net.leaks.size());
    line(say("tanks", "储罐"), net.tanks.size());
}

Result<> check(const std::string& path, const NetworkFileOptions& options, bool json) {
    NUANSHU_TRY(const auto reading, read_network_file(path, options));
    if (json) {
        fmt::print("{{\"ok\":{},{},\"faults\":{},\"notes\":{}}}\n", reading.faults.empty(), counts_of(reading.network),
                   json_of(reading.faults), json_of(reading.notes));
    } else {
        print_counts(reading.network);
        print_diagnostics(reading.notes, say("note: ", "提示："));
        print_diagnostics(reading.faults, "");
    }
    if (!reading.faults.empty()) {
        return fail(ErrorCode::invalid, path, "{} {}", reading.faults.size(), say("faults", "处错误"));
    }
    return {};
}

}  // namespace

void add_network_check(CLI::App& network, Request& request) {
    auto* command = network.add_subcommand("check", "all faults of a network file, with element and field: 校核");
    auto path = std::make_shared<std::string>();
    auto options = std::make_shared<NetworkFileOptions>();
    add_network_file(*command, *path, *options);

    command->callback([&request, path, options] {
        request.work = [&request, path, options] { return check(*path, *options, request.json); };
    });
}

}  // namespace nuanshu::cli

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>

#include <fmt/core.h>

#include "cli/src/network.h"
#include "cli/src/network_files.h"
#include "cli/src/network_report.h"
#include "engines/network/write.h"

namespace nuanshu::cli {
namespace {

struct SolveOptions {
    std::string path, out;
    NetworkFileOptions file;
    network::SolveSettings settings;
    bool no_heat = false, pressure_driven = false;
};

struct Timed {
    network::Solution solution;
    double solve_ms = 0.0;
    std::optional<network::Solution> driven;  ///< where demands ask for more than the pressures allow: what they get
};

Timed solve_timed(const network::Network& net, const network::SolveSettings& settings) {
    const auto begin = std::chrono::steady_clock::now();
    network::Solver solver;
    Timed timed{solver.solve(net, settings), 0.0, {}};
    timed.solve_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    return timed;
}

/// The pressure-driven answer, if the solution as asked leaves anybody without the pressure that takes.
std::optional<network::Solution> what_pressure_delivers(const network::Network& net, network::SolveSettings settings,
                                                        const network::Solution& asked) {
    const bool lacking = std::ranges::any_of(
        asked.findings, [](const auto& finding) { return finding.kind == network::FindingKind::low_pressure; });
    if (!lacking || settings.demand == network::SolveSettings::Demand::pressure_driven) {
        return std::nullopt;
    }
    settings.demand = network::SolveSettings::Demand::pressure_driven;
    return network::solve(net, settings);
}

std::string driven_json(const network::Network& net, const Timed& timed) {
    return timed.driven ? fmt::format(R"(,"pressure_driven":{{"converged":{},"findings":{}}})", timed.driven->converged,
                                      findings_json(net, *timed.driven))
                        : "";
}

void print_json(const network::Network& net, const Timed& timed) {
    const auto& solution = timed.solution;
    fmt::print(
        R"({{"converged":{},"iterations":{},"residual":{},"solve_ms":{:.3f},"heat_balance_error":{},"heat_rounds":{},)"
        R"("nodes":{},"pipes":{},"consumers":{},"findings":{}{}}})"
        "\n",
        solution.converged, solution.iterations, json_number(solution.residual), timed.solve_ms,
        json_number(solution.heat_balance_error), solution.heat_rounds, net.nodes.size(), net.pipes.size(),
        net.consumers.size(), findings_json(net, solution), driven_json(net, timed));
}

double sum(const std::vector<double>& values) {
    double total = 0.0;
    for (const double value : values) {
        total += std::isfinite(value) ? value : 0.0;
    }
    return total;
}

struct Extremes {
    double min = 0.0, max = 0.0;
    bool any = false;
    void add(double value) {
        if (std::isfinite(value)) {
            min = any ? std::min(min, value) : value;
            max = any ? std::max(max, value) : value;
            any = true;
        }
    }
};

void line(std::string_view english, std::string_view chinese, const std::string& value) {
    fmt::print("{} {:>18}\n", padded(say(english, chinese), 30), value);
}

void print_pressures(const network::Network& net, const network::Solution& solution) {
    Extremes supply, returned, others;
    for (std::size_t i = 0; i < net.nodes.size(); ++i) {
        auto& side = net.nodes[i].side == network::Side::supply        ? supply
                     : net.nodes[i].side == network::Side::return_side ? returned
                                                                       : others;
        side.add(solution.node_pressure_pa[i]);
    }
    const auto range = [](std::string_view english, std::string_view chinese, const Extremes& pressures) {
        if (pressures.any) {
            line(english, chinese, fmt::format("{:.3f} … {:.3f}", pressures.min / 1e6, pressures.max / 1e6));
        }
    };
    range("supply pressure, MPa", "供水压力，MPa", supply);
    range("return pressure, MPa", "回水压力，MPa", returned);
    range("pressure, MPa", "压力，MPa", others);
}

double difference_pa(const network::Network& net, const network::Solution& solution, std::size_t consumer) {
    const auto& it = net.consumers[consumer];
    return solution.node_pressure_pa[static_cast<std::size_t>(it.from)] -
           solution.node_pressure_pa[static_cast<std::size_t>(it.to)];
}

void print_consumers(const network::Network& net, const network::Solution& solution) {
    if (net.consumers.empty()) {
        return;
    }
    std::size_t worst = 0;
    for (std::size_t i = 1; i < net.consumers.size(); ++i) {
        worst = difference_pa(net, solution, i) < difference_pa(net, solution, worst) ? i : worst;
    }
    line("flow of all consumers, kg/s", "用户总流量，kg/s",
         fmt::format("{:.2f}", sum(solution.consumers.mass_flow_kg_s)));
    line("least pressure difference, kPa", "最小资用压差，kPa",
         fmt::format("{:.1f} ({})", difference_pa(net, solution, worst) / 1e3, net.consumers[worst].id));
}

void print_heat(const network::Network& net, const network::Solution& solution) {
    if (net.sources.empty()) {
        return;
    }
    const double given_w = sum(solution.source_heat_w), lost_w = sum(solution.pipe_heat_loss_w);
    line("heat of the sources, MW", "热源供热量，MW", fmt::format("{:.3f}", given_w / 1e6));
    line("heat of the consumers, MW", "用户用热量，MW", fmt::format("{:.3f}", sum(solution.consumer_heat_w) / 1e6));
    line("heat lost by pipes, MW", "管道散热，MW",
         fmt::format("{:.3f} ({:.1f} %)", lost_w / 1e6, given_w > 0.0 ? 100 * lost_w / given_w : 0.0));
    line("heat balance error", "热平衡误差", fmt::format("{:.1e}", solution.heat_balance_error));
}

void print_table(const network::Network& net, const Timed& timed, bool with_heat) {
    const auto& solution = timed.solution;
    fmt::print("{}\n", solution.converged ? say("solved", "已求解") : say("no solution", "无解"));
    line("nodes, pipes, consumers", "节点、管道、用户",
         fmt::format("{}, {}, {}", net.nodes.size(), net.pipes.size(), net.consumers.size()));
    line("Newton steps, time", "牛顿迭代次数、用时", fmt::format("{}, {:.1f} ms", solution.iterations, timed.solve_ms));
    line("residual", "残差", fmt::format("{:.1e}", solution.residual));
    print_pressures(net, solution);
    print_consumers(net, solution);
    if (with_heat) {
        print_heat(net, solution);
    }
    print_findings(net, solution);
    if (timed.driven) {
        fmt::print("{}\n", say("what the pressure delivers instead:", "按实际压力能供给的情况："));
        print_findings(net, *timed.driven);
    }
}

Result<> solve(SolveOptions options, Request& request) {
    NUANSHU_TRY(const auto net, read_network(options.path, options.file));
    options.settings.with_heat = !options.no_heat && network::carries_heat(net);
    if (options.pressure_driven) {
        options.settings.demand = network::SolveSettings::Demand::pressure_driven;
    }
    auto timed = solve_timed(net, options.settings);
    timed.driven = what_pressure_delivers(net, options.settings, timed.solution);
    if (request.json) {
        print_json(net, timed);
    } else {
        print_table(net, timed, options.settings.with_heat);
    }
    request.exit_code = timed.solution.converged ? 0 : no_solution;
    if (!options.out.empty()) {
        return write_text(options.out, network::write_solution_csv(net, timed.solution));
    }
    return {};
}

}  // namespace

void add_network_solve(CLI::App& network, Request& request) {
    auto* command = network.add_subcommand("solve", "steady flows, pressures and temperatures: 稳态水力热力计算");
    auto options = std::make_shared<SolveOptions>();
    auto& settings = options->settings;
    add_network_file(*command, options->path, options->file);
    command->add_option("-o,--out", options->out, "results of each element as CSV; -: standard output");
    command->add_flag("--no-heat", options->no_heat, "hydraulics only, at the start temperatures");
    command->add_flag("--pressure-driven", options->pressure_driven,
                      "consumers and nodes get what the pressure drives, not all they ask for");
    command
        ->add_option("--required-pressure", settings.required_node_pressure_pa,
                     "Pa a node's demand needs, with --pressure-driven")
        ->capture_default_str();
    command
        ->add_option("--supply-temperature", settings.start_temperature_c,
                     "°C of supply water where heat is not solved")
        ->capture_default_str()
        ->check(CLI::Range(0.0, 200.0));
    command
        ->add_option("--return-temperature", settings.return_start_temperature_c,
                     "°C of return water where heat is not solved")
        ->capture_default_str()
        ->check(CLI::Range(0.0, 200.0));
    command->add_option("--tolerance", settings.tolerance, "of flows, as a share of the largest")
        ->capture_default_str()
        ->check(CLI::Range(1e-14, 1e-2));
    command->callback([&request, options] { request.work = [&request, options] { return solve(*options, request); }; });
}

}  // namespace nuanshu::cli

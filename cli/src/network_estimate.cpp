#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <numeric>

#include <fmt/core.h>

#include "cli/src/network_dynamics.h"
#include "cli/src/network_files.h"
#include "engines/network/estimate.h"
#include "engines/network/leak_location.h"
#include "engines/network/write.h"

namespace nuanshu::cli {
namespace {

constexpr double t_h_of_kg_s = 3.6;
constexpr std::size_t pipes_shown = 4;

struct EstimateOptions {
    std::string path, measurements, out, network_out, roughness = "none";
    NetworkFileOptions file;
    network::EstimateSettings settings;
    std::size_t top = 15;
};

struct LeakOptions {
    std::string path, measurements;
    NetworkFileOptions file;
    network::LeakLocationSettings settings;
    std::size_t top = 10;
};

Result<std::vector<network::Measurement>> read_measurements(const std::string& path, const network::Network& net) {
    NUANSHU_TRY(const auto text, read_text(path));
    auto reading = network::read_measurements(text, path, net);
    if (!reading.faults.empty()) {
        print_diagnostics(reading.faults, "");
        return fail(ErrorCode::invalid, path, "{} {}", reading.faults.size(), say("faults", "处错误"));
    }
    return std::move(reading.measurements);
}

/// Groups by inner diameter, rounded to centimetres, or all pipes in one.
std::vector<std::int32_t> groups_of(const network::Network& net, const std::string& how) {
    std::vector<std::int32_t> groups;
    std::map<int, std::int32_t> known;
    if (how != "none") {
        for (const auto& pipe : net.pipes) {
            const int key = how == "diameter" ? static_cast<int>(std::lround(100.0 * pipe.inner_diameter_m)) : 0;
            groups.push_back(known.try_emplace(key, static_cast<std::int32_t>(known.size())).first->second);
        }
    }
    return groups;
}

std::string estimate_csv(const network::Network& net, const network::Estimate& found) {
    std::string csv = "consumer,mass_flow_kg_s,sigma_kg_s,determined\n";
    for (std::size_t i = 0; i < found.demands.size(); ++i) {
        const auto& demand = found.demands[i];
        csv += fmt::format("{},{:.8g},{:.4g},{}\n", net.consumers[i].id, demand.mass_flow_kg_s, demand.sigma_kg_s,
                           demand.determined ? 1 : 0);
    }
    return csv;
}

using Meters = std::vector<network::Measurement>;

std::string meter_json(const network::Measurement& meter, const network::MeterEstimate& found) {
    return fmt::format(
        R"({{"meter":{},"quantity":"{}","measured":{},"estimated":{:.10g},"normalised_residual":{:.4g},"checkable":{},"bad":{}}})",
        json_text(meter.meter), network::to_string(meter.quantity), meter.value, found.estimated,
        found.normalised_residual, found.checkable, found.bad);
}

void print_json(const network::Network& net, const Meters& meters, const network::Estimate& found) {
    fmt::print(R"({{"converged":{},"iterations":{},"objective":{:.6g},"degrees_of_freedom":{},"bad_meters":[)",
               found.converged, found.iterations, found.objective, found.degrees_of_freedom);
    for (std::size_t i = 0; i < found.bad_meters.size(); ++i) {
        fmt::print("{}{}", i == 0 ? "" : ",", json_text(meters[static_cast<std::size_t>(found.bad_meters[i])].meter));
    }
    fmt::print(R"(],"roughness":[)");
    for (std::size_t i = 0; i < found.roughness.size(); ++i) {
        fmt::print(R"({}{{"factor":{:.6g},"ln_sigma":{:.4g},"determined":{}}})", i == 0 ? "" : ",",
                   found.roughness[i].factor, found.roughness[i].ln_sigma, found.roughness[i].determined);
    }
    fmt::print(R"(],"meters":[)");
    for (std::size_t i = 0; i < meters.size(); ++i) {
        fmt::print("{}{}", i == 0 ? "" : ",", meter_json(meters[i], found.meters[i]));
    }
    fmt::print(R"(],"demands":[)");
    for (std::size_t i = 0; i < found.demands.size(); ++i) {
        const auto& demand = found.demands[i];
        fmt::print(R"({}{{"consumer":{},"mass_flow_kg_s":{:.8g},"sigma_kg_s":{:.4g},"determined":{}}})",
                   i == 0 ? "" : ",", json_text(net.consumers[i].id), demand.mass_flow_kg_s, demand.sigma_kg_s,
                   demand.determined);
    }
    fmt::print("]}}\n");
}

/// The meters that fit worst, first.
std::vector<std::size_t> by_residual(const network::Estimate& found) {
    std::vector<std::size_t> order(found.meters.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::abs(found.meters[a].normalised_residual) > std::abs(found.meters[b].normalised_residual);
    });
    return order;
}

std::string_view judgement(const network::MeterEstimate& meter) {
    if (meter.bad) {
        return say("lies; not used", "不可信，已剔除");
    }
    return meter.checkable ? say("fits", "正常") : say("nothing checks it", "无冗余，无法校核");
}

void print_meters(const Meters& meters, const network::Estimate& found, std::size_t top) {
    fmt::print("\n{} {:>14} {:>14} {:>10}  {}\n", padded(say("meter", "仪表"), 30), say("measured", "测量值"),
               say("estimated", "估计值"), say("residual", "残差"), say("judgement", "判断"));
    const auto order = by_residual(found);
    for (std::size_t i = 0; i < std::min(order.size(), top); ++i) {
        const auto& meter = found.meters[order[i]];
        fmt::print("{} {:>14.6g} {:>14.6g} {:>10.2f}  {}\n", padded(meters[order[i]].meter, 30), meters[order[i]].value,
                   meter.estimated, meter.normalised_residual, judgement(meter));
    }
}

void print_table(const Meters& meters, const network::Estimate& found, std::size_t top) {
    const auto line = [](std::string_view english, std::string_view chinese, const std::string& value) {
        fmt::print("{} {:>16}\n", padded(say(english, chinese), 40), value);
    };
    const auto determined = std::count_if(found.demands.begin(), found.demands.end(),
                                          [](const network::DemandEstimate& demand) { return demand.determined; });
    line("meters, of which lie", "仪表数、其中不可信", fmt::format("{}, {}", meters.size(), found.bad_meters.size()));
    line("consumers, of which determined", "用户数、其中可观测",
         fmt::format("{}, {}", found.demands.size(), determined));
    line("squared misses, as expected", "加权残差平方和、期望",
         fmt::format("{:.1f}, {}", found.objective, found.degrees_of_freedom));
    for (std::size_t i = 0; i < found.roughness.size(); ++i) {
        const auto& group = found.roughness[i];
        line(fmt::format("roughness of group {}", i), fmt::format("粗糙度修正，第 {} 组", i),
             fmt::format("× {:.3f} ± {:.0f} %", group.factor, 100.0 * group.ln_sigma));
    }
    print_meters(meters, found, top);
}

Result<> estimate(EstimateOptions options, Request& request) {
    NUANSHU_TRY(const auto net, read_network(options.path, options.file));
    NUANSHU_TRY(const auto meters, read_measurements(options.measurements, net));
    options.settings.roughness_group = groups_of(net, options.roughness);
    request.failed_exit_code = no_solution;
    NUANSHU_TRY(const auto found, network::estimate(net, meters, options.settings));
    request.json ? print_json(net, meters, found) : print_table(meters, found, options.top);
    request.exit_code = found.converged ? 0 : no_solution;
    if (!options.out.empty()) {
        NUANSHU_TRY_VOID(write_text(options.out, estimate_csv(net, found)));
    }
    return options.network_out.empty() ? Result<>()
                                       : write_text(options.network_out, network::write_json(found.network));
}

std::string pipes_text(const network::Network& net, const network::LeakSegment& segment) {
    std::string text;
    for (std::size_t i = 0; i < std::min(segment.pipes.size(), pipes_shown); ++i) {
        text += fmt::format("{}{}", i == 0 ? "" : ", ", net.pipes[static_cast<std::size_t>(segment.pipes[i])].id);
    }
    return segment.pipes.size() > pipes_shown ? text + fmt::format(" … +{}", segment.pipes.size() - pipes_shown) : text;
}

void print_leak_json(const network::Network& net, const network::LeakLocation& found, std::size_t top) {
    fmt::print(R"({{"significance":{:.4g},"segments":[)", found.significance);
    for (std::size_t i = 0; i < std::min(found.segments.size(), top); ++i) {
        const auto& segment = found.segments[i];
        fmt::print(R"({}{{"probability":{:.6g},"leak_t_h":{:.6g},"pipes":[)", i == 0 ? "" : ",", segment.probability,
                   segment.leak_kg_s * t_h_of_kg_s);
        for (std::size_t k = 0; k < segment.pipes.size(); ++k) {
            fmt::print("{}{}", k == 0 ? "" : ",", json_text(net.pipes[static_cast<std::size_t>(segment.pipes[k])].id));
        }
        fmt::print("]}}");
    }
    fmt::print(R"(],"pipes":[)");
    for (std::size_t i = 0; i < std::min(found.pipes.size(), top); ++i) {
        const auto& pipe = found.pipes[i];
        fmt::print(R"({}{{"pipe":{},"probability":{:.6g},"leak_t_h":{:.6g},"sigma_t_h":{:.4g}}})", i == 0 ? "" : ",",
                   json_text(net.pipes[static_cast<std::size_t>(pipe.pipe)].id), pipe.probability,
                   pipe.leak_kg_s * t_h_of_kg_s, pipe.sigma_kg_s * t_h_of_kg_s);
    }
    fmt::print("]}}\n");
}

void print_leak_table(const network::Network& net, const network::LeakLocation& found, std::size_t top) {
    fmt::print(
        "{} {:.1f}{}\n", padded(say("standard deviations from no leak", "偏离无泄漏的标准差倍数"), 36),
        found.significance,
        found.significance < 3.0 ? say("; under 3: there may be none", "；小于 3，可能没有泄漏") : std::string_view());
    fmt::print("\n{} {:>12} {:>10}  {}\n", padded(say("rank", "排名"), 6), say("probability", "概率 %"),
               say("leak t/h", "泄漏 t/h"), say("pipes between the same valves", "同一关断区的管道"));
    for (std::size_t i = 0; i < std::min(found.segments.size(), top); ++i) {
        const auto& segment = found.segments[i];
        fmt::print("{:>6} {:>10.1f} % {:>10.2f}  {}\n", i + 1, 100.0 * segment.probability,
                   segment.leak_kg_s * t_h_of_kg_s, pipes_text(net, segment));
    }
}

Result<> locate(const LeakOptions& options, Request& request) {
    NUANSHU_TRY(const auto net, read_network(options.path, options.file));
    NUANSHU_TRY(const auto meters, read_measurements(options.measurements, net));
    request.failed_exit_code = no_solution;
    NUANSHU_TRY(const auto found, network::locate_leak(net, meters, options.settings));
    request.json ? print_leak_json(net, found, options.top) : print_leak_table(net, found, options.top);
    return {};
}

void add_measurements(CLI::App& command, std::string& path) {
    command
        .add_option("measurements", path,
                    "CSV: meter,element,id,quantity,value,sigma; quantities pressure_pa, temperature_c, inflow_kg_s, "
                    "mass_flow_kg_s, differential_pressure_pa")
        ->required();
}

}  // namespace

void add_network_estimate(CLI::App& network, Request& request) {
    auto* command = network.add_subcommand("estimate", "demands and roughness from meters; which meter lies: 状态估计");
    auto options = std::make_shared<EstimateOptions>();
    auto& settings = options->settings;
    add_network_file(*command, options->path, options->file);
    add_measurements(*command, options->measurements);
    command
        ->add_option("--demand-sigma", settings.demand_sigma_share,
                     "how well flows are known beforehand, as a share of them")
        ->capture_default_str()
        ->check(CLI::Range(1e-4, 10.0));
    command->add_option("--roughness", options->roughness, "corrected: none, in one group, or by diameter")
        ->capture_default_str()
        ->check(CLI::IsMember({"none", "one", "diameter"}));
    command->add_option("--bad", settings.bad_residual, "a meter with a larger normalised residual lies")
        ->capture_default_str()
        ->check(CLI::Range(1.0, 1000.0));
    command->add_option("--top", options->top, "meters shown")->capture_default_str();
    command->add_option("-o,--out", options->out, "consumers' flows as CSV; -: standard output");
    command->add_option("--network-out", options->network_out,
                        "the network with the estimated flows and roughness, JSON");
    command->callback(
        [&request, options] { request.work = [&request, options] { return estimate(*options, request); }; });
}

void add_network_leak(CLI::App& network, Request& request) {
    auto* command = network.add_subcommand("leak", "where it leaks, from pressures and make-up: 泄漏定位");
    auto options = std::make_shared<LeakOptions>();
    add_network_file(*command, options->path, options->file);
    add_measurements(*command, options->measurements);
    command
        ->add_option("--demand-sigma", options->settings.demand_sigma_share,
                     "how well flows are known, as a share of them")
        ->capture_default_str()
        ->check(CLI::Range(1e-6, 10.0));
    command->add_option("--top", options->top, "segments shown")->capture_default_str();
    command->callback(
        [&request, options] { request.work = [&request, options] { return locate(*options, request); }; });
}

}  // namespace nuanshu::cli

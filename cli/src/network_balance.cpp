#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/core.h>

#include "cli/src/network_files.h"
#include "cli/src/network_questions.h"
#include "cli/src/plot.h"
#include "engines/network/balance.h"
#include "engines/network/write.h"

namespace nuanshu::cli {
namespace {

using network::Balance;
using network::Balancing;
using network::Network;
using network::OpeningOutcome;

constexpr std::size_t json_stations_max = 1'000'000;

struct BalanceOptions {
    std::string path, plot, out;
    NetworkFileOptions file;
    bool openings = false;
    std::size_t top = 20;
};

struct Answer {
    Balance before;
    std::optional<Balancing> balancing;
    std::optional<Balance> after;
};

const std::string& id_of(const Network& net, std::int32_t consumer) {
    return net.consumers[static_cast<std::size_t>(consumer)].id;
}

boost::json::value statistics_json(const network::ImbalanceStatistics& statistics) {
    return boost::json::object{{"stations", statistics.stations},   {"min", statistics.min},
                               {"mean", statistics.mean},           {"max", statistics.max},
                               {"deviation", statistics.deviation}, {"under_0_9", statistics.under},
                               {"good", statistics.good},           {"over_1_2", statistics.over}};
}

boost::json::array stations_json(const Network& net, const Balance& balance) {
    boost::json::array list;
    for (const auto& station : balance.stations) {
        if (list.size() >= json_stations_max) {
            break;
        }
        list.push_back(boost::json::object{{"consumer", id_of(net, station.consumer)},
                                           {"available_pressure_pa", number_json(station.available_pressure_pa)},
                                           {"required_pressure_pa", station.required_pressure_pa},
                                           {"mass_flow_kg_s", station.mass_flow_kg_s},
                                           {"design_mass_flow_kg_s", station.design_mass_flow_kg_s},
                                           {"imbalance", number_json(station.imbalance)}});
    }
    return list;
}

boost::json::value openings_json(const Network& net, const Balancing& balancing) {
    boost::json::array list;
    for (const auto& station : balancing.stations) {
        list.push_back(boost::json::object{{"consumer", id_of(net, station.consumer)},
                                           {"outcome", network::to_string(station.outcome)},
                                           {"opening_now", station.opening_now},
                                           {"opening", station.opening},
                                           {"kv_m3_h", number_json(station.kv_m3_h)},
                                           {"design_mass_flow_kg_s", station.design_mass_flow_kg_s},
                                           {"mass_flow_kg_s", station.mass_flow_kg_s}});
    }
    return boost::json::object{{"stations", list},
                               {"solves", balancing.solves},
                               {"largest_miss", balancing.largest_miss},
                               {"short_of_flow", balancing.short_of_flow}};
}

boost::json::value answer_json(const Network& net, const Answer& answer) {
    boost::json::object object{{"worst", nullptr},
                               {"imbalance", statistics_json(answer.before.imbalance)},
                               {"stations", stations_json(net, answer.before)}};
    if (answer.before.worst) {
        object["worst"] = id_of(net, *answer.before.worst);
    }
    if (answer.balancing) {
        object["openings"] = openings_json(net, *answer.balancing);
        object["imbalance_after"] = statistics_json(answer.after->imbalance);
    }
    return object;
}

void print_statistics(std::string_view title, const network::ImbalanceStatistics& statistics) {
    if (statistics.stations == 0) {
        fmt::print("{}: {}\n", title, say("no design flow is known", "未给出设计流量"));
        return;
    }
    fmt::print("{}: {} {} {:.2f} … {:.2f}, {} {:.2f}, σ {:.3f}\n", title, statistics.stations,
               say("stations, x from", "个站，x 范围"), statistics.min, statistics.max, say("mean", "平均"),
               statistics.mean, statistics.deviation);
    fmt::print("  {} {}, {} {}, {} {}\n", say("too little (< 0.9):", "不足 (< 0.9)："), statistics.under,
               say("good:", "良好："), statistics.good, say("too much (> 1.2):", "过量 (> 1.2)："), statistics.over);
}

void print_stations(const Network& net, const Balance& balance, std::size_t top) {
    fmt::print("\n{}\n{} {} {} {} {}  {}\n", say("worst off first", "最不利用户在前"),
               padded(say("available kPa", "资用压差 kPa"), 15), padded(say("required kPa", "需要 kPa"), 13),
               padded(say("flow kg/s", "流量 kg/s"), 11), padded(say("design kg/s", "设计 kg/s"), 12), padded("x", 6),
               say("consumer", "用户"));
    for (std::size_t at = 0; at < std::min(top, balance.stations.size()); ++at) {
        const auto& station = balance.stations[at];
        fmt::print("{:<15.1f} {:<13.1f} {:<11.3f} {:<12.3f} {:<6.2f}  {}\n", station.available_pressure_pa / 1e3,
                   station.required_pressure_pa / 1e3, station.mass_flow_kg_s, station.design_mass_flow_kg_s,
                   station.imbalance, id_of(net, station.consumer));
    }
}

std::string_view outcome_text(OpeningOutcome outcome) {
    switch (outcome) {
        case OpeningOutcome::set:
            return "";
        case OpeningOutcome::fully_open:
            return say("fully open, too little", "全开仍不足");
        case OpeningOutcome::no_throttle:
            return say("has no valve: Kv needed", "无调节阀，所需 Kv");
        case OpeningOutcome::no_design:
            return say("no design flow: left alone", "无设计流量，未调");
    }
    return "";
}

void print_openings(const Network& net, const Balancing& balancing, std::size_t top) {
    fmt::print("\n{}\n{} {} {} {} {}  {}\n", say("valve openings, most needed first", "调节阀开度（急需者在前）"),
               padded(say("now %", "现开度 %"), 10), padded(say("set %", "应开度 %"), 10), padded("Kv m³/h", 9),
               padded(say("design kg/s", "设计 kg/s"), 12), padded(say("gets kg/s", "所得 kg/s"), 11),
               say("consumer", "用户"));
    for (std::size_t at = 0; at < std::min(top, balancing.stations.size()); ++at) {
        const auto& station = balancing.stations[at];
        fmt::print("{:<10.1f} {:<10.1f} {:<9.2f} {:<12.3f} {:<11.3f}  {}  {}\n", station.opening_now * 100.0,
                   station.opening * 100.0, station.kv_m3_h, station.design_mass_flow_kg_s, station.mass_flow_kg_s,
                   id_of(net, station.consumer), outcome_text(station.outcome));
    }
    fmt::print("\n{} {}; {} {:.1e}; {} {}\n", say("solutions:", "求解次数："), balancing.solves,
               say("largest miss:", "最大偏差："), balancing.largest_miss,
               say("short of flow even fully open:", "全开仍不足的站："), balancing.short_of_flow);
}

void print_answer(const Network& net, const Answer& answer, std::size_t top) {
    if (answer.before.stations.empty()) {
        fmt::print("{}\n", say("no consumer is open in this network", "该管网没有运行中的用户"));
        return;
    }
    print_statistics(say("imbalance", "水力失调度"), answer.before.imbalance);
    if (!answer.balancing) {
        print_stations(net, answer.before, top);
        return;
    }
    print_statistics(say("after balancing", "平衡后"), answer.after->imbalance);
    print_openings(net, *answer.balancing, top);
}

/// x of all stations, from the least to the greatest.
PlotSeries sorted_imbalances(const Balance& balance, std::string name, Colour colour) {
    PlotSeries series{.name = std::move(name), .colour = colour, .width = 2.2};
    for (const auto& station : balance.stations) {
        if (!std::isnan(station.imbalance)) {
            series.y.push_back(station.imbalance);
        }
    }
    std::sort(series.y.begin(), series.y.end());
    for (std::size_t at = 0; at < series.y.size(); ++at) {
        series.x.push_back(100.0 * (static_cast<double>(at) + 0.5) / static_cast<double>(series.y.size()));
    }
    return series;
}

LinePlot plot_of(const Answer& answer) {
    const auto& statistics = answer.before.imbalance;
    LinePlot plot{.title = std::string(say("Imbalance of stations", "水力失调度分布")),
                  .subtitle = fmt::format("{} {}; {} {}, {} {}, {} {}", statistics.stations, say("stations", "个站"),
                                          say("too little", "不足"), statistics.under, say("good", "良好"),
                                          statistics.good, say("too much", "过量"), statistics.over),
                  .x_title = std::string(say("share of stations / %", "站数占比 / %")),
                  .y_title = "x = G / G′"};
    plot.series.push_back(sorted_imbalances(answer.before, std::string(say("now", "现状")), colour(0xc62828)));
    if (answer.after) {
        plot.series.push_back(
            sorted_imbalances(*answer.after, std::string(say("after balancing", "平衡后")), colour(0x2e7d32)));
    }
    for (const double limit : {0.9, 1.2}) {
        plot.series.push_back({.name = limit < 1.0 ? std::string(say("good: 0.9 … 1.2", "良好范围 0.9 … 1.2")) : "",
                               .x = {0.0, 100.0},
                               .y = {limit, limit},
                               .colour = colour(0x777777),
                               .width = 1.2,
                               .dashes = {6.0, 4.0}});
    }
    return plot;
}

Result<Answer> ask(const Network& net, const BalanceOptions& options, Request& request) {
    NUANSHU_TRY(const auto solution, solve_for_question(net, request));
    Answer answer{.before = network::assess_balance(net, solution), .balancing = {}, .after = {}};
    if (options.openings) {
        request.failed_exit_code = no_solution;
        NUANSHU_TRY(answer.balancing, network::balance_openings(net));
        answer.after = network::assess_balance(answer.balancing->balanced, answer.balancing->verified);
    }
    return answer;
}

Result<> balance(BalanceOptions options, Request& request) {
    options.openings = options.openings || !options.out.empty();
    NUANSHU_TRY(const auto net, read_network(options.path, options.file));
    NUANSHU_TRY(const auto answer, ask(net, options, request));
    if (request.json) {
        print_json(answer_json(net, answer));
    } else {
        print_answer(net, answer, options.top);
    }
    if (!options.out.empty()) {
        NUANSHU_TRY_VOID(write_text(options.out, network::write_json(answer.balancing->balanced)));
    }
    return options.plot.empty() ? Result<>{} : plot_lines(plot_of(answer), options.plot);
}

}  // namespace

void add_network_balance(CLI::App& network, Request& request) {
    auto* command =
        network.add_subcommand("balance", "who is worst off, imbalance of stations, valve openings: 水力平衡");
    auto options = std::make_shared<BalanceOptions>();
    add_network_file(*command, options->path, options->file);
    command->add_flag("--openings", options->openings, "find valve openings that give every station its design flow");
    command->add_option("-o,--out", options->out, "write the network with these openings as JSON");
    command->add_option("--top", options->top, "rows of the table")->capture_default_str();
    command->add_option("--plot", options->plot, "a picture of the imbalances too: FILE.png or FILE.svg");
    command->callback(
        [&request, options] { request.work = [&request, options] { return balance(*options, request); }; });
}

}  // namespace nuanshu::cli

#include <algorithm>
#include <cstdio>
#include <memory>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "cli/src/network_files.h"
#include "cli/src/network_map.h"
#include "cli/src/network_questions.h"
#include "engines/network/isolate.h"

namespace nuanshu::cli {
namespace {

using network::Closure;
using network::ClosurePlan;
using network::ClosurePlanner;
using network::Element;
using network::Network;

constexpr std::size_t listed_max = 30;
constexpr std::size_t alternatives_max = 20;
constexpr std::size_t savers_max = 5;

struct CloseOptions {
    std::string path, plot;
    std::vector<std::string> leaks, stuck;
    NetworkFileOptions file;
    network::ClosureSettings settings;
    bool fewest = false, alternatives = false;
};

/// What is done instead when one more valve does not turn.
struct Alternative {
    Element stuck;
    Result<Closure> closure;
};

struct Answer {
    Closure closure;
    std::vector<Alternative> alternatives;
    bool fewest = false;

    const ClosurePlan& plan() const { return fewest ? closure.fewest : closure.nearest; }
    const ClosurePlan& plan_of(const Closure& other) const { return fewest ? other.fewest : other.nearest; }
};

bool same_valves(const ClosurePlan& one, const ClosurePlan& other) {
    const auto elements = [](const ClosurePlan& plan) {
        std::vector<std::pair<int, std::int32_t>> list;
        for (const auto& step : plan.close) {
            list.emplace_back(static_cast<int>(step.element.kind), step.element.index);
        }
        std::sort(list.begin(), list.end());
        return list;
    };
    return elements(one) == elements(other);
}

Result<std::vector<std::int32_t>> stuck_valves(const Network& net, const std::vector<std::string>& names) {
    std::vector<std::int32_t> valves;
    for (const auto& name : names) {
        NUANSHU_TRY(const auto valve, find_named(net, name, network::ElementKind::valve));
        valves.push_back(valve);
    }
    return valves;
}

Result<Answer> ask(const Network& net, const CloseOptions& options) {
    NUANSHU_TRY(const auto leaks, find_named(net, options.leaks));
    NUANSHU_TRY(auto stuck, stuck_valves(net, options.stuck));
    const ClosurePlanner planner(net, options.settings);
    NUANSHU_TRY(auto closure, planner.plan(leaks, stuck));
    Answer answer{.closure = std::move(closure), .alternatives = {}, .fewest = options.fewest};
    if (options.alternatives) {
        for (const auto& step : answer.plan().close) {
            if (step.element.kind == network::ElementKind::valve && answer.alternatives.size() < alternatives_max) {
                stuck.push_back(step.element.index);
                answer.alternatives.push_back({step.element, planner.plan(leaks, stuck)});
                stuck.pop_back();
            }
        }
    }
    return answer;
}

boost::json::array ids_of(const Network& net, network::ElementKind kind, const std::vector<std::int32_t>& positions) {
    boost::json::array list;
    for (const auto at : positions) {
        list.push_back(boost::json::string(network::id_of(net, {kind, at})));
    }
    return list;
}

boost::json::value plan_json(const Network& net, const ClosurePlan& plan) {
    boost::json::array close, keep_shut, savers;
    for (const auto& step : plan.close) {
        auto entry = element_json(net, step.element).as_object();
        entry["distance_m"] = number_json(step.distance_m);
        close.push_back(entry);
    }
    for (const auto& element : plan.keep_shut) {
        keep_shut.push_back(element_json(net, element));
    }
    for (const auto& saver : plan.water_savers) {
        boost::json::array shut;
        for (const auto& element : saver.shut) {
            shut.push_back(element_json(net, element));
        }
        savers.push_back(boost::json::object{{"shut", shut}, {"volume_m3", saver.volume_m3}});
    }
    return boost::json::object{
        {"close", close},
        {"keep_shut", keep_shut},
        {"water_savers", savers},
        {"drained_length_m", plan.length_m},
        {"drained_volume_m3", plan.volume_m3},
        {"pipes", ids_of(net, network::ElementKind::pipe, plan.pipes)},
        {"consumers_in_zone", ids_of(net, network::ElementKind::consumer, plan.consumers_in_zone)},
        {"consumers_without_flow", ids_of(net, network::ElementKind::consumer, plan.consumers_without_flow)},
        {"demands_cut_off", ids_of(net, network::ElementKind::node, plan.demands_cut_off)},
        {"heat_cut_off_w", plan.heat_cut_off_w}};
}

boost::json::value answer_json(const Network& net, const Answer& answer) {
    boost::json::array alternatives;
    for (const auto& other : answer.alternatives) {
        boost::json::object entry{{"stuck", network::id_of(net, other.stuck)}};
        if (other.closure) {
            entry["plan"] = plan_json(net, answer.plan_of(*other.closure));
        } else {
            entry["impossible"] = other.closure.error().what;
        }
        alternatives.push_back(entry);
    }
    return boost::json::object{{"nearest", plan_json(net, answer.closure.nearest)},
                               {"fewest", plan_json(net, answer.closure.fewest)},
                               {"alternatives", alternatives}};
}

/// "a, b, c, … 12 more"
std::string list_of(const Network& net, network::ElementKind kind, const std::vector<std::int32_t>& positions) {
    std::string text;
    for (std::size_t at = 0; at < std::min(positions.size(), listed_max); ++at) {
        text += (at > 0 ? ", " : "") + network::id_of(net, {kind, positions[at]});
    }
    if (positions.size() > listed_max) {
        text += fmt::format(", … {} {}", positions.size() - listed_max, say("more", "个未列出"));
    }
    return text;
}

void print_cut_off(const Network& net, std::string_view what, network::ElementKind kind,
                   const std::vector<std::int32_t>& positions) {
    if (!positions.empty()) {
        fmt::print("{} {}: {}\n", what, positions.size(), list_of(net, kind, positions));
    }
}

std::string joined_ids(const Network& net, const std::vector<Element>& elements) {
    std::string text;
    for (std::size_t at = 0; at < std::min(elements.size(), listed_max); ++at) {
        text += (at > 0 ? ", " : "") + network::id_of(net, elements[at]);
    }
    return text + (elements.size() > listed_max ? ", …" : "");
}

void print_water_savers(const Network& net, const ClosurePlan& plan) {
    const auto shown = std::min(plan.water_savers.size(), savers_max);
    for (std::size_t at = 0; at < shown; ++at) {
        const auto& saver = plan.water_savers[at];
        fmt::print("  {} {}: {} {:.1f} m³\n", say("shutting", "另关"), joined_ids(net, saver.shut),
                   say("too spares", "可少泄"), saver.volume_m3);
    }
    if (shown < plan.water_savers.size()) {
        fmt::print("  … {} {}\n", plan.water_savers.size() - shown, say("more", "项未列出"));
    }
}

void print_plan(const Network& net, const ClosurePlan& plan) {
    fmt::print("{}\n", say("shut, nearest first:", "依次关闭（由近及远）："));
    for (std::size_t at = 0; at < plan.close.size(); ++at) {
        fmt::print("  {:>2}. {}  {:.0f} m\n", at + 1, padded(element_text(net, plan.close[at].element), 28),
                   plan.close[at].distance_m);
    }
    if (plan.close.empty()) {
        fmt::print("  {}\n", say("nothing: no water reaches it", "无需关阀：该处没有来水"));
    }
    for (const auto& element : plan.keep_shut) {
        fmt::print("{} {}\n", say("leave shut:", "保持关闭："), element_text(net, element));
    }
    fmt::print("{} {}, {:.0f} m, {:.1f} m³\n", say("drained: pipes", "泄空管段"), plan.pipes.size(), plan.length_m,
               plan.volume_m3);
    print_water_savers(net, plan);
    using network::ElementKind;
    print_cut_off(net, say("consumers in the drained zone:", "停热用户（在泄水区内）："), ElementKind::consumer,
                  plan.consumers_in_zone);
    print_cut_off(net, say("consumers outside it, without flow:", "停热用户（区外，失去供回水）："),
                  ElementKind::consumer, plan.consumers_without_flow);
    print_cut_off(net, say("nodes without water:", "停水节点："), ElementKind::node, plan.demands_cut_off);
    if (plan.cut_off() == 0) {
        fmt::print("{}\n", say("nobody is cut off", "无用户受影响"));
    } else if (plan.heat_cut_off_w > 0.0) {
        fmt::print("{} {:.2f} MW\n", say("heat cut off:", "影响热负荷："), plan.heat_cut_off_w / 1e6);
    }
}

void print_other_plan(const Answer& answer) {
    const auto& other = answer.fewest ? answer.closure.nearest : answer.closure.fewest;
    if (same_valves(answer.plan(), other)) {
        return;
    }
    fmt::print(
        "\n{}\n",
        answer.fewest
            ? fmt::format("{}: {} {}, {} {}", say("cutting off fewest instead", "若使影响最小"), other.close.size(),
                          say("to shut", "个阀门"), other.cut_off(), say("cut off", "户受影响"))
            : fmt::format("{} (--fewest): {} {}, {} {}", say("with the fewest valves instead", "若关阀最少"),
                          other.close.size(), say("to shut", "个阀门"), other.cut_off(), say("cut off", "户受影响")));
}

void print_alternatives(const Network& net, const Answer& answer) {
    for (const auto& other : answer.alternatives) {
        fmt::print("\n{} {}:\n", say("if it does not turn:", "若打不动："), element_text(net, other.stuck));
        if (!other.closure) {
            fmt::print("  {}\n", other.closure.error().what);
            continue;
        }
        const auto& plan = answer.plan_of(*other.closure);
        std::string steps;
        for (std::size_t at = 0; at < std::min(plan.close.size(), listed_max); ++at) {
            steps += (at > 0 ? ", " : "") + network::id_of(net, plan.close[at].element);
        }
        fmt::print("  {} {}: {}\n  {} {}, {:.1f} m³\n", say("shut", "关闭"), plan.close.size(), steps,
                   say("cut off", "影响"), plan.cut_off(), plan.volume_m3);
    }
}

Result<> draw(const Network& net, const Answer& answer, const CloseOptions& options) {
    NUANSHU_TRY(auto plot, map_of(net, nullptr, MapQuantity::flow));
    const auto& plan = answer.plan();
    plot.title = fmt::format("{} · {}", say("Valve closure", "关阀分析"), fmt::join(options.leaks, ", "));
    plot.subtitle = fmt::format("{} {}; {} {}; {} {:.0f} m, {:.1f} m³", say("valves to shut", "关闭阀门"),
                                plan.close.size(), say("cut off", "受影响用户"), plan.cut_off(), say("drained", "泄空"),
                                plan.length_m, plan.volume_m3);
    plot.highlights.push_back(
        {lines_of(net, plan.pipes), colour(0xf48fb1), std::string(say("drained zone", "泄水区"))});
    const auto mark = [&](Element element, double radius, Colour fill, const std::string& text) {
        if (const auto spot = place_of(net, element)) {
            plot.spots.push_back({*spot, radius, fill, text});
        }
    };
    const auto cut_off = colour(0xef6c00), shut = colour(0x111111), leak = colour(0x00acc1);
    for (const auto* consumers : {&plan.consumers_in_zone, &plan.consumers_without_flow}) {
        for (const auto at : *consumers) {
            mark({network::ElementKind::consumer, at}, 2.6, cut_off, "");
        }
    }
    for (const auto& step : plan.close) {
        mark(step.element, 4.2, shut, plan.close.size() <= listed_max ? network::id_of(net, step.element) : "");
    }
    NUANSHU_TRY(const auto leaks, find_named(net, options.leaks));
    for (const auto& element : leaks) {
        mark(element, 5.0, leak, network::id_of(net, element));
    }
    plot.legend.push_back({leak, std::string(say("leak", "漏点"))});
    plot.legend.push_back({shut, std::string(say("valve to shut", "须关阀门"))});
    plot.legend.push_back({cut_off, std::string(say("consumer cut off", "受影响用户"))});
    return plot_map(plot, options.plot);
}

Result<> close(const CloseOptions& options, Request& request) {
    NUANSHU_TRY(const auto net, read_network(options.path, options.file));
    request.failed_exit_code = no_solution;
    NUANSHU_TRY(const auto answer, ask(net, options));
    if (request.json) {
        print_json(answer_json(net, answer));
    } else {
        print_plan(net, answer.plan());
        print_other_plan(answer);
        print_alternatives(net, answer);
    }
    return options.plot.empty() ? Result<>{} : draw(net, answer, options);
}

}  // namespace

void add_network_close(CLI::App& network, Request& request) {
    auto* command = network.add_subcommand("close", "what to shut when something leaks, and who is cut off: 关阀分析");
    auto options = std::make_shared<CloseOptions>();
    add_network_file(*command, options->path, options->file);
    command
        ->add_option("--leak", options->leaks, "what leaks: ids of pipes, nodes or others (kind:id where ids repeat)")
        ->required()
        ->expected(1, 1000);
    command->add_option("--stuck", options->stuck, "valves that do not turn")->expected(1, 1000);
    command->add_flag("--stations", options->settings.stations_can_be_shut,
                      "stations can be shut at their own valves too");
    command->add_flag("--fewest", options->fewest, "the fewest valves, though more may be cut off");
    command->add_flag("--alternatives", options->alternatives, "for each valve: what to do if it does not turn");
    command->add_option("--plot", options->plot, "a map too: FILE.png or FILE.svg");
    command->callback([&request, options] { request.work = [&request, options] { return close(*options, request); }; });
}

}  // namespace nuanshu::cli

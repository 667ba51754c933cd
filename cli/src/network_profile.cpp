#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/core.h>

#include "cli/src/network_files.h"
#include "cli/src/network_questions.h"
#include "cli/src/plot.h"
#include "engines/network/balance.h"
#include "engines/network/profile.h"

namespace nuanshu::cli {
namespace {

using network::Network;
using network::Profile;
using network::ProfilePoint;
using network::Solution;
using network::ViolationKind;

constexpr std::size_t rows_max = 30;  ///< of each side, unless all are asked for
constexpr std::size_t marks_max = 6;
constexpr std::size_t violations_max = 20;

struct ProfileOptions {
    std::string path, consumer, from, to, plot;
    NetworkFileOptions file;
    network::ProfileSettings settings;
    double allowed_mpa = 1.6;
    bool all = false;
};

Result<Profile> ask(const Network& net, const Solution& solution, const ProfileOptions& options) {
    if (!options.from.empty()) {
        NUANSHU_TRY(const auto from, find_named(net, options.from, network::ElementKind::node));
        NUANSHU_TRY(const auto to, find_named(net, options.to, network::ElementKind::node));
        return network::profile_between(net, solution, from, to, options.settings);
    }
    if (!options.consumer.empty()) {
        NUANSHU_TRY(const auto consumer, find_named(net, options.consumer, network::ElementKind::consumer));
        return network::profile_to_consumer(net, solution, consumer, options.settings);
    }
    const auto worst = network::assess_balance(net, solution).worst;
    if (!worst) {
        return fail(ErrorCode::invalid, "profile", "{}",
                    say("no consumer is open here; name two nodes with --from and --to",
                        "没有运行中的用户，请用 --from 和 --to 指定两个节点"));
    }
    return network::profile_to_consumer(net, solution, *worst, options.settings);
}

std::string_view violation_text(ViolationKind kind) {
    switch (kind) {
        case ViolationKind::over_allowed:
            return say("pressure over the allowed", "超过允许压力");
        case ViolationKind::boils:
            return say("too little over the vapour pressure", "低于汽化压力余量");
        case ViolationKind::static_over_allowed:
            return say("over the allowed when pumps stand still", "静压超过允许压力");
        case ViolationKind::static_boils:
            return say("too little over the vapour pressure when pumps stand still", "静压低于汽化压力余量");
        case ViolationKind::not_enough:
            return say("lacks differential pressure", "资用压差不足");
    }
    return "";
}

std::string sentence(const Network& net, const network::ProfileViolation& violation) {
    return fmt::format("{}: {}, {:.1f} kPa", element_text(net, violation.element), violation_text(violation.kind),
                       violation.amount_pa / 1e3);
}

std::string title_of(const Network& net, const Profile& profile) {
    const auto& end = net.nodes[static_cast<std::size_t>(profile.supply.back().node)].id;
    const auto& start = net.nodes[static_cast<std::size_t>(profile.supply.front().node)].id;
    const auto source = profile.source ? net.sources[static_cast<std::size_t>(*profile.source)].id : start;
    const auto consumer = profile.consumer ? net.consumers[static_cast<std::size_t>(*profile.consumer)].id : end;
    return fmt::format("{} · {} → {}", say("Pressure profile", "水压图"), source, consumer);
}

double available_pa(const Profile& profile) {
    return profile.supply.back().pressure_pa - profile.back.front().pressure_pa;
}

std::string summary_of(const Profile& profile, const ProfileOptions& options) {
    auto text = fmt::format("{} {:.0f} m", say("way", "路程"), profile.supply.back().distance_m);
    if (!profile.back.empty()) {
        text += fmt::format("; {} {:.1f} kPa", say("available at the consumer", "用户资用压差"),
                            available_pa(profile) / 1e3);
    }
    if (profile.static_head_m) {
        text += fmt::format("; {} {:.1f} m", say("static head", "静水压线"), *profile.static_head_m);
    }
    return text + fmt::format("; {} {:.2f} MPa; {} {:.1f} m", say("allowed", "允许压力"), options.allowed_mpa,
                              say("vapour reserve", "汽化余量"), options.settings.vapour_reserve_m);
}

boost::json::value point_json(const Network& net, const ProfilePoint& point) {
    return boost::json::object{{"node", net.nodes[static_cast<std::size_t>(point.node)].id},
                               {"through", element_json(net, point.arrived_through)},
                               {"distance_m", point.distance_m},
                               {"elevation_m", point.elevation_m},
                               {"pressure_pa", point.pressure_pa},
                               {"temperature_c", point.temperature_c},
                               {"head_m", point.head_m},
                               {"static_pressure_pa", number_json(point.static_pressure_pa)},
                               {"vapour_head_m", point.vapour_head_m},
                               {"allowed_head_m", point.allowed_head_m}};
}

boost::json::array points_json(const Network& net, const std::vector<ProfilePoint>& points) {
    boost::json::array list;
    for (const auto& point : points) {
        list.push_back(point_json(net, point));
    }
    return list;
}

boost::json::value profile_json(const Network& net, const Profile& profile) {
    boost::json::array violations;
    for (const auto& violation : profile.violations) {
        violations.push_back(boost::json::object{{"kind", network::to_string(violation.kind)},
                                                 {"element", element_json(net, violation.element)},
                                                 {"amount_pa", violation.amount_pa},
                                                 {"text", sentence(net, violation)}});
    }
    boost::json::object object{{"supply", points_json(net, profile.supply)},
                               {"return", points_json(net, profile.back)},
                               {"static_head_m", profile.static_head_m ? boost::json::value(*profile.static_head_m)
                                                                       : boost::json::value(nullptr)},
                               {"density_kg_m3", profile.density_kg_m3},
                               {"violations", violations}};
    if (profile.source) {
        object["source"] = net.sources[static_cast<std::size_t>(*profile.source)].id;
    }
    if (profile.consumer) {
        object["consumer"] = net.consumers[static_cast<std::size_t>(*profile.consumer)].id;
    }
    return object;
}

void print_points(const Network& net, std::string_view side, const std::vector<ProfilePoint>& points, bool all) {
    fmt::print("\n{}\n", side);
    fmt::print("{} {} {} {} {} {}  {}\n", padded(say("distance m", "距离 m"), 11), padded(say("ground m", "高程 m"), 9),
               padded(say("head m", "水头 m"), 9), padded(say("pressure MPa", "压力 MPa"), 13),
               padded(say("static MPa", "静压 MPa"), 11), padded(say("°C", "°C"), 7), say("node", "节点"));
    const auto step = all ? 1.0 : std::max(1.0, static_cast<double>(points.size() - 1) / rows_max);
    double next = 0.0;
    for (std::size_t at = 0; at < points.size(); ++at) {
        if (static_cast<double>(at) + 1e-9 < next && at + 1 < points.size()) {
            continue;
        }
        next += step;
        const auto& point = points[at];
        fmt::print("{:<11.0f} {:<9.1f} {:<9.1f} {:<13.3f} {:<11.3f} {:<7.1f} {}\n", point.distance_m, point.elevation_m,
                   point.head_m, point.pressure_pa / 1e6, point.static_pressure_pa / 1e6, point.temperature_c,
                   net.nodes[static_cast<std::size_t>(point.node)].id);
    }
    if (step > 1.0) {
        fmt::print("{}\n", say("some of the nodes; --all for every one", "仅列部分节点，--all 列出全部"));
    }
}

void print_profile(const Network& net, const Profile& profile, const ProfileOptions& options) {
    fmt::print("{}\n{}\n", title_of(net, profile), summary_of(profile, options));
    print_points(net, profile.back.empty() ? say("way", "路径") : say("supply", "供水"), profile.supply, options.all);
    if (!profile.back.empty()) {
        print_points(net, say("return", "回水"), profile.back, options.all);
    }
    fmt::print("\n");
    for (std::size_t at = 0; at < std::min(profile.violations.size(), violations_max); ++at) {
        fmt::print("! {}\n", sentence(net, profile.violations[at]));
    }
    if (profile.violations.size() > violations_max) {
        fmt::print("! … {} {}\n", profile.violations.size() - violations_max, say("more", "条未列出"));
    }
    if (profile.violations.empty()) {
        fmt::print("{}\n", say("nothing violated", "无越限"));
    }
}

using Value = double ProfilePoint::*;

PlotSeries series_of(std::string_view name, const std::vector<ProfilePoint>& points, Value value, PlotSeries look) {
    look.name = name;
    for (const auto& point : points) {
        look.x.push_back(point.distance_m);
        look.y.push_back(point.*value);
    }
    return look;
}

void add_limits(const Profile& profile, LinePlot& plot) {
    if (profile.static_head_m) {
        plot.series.push_back({.name = std::string(say("static line", "静水压线")),
                               .x = {0.0, profile.supply.back().distance_m},
                               .y = {*profile.static_head_m, *profile.static_head_m},
                               .colour = colour(0x2e7d32),
                               .width = 1.5,
                               .dashes = {9.0, 4.0}});
    }
    plot.series.push_back(series_of(say("allowed", "允许压力线"), profile.supply, &ProfilePoint::allowed_head_m,
                                    {.colour = colour(0x8e24aa), .width = 1.2, .dashes = {10.0, 3.0, 2.0, 3.0}}));
    plot.series.push_back(series_of(say("vapour limit, supply", "供水汽化压力线"), profile.supply,
                                    &ProfilePoint::vapour_head_m,
                                    {.colour = colour(0xef6c00), .width = 1.2, .dashes = {2.0, 3.0}}));
}

/// Where each kind of violation is worst, and who the way leads to.
void add_marks(const Network& net, const Profile& profile, LinePlot& plot) {
    auto violations = profile.violations;
    std::stable_sort(violations.begin(), violations.end(),
                     [](const auto& one, const auto& other) { return one.amount_pa > other.amount_pa; });
    std::vector<ViolationKind> told;
    for (const auto& violation : violations) {
        const bool again = std::find(told.begin(), told.end(), violation.kind) != told.end();
        if (again || violation.element.kind != network::ElementKind::node || told.size() >= marks_max) {
            continue;
        }
        for (const auto* points : {&profile.supply, &profile.back}) {
            for (const auto& point : *points) {
                if (point.node == violation.element.index) {
                    plot.marks.push_back({point.distance_m, point.head_m, sentence(net, violation)});
                }
            }
        }
        told.push_back(violation.kind);
    }
    if (profile.consumer) {
        const auto text = fmt::format("{} {:.0f} kPa", say("available", "资用压差"), available_pa(profile) / 1e3);
        const auto& end = profile.supply.back();
        plot.marks.push_back({end.distance_m, end.head_m, text, colour(0x333333)});
    }
}

LinePlot plot_of(const Network& net, const Profile& profile, const ProfileOptions& options) {
    LinePlot plot{.title = title_of(net, profile),
                  .subtitle = summary_of(profile, options),
                  .x_title = std::string(say("distance / m", "距离 / m")),
                  .y_title = std::string(say("head / m", "水头 / m"))};
    plot.series.push_back(series_of(say("ground", "地面高程"), profile.supply, &ProfilePoint::elevation_m,
                                    {.colour = colour(0x8d6e63), .width = 1.2, .form = PlotSeries::Form::area_below}));
    plot.series.push_back(series_of(profile.back.empty() ? say("head", "水头") : say("supply head", "供水水头"),
                                    profile.supply, &ProfilePoint::head_m, {.colour = colour(0xc62828), .width = 2.4}));
    if (!profile.back.empty()) {
        plot.series.push_back(series_of(say("return head", "回水水头"), profile.back, &ProfilePoint::head_m,
                                        {.colour = colour(0x1565c0), .width = 2.4}));
        const auto &there = profile.supply.back(), &home = profile.back.front();
        plot.series.push_back({.x = {there.distance_m, home.distance_m},
                               .y = {there.head_m, home.head_m},
                               .colour = colour(0x555555),
                               .width = 1.4});
    }
    add_limits(profile, plot);
    add_marks(net, profile, plot);
    return plot;
}

Result<> profile(ProfileOptions options, Request& request) {
    if (options.from.empty() != options.to.empty()) {
        return fail(ErrorCode::invalid, "profile", "{}",
                    say("--from and --to belong together", "--from 与 --to 须同时给出"));
    }
    options.settings.allowed_pressure_pa = options.allowed_mpa * 1e6;
    NUANSHU_TRY(const auto net, read_network(options.path, options.file));
    NUANSHU_TRY(const auto solution, solve_for_question(net, request));
    NUANSHU_TRY(const auto found, ask(net, solution, options));
    if (request.json) {
        print_json(profile_json(net, found));
    } else {
        print_profile(net, found, options);
    }
    return options.plot.empty() ? Result<>{} : plot_lines(plot_of(net, found, options), options.plot);
}

}  // namespace

void add_network_profile(CLI::App& network, Request& request) {
    auto* command = network.add_subcommand("profile", "pressure profile along a way: 水压图");
    auto options = std::make_shared<ProfileOptions>();
    add_network_file(*command, options->path, options->file);
    command->add_option("--consumer", options->consumer,
                        "from the nearest source to this consumer and back; otherwise to the one that is worst off");
    command->add_option("--from", options->from, "between two nodes: the first");
    command->add_option("--to", options->to, "the second");
    command
        ->add_option("--allowed-pressure", options->allowed_mpa,
                     "MPa that what hangs on the network bears; 0.4 for cast-iron radiators connected directly")
        ->capture_default_str()
        ->check(CLI::Range(0.01, 10.0));
    command
        ->add_option("--vapour-reserve", options->settings.vapour_reserve_m,
                     "m of head to be left over the vapour pressure")
        ->capture_default_str()
        ->check(CLI::Range(0.0, 50.0));
    command->add_flag("--all", options->all, "print every node of the way");
    command->add_option("--plot", options->plot, "a picture too: FILE.png or FILE.svg");
    command->callback(
        [&request, options] { request.work = [&request, options] { return profile(*options, request); }; });
}

}  // namespace nuanshu::cli

#include "cli/src/network_map.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <numbers>

#include <fmt/core.h>

#include "cli/src/network_files.h"
#include "cli/src/network_questions.h"

namespace nuanshu::cli {
namespace {

using network::Network;
using network::NodeIndex;
using network::Pipe;
using network::Solution;

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
constexpr Colour source_colour = colour(0xc62828);
constexpr Colour held_colour = colour(0x6a1b9a);
constexpr std::size_t named_sources_max = 20;

std::optional<Spot> spot_of(const Network& net, NodeIndex node) {
    const auto& here = net.nodes[static_cast<std::size_t>(node)];
    return here.x && here.y ? std::optional(Spot{*here.x, *here.y}) : std::nullopt;
}

/// Broad mains, thin services: 0.5 … 3.5 points for up to DN 1000.
double width_of(const Pipe& pipe) {
    return 0.5 + 3.0 * std::min(pipe.inner_diameter_m, 1.0);
}

double density_of(const Network& net) {
    return net.fluid.constant ? net.fluid.density_kg_m3 : 975.0;
}

double value_of(const Network& net, const Solution& solution, std::size_t at, MapQuantity quantity) {
    const auto& pipe = net.pipes[at];
    const double flow = std::abs(solution.pipes.mass_flow_kg_s[at]);
    const auto middle = [&](const std::vector<double>& values) {
        return 0.5 * (values[static_cast<std::size_t>(pipe.from)] + values[static_cast<std::size_t>(pipe.to)]);
    };
    switch (quantity) {
        case MapQuantity::flow:
            return flow;
        case MapQuantity::velocity:
            return flow / density_of(net) / (std::numbers::pi / 4.0 * pipe.inner_diameter_m * pipe.inner_diameter_m);
        case MapQuantity::temperature:
            return 0.5 * (solution.pipes.from_temperature_c[at] + solution.pipes.to_temperature_c[at]);
        case MapQuantity::pressure_gradient: {
            const double rise = net.nodes[static_cast<std::size_t>(pipe.to)].elevation_m -
                                net.nodes[static_cast<std::size_t>(pipe.from)].elevation_m;
            const double column = density_of(net) * net.gravity_m_s2 * rise;
            return std::abs(solution.pipes.pressure_drop_pa[at] - column) / pipe.length_m;
        }
        case MapQuantity::pressure:
            return middle(solution.node_pressure_pa) / 1e6;
    }
    return nothing;
}

std::string_view title_of(MapQuantity quantity) {
    switch (quantity) {
        case MapQuantity::flow:
            return say("flow", "流量");
        case MapQuantity::velocity:
            return say("velocity", "流速");
        case MapQuantity::temperature:
            return say("temperature", "温度");
        case MapQuantity::pressure_gradient:
            return say("pressure gradient", "比摩阻");
        case MapQuantity::pressure:
            return say("pressure", "压力");
    }
    return "";
}

std::string_view unit_of(MapQuantity quantity) {
    switch (quantity) {
        case MapQuantity::flow:
            return "kg/s";
        case MapQuantity::velocity:
            return "m/s";
        case MapQuantity::temperature:
            return "°C";
        case MapQuantity::pressure_gradient:
            return "Pa/m";
        case MapQuantity::pressure:
            return "MPa";
    }
    return "";
}

void add_spots(const Network& net, MapPlot& plot) {
    bool any_held = false;
    for (NodeIndex node = 0; node < static_cast<NodeIndex>(net.nodes.size()); ++node) {
        const auto spot = spot_of(net, node);
        if (spot && net.nodes[static_cast<std::size_t>(node)].held_pressure_pa) {
            plot.spots.push_back({*spot, 3.5, held_colour, ""});
            any_held = true;
        }
    }
    for (const auto& source : net.sources) {
        if (const auto spot = spot_of(net, source.to)) {
            const bool named = net.sources.size() <= named_sources_max;
            plot.spots.push_back({*spot, 5.0, source_colour, named ? source.id : std::string()});
        }
    }
    if (!net.sources.empty()) {
        plot.legend.push_back({source_colour, std::string(say("heat source", "热源"))});
    }
    if (any_held) {
        plot.legend.push_back({held_colour, std::string(say("pressure held", "定压点"))});
    }
}

struct MapOptions {
    std::string path, plot, by = "velocity", side = "both";
    NetworkFileOptions file;
};

const std::map<std::string, MapQuantity>& quantities() {
    static const std::map<std::string, MapQuantity> names = {{"flow", MapQuantity::flow},
                                                             {"velocity", MapQuantity::velocity},
                                                             {"temperature", MapQuantity::temperature},
                                                             {"pressure_gradient", MapQuantity::pressure_gradient},
                                                             {"pressure", MapQuantity::pressure}};
    return names;
}

/// Only the pipes whose two ends are on the side; the drawing of the others would lie on top.
Network one_side(Network net, network::Side side) {
    std::erase_if(net.pipes, [&](const Pipe& pipe) {
        return net.nodes[static_cast<std::size_t>(pipe.from)].side != side ||
               net.nodes[static_cast<std::size_t>(pipe.to)].side != side;
    });
    return net;
}

/// The solution's pipes that one_side() keeps.
Solution one_side(const Network& net, Solution solution, network::Side side) {
    auto& flows = solution.pipes;
    std::size_t kept = 0;
    for (std::size_t at = 0; at < net.pipes.size(); ++at) {
        const auto& pipe = net.pipes[at];
        if (net.nodes[static_cast<std::size_t>(pipe.from)].side == side &&
            net.nodes[static_cast<std::size_t>(pipe.to)].side == side) {
            for (auto* values :
                 {&flows.mass_flow_kg_s, &flows.pressure_drop_pa, &flows.from_temperature_c, &flows.to_temperature_c}) {
                (*values)[kept] = (*values)[at];
            }
            ++kept;
        }
    }
    return solution;
}

Result<> draw_map(const MapOptions& options, Request& request) {
    NUANSHU_TRY(auto net, read_network(options.path, options.file));
    NUANSHU_TRY(auto solution, solve_for_question(net, request));
    if (options.side != "both") {
        const auto side = options.side == "supply" ? network::Side::supply : network::Side::return_side;
        solution = one_side(net, std::move(solution), side);
        net = one_side(std::move(net), side);
    }
    NUANSHU_TRY(const auto plot, map_of(net, &solution, quantities().at(options.by)));
    return plot_map(plot, options.plot);
}

}  // namespace

Result<MapPlot> map_of(const Network& net, const Solution* solution, MapQuantity quantity) {
    MapPlot plot{.title = net.title.empty() ? std::string(say("Pipe network", "管网图")) : net.title};
    if (solution != nullptr) {
        plot.title += fmt::format(" · {}", title_of(quantity));
        plot.value_title = fmt::format("{} / {}", title_of(quantity), unit_of(quantity));
    }
    plot.subtitle = fmt::format("{} {}, {} {}", net.pipes.size(), say("pipes", "条管道"), net.consumers.size(),
                                say("consumers", "个用户"));
    for (std::size_t at = 0; at < net.pipes.size(); ++at) {
        const auto& pipe = net.pipes[at];
        const auto from = spot_of(net, pipe.from), to = spot_of(net, pipe.to);
        if (from && to) {
            plot.lines.push_back(
                {*from, *to, solution != nullptr ? value_of(net, *solution, at, quantity) : nothing, width_of(pipe)});
        }
    }
    if (plot.lines.empty()) {
        return fail(ErrorCode::invalid, "map", "{}",
                    say("no pipe has nodes with x and y at both ends; a map needs coordinates",
                        "没有两端带坐标 x、y 的管道，无法绘图"));
    }
    // Thin pipes first, so that mains lie on top of them.
    std::stable_sort(plot.lines.begin(), plot.lines.end(),
                     [](const MapLine& one, const MapLine& other) { return one.width < other.width; });
    add_spots(net, plot);
    return plot;
}

std::vector<MapLine> lines_of(const Network& net, const std::vector<std::int32_t>& pipes) {
    std::vector<MapLine> lines;
    for (const auto at : pipes) {
        const auto& pipe = net.pipes[static_cast<std::size_t>(at)];
        const auto from = spot_of(net, pipe.from), to = spot_of(net, pipe.to);
        if (from && to) {
            lines.push_back({*from, *to, nothing, width_of(pipe)});
        }
    }
    return lines;
}

std::optional<Spot> place_of(const Network& net, network::Element element) {
    const auto at = static_cast<std::size_t>(element.index);
    const auto between = [&](const auto& link) -> std::optional<Spot> {
        const auto from = spot_of(net, link.from), to = spot_of(net, link.to);
        return from && to ? std::optional(Spot{0.5 * (from->x + to->x), 0.5 * (from->y + to->y)}) : std::nullopt;
    };
    switch (element.kind) {
        case network::ElementKind::node:
            return spot_of(net, element.index);
        case network::ElementKind::pipe:
            return between(net.pipes[at]);
        case network::ElementKind::pump:
            return between(net.pumps[at]);
        case network::ElementKind::valve:
            return between(net.valves[at]);
        case network::ElementKind::source:
            return between(net.sources[at]);
        case network::ElementKind::consumer:
            return between(net.consumers[at]);
        case network::ElementKind::tank:
            return between(net.tanks[at]);
        case network::ElementKind::leak:
            return std::nullopt;
    }
    return std::nullopt;
}

void add_network_map(CLI::App& network, Request& request) {
    auto* command = network.add_subcommand("map", "a picture of the network, coloured by what flows: 管网图");
    auto options = std::make_shared<MapOptions>();
    add_network_file(*command, options->path, options->file);
    command->add_option("--plot", options->plot, "the picture: FILE.png or FILE.svg")->required();
    command->add_option("--by", options->by, "what colours the pipes")
        ->capture_default_str()
        ->check(CLI::IsMember({"flow", "velocity", "temperature", "pressure_gradient", "pressure"}));
    command->add_option("--side", options->side, "which pipes are drawn")
        ->capture_default_str()
        ->check(CLI::IsMember({"both", "supply", "return"}));
    command->callback(
        [&request, options] { request.work = [&request, options] { return draw_map(*options, request); }; });
}

}  // namespace nuanshu::cli

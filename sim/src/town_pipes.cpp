#include <algorithm>
#include <array>
#include <cmath>

#include "sim/src/hydraulics.h"
#include "sim/src/names.h"
#include "sim/src/thermal.h"
#include "sim/src/town.h"

namespace nuanshu::sim {

namespace {

constexpr std::array diameters_mm = {80,  100, 125, 150, 200, 250, 300,  350,  400,
                                     450, 500, 600, 700, 800, 900, 1000, 1200, 1400};
/// Kvs in m³/h and nominal diameter in mm.
constexpr std::array<std::pair<double, int>, 14> valve_series = {{{6.3, 25},
                                                                  {10.0, 25},
                                                                  {16.0, 32},
                                                                  {25.0, 40},
                                                                  {40.0, 50},
                                                                  {63.0, 65},
                                                                  {100.0, 80},
                                                                  {160.0, 100},
                                                                  {250.0, 125},
                                                                  {400.0, 150},
                                                                  {630.0, 200},
                                                                  {1000.0, 250},
                                                                  {1600.0, 300},
                                                                  {2500.0, 350}}};
constexpr double exchanger_loss_pa = 55'000.0;  // of the primary side with strainers and meter, at design flow
constexpr double difference_at_worst_pa = 130'000.0;

std::string junction_code(const City& city, std::size_t node) {
    return fmt::format("{}.s01.n1.j{:03}", city.parameters.code, node);
}

/// Puts pipes into the city one by one and remembers where its nodes lie.
class PipeLayer {
 public:
    PipeLayer(const Town& town, City& city) : city_(city), places_{town.header} {}

    std::size_t lay(std::size_t from, std::vector<Place> bends, Place to, std::string title, std::string to_code = "") {
        bends.insert(bends.begin(), places_[from]);
        bends.push_back(to);
        places_.push_back(to);
        const std::size_t node = places_.size() - 1;
        Pipe pipe{.code = fmt::format("{}.s01.n1.p{:03}", city_.parameters.code, node),
                  .title = std::move(title),
                  .from = junction_code(city_, from),
                  .to = to_code.empty() ? junction_code(city_, node) : std::move(to_code),
                  .from_node = from};
        for (std::size_t i = 0; i < bends.size(); ++i) {
            pipe.line.push_back(to_geo(city_.parameters, bends[i]));
            pipe.length_m += i == 0 ? 0.0 : distance_m(bends[i - 1], bends[i]);
        }
        city_.pipes.push_back(std::move(pipe));
        return node;
    }

    /// The short way from the avenue to a station, along the block's side street.
    void lay_to_station(std::size_t from, const Block& block, Station& station) {
        const Place corner{block.station.east_m, places_[from].north_m};
        station.node = lay(from, {corner}, block.station, station.title + "支线", station.code);
    }

 private:
    City& city_;
    std::vector<Place> places_;
};

using Rows = std::vector<std::vector<std::size_t>>;  ///< stations by row, along one avenue

Rows stations_along(const Town& town, int avenue) {
    Rows rows(static_cast<std::size_t>(town.rows));
    for (std::size_t i = 0; i < town.blocks.size(); ++i) {
        if (town.blocks[i].column / 2 == avenue) {
            rows[static_cast<std::size_t>(town.blocks[i].row)].push_back(i);
        }
    }
    return rows;
}

/// One arm of an avenue, away from the trunk; ends at the last row that has a station.
void lay_arm(const Town& town, City& city, PipeLayer& layer, std::size_t trunk_node, int avenue, int step) {
    const Rows rows = stations_along(town, avenue);
    const int first = step < 0 ? town.trunk_row() - 1 : town.trunk_row();
    int last = first - step;
    for (int row = first; row >= 0 && row < town.rows; row += step) {
        last = rows[static_cast<std::size_t>(row)].empty() ? last : row;
    }
    std::size_t node = trunk_node;
    for (int row = first; row != last + step; row += step) {
        const Place place{town.avenue_east_m(avenue), ((town.rows - 1) / 2.0 - row) * town.block_height_m};
        node = layer.lay(node, {}, place, avenue_name(static_cast<std::size_t>(avenue)) + "分支干线");
        for (const std::size_t station : rows[static_cast<std::size_t>(row)]) {
            layer.lay_to_station(node, town.blocks[station], city.stations[station]);
        }
    }
}

std::vector<double> design_flows(const City& city) {
    std::vector<double> flow(city.pipes.size() + 1, 0.0);
    for (const auto& station : city.stations) {
        for (const auto& loop : station.loops) {
            flow[station.node] += loop.design_primary_kg_s;
        }
    }
    for (std::size_t pipe = city.pipes.size(); pipe-- > 0;) {
        flow[city.pipes[pipe].from_node] += flow[pipe + 1];
    }
    return flow;
}

std::vector<double> distances_m(const City& city) {
    std::vector<double> distance(city.pipes.size() + 1, 0.0);
    for (std::size_t pipe = 0; pipe < city.pipes.size(); ++pipe) {
        distance[pipe + 1] = distance[city.pipes[pipe].from_node] + city.pipes[pipe].length_m;
    }
    return distance;
}

/// The smallest pipe that stays under the specific loss.
int choose_diameter_mm(double flow_kg_s, double loss_pa_m) {
    for (const int diameter : diameters_mm) {
        if (friction_pa_m(flow_kg_s * 3.6, diameter / 1000.0) <= loss_pa_m) {
            return diameter;
        }
    }
    return diameters_mm.back();
}

/// About 60 Pa/m in a town, less where the way is so long that the pumps would need more than 0.4 MPa.
void choose_diameters(City& city, const std::vector<double>& flow) {
    const auto distance = distances_m(city);
    const double longest_m = *std::max_element(distance.begin(), distance.end());
    const double loss_pa_m = std::clamp(400'000.0 / (2.6 * longest_m), 12.0, 60.0);
    for (std::size_t pipe = 0; pipe < city.pipes.size(); ++pipe) {
        city.pipes[pipe].diameter_mm = choose_diameter_mm(flow[pipe + 1], loss_pa_m);
    }
}

/// Pressure difference lost from the header to each node at design flow.
std::vector<double> design_losses(const City& city, const std::vector<double>& flow) {
    std::vector<double> loss(city.pipes.size() + 1, 0.0);
    for (std::size_t i = 0; i < city.pipes.size(); ++i) {
        const auto& pipe = city.pipes[i];
        loss[i + 1] = loss[pipe.from_node] +
                      pipe_resistance(pipe.length_m, pipe.diameter_mm / 1000.0) * flow[i + 1] * flow[i + 1];
    }
    return loss;
}

/// What the valve must pass so that `kg_s` flow with `difference_pa` over valve and exchanger.
double needed_kv(const Loop& loop, double difference_pa, double kg_s) {
    const double relative = kg_s / loop.design_primary_kg_s;
    const double valve_pa = std::max(difference_pa - exchanger_loss_pa * relative * relative, 8'000.0);
    return kg_s * 3.6 / std::sqrt(valve_pa / 1e5);
}

void size_valve(Loop& loop, double difference_pa, double relative_flow) {
    const double kv = needed_kv(loop, difference_pa, loop.design_primary_kg_s);
    const auto fits = [&](const auto& valve) { return valve.first >= 2.2 * kv; };
    const auto found = std::find_if(valve_series.begin(), valve_series.end(), fits);
    const auto& chosen = found == valve_series.end() ? valve_series.back() : *found;
    loop.valve_kvs_m3_h = chosen.first;
    loop.valve_dn_mm = chosen.second;
    const double wanted = needed_kv(loop, difference_pa, loop.design_primary_kg_s * relative_flow);
    loop.valve_opening_percent = std::round(opening_for_share(wanted / chosen.first) * 2.0) / 2.0;
}

}  // namespace

void lay_pipes(const Town& town, City& city) {
    PipeLayer layer(town, city);
    std::size_t node = 0;
    for (int avenue = 0; avenue < (town.columns + 1) / 2; ++avenue) {
        const Place crossing{town.avenue_east_m(avenue), town.road_north_m()};
        node = layer.lay(node, {}, crossing, road_name(static_cast<std::size_t>(town.trunk_row())) + "主干线");
        lay_arm(town, city, layer, node, avenue, -1);
        lay_arm(town, city, layer, node, avenue, 1);
    }
}

std::vector<Pipe> source_pipes(const Town& town, const City& city) {
    std::vector<Pipe> pipes;
    for (std::size_t i = 0; i < city.sources.size(); ++i) {
        pipes.push_back({.code = fmt::format("{}.s01.n1.p{:03}", city.parameters.code, city.pipes.size() + i + 1),
                         .title = city.sources[i].title + "出口管",
                         .from = city.sources[i].code,
                         .to = junction_code(city, 0),
                         .diameter_mm = choose_diameter_mm(city.sources[i].capacity_mw * 1e6 / (4186.8 * 57.0), 60.0),
                         .length_m = distance_m(town.sources[i], town.header),
                         .line = {city.sources[i].position, to_geo(city.parameters, town.header)}});
    }
    return pipes;
}

void size_network(City& city, Random& random) {
    const auto flow = design_flows(city);
    choose_diameters(city, flow);
    const auto loss = design_losses(city, flow);
    city.header_difference_pa = *std::max_element(loss.begin(), loss.end()) + difference_at_worst_pa;
    for (auto& station : city.stations) {
        for (auto& loop : station.loops) {
            const double relative_flow = std::clamp(random.normal(1.0, 0.09), 0.8, 1.25);
            size_valve(loop, city.header_difference_pa - loss[station.node], relative_flow);
        }
    }
}

}  // namespace nuanshu::sim

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "engines/network/read.h"
#include "engines/network/solve.h"
#include "engines/network/src/fluid.h"

/// The cases with known answers that NUANSHU_REFERENCE_DIR holds; where it is absent, they are skipped.
namespace nuanshu::network {
namespace {

std::string reference_folder() {
    const char* folder = std::getenv("NUANSHU_REFERENCE_DIR");
    return folder == nullptr || *folder == '\0' ? "" : std::string(folder) + "/reference/network";
}

#define NUANSHU_SKIP_WITHOUT_REFERENCE()                                                         \
    if (!std::filesystem::exists(reference_folder())) {                                          \
        GTEST_SKIP() << "no reference cases: NUANSHU_REFERENCE_DIR/reference/network is absent"; \
    }

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    EXPECT_TRUE(file) << path;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// Rows of a CSV file by their first column.
std::map<std::string, std::vector<double>> table_of(const std::string& path) {
    std::map<std::string, std::vector<double>> table;
    std::istringstream lines(text_of(path));
    std::string line;
    for (std::getline(lines, line); std::getline(lines, line);) {
        std::istringstream cells(line);
        std::string id, cell;
        std::getline(cells, id, ',');
        while (std::getline(cells, cell, ',')) {
            table[id].push_back(std::strtod(cell.c_str(), nullptr));
        }
    }
    return table;
}

/// By how much an answer misses the expected one, as a share of it, beyond what the reference itself does not know.
double miss(double answer, double expected, double unknown) {
    return std::max(0.0, std::abs(answer - expected) - unknown) / std::max(std::abs(expected), 1e-12);
}

struct Misses {
    double head = 0.0, flow = 0.0, loss = 0.0;
};

void compare_heads(const Network& network, const Solution& solution, const std::string& folder, Misses& worst) {
    const auto heads = table_of(folder + "/nodes.csv");
    for (std::size_t i = 0; i < network.nodes.size(); ++i) {
        const double head_m = solution.head_m(network, static_cast<NodeIndex>(i));
        worst.head = std::max(worst.head, miss(head_m, heads.at(network.nodes[i].id).at(0), 1e-6));
    }
}

/// EPANET stopped at 1e-7 of all flows together, some 100 l/s, and wrote six digits behind the point.
template <class Link>
void compare_links(const Network& network, const std::vector<Link>& links, const LinkFlows& flows,
                   const std::string& folder, Misses& worst) {
    const auto expected = table_of(folder + "/links.csv");
    const double weight_pa_m = network.fluid.density_kg_m3 * network.gravity_m_s2;
    for (std::size_t i = 0; i < links.size(); ++i) {
        const auto& answer = expected.at(links[i].id);
        const double rise_m = network.nodes[static_cast<std::size_t>(links[i].to)].elevation_m -
                              network.nodes[static_cast<std::size_t>(links[i].from)].elevation_m;
        const double loss_m = std::abs(flows.pressure_drop_pa[i] / weight_pa_m - rise_m);
        worst.flow = std::max(worst.flow, miss(flows.mass_flow_kg_s[i], answer.at(0), 3e-5));
        worst.loss = std::max(worst.loss, miss(loss_m, answer.at(1), 2e-6));
    }
}

void check_epanet_case(const std::string& name) {
    const auto folder = reference_folder() + "/" + name;
    const auto reading = read_epanet(text_of(folder + "/net.inp"), "net.inp");
    ASSERT_EQ(to_string(reading.faults), "");
    ASSERT_EQ(to_string(validate(reading.network)), "");
    const auto& network = reading.network;
    const auto solution = solve(network, {.tolerance = 1e-10, .with_heat = false});
    ASSERT_TRUE(solution.converged);
    Misses worst;
    compare_heads(network, solution, folder, worst);
    compare_links(network, network.pipes, solution.pipes, folder, worst);
    compare_links(network, network.valves, solution.valves, folder, worst);
    EXPECT_LT(worst.head, 1e-4);
    EXPECT_LT(worst.flow, 1e-4);
    EXPECT_LT(worst.loss, 1e-4);
}

TEST(ReferenceCases, generated_cities_agree_with_epanet) {
    NUANSHU_SKIP_WITHOUT_REFERENCE();
    for (const auto* name : {"generated_city_flow_100", "generated_city_flow_1000", "generated_city_valve_100",
                             "generated_city_valve_1000"}) {
        SCOPED_TRACE(name);
        check_epanet_case(name);
    }
}

/// The reference columns of a pandapipes net, row by row: "p_om" of its junctions, "v_om" of its pipes.
std::vector<double> column_of(const std::string& text, std::string_view table, std::string_view column) {
    const auto document = boost::json::parse(text);
    const auto& frame = document.at("_object").at(table).at("_object").as_string();
    const auto content = boost::json::parse(frame);
    const auto& columns = content.at("columns").as_array();
    const auto at = std::find(columns.begin(), columns.end(), boost::json::value(column)) - columns.begin();
    std::vector<double> values;
    for (const auto& row : content.at("data").as_array()) {
        values.push_back(row.at(static_cast<std::size_t>(at)).to_number<double>());
    }
    return values;
}

struct PandapipesCase {
    const char* folder;
    const char* file;
    Friction friction;
    double tolerance;
    const char* suffix = "om";
};

/// Pressures by the largest difference in the net, velocities by the largest velocity.
void check_pandapipes_case(const PandapipesCase& tried) {
    SCOPED_TRACE(std::string(tried.folder) + "/" + tried.file);
    const auto text = text_of(reference_folder() + "/" + tried.folder + "/" + tried.file);
    const auto reading = read_pandapipes(text, tried.file, {.friction = tried.friction});
    ASSERT_EQ(to_string(reading.faults), "");
    ASSERT_EQ(to_string(validate(reading.network)), "");
    auto network = reading.network;
    for (auto& pump : network.pumps) {
        for (double& coefficient : pump.curve.coefficients) {
            // The reference's pumps have 10 m of head where the file has 1 bar.
            coefficient *= network.fluid.density_kg_m3 * network.gravity_m_s2 / 1e4;
        }
    }
    const auto solution = solve(network, {.with_heat = false});
    ASSERT_TRUE(solution.converged);
    const auto pressures_bar = column_of(text, "junction", std::string("p_") + tried.suffix);
    const auto [low, high] = std::minmax_element(pressures_bar.begin(), pressures_bar.end());
    for (std::size_t i = 0; i < network.nodes.size(); ++i) {
        // STANET writes four digits behind the point.
        EXPECT_NEAR(solution.node_pressure_pa[i] / 1e5, pressures_bar[i], tried.tolerance * (*high - *low) + 7e-5)
            << network.nodes[i].id;
    }
    const auto velocities = column_of(text, "pipe", std::string("v_") + tried.suffix);
    const double fastest = std::abs(*std::max_element(velocities.begin(), velocities.end(),
                                                      [](double a, double b) { return std::abs(a) < std::abs(b); }));
    for (std::size_t i = 0; i < network.pipes.size(); ++i) {
        const double diameter_m = network.pipes[i].inner_diameter_m;
        const double velocity = solution.pipes.mass_flow_kg_s[i] /
                                (network.fluid.density_kg_m3 * 3.14159265358979323846 / 4 * diameter_m * diameter_m);
        EXPECT_NEAR(velocity, velocities[i], tried.tolerance * fastest + 6e-5) << network.pipes[i].id;
    }
}

TEST(ReferenceCases, openmodelica_water_with_swamee_jain) {
    NUANSHU_SKIP_WITHOUT_REFERENCE();
    for (const auto* file : {"pipe_1.json", "pipe_2.json", "pipe_3.json", "pumps.json", "strand_net.json",
                             "t_cross.json", "two_pipes.json"}) {
        check_pandapipes_case({"openmodelica_water_swamee_jain", file, Friction::swamee_jain_all, 1e-3});
    }
    // At 40 bar real water is 0.2 % heavier than the constant fluid of the file.
    check_pandapipes_case({"openmodelica_water_swamee_jain", "heights.json", Friction::swamee_jain_all, 3e-3});
}

TEST(ReferenceCases, openmodelica_water_with_colebrook) {
    NUANSHU_SKIP_WITHOUT_REFERENCE();
    for (const auto* file : {"pipe_1.json", "strand_net.json"}) {
        check_pandapipes_case({"openmodelica_water_colebrook", file, Friction::colebrook_all, 1e-3});
    }
}

TEST(ReferenceCases, stanet_water) {
    NUANSHU_SKIP_WITHOUT_REFERENCE();
    for (const auto* file : {"pipe_1_PC.json", "strand_net_PC.json", "t_cross_PC.json", "two_pipes_PC.json"}) {
        check_pandapipes_case({"stanet_water", file, Friction::colebrook_all, 1e-3, "stanet"});
    }
}

/// Three pipes at Reynolds numbers of 300 to 3 300 with pressure differences of 30 Pa: each program has its own way
/// from laminar to turbulent flow there. The law with a transition comes nearest; pressures within 7 Pa, velocities
/// within 2 %.
TEST(ReferenceCases, laminar_and_transitional_flow_comes_near) {
    NUANSHU_SKIP_WITHOUT_REFERENCE();
    check_pandapipes_case({"openmodelica_water_swamee_jain", "delta.json", Friction::swamee_jain, 2e-2});
    check_pandapipes_case({"openmodelica_water_colebrook", "delta.json", Friction::colebrook_white, 2e-2});
    check_pandapipes_case({"stanet_water", "delta_N.json", Friction::nikuradse, 2e-2, "stanet"});
}

/// The temperature at a place of a pipe, from its two ends and the exponential between them.
double temperature_at(const Network& network, const Solution& solution, std::size_t pipe, double share) {
    const double ambient_c = *network.pipes[pipe].ambient_temperature_c;
    const double from = solution.pipes.from_temperature_c[pipe] - ambient_c;
    const double to = solution.pipes.to_temperature_c[pipe] - ambient_c;
    return ambient_c + from * std::pow(to / from, share);
}

/// Rows of a column that holds lists, one a pipe.
std::vector<std::vector<double>> lists_of(const std::string& text, std::string_view table, std::string_view column) {
    const auto document = boost::json::parse(text);
    const auto content = boost::json::parse(document.at("_object").at(table).at("_object").as_string());
    const auto& columns = content.at("columns").as_array();
    const auto at = std::find(columns.begin(), columns.end(), boost::json::value(column)) - columns.begin();
    std::vector<std::vector<double>> lists;
    for (const auto& row : content.at("data").as_array()) {
        auto& list = lists.emplace_back();
        for (const auto& value : row.at(static_cast<std::size_t>(at)).as_array()) {
            list.push_back(value.to_number<double>());
        }
    }
    return lists;
}

/// OpenModelica's pipes are a few well-mixed sections, each of which cools the water to 1/(1 + κ) of its excess, where
/// the exact answer is exp(−κ). This gives each pipe the heat transfer whose exact answer is theirs.
void cool_in_sections(Network& network, const Solution& solution, const std::vector<std::vector<double>>& sections) {
    for (std::size_t i = 0; i < network.pipes.size(); ++i) {
        auto& pipe = network.pipes[i];
        const double mean_c = (solution.pipes.from_temperature_c[i] + solution.pipes.to_temperature_c[i]) / 2;
        const double flow_w_k =
            std::abs(solution.pipes.mass_flow_kg_s[i]) * FluidProperties(network.fluid).specific_heat_j_kgk(mean_c);
        const auto count = static_cast<double>(sections[i].size());
        const double section = pipe.insulation.u_value_w_mk * pipe.length_m / count / flow_w_k;
        pipe.insulation.u_value_w_mk = std::log1p(section) * flow_w_k * count / pipe.length_m;
    }
}

void check_heat_case(const std::string& file, double tolerance_k) {
    SCOPED_TRACE(file);
    const auto text = text_of(reference_folder() + "/openmodelica_heat/" + file);
    auto network = read_pandapipes(text, file, {.friction = Friction::swamee_jain_all}).network;
    ASSERT_EQ(to_string(validate(network)), "");
    network.fluid = {};  // the velocities of the reference show that its water was no constant fluid
    for (auto& node : network.nodes) {
        // What a source of the file lets in has no temperature there; in the reference it is the surroundings'.
        node.inflow_temperature_c =
            node.demand_kg_s < 0.0 ? *network.pipes[0].ambient_temperature_c : node.inflow_temperature_c;
    }
    const auto sections_k = lists_of(text, "pipe", "T_om");
    cool_in_sections(network, solve(network), sections_k);
    const auto solution = solve(network);
    ASSERT_TRUE(solution.converged);
    for (std::size_t i = 0; i < network.pipes.size(); ++i) {
        const bool forward = solution.pipes.mass_flow_kg_s[i] > 0.0;
        const auto count = static_cast<double>(sections_k[i].size());
        for (std::size_t k = 0; k < sections_k[i].size(); ++k) {
            const double share = (static_cast<double>(k) + (forward ? 1.0 : 0.0)) / count;
            EXPECT_NEAR(temperature_at(network, solution, i, share) + 273.15, sections_k[i][k], tolerance_k)
                << network.pipes[i].id << " section " << k;
        }
    }
}

TEST(ReferenceCases, openmodelica_heat) {
    NUANSHU_SKIP_WITHOUT_REFERENCE();
    check_heat_case("one_pipe.json", 0.1);
    check_heat_case("two_pipes.json", 0.1);
    check_heat_case("delta.json", 0.1);
    // Their first pipes cool by 15 to 45 K in a few sections, over which the heat capacity changes by 1 %: one heat
    // transfer for the whole pipe stands for those sections within 0.16 K only.
    check_heat_case("t_cross.json", 0.16);
    check_heat_case("section_variation.json", 0.16);
}

TEST(ReferenceCases, analytic_pipe_cools_exponentially) {
    NUANSHU_SKIP_WITHOUT_REFERENCE();
    std::istringstream lines(text_of(reference_folder() + "/analytic_heat/Temperature_one_pipe_an.csv"));
    std::string line;
    std::getline(lines, line);
    int compared = 0;
    while (std::getline(lines, line)) {
        std::array<double, 8> row{};
        std::istringstream cells(line);
        std::string cell;
        for (double& value : row) {
            std::getline(cells, cell, ';');
            value = std::strtod(cell.c_str(), nullptr);
        }
        const auto [alpha, d, mdot, cp, outside_k, start_k, length_m, expected_k] = row;
        if (length_m == 0.0) {
            continue;
        }
        Network network;
        network.fluid = {.constant = true, .specific_heat_j_kgk = cp};
        network.nodes = {{.id = "a", .held_pressure_pa = 5e5, .inflow_temperature_c = start_k - 273.15},
                         {.id = "b", .demand_kg_s = mdot}};
        network.pipes = {{.id = "p", .from = 0, .to = 1, .length_m = length_m, .inner_diameter_m = d}};
        network.pipes[0].insulation.u_value_w_mk = alpha * 3.14159265358979323846 * d;
        network.pipes[0].ambient_temperature_c = outside_k - 273.15;
        const auto solution = solve(network);
        ASSERT_TRUE(solution.converged);
        EXPECT_NEAR(solution.node_temperature_c[1] + 273.15, expected_k, 1e-6 * expected_k) << length_m;
        ++compared;
    }
    EXPECT_GE(compared, 6);
}

}  // namespace
}  // namespace nuanshu::network

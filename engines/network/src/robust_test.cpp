#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <gtest/gtest.h>

#include "engines/network/solve.h"
#include "engines/network/src/net_for_tests.h"
#include "engines/network/src/random_net_for_tests.h"

namespace nuanshu::network {
namespace {

/// NUANSHU_RANDOM_NETS asks for more than the usual number.
int random_nets() {
    const char* wanted = std::getenv("NUANSHU_RANDOM_NETS");
    return wanted == nullptr ? 500 : std::atoi(wanted);
}

void expect_numbers(const std::vector<double>& values, const char* what, std::uint64_t seed) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        ASSERT_TRUE(std::isfinite(values[i])) << what << " " << i << " of random net " << seed;
    }
}

void expect_numbers(const LinkFlows& flows, const char* what, std::uint64_t seed) {
    expect_numbers(flows.mass_flow_kg_s, what, seed);
    expect_numbers(flows.pressure_drop_pa, what, seed);
    expect_numbers(flows.from_temperature_c, what, seed);
    expect_numbers(flows.to_temperature_c, what, seed);
}

void expect_numbers(const Solution& solution, std::uint64_t seed) {
    expect_numbers(solution.node_pressure_pa, "pressure", seed);
    expect_numbers(solution.node_temperature_c, "temperature", seed);
    expect_numbers(solution.node_inflow_kg_s, "inflow", seed);
    expect_numbers(solution.pipes, "pipe", seed);
    expect_numbers(solution.pumps, "pump", seed);
    expect_numbers(solution.valves, "valve", seed);
    expect_numbers(solution.sources, "source", seed);
    expect_numbers(solution.consumers, "consumer", seed);
    expect_numbers(solution.leak_mass_flow_kg_s, "leak", seed);
}

/// What each node gets less what it gives, from the answer alone; kg/s.
std::vector<double> imbalances(const Network& network, const Solution& solution) {
    auto balance = solution.node_inflow_kg_s;
    const auto add = [&](const auto& elements, const LinkFlows& flows) {
        for (std::size_t i = 0; i < elements.size(); ++i) {
            balance[static_cast<std::size_t>(elements[i].from)] -= flows.mass_flow_kg_s[i];
            balance[static_cast<std::size_t>(elements[i].to)] += flows.mass_flow_kg_s[i];
        }
    };
    add(network.pipes, solution.pipes);
    add(network.pumps, solution.pumps);
    add(network.valves, solution.valves);
    add(network.sources, solution.sources);
    add(network.consumers, solution.consumers);
    add(network.tanks, solution.tanks);
    for (std::size_t i = 0; i < network.leaks.size(); ++i) {
        if (network.leaks[i].node >= 0) {
            balance[static_cast<std::size_t>(network.leaks[i].node)] -= solution.leak_mass_flow_kg_s[i];
        }
    }
    return balance;
}

double largest_flow(const Solution& solution) {
    double largest = 1e-3;
    for (const auto* flows :
         {&solution.pipes, &solution.pumps, &solution.valves, &solution.sources, &solution.consumers}) {
        for (const double flow : flows->mass_flow_kg_s) {
            largest = std::max(largest, std::fabs(flow));
        }
    }
    return largest;
}

void check_solution(const Network& network, const Solution& solution, std::uint64_t seed) {
    expect_numbers(solution, seed);
    ASSERT_EQ(solution.node_temperature_c.size(), network.nodes.size()) << "net " << seed;
    ASSERT_EQ(solution.pipes.to_temperature_c.size(), network.pipes.size()) << "net " << seed;
    if (!solution.converged) {
        EXPECT_FALSE(solution.findings.empty()) << "net " << seed << " has no solution and no reason";
        return;
    }
    const auto balance = imbalances(network, solution);
    for (std::size_t node = 0; node < balance.size(); ++node) {
        ASSERT_NEAR(balance[node], 0.0, 1e-6 * largest_flow(solution)) << "node " << node << " of net " << seed;
    }
    EXPECT_LT(std::fabs(solution.heat_balance_error), 1e-6) << "net " << seed;
}

TEST(RandomNets, each_is_solved_or_says_why_not_and_none_gives_a_value_that_is_no_number) {
    int solved = 0;
    for (int seed = 1; seed <= random_nets(); ++seed) {
        const auto number = static_cast<std::uint64_t>(seed);
        const auto network = RandomNet(number).make();
        for (const auto demand : {SolveSettings::Demand::as_asked, SolveSettings::Demand::pressure_driven}) {
            const auto solution = solve(network, {.demand = demand});
            check_solution(network, solution, number);
            solved += solution.converged ? 1 : 0;
            if (testing::Test::HasFatalFailure()) {
                return;
            }
        }
    }
    RecordProperty("solved", solved);
    EXPECT_GT(solved, 2 * random_nets() / 3) << "of " << 2 * random_nets() << ", most of which ask for what cannot be";
}

}  // namespace
}  // namespace nuanshu::network

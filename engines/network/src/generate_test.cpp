#include "engines/network/generate.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "engines/network/read.h"
#include "engines/network/solve.h"
#include "engines/network/write.h"

namespace nuanshu::network {
namespace {

TEST(GenerateCity, has_no_fault_of_any_size_and_kind) {
    for (const int consumers : {1, 2, 3, 4, 5, 7, 30, 100, 1000}) {
        for (const auto as : {ConsumersAs::heat, ConsumersAs::flow, ConsumersAs::valve}) {
            const auto city =
                generate({.consumers = consumers, .seed = 7, .loops = 3, .sources = 2, .consumers_as = as});
            EXPECT_EQ(to_string(validate(city)), "") << consumers;
            EXPECT_EQ(city.consumers.size(), static_cast<std::size_t>(consumers));
        }
    }
}

TEST(GenerateCity, the_same_seed_gives_the_same_city) {
    const GenerateSettings settings{.consumers = 50, .seed = 3, .loops = 2};
    EXPECT_EQ(write_json(generate(settings)), write_json(generate(settings)));
    EXPECT_NE(write_json(generate(settings)), write_json(generate({.consumers = 50, .seed = 4, .loops = 2})));
}

TEST(GenerateCity, is_read_as_it_was_written) {
    const auto text = write_json(generate({.consumers = 200, .loops = 5, .consumers_as = ConsumersAs::valve}));
    const auto reading = read_json(text, "city.json");
    EXPECT_EQ(to_string(reading.faults), "");
    EXPECT_EQ(write_json(reading.network), text);
}

/// Independent rings of the graph of all links between the nodes of one side.
std::int64_t rings_of(const Network& network, Side side) {
    const auto count = [&](const auto& links) {
        return std::count_if(links.begin(), links.end(), [&](const auto& link) {
            return network.nodes[static_cast<std::size_t>(link.from)].side == side &&
                   network.nodes[static_cast<std::size_t>(link.to)].side == side;
        });
    };
    const auto nodes =
        std::count_if(network.nodes.begin(), network.nodes.end(), [&](const Node& node) { return node.side == side; });
    return count(network.pipes) + count(network.valves) - nodes + 1;
}

TEST(GenerateCity, has_as_many_rings_as_asked_on_each_side) {
    for (const int loops : {0, 1, 5, 20}) {
        const auto city = generate({.consumers = 400, .seed = 11, .loops = loops});
        EXPECT_EQ(rings_of(city, Side::supply), loops);
        EXPECT_EQ(rings_of(city, Side::return_side), loops);
    }
}

TEST(GenerateCity, one_node_holds_the_pressure_on_the_return) {
    const auto city = generate({.consumers = 300, .sources = 3});
    EXPECT_EQ(city.sources.size(), 3u);
    const auto held = std::count_if(city.nodes.begin(), city.nodes.end(), [](const Node& node) {
        return node.held_pressure_pa && node.side == Side::return_side;
    });
    EXPECT_EQ(held, 1);
}

TEST(GenerateCity, settings_out_of_range_count_as_the_nearest) {
    EXPECT_EQ(generate({.consumers = 0}).consumers.size(), 1u);
    EXPECT_EQ(generate({.consumers = 5, .loops = -3, .sources = 0}).sources.size(), 1u);
    EXPECT_EQ(generate({.consumers = 4, .sources = 100}).sources.size(), 1u);
}

/// What an engineer would accept, and every station has the pressure difference it needs.
void check_sane(const GenerateSettings& settings) {
    const auto city = generate(settings);
    const auto solution = solve(city);
    ASSERT_TRUE(solution.converged);
    for (const double pressure_pa : solution.node_pressure_pa) {
        EXPECT_GT(pressure_pa, 0.2e6);
        EXPECT_LT(pressure_pa, 1.6e6);
    }
    for (std::size_t i = 0; i < city.pipes.size(); ++i) {
        const double diameter_m = city.pipes[i].inner_diameter_m;
        const double area_m2 = 3.14159265358979323846 / 4 * diameter_m * diameter_m;
        EXPECT_LT(std::abs(solution.pipes.mass_flow_kg_s[i]), 3.0 * 950 * area_m2) << city.pipes[i].id;
    }
    for (const auto& consumer : city.consumers) {
        const double difference_pa = solution.node_pressure_pa[static_cast<std::size_t>(consumer.from)] -
                                     solution.node_pressure_pa[static_cast<std::size_t>(consumer.to)];
        EXPECT_GT(difference_pa, consumer.required_differential_pressure_pa) << consumer.id;
    }
    const double lost_w = std::accumulate(solution.pipe_heat_loss_w.begin(), solution.pipe_heat_loss_w.end(), 0.0);
    const double given_w = std::accumulate(solution.source_heat_w.begin(), solution.source_heat_w.end(), 0.0);
    EXPECT_GT(lost_w, 0.015 * given_w);
    EXPECT_LT(lost_w, 0.08 * given_w);
}

TEST(GenerateCity, is_physically_sane) {
    for (const auto as : {ConsumersAs::heat, ConsumersAs::flow, ConsumersAs::valve}) {
        check_sane({.consumers = 500, .seed = 2, .loops = 6, .consumers_as = as});
        check_sane({.consumers = 4000, .seed = 3, .loops = 30, .sources = 3, .consumers_as = as});
    }
}

}  // namespace
}  // namespace nuanshu::network

#include "engines/network/leak_location.h"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "engines/network/src/leak_trials_for_tests.h"

namespace nuanshu::network {
namespace {

TEST(LeakLocation, finds_the_segment_among_the_first_five) {
    int hits = 0;
    double flow_misses = 0.0;
    constexpr int trials = 40;
    for (unsigned seed = 1; seed <= trials; ++seed) {
        const auto trial = LeakCity({.consumers = 100, .leak_share = 0.01}, seed).run();
        hits += trial.segment_rank < 5 ? 1 : 0;
        flow_misses += std::abs(trial.found_kg_s / trial.true_kg_s - 1.0);
    }
    EXPECT_GE(hits, trials * 8 / 10);
    EXPECT_LT(flow_misses / trials, 0.3);
    RecordProperty("hits", hits);
}

TEST(LeakLocation, exact_meters_find_the_leak_at_once_and_its_flow) {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        const auto trial = LeakCity({.consumers = 40,
                                     .leak_share = 0.02,
                                     .pressure_sigma_pa = 10.0,
                                     .make_up_sigma_share = 1e-4,
                                     .demand_sigma_share = 1e-6,
                                     .every_station = 1},
                                    seed)
                               .run();
        EXPECT_LT(trial.segment_rank, 2U) << seed;
        EXPECT_NEAR(trial.found_kg_s, trial.true_kg_s, 0.02 * trial.true_kg_s) << seed;
        EXPECT_GT(trial.significance, 20.0);
    }
}

TEST(LeakLocation, no_leak_is_not_significant) {
    int alarms = 0;
    for (unsigned seed = 1; seed <= 20; ++seed) {
        const auto trial = LeakCity({.consumers = 60, .leak_share = 0.0}, seed).run();
        alarms += trial.significance > 4.0 ? 1 : 0;
    }
    EXPECT_LE(alarms, 1);
}

TEST(LeakLocation, probabilities_add_up) {
    const auto network = generate({.consumers = 20, .seed = 3, .consumers_as = ConsumersAs::flow});
    const auto state = solve(network);
    const Measurement meter{"p",
                            Measured::pressure_pa,
                            {ElementKind::node, network.consumers[5].from},
                            state.node_pressure_pa[static_cast<std::size_t>(network.consumers[5].from)] - 2000.0,
                            100.0};
    const auto found = value_or_throw(locate_leak(network, {meter}));
    const auto sum = [](double total, const auto& each) { return total + each.probability; };
    EXPECT_NEAR(std::accumulate(found.pipes.begin(), found.pipes.end(), 0.0, sum), 1.0, 1e-9);
    EXPECT_NEAR(std::accumulate(found.segments.begin(), found.segments.end(), 0.0, sum), 1.0, 1e-9);
    EXPECT_EQ(found.pipes.size(), network.pipes.size());
}

TEST(LeakLocation, wants_a_pressure) {
    const auto network = generate({.consumers = 20, .seed = 3});
    const auto result = locate_leak(network, {{"t", Measured::temperature_c, {ElementKind::node, 0}, 90.0, 1.0}});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace nuanshu::network

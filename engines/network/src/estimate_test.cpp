#include "engines/network/estimate.h"

#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "engines/network/generate.h"
#include "engines/network/src/measurement_model.h"
#include "engines/network/src/net_for_tests.h"

namespace nuanshu::network {
namespace {

/// A city as described, as it really is, and meters that see the latter.
class Truth {
 public:
    explicit Truth(unsigned seed, std::int32_t consumers = 30)
        : random_(seed),
          described_(generate({.consumers = consumers, .seed = seed, .loops = 3, .consumers_as = ConsumersAs::flow})),
          real_(described_) {}

    void vary_demands(double share) {
        for (auto& consumer : real_.consumers) {
            consumer.mass_flow_kg_s =
                std::max(0.05 * consumer.mass_flow_kg_s, consumer.mass_flow_kg_s * (1.0 + share * normal_(random_)));
        }
    }
    void roughen(double factor) {
        for (auto& pipe : real_.pipes) {
            pipe.roughness_m *= factor;
        }
    }
    void find_state() {
        state_ = solve(real_);
        ASSERT_TRUE(state_.converged);
    }
    void meter(Measured quantity, Element element, double sigma) {
        Measurement one{.meter = std::string(to_string(element.kind)) + std::to_string(element.index),
                        .quantity = quantity,
                        .element = element,
                        .value = 0.0,
                        .sigma = sigma};
        one.value = shown(one, real_, state_) + sigma * normal_(random_);
        meters_.push_back(one);
    }
    void meter_pressures(int every, double sigma) {
        for (std::int32_t node = 0; node < static_cast<std::int32_t>(real_.nodes.size()); node += every) {
            meter(Measured::pressure_pa, {ElementKind::node, node}, sigma);
        }
    }
    void meter_flows(int every, double share) {
        for (std::int32_t i = 0; i < static_cast<std::int32_t>(real_.consumers.size()); i += every) {
            meter(Measured::mass_flow_kg_s, {ElementKind::consumer, i},
                  share * described_.consumers[static_cast<std::size_t>(i)].mass_flow_kg_s);
        }
    }
    void meter_source(double share) {
        meter(Measured::mass_flow_kg_s, {ElementKind::source, 0}, share * state_.sources.mass_flow_kg_s[0]);
    }

    std::mt19937 random_;
    std::normal_distribution<double> normal_;
    Network described_, real_;
    Solution state_;
    std::vector<Measurement> meters_;
};

TEST(Estimate, finds_demands_within_the_deviation_it_states) {
    double squares = 0.0;
    int count = 0, far = 0, determined = 0;
    for (unsigned seed = 1; seed <= 12; ++seed) {
        Truth truth(seed);
        truth.vary_demands(0.25);
        truth.find_state();
        truth.meter_pressures(3, 300.0);
        truth.meter_flows(3, 0.02);
        truth.meter_source(0.01);
        const auto result = value_or_throw(
            estimate(truth.described_, truth.meters_, {.demand_sigma_share = 0.25, .bad_residual = 8.0}));
        EXPECT_TRUE(result.converged) << seed;
        EXPECT_LT(result.objective, 2.0 * result.degrees_of_freedom);
        for (std::size_t i = 0; i < result.demands.size(); ++i) {
            const auto& demand = result.demands[i];
            const double miss = (demand.mass_flow_kg_s - truth.real_.consumers[i].mass_flow_kg_s) / demand.sigma_kg_s;
            squares += miss * miss;
            far += std::abs(miss) > 3.0 ? 1 : 0;
            determined += demand.determined ? 1 : 0;
            ++count;
        }
    }
    EXPECT_NEAR(squares / count, 1.0, 0.25);
    EXPECT_LE(far, count / 50);
    EXPECT_GT(determined, count / 4);
}

TEST(Estimate, names_the_meter_that_lies) {
    int right = 0, cases = 0;
    for (unsigned seed = 1; seed <= 60; ++seed) {
        Truth truth(seed, 12);
        truth.vary_demands(0.1);
        truth.find_state();
        truth.meter_pressures(1, 300.0);
        truth.meter_flows(1, 0.03);
        truth.meter_source(0.01);
        std::uniform_int_distribution<std::size_t> which(0, truth.meters_.size() - 1);
        std::uniform_real_distribution<double> size(5.0, 15.0);
        const auto liar = which(truth.random_);
        auto& meter = truth.meters_[liar];
        meter.value += (seed % 2 == 0 ? 1.0 : -1.0) * size(truth.random_) * meter.sigma;
        const auto result = value_or_throw(estimate(truth.described_, truth.meters_, {.demand_sigma_share = 0.1}));
        if (result.meters[liar].checkable || result.meters[liar].bad) {
            ++cases;
            right +=
                result.bad_meters.size() == 1 && result.bad_meters.front() == static_cast<std::int32_t>(liar) ? 1 : 0;
        }
    }
    EXPECT_GE(cases, 50);
    EXPECT_GE(right, 0.95 * cases) << cases;
    RecordProperty("named_right", right);
}

TEST(Estimate, calibrates_roughness) {
    Truth truth(5);
    truth.roughen(2.5);
    truth.find_state();
    truth.meter_pressures(2, 200.0);
    truth.meter_flows(1, 0.01);
    truth.meter_source(0.005);
    EstimateSettings settings{.demand_sigma_share = 0.05};
    settings.roughness_group.assign(truth.described_.pipes.size(), 0);
    const auto result = value_or_throw(estimate(truth.described_, truth.meters_, settings));
    ASSERT_EQ(result.roughness.size(), 1U);
    EXPECT_TRUE(result.roughness[0].determined);
    EXPECT_NEAR(std::log(result.roughness[0].factor / 2.5), 0.0, 3.5 * result.roughness[0].ln_sigma);
    EXPECT_LT(result.roughness[0].ln_sigma, 0.1);
    EXPECT_TRUE(result.bad_meters.empty());
}

TEST(Estimate, says_which_demands_nobody_measures) {
    Truth truth(3);
    truth.find_state();
    truth.meter(Measured::mass_flow_kg_s, {ElementKind::consumer, 4}, 0.01);
    const auto result = value_or_throw(estimate(truth.described_, truth.meters_, {}));
    for (std::size_t i = 0; i < result.demands.size(); ++i) {
        EXPECT_EQ(result.demands[i].determined, i == 4) << i;
    }
    EXPECT_FALSE(result.meters[0].bad);
}

TEST(Estimate, takes_temperatures_as_a_sign_of_flow) {
    TestNet net;
    net.node("r0").held(3e5);
    net.source("plant", "r0", "s0", 3e5).supply_temperature_c = 90.0;
    net.pipe("supply", "s0", "s1", 3000.0, 0.1).insulation.u_value_w_mk = 0.5;
    net.pipe("back", "r1", "r0", 3000.0, 0.1);
    auto& house = net.consumer("house", "s1", "r1", 0.0);
    house.control = ConsumerControl::flow;
    house.mass_flow_kg_s = 2.0;
    const auto described = net.take();
    auto real = described;
    real.consumers[0].mass_flow_kg_s = 1.4;
    const auto state = solve(real);
    const std::vector<Measurement> meters = {
        {"t", Measured::temperature_c, {ElementKind::node, 2}, state.node_temperature_c[2], 0.05}};
    ASSERT_EQ(described.nodes[2].id, "s1");
    const auto result = value_or_throw(estimate(described, meters, {.demand_sigma_share = 1.0}));
    EXPECT_NEAR(result.demands[0].mass_flow_kg_s, 1.4, 3.0 * result.demands[0].sigma_kg_s);
    EXPECT_LT(result.demands[0].sigma_kg_s, 0.05);
    EXPECT_TRUE(result.demands[0].determined);
}

TEST(Estimate, refuses_what_cannot_be_measured) {
    Truth truth(1);
    const auto fault_of = [&](Measurement one) {
        const auto result = estimate(truth.described_, {one}, {});
        return result ? std::string() : result.error().what;
    };
    EXPECT_NE(fault_of({"a", Measured::pressure_pa, {ElementKind::consumer, 0}, 1.0, 1.0}), "");
    EXPECT_NE(fault_of({"a", Measured::mass_flow_kg_s, {ElementKind::consumer, 4000}, 1.0, 1.0}), "");
    EXPECT_NE(fault_of({"a", Measured::mass_flow_kg_s, {ElementKind::consumer, 0}, 1.0, 0.0}), "");
    EXPECT_NE(fault_of({"a", Measured::mass_flow_kg_s, {ElementKind::consumer, 0}, std::nan(""), 1.0}), "");
}

TEST(Measurements, are_read_from_csv_and_faults_are_named_with_their_line) {
    Truth truth(1);
    const auto& network = truth.described_;
    const auto good = read_measurements("# at 8:00\nmeter,element,id,quantity,value,sigma\nP1,node," +
                                            network.nodes[3].id + ",pressure_pa,512300,500\r\n\n,consumer," +
                                            network.consumers[2].id + ",mass_flow_kg_s,1.5,0.02\n",
                                        "now.csv", network);
    EXPECT_EQ(to_string(good.faults), "");
    ASSERT_EQ(good.measurements.size(), 2U);
    EXPECT_EQ(good.measurements[0].meter, "P1");
    EXPECT_EQ(good.measurements[0].element, (Element{ElementKind::node, 3}));
    EXPECT_EQ(good.measurements[1].value, 1.5);

    const auto bad = read_measurements(
        "element,id,quantity,value,sigma\nnode,nowhere,pressure_pa,1,1\nnod,x,pressure_pa,1,1\nnode," +
            network.nodes[0].id + ",mass_flow_kg_s,1,1\nnode," + network.nodes[0].id + ",pressure_pa,many,1\nnode,x\n",
        "bad.csv", network);
    ASSERT_EQ(bad.faults.size(), 5U) << to_string(bad.faults);
    EXPECT_EQ(bad.faults[0].line, 2);
    EXPECT_EQ(bad.faults[0].field, "id");
    EXPECT_EQ(bad.faults[1].field, "element");
    EXPECT_NE(bad.faults[1].text.find("node"), std::string::npos);
    EXPECT_EQ(bad.faults[3].line, 5);
    EXPECT_FALSE(read_measurements("", "empty.csv", network).faults.empty());
    EXPECT_FALSE(read_measurements("element,id,quantity,value\n", "short.csv", network).faults.empty());
}

}  // namespace
}  // namespace nuanshu::network

#include "engines/network/src/plug_flow.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace nuanshu::network {
namespace {

constexpr double capacity = 4186.8;
constexpr double tolerance_j_kg = 1e-3 * capacity;

/// One volume, and what goes through it.
class OneVolume {
 public:
    explicit OneVolume(double mass_kg, PlugFlow::Loss loss = {}) : volumes_({mass_kg}, tolerance_j_kg) {
        volumes_.set_loss(0, loss);
        volumes_.fill_layers(0, 0.0, 0.0, 0.0);
    }

    /// @return enthalpy that leaves
    double step(double dt_s, double flow_kg_s, double inlet_j_kg) {
        const double before = volumes_.stored_j(0);
        PlugFlow::Outflow out;
        volumes_.draw(dt_s, {&flow_kg_s, 1}, {&out, 1});
        volumes_.push(dt_s, {&flow_kg_s, 1}, {&inlet_j_kg, 1});
        const double outlet = out.known_j_kg + out.inlet_share * inlet_j_kg;
        const double miss = before + std::abs(flow_kg_s) * dt_s * (inlet_j_kg - outlet) - volumes_.heat_lost_j(0) -
                            volumes_.stored_j(0);
        balance_miss_ = std::max(balance_miss_, std::abs(miss) / (volumes_.mass_kg(0) * 100.0 * capacity));
        return outlet;
    }
    PlugFlow& volumes() { return volumes_; }
    double balance_miss() const { return balance_miss_; }

 private:
    PlugFlow volumes_;
    double balance_miss_ = 0.0;
};

TEST(PlugFlow, a_front_arrives_after_mass_over_flow_and_stays_a_front) {
    OneVolume pipe(1000.0);
    for (int step = 0; step < 20; ++step) {
        const double out = pipe.step(60.0, 1.0, 100.0 * capacity);
        const double end_s = 60.0 * (step + 1);
        // 1000 s pass before anything hot leaves: the step in which it comes is the only one that is mixed.
        const double hot = std::clamp((end_s - 1000.0) / 60.0, 0.0, 1.0);
        EXPECT_NEAR(out, hot * 100.0 * capacity, 1e-6) << "after " << end_s << " s";
    }
    EXPECT_LT(pipe.balance_miss(), 1e-13);
}

TEST(PlugFlow, the_wall_slows_the_front_by_one_plus_the_ratio_of_capacities) {
    const double water_kg = 1000.0;
    const double wall_over_water = 0.25;
    OneVolume pipe(water_kg * (1.0 + wall_over_water));
    double cold_s = 0.0;
    for (int step = 0; step < 2000; ++step) {
        cold_s += 1.0 - pipe.step(1.0, 1.0, capacity) / capacity;
    }
    EXPECT_NEAR(cold_s, 1250.0, 1e-6);
}

TEST(PlugFlow, steady_flow_cools_exponentially_along_the_pipe) {
    const double rate = 2e-5, mass = 5000.0, flow = 2.0, ambient = 5.0 * capacity, inlet = 90.0 * capacity;
    for (const double dt : {1.0, 10.0, 60.0}) {
        OneVolume pipe(mass, {rate, ambient});
        double out = 0.0;
        for (double time = 0.0; time < 2.5 * mass / flow; time += dt) {
            out = pipe.step(dt, flow, inlet);
        }
        const double expected = ambient + (inlet - ambient) * std::exp(-rate * mass / flow);
        // One parcel stands for the water of a step, or of 1/256 of the pipe: it leaves with its mean.
        const double parcel_s = std::max(dt, mass / flow / 256.0);
        EXPECT_NEAR(out, expected, 85.0 * capacity * 0.5 * rate * parcel_s) << dt;
        EXPECT_LT(pipe.balance_miss(), 1e-13);
    }
}

TEST(PlugFlow, water_that_passes_within_one_step_loses_what_its_residence_says) {
    const double rate = 1e-3, mass = 10.0, flow = 1.0;
    OneVolume pipe(mass, {rate, 0.0});
    pipe.step(60.0, flow, 100.0);
    EXPECT_NEAR(pipe.step(60.0, flow, 100.0), 100.0 * std::exp(-rate * 10.0), 1e-3);
    EXPECT_LT(pipe.balance_miss(), 1e-13);
}

TEST(PlugFlow, the_outlet_of_a_short_pipe_follows_its_inlet_within_the_step) {
    OneVolume pipe(30.0);
    double flow = 1.0;
    PlugFlow::Outflow out;
    pipe.volumes().draw(60.0, {&flow, 1}, {&out, 1});
    EXPECT_NEAR(out.inlet_share, 0.5, 1e-12);
}

TEST(PlugFlow, standing_water_cools_in_place) {
    OneVolume pipe(100.0, {1e-4, 10.0 * capacity});
    pipe.volumes().fill_layers(0, 1.0, 80.0 * capacity, 0.0);
    for (int step = 0; step < 60; ++step) {
        pipe.step(60.0, 0.0, 0.0);
    }
    EXPECT_NEAR(pipe.volumes().end_j_kg(0, PlugFlow::End::from), (10.0 + 70.0 * std::exp(-0.36)) * capacity, 1e-3);
    EXPECT_LT(pipe.balance_miss(), 1e-13);
}

TEST(PlugFlow, reversal_gives_back_what_went_in_last_first) {
    OneVolume pipe(1000.0);
    for (int step = 0; step < 5; ++step) {
        pipe.step(60.0, 1.0, step * 10.0 * capacity);
    }
    for (int step = 4; step >= 0; --step) {
        EXPECT_NEAR(pipe.step(60.0, -1.0, 0.0), step * 10.0 * capacity, 1e-6);
    }
    EXPECT_NEAR(pipe.step(60.0, -1.0, 0.0), 0.0, 1e-9);
    EXPECT_LT(pipe.balance_miss(), 1e-13);
}

TEST(PlugFlow, a_ramp_is_merged_within_the_tolerance_only) {
    OneVolume pipe(1e5);
    for (int step = 0; step < 1000; ++step) {
        pipe.step(60.0, 1.0, step * 1e-4 * capacity);
    }
    EXPECT_LT(pipe.volumes().parcels(0), 150U);
    EXPECT_GT(pipe.volumes().parcels(0), 45U);  // 0.1 K in parcels of ±0.001 K
    for (std::size_t i = 0; i < pipe.volumes().parcels(0); ++i) {
        EXPECT_LE(pipe.volumes().parcel(0, i).half_width_j_kg, tolerance_j_kg);
    }
}

TEST(PlugFlow, nothing_is_lost_by_any_flow_and_memory_is_bounded) {
    std::mt19937 random(4);
    std::uniform_real_distribution<double> flow(-3.0, 3.0), inlet(0.0, 120.0), small(-0.01, 0.01);
    for (const double scale : {1.0, 1e-4}) {
        OneVolume pipe(500.0, {3e-5, 8.0 * capacity});
        for (int step = 0; step < 20000; ++step) {
            pipe.step(60.0, scale * flow(random), inlet(random) * capacity);
            pipe.step(60.0, step % 7 == 0 ? 0.0 : small(random), inlet(random) * capacity);
            ASSERT_LE(pipe.volumes().parcels(0), 515U);
            const double end = pipe.volumes().end_j_kg(0, PlugFlow::End::to);
            ASSERT_GE(end, -1e-6);
            ASSERT_LE(end, 120.0 * capacity * (1.0 + 1e-12));
        }
        EXPECT_LT(pipe.balance_miss(), 1e-12);
    }
}

TEST(PlugFlow, a_tank_keeps_its_layers_and_mixes_what_stands_on_its_head) {
    OneVolume tank(1000.0);
    tank.volumes().stratify(0);
    tank.volumes().fill_layers(0, 0.4, 90.0 * capacity, 50.0 * capacity);
    EXPECT_NEAR(tank.step(100.0, 2.0, 90.0 * capacity), 50.0 * capacity, 1e-6);
    EXPECT_EQ(tank.volumes().parcels(0), 2U);
    tank.step(100.0, 1.0, 20.0 * capacity);  // colder than all: sinks into the hot layer, then no further
    EXPECT_EQ(tank.volumes().parcels(0), 2U);
    EXPECT_NEAR(tank.volumes().end_j_kg(0, PlugFlow::End::from), (600.0 * 90.0 + 100.0 * 20.0) / 700.0 * capacity,
                1e-6);
    EXPECT_LT(tank.balance_miss(), 1e-13);
}

}  // namespace
}  // namespace nuanshu::network

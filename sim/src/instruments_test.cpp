#include "sim/src/instruments.h"

#include <cmath>

#include <gtest/gtest.h>

namespace nuanshu::sim {
namespace {

/// A plant of two points that are what the test says.
class TwoPoints final : public Plant {
 public:
    const std::vector<std::string>& points() const override { return codes_; }
    void advance(double) override {}
    std::int64_t time_ms() const override { return 0; }
    double true_value(std::size_t slot) const override { return values[slot]; }
    bool write(std::size_t, double) override { return false; }

    std::vector<double> values = {52.34, 0.0};

 private:
    std::vector<std::string> codes_ = {"a/supply_temperature", "a/flow"};
};

class InstrumentsTest : public testing::Test {
 protected:
    TwoPoints plant_;
    Instruments instruments_{
        plant_, {&building_points[building_point::supply_temperature], &building_points[building_point::flow]}, 7};
};

TEST_F(InstrumentsTest, a_reading_is_near_the_truth_and_a_multiple_of_the_resolution) {
    double sum = 0.0;
    for (int second = 0; second < 1'000; ++second) {
        const double reading = instruments_.read(0, second * 1'000);
        EXPECT_NEAR(reading, 52.34, 0.3);
        EXPECT_NEAR(reading * 10.0, std::round(reading * 10.0), 1e-9);
        sum += reading;
    }
    EXPECT_NEAR(sum / 1'000.0, 52.34, 0.01);
}

TEST_F(InstrumentsTest, two_readers_in_one_second_see_the_same) {
    EXPECT_EQ(instruments_.read(0, 5'000), instruments_.read(0, 5'999));
}

TEST_F(InstrumentsTest, a_flow_meter_never_shows_less_than_nothing) {
    for (int second = 0; second < 1'000; ++second) {
        EXPECT_GE(instruments_.read(1, second * 1'000), 0.0);
    }
}

TEST_F(InstrumentsTest, a_frozen_sensor_keeps_its_last_reading_whatever_happens) {
    const double held = instruments_.read(0, 1'000);
    instruments_.add_fault(0, FaultKind::frozen, 0.0, 1'000);
    plant_.values[0] = 70.0;
    EXPECT_EQ(instruments_.read(0, 999'000), held);
    EXPECT_TRUE(instruments_.clear_fault(0));
    EXPECT_NEAR(instruments_.read(0, 999'000), 70.0, 0.3);
    EXPECT_FALSE(instruments_.clear_fault(0));
}

TEST_F(InstrumentsTest, a_drifting_sensor_goes_away_by_its_rate) {
    instruments_.add_fault(0, FaultKind::drift, 2.0, 0);
    EXPECT_NEAR(instruments_.read(0, 0), 52.3, 0.3);
    EXPECT_NEAR(instruments_.read(0, 3 * 3'600'000), 58.3, 0.3);
}

TEST_F(InstrumentsTest, an_offset_is_there_at_once) {
    instruments_.add_fault(0, FaultKind::offset, -5.0, 0);
    EXPECT_NEAR(instruments_.read(0, 1'000), 47.3, 0.3);
}

TEST_F(InstrumentsTest, spikes_are_rare_and_as_high_as_asked) {
    instruments_.add_fault(0, FaultKind::spike, 30.0, 0);
    int spikes = 0;
    for (int second = 0; second < 2'000; ++second) {
        const double reading = instruments_.read(0, second * 1'000);
        spikes += reading > 80.0 ? 1 : 0;
        EXPECT_TRUE(std::abs(reading - 52.3) < 0.4 || std::abs(reading - 82.3) < 0.4);
    }
    EXPECT_GT(spikes, 50);
    EXPECT_LT(spikes, 170);
}

TEST(FaultKind, names_go_both_ways) {
    for (const auto kind : {FaultKind::frozen, FaultKind::drift, FaultKind::spike, FaultKind::offset}) {
        EXPECT_EQ(fault_kind_named(to_string(kind)), kind);
    }
    EXPECT_FALSE(fault_kind_named("tired"));
}

}  // namespace
}  // namespace nuanshu::sim

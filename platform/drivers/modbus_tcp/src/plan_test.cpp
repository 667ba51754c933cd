#include "platform/drivers/modbus_tcp/src/plan.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace nuanshu::modbus_tcp {
namespace {

std::vector<PolledPoint> points_at(const std::vector<std::string>& addresses) {
    std::vector<PolledPoint> points;
    for (const auto& address : addresses) {
        points.push_back(
            {.point = {static_cast<std::uint32_t>(points.size() + 1)}, .address = parse_address(address).value()});
    }
    return points;
}

std::string text_of(const Block& block) {
    return fmt::format("{} {}+{}", to_string(block.table), block.first, block.count);
}

std::vector<std::string> plan(const std::vector<PolledPoint>& points, const PlanLimits& limits = {}) {
    std::vector<std::string> texts;
    for (const auto& block : plan_blocks(points, limits)) {
        texts.push_back(text_of(block));
    }
    return texts;
}

using Texts = std::vector<std::string>;

TEST(ReadPlan, merges_neighbours_and_reads_across_small_gaps) {
    EXPECT_EQ(plan(points_at({"holding 4 u16", "holding 0 f32", "holding 2 f32", "holding 13 u16", "holding 23 u16"})),
              (Texts{"holding 0+14", "holding 23+1"}))
        << "8 unwanted registers are read across, 9 are not";
}

TEST(ReadPlan, keeps_tables_and_periods_apart) {
    auto points = points_at({"holding 0 u16", "input 1 u16", "coil 2", "discrete 3", "holding 1 u16"});
    points.back().period = std::chrono::milliseconds(500);
    EXPECT_EQ(plan(points), (Texts{"coil 2+1", "discrete 3+1", "input 1+1", "holding 1+1", "holding 0+1"}));
}

TEST(ReadPlan, stays_within_what_one_request_may_read) {
    std::vector<std::string> addresses;
    for (int i = 0; i < 70; ++i) {
        addresses.push_back(fmt::format("input {} f32", 2 * i));
    }
    EXPECT_EQ(plan(points_at(addresses)), (Texts{"input 0+124", "input 124+16"}));
    EXPECT_EQ(plan(points_at({"input 0 f64", "input 4 u16"}), {.gap_registers = 8, .registers_max = 4}),
              (Texts{"input 0+4", "input 4+1"}));
}

TEST(ReadPlan, reads_bits_across_sixteen_times_as_many) {
    EXPECT_EQ(plan(points_at({"coil 0", "coil 129", "coil 259"})), (Texts{"coil 0+130", "coil 259+1"}));
    EXPECT_EQ(plan(points_at({"coil 0", "coil 1"}), {.gap_registers = 0, .registers_max = 125}), (Texts{"coil 0+2"}));
}

TEST(ReadPlan, reads_overlapping_points_once) {
    EXPECT_EQ(plan(points_at({"holding 5 bit 0", "holding 5 bit 1", "holding 4 u32", "holding 5 u16"})),
              (Texts{"holding 4+2"}));
}

TEST(ReadPlan, cuts_a_refused_block_across_its_widest_gap_else_in_the_middle) {
    const auto gappy =
        points_at({"holding 0 u16", "holding 1 u16", "holding 4 u16", "holding 9 u16", "holding 10 u16"});
    const auto [left, right] = split_block(gappy, plan_blocks(gappy, {}).at(0));
    EXPECT_EQ(text_of(left), "holding 0+5");
    EXPECT_EQ(text_of(right), "holding 9+2");
    const auto dense = points_at({"input 0 u16", "input 1 u16", "input 2 u16", "input 3 u16"});
    const auto [low, high] = split_block(dense, plan_blocks(dense, {}).at(0));
    EXPECT_EQ(text_of(low), "input 0+2");
    EXPECT_EQ(text_of(high), "input 2+2");
    EXPECT_EQ(high.points, (std::vector<std::size_t>{2, 3}));
}

TEST(ReadPlan, can_cut_points_that_share_a_register) {
    const auto points = points_at({"holding 5 bit 0", "holding 5 bit 1"});
    const auto [left, right] = split_block(points, plan_blocks(points, {}).at(0));
    EXPECT_EQ(left.points.size(), 1U);
    EXPECT_EQ(right.points.size(), 1U);
}

}  // namespace
}  // namespace nuanshu::modbus_tcp

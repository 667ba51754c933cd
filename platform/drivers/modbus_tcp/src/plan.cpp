#include "platform/drivers/modbus_tcp/src/plan.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <tuple>

#include "base/check.h"

namespace nuanshu::modbus_tcp {

namespace {

int end_of(const Address& address) {
    return address.first + item_count(address);
}
int end_of(const Block& block) {
    return block.first + block.count;
}

auto block_order(const PolledPoint& point) {
    return std::tuple(point.address.table, point.period, point.address.first, item_count(point.address));
}

Block block_of(const PolledPoint& point, std::size_t index) {
    return {.table = point.address.table,
            .first = point.address.first,
            .count = item_count(point.address),
            .period = point.period,
            .points = {index}};
}

bool belongs(const Block& block, const PolledPoint& point, const PlanLimits& limits) {
    const bool bits = holds_bits(block.table);
    const int gap_max = bits ? 16 * limits.gap_registers : limits.gap_registers;
    const int count_max = bits ? read_bits_max : limits.registers_max;
    return point.address.table == block.table && point.period == block.period &&
           point.address.first - end_of(block) <= gap_max && end_of(point.address) - block.first <= count_max;
}

void take_in(Block& block, const PolledPoint& point, std::size_t index) {
    const int end = std::max(end_of(block), end_of(point.address));
    block.count = static_cast<std::uint16_t>(end - block.first);
    block.points.push_back(index);
}

/// The block of some of another block's points.
Block part_of(std::span<const PolledPoint> points, std::span<const std::size_t> indices) {
    Block part = block_of(points[indices.front()], indices.front());
    for (const std::size_t index : indices.subspan(1)) {
        take_in(part, points[index], index);
    }
    return part;
}

/// Before which of the block's points to cut.
std::size_t cut_of(std::span<const PolledPoint> points, const Block& block) {
    const auto middle = static_cast<long>(block.points.size()) / 2;
    std::size_t best = 1;
    auto best_rank = std::pair(-65'536, 0L);
    int end = 0;
    for (std::size_t i = 1; i < block.points.size(); ++i) {
        end = std::max(end, end_of(points[block.points[i - 1]].address));
        const int gap = std::max(0, points[block.points[i]].address.first - end);
        const auto rank = std::pair(gap, -std::labs(static_cast<long>(i) - middle));
        if (rank > best_rank) {
            best_rank = rank;
            best = i;
        }
    }
    return best;
}

}  // namespace

std::vector<Block> plan_blocks(std::span<const PolledPoint> points, const PlanLimits& limits) {
    std::vector<std::size_t> order(points.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::pair(block_order(points[a]), a) < std::pair(block_order(points[b]), b);
    });
    std::vector<Block> blocks;
    for (const std::size_t index : order) {
        if (!blocks.empty() && belongs(blocks.back(), points[index], limits)) {
            take_in(blocks.back(), points[index], index);
        } else {
            blocks.push_back(block_of(points[index], index));
        }
    }
    return blocks;
}

std::pair<Block, Block> split_block(std::span<const PolledPoint> points, const Block& block) {
    NUANSHU_CHECK(block.points.size() >= 2, "a block of {} points", block.points.size());
    const std::span<const std::size_t> indices = block.points;
    const std::size_t cut = cut_of(points, block);
    return {part_of(points, indices.first(cut)), part_of(points, indices.subspan(cut))};
}

Request read_request(const Block& block, std::uint8_t unit) {
    return {
        .unit = unit, .function = read_function(block.table), .first = block.first, .count = block.count, .values = {}};
}

}  // namespace nuanshu::modbus_tcp

#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "platform/drivers/modbus_tcp/src/address.h"
#include "platform/drivers/modbus_tcp/src/frame.h"

namespace nuanshu::modbus_tcp {

/// A point of one unit, ready to be polled.
struct PolledPoint {
    PointId point;
    Address address;
    std::chrono::milliseconds period{5'000};
    bool writable = false;
};

/// Neighbouring registers or bits read with one request.
struct Block {
    Table table = Table::holding;
    std::uint16_t first = 0;
    std::uint16_t count = 0;
    std::chrono::milliseconds period{5'000};
    std::vector<std::size_t> points;  ///< indices, by address
};

struct PlanLimits {
    std::uint16_t gap_registers = 8;    ///< read across at most so many that nobody wants; sixteen bits count as one
    std::uint16_t registers_max = 125;  ///< in one request
};

/// The fewest blocks that read all points without crossing a gap or bound; points of different periods share no block.
std::vector<Block> plan_blocks(std::span<const PolledPoint> points, const PlanLimits& limits);

/// Cuts a block that the device refused in two: across its widest gap, else in the middle.
/// @pre the block has at least two points
std::pair<Block, Block> split_block(std::span<const PolledPoint> points, const Block& block);

Request read_request(const Block& block, std::uint8_t unit);

}  // namespace nuanshu::modbus_tcp

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "platform/drivers/modbus_tcp/src/plan.h"

namespace nuanshu::modbus_tcp {

using Time = std::chrono::steady_clock::time_point;

/// A wait that doubles with each failure in a row, from `min` to `max`, ± 25 % so that many devices do not come back
/// together.
class BackOff {
 public:
    BackOff(std::chrono::milliseconds min, std::chrono::milliseconds max, std::uint64_t seed);
    /// @param failures  in a row, from 1
    std::chrono::milliseconds wait(unsigned failures);

 private:
    std::chrono::milliseconds min_;
    std::chrono::milliseconds max_;
    std::minstd_rand random_;
};

/// A block with its place in time.
struct PolledBlock {
    Block block;
    Time due;
    bool soon = false;       ///< asked for ahead of its time
    bool under_way = false;  ///< asked, not yet answered
    bool faulty = false;     ///< refused when last asked
    bool slow = false;       ///< refused for what it is: asked again once a minute
};

/// Decides what of one unit is read next, and when. Knows no socket and no clock.
///
/// Each block has fixed times, `phase` of its period after the start and then every period; a time that was missed is
/// skipped. A block that the device refuses for its addresses is cut in two until the bad point is alone. After a
/// time-out one block at a time is tried, with growing waits; after two the unit is silent.
class UnitPoller {
 public:
    struct Setup {
        std::vector<PolledPoint> points;
        PlanLimits limits;
        std::chrono::milliseconds retry_min{1'000};
        std::chrono::milliseconds retry_max{60'000};
        double phase = 0.0;  ///< 0 … 1
        std::uint64_t seed = 1;
    };
    static constexpr unsigned failures_until_silent = 2;

    UnitPoller(Setup setup, Time start);

    /// The block to read now, under way from here on; null when nothing is due. What was asked for soon goes first.
    std::shared_ptr<PolledBlock> take(Time now);
    /// When take() next has something; Time::max() while that depends on an answer.
    Time next_due() const;
    bool has_soon() const;
    void read_soon(PointId point);

    /// How a taken block ended; one of these is called once for each take().
    void answered(PolledBlock& block);
    /// The device refused. Whether it was cut in two to be tried again; else its points have failed.
    bool refused(PolledBlock& block, std::uint8_t exception, Time now);
    void timed_out(PolledBlock& block, Time now);
    /// Not the unit's fault: the connection went.
    void aborted(PolledBlock& block, Time now);

    void link_lost();
    void unreachable();

    bool silent() const { return failures_ >= failures_until_silent; }
    bool has_faults() const;
    const std::vector<PolledPoint>& points() const { return setup_.points; }
    std::size_t block_count() const { return blocks_.size(); }

 private:
    void make_plan(Time first_due);
    void give_back(PolledBlock& block);
    void add_failure();
    void split(PolledBlock& block, Time now);
    Time next_slot(const PolledBlock& block, Time now) const;

    Setup setup_;
    Time start_;
    BackOff back_off_;
    std::vector<std::shared_ptr<PolledBlock>> blocks_;
    std::size_t under_way_ = 0;
    unsigned failures_ = 0;
    Time retry_at_;
    bool was_split_ = false;
};

}  // namespace nuanshu::modbus_tcp

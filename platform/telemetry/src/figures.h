#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/metrics.h"
#include "base/sample.h"

namespace nuanshu::telemetry {

/// What the pipeline shows at /metrics.
class Figures {
 public:
    Figures(Metrics& metrics, std::size_t shards);

    /// Tallies of one round of a shard, added to the counters at its end.
    struct Round {
        std::array<std::uint32_t, 256> by_quality{};
        std::uint64_t unknown = 0;
    };
    void add(const Round& round);

    Counter& refused_batches;
    Counter& store_retries;
    Histogram& store_seconds;
    std::vector<Gauge*> queue_samples;  ///< by shard

 private:
    Counter& samples_;
    Counter& unknown_;
    std::vector<Counter*> by_quality_;  ///< in the order of figures.cpp's list
};

}  // namespace nuanshu::telemetry

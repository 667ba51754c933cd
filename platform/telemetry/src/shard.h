#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <latch>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <variant>
#include <vector>

#include "base/time.h"
#include "platform/telemetry/src/current_values.h"
#include "platform/telemetry/src/figures.h"
#include "platform/telemetry/src/live_point.h"
#include "platform/telemetry/src/storing.h"

namespace nuanshu::telemetry {

/// The part of a raw batch whose points are this shard's.
struct Part {
    std::vector<RawSample> samples;
    Arrival arrival;
    std::shared_ptr<Ticket> ticket;
};

struct SettingsChange {
    struct Item {
        PointSettings settings;
        std::optional<historian::StoredSample> last;  ///< what the historian holds of a point seen for the first time
    };
    std::vector<Item> items;
    std::shared_ptr<std::latch> done;
};

struct CommunicationChange {
    std::vector<PointId> points;
    bool ok = false;
};

struct SubstitutionChange {
    PointId point;
    std::optional<double> value;  ///< nothing: released
    std::shared_ptr<std::latch> done;
};

using ShardMessage = std::variant<Part, SettingsChange, CommunicationChange, SubstitutionChange>;

/// One thread and the points that are its own: those whose id modulo the number of shards is its index. Everything that
/// touches a point comes through the queue, in order; nothing here is locked but the queue's swap.
class Shard {
 public:
    struct Needs {
        const PipelineSettings& settings;
        const Clock& clock;
        CurrentValues& current;
        Figures& figures;
        Storing& storing;
    };
    Shard(std::size_t index, std::size_t shards, const Needs& needs);
    ~Shard();
    Shard(const Shard&) = delete;
    Shard& operator=(const Shard&) = delete;

    QueueBound& bound() { return bound_; }
    void put(ShardMessage message);

    /// Does what was put and ends the thread.
    void finish();

 private:
    void run();
    bool wait_for_work(std::vector<ShardMessage>& taken);
    void handle(Part& part);
    void handle(SettingsChange& change);
    void handle(CommunicationChange& change);
    void handle(SubstitutionChange& change);
    void take(std::span<const RawSample> samples, const Arrival& arrival);
    void mark_gaps();
    void emit(std::size_t slot, const std::optional<Sample>& sample);
    void hand_over();

    std::size_t slot_of(PointId point) const { return point.value / shards_; }
    LivePoint* find(PointId point);
    bool is_full() const { return out_.samples.size() >= needs_.settings.store_batch_samples; }

    const std::size_t index_;
    const std::size_t shards_;
    const Needs needs_;
    const TimeLimits limits_;
    QueueBound bound_;

    std::mutex lock_;
    std::condition_variable changed_;
    std::vector<ShardMessage> queue_;
    bool ending_ = false;

    std::vector<LivePoint> points_;         ///< by slot: id divided by the number of shards
    std::vector<std::int64_t> gap_due_ms_;  ///< by slot; apart, so that looking for gaps reads eight bytes a point
    Portion out_;
    Figures::Round round_;
    std::int64_t gaps_looked_ns_ = 0;
    std::thread thread_;
};

}  // namespace nuanshu::telemetry

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "platform/historian/src/scan.h"
#include "platform/historian/store.h"

namespace nuanshu::historian {

/// Collects the first `limit` samples.
class ReadSink final : public SampleSink {
 public:
    explicit ReadSink(std::size_t limit) : limit_(limit) {}
    bool take(ColumnsView samples) override;
    std::vector<StoredSample> result() { return std::move(samples_); }

 private:
    std::size_t limit_;
    std::vector<StoredSample> samples_;
};

/// Sums samples up by windows. A chunk that lies in one window is taken by its summary; of others, where it can be, no
/// more is decoded than the windows cut.
class AggregateSink final : public SampleSink {
 public:
    AggregateSink(TimeRange range, std::int64_t window_ms)
        : from_ms_(range.from_ms), window_ms_(static_cast<std::uint64_t>(window_ms)) {}
    bool take_summary(const ChunkSummary& summary) override;
    bool takes_parts() const override { return true; }
    bool take_part(ChunkReader& chunk, std::size_t from, std::size_t to) override;
    bool take(ColumnsView samples) override;
    std::vector<Aggregate> result() { return std::move(windows_); }

 private:
    std::uint64_t window_of(std::int64_t time_ms) const;
    Aggregate& window(std::uint64_t index);

    std::int64_t from_ms_;
    std::uint64_t window_ms_;
    std::uint64_t index_ = 0;  ///< of the last window
    std::vector<Aggregate> windows_;
};

/// Picks the samples that make the picture (M4: Jugel et al., VLDB 2014). A chunk that lies in one column and whose
/// samples share one good quality is taken by its summary; of others, where it can be, only the blocks are decoded that
/// columns cut.
class DrawingSink final : public SampleSink {
 public:
    DrawingSink(TimeRange range, std::size_t columns);
    bool take_summary(const ChunkSummary& summary) override;
    bool takes_parts() const override { return true; }
    bool take_part(ChunkReader& chunk, std::size_t from, std::size_t to) override;
    bool take(ColumnsView samples) override;
    std::vector<StoredSample> result();

 private:
    struct Column {
        bool any = false;  ///< whether there is a usable sample
        StoredSample first, min, max, last;
        std::optional<StoredSample> bad;
    };
    std::uint64_t end_of(std::uint64_t column) const;
    void move_to_column_of(std::int64_t time_ms);
    bool in_column(std::int64_t time_ms) const;
    void take_all_usable(const ChunkSummary& part);
    void take_usable(const StoredSample& sample);
    void close();

    std::int64_t from_ms_;
    std::uint64_t length_ms_;
    std::uint64_t columns_;
    std::uint64_t end_ = 0;  ///< of the column, in ms after from_ms_; 0: none has begun
    Column column_;
    std::vector<StoredSample> samples_;
};

}  // namespace nuanshu::historian

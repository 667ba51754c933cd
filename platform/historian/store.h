#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "base/sample.h"

namespace nuanshu::historian {

class Life;

/// A half-open span of time [from_ms, to_ms).
struct TimeRange {
    std::int64_t from_ms = 0;
    std::int64_t to_ms = 0;
};

/// A stored sample as a reader gets it: its point is known from the question.
struct StoredSample {
    std::int64_t time_ms = 0;
    double value = 0.0;
    Quality quality = Quality::good;
};

/// What one window of time held. Bad samples are counted apart and enter no other figure.
struct Aggregate {
    std::int64_t from_ms = 0;  ///< start of the window
    std::uint64_t count = 0;   ///< usable samples: good or doubtful
    std::uint64_t bad_count = 0;
    double min = 0.0, max = 0.0, sum = 0.0;
    std::int64_t first_ms = 0, last_ms = 0;
    double first = 0.0, last = 0.0;

    /// Arithmetic mean of the usable samples. @pre count > 0
    double mean() const { return sum / static_cast<double>(count); }
};

/// Where samples live. One interface, an embedded and a ClickHouse implementation. Every member is thread-safe.
///
/// A sample is identified by its point and time: appending a second one for the same point and time replaces the first
/// (the last written wins, also over a restart). Values are any double, NaN and infinities included: what is judged is
/// telemetry's business.
class SampleStore {
 public:
    virtual ~SampleStore() = default;

    /// The id of the point with this code, made when new. Ids are dense from 1 and the same for ever. Codes are 1 … 512
    /// bytes.
    virtual Result<std::vector<PointId>> intern(std::span<const std::string> codes) = 0;
    /// The id of a known point, or nothing.
    virtual std::optional<PointId> find(std::string_view code) const = 0;
    /// The code of a known point; "" for an id that was never given.
    virtual std::string code_of(PointId point) const = 0;

    /// Stores samples in any order of point and time. When it returns, they are in the log and survive the end of the
    /// process, and a power failure too if the store was opened with `sync`. All or nothing. Concurrent calls are
    /// committed together. Errors: exhausted (disk full: nothing was stored, what was acknowledged before is safe),
    /// unavailable (disk fault), not_found (a point id never given).
    virtual Result<> append(std::span<const Sample> samples) = 0;

    /// Samples of one point in the range, by time. At most `limit`; the first ones win.
    virtual Result<std::vector<StoredSample>> read(PointId point, TimeRange range, std::size_t limit) const = 0;

    /// The newest sample at or before `time_ms`, if any: the value as of then.
    virtual Result<std::optional<StoredSample>> value_as_of(PointId point, std::int64_t time_ms) const = 0;

    /// Windows of `window_ms` from range.from_ms on; windows with no sample at all are left out. @pre window_ms > 0
    virtual Result<std::vector<Aggregate>> aggregate(PointId point, TimeRange range, std::int64_t window_ms) const = 0;

    /// For drawing: at most 4 samples (first, min, max, last of the usable ones) plus the first bad one for each of
    /// `columns` equal parts of the range, by time: drawn at that width they give the same picture as all samples (M4,
    /// Jugel et al., VLDB 2014).
    virtual Result<std::vector<StoredSample>> read_for_drawing(PointId point, TimeRange range,
                                                               std::size_t columns) const = 0;

    /// Samples and points now held, and bytes of the files on disk.
    struct Size {
        std::uint64_t samples = 0;
        std::uint64_t points = 0;
        std::uint64_t bytes = 0;
    };
    virtual Result<Size> size() const = 0;

    /// Writes what is in memory into its final form; not needed for safety.
    virtual Result<> flush() = 0;

    /// Corrections, roll-ups, retention, backup (life.h); null for a store whose database takes care of them by itself.
    virtual Life* life() { return nullptr; }
    virtual const Life* life() const { return nullptr; }
};

struct EmbeddedSettings {
    std::string directory;
    bool sync = true;  ///< fsync before append() returns
    /// How far the clocks of the plant are ahead of UTC: divides roll-ups into hours and days. Taken when the store is
    /// made (nothing: +8 h, for China), and from the store's files ever after.
    std::optional<std::int64_t> day_offset_ms{};
    /// Keeps the write-ahead log for an hour (2 GiB at most) in the folder `archive`, where Life::write_journal() finds
    /// it.
    bool journal = false;
};

/// Opens or makes an embedded store (RocksDB). One process at a time. Errors: unavailable (locked by another process,
/// says by which folder), corrupt (with the file), exhausted.
Result<std::unique_ptr<SampleStore>> open_embedded_store(const EmbeddedSettings& settings, Metrics& metrics);

}  // namespace nuanshu::historian

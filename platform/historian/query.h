#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/sample.h"
#include "platform/historian/store.h"
#include "platform/historian/windows.h"

namespace nuanshu::historian {

// Questions about samples. The words, exactly:
//
// usable    A sample whose quality the filter lets through (good and doubtful ones, or with `good_only` the good ones
// alone) and whose
//           value is a number (infinities are numbers, NaN is none). All others are *bad*: they are counted and enter
//           no other figure.
// window    Half-open: a sample at its start belongs to it, one at its end to the next.
// hold      What a sample's value covers: from its time to the next sample's, be that usable or bad, or until
// `hold_max_ms` after its time if
//           that is sooner. Before the first sample and behind a bad one nothing is covered until the next usable one.
//           What was held when a window (or the range) begins counts in it. A value never covers time at or after
//           `now_ms`.
// reset     A counter's value below the one before it: it was exchanged or began again from 0, and its increase is its
// value. estimated A row that no sample gave but a filling; always marked Quality::estimated.

/// What is computed of a window's samples. NaN where there is no answer.
enum class Figure {
    count,      ///< usable samples
    bad_count,  ///< the others
    min,
    max,
    sum,
    mean,                ///< each sample weighs the same
    time_weighted_mean,  ///< each value weighs the time it covers; none when nothing is covered
    integral,            ///< value × seconds over what is covered: W become J, m3/h become m3 when divided by 3 600
    covered_s,           ///< seconds covered by a value
    first,
    last,
    standard_deviation,  ///< of the samples (n − 1); none for fewer than two
    percentile,  ///< of the samples; argument 0 … 100; between two samples linearly (Hyndman and Fan's type 7)
    delta,  ///< a counter's increase since the newest usable sample before the window, resets counted; the deltas of
            ///< adjacent windows add up to the delta of both
    rate,   ///< delta by the seconds between its first and its last sample: 1/s
    duration_s,    ///< seconds covered by the value `argument` (a state)
    changes,       ///< how often the value became another one, the one held at the start included
    as_of,         ///< the value held at the window's start
    interpolated,  ///< at the window's start, linearly between the usable samples at both sides, when no bad sample
                   ///< lies between them and they are at most `hold_max_ms` apart
};

struct Aggregation {
    Figure figure = Figure::mean;
    double argument = 0.0;  ///< percentile: 0 … 100; duration_s: the state's number

    friend bool operator==(const Aggregation&, const Aggregation&) = default;
};

/// "min", "mean" … as above; "avg" and "twa" are other words for mean and time_weighted_mean, "std" for
/// standard_deviation; "p95", "percentile:99.9"; "duration_s:1". Errors: invalid, with the words there are.
Result<Aggregation> parse_aggregation(std::string_view text);
/// As parse_aggregation() reads it.
std::string to_string(const Aggregation& aggregation);

/// How windows without an answer are filled (缺失值填充). Counts, sums, durations and deltas are never filled: an empty
/// window's are 0 or none.
struct Filling {
    enum class Method {
        none,
        previous,    ///< the last answer before the gap
        linear,      ///< between the answers at both sides
        regression,  ///< from what the other points did meanwhile; see below
    };
    Method method = Method::none;
    std::int64_t gap_max_ms =
        0;  ///< gaps longer than this, between the answers at both sides, stay; 0: none is too long

    // Multi-variate filling. For each gap of a point a ridge regression on the predictors' rows is fitted to a window
    // that slides along with the gap: the rows up to `sliding_ms` before it and after it in which all have answers. The
    // estimate is the regression's value plus what its error at the gap's two edges says about its error inside (a
    // bridge of a first-order autoregressive process, whose coefficient comes from the same rows). `error` is the
    // standard error that this model gives. A row where no predictor has an answer, or a gap with fewer than 8 rows to
    // learn from, is filled linearly when gap_max_ms allows.
    std::vector<PointId>
        predictors;  ///< empty: the other points of the query; at most 64, the 12 most telling are used
    std::int64_t sliding_ms = 7 * 86'400'000LL;  ///< on each side of the gap
    double ridge = 1e-3;                         ///< relative to the predictors' variance
};

/// The longest range a question may have: some 146 million years on both sides of 1970.
constexpr TimeRange widest_range{-(std::int64_t{1} << 62), (std::int64_t{1} << 62) - 1};

/// A question about many points at once.
struct Query {
    enum class Kind {
        samples,  ///< as stored
        drawing,  ///< reduced for `columns` pixels (M4): the same picture as all samples
        windows,  ///< `aggregations` of each window
    };

    std::vector<PointId> points;  ///< 1 … points_max
    TimeRange range;              ///< within widest_range
    Kind kind = Kind::samples;
    Window window;                          ///< windows
    std::vector<Aggregation> aggregations;  ///< windows: 1 … 32
    std::size_t columns = 1'000;            ///< drawing: 1 … 100 000
    bool good_only = false;                 ///< doubtful samples are bad; not for drawings
    bool empty_windows = false;  ///< rows also for windows about which nothing is known; a filling makes them too
    std::int64_t hold_max_ms = std::numeric_limits<std::int64_t>::max();
    std::int64_t now_ms = std::numeric_limits<std::int64_t>::max();
    Filling filling;  ///< windows
    std::size_t rows_max =
        200'000;  ///< of one point: samples beyond it are cut and the series marked; windows beyond it are refused

    static constexpr std::size_t points_max = 10'000;
    static constexpr std::size_t figures_max =
        20'000'000;  ///< of all points and rows; more are refused with `exhausted`
};

/// One point's answer, as columns of equal length, by time.
struct QueriedSeries {
    PointId point;
    std::vector<std::int64_t> time_ms;  ///< the sample's time; the window's start
    std::vector<std::vector<double>>
        figures;  ///< samples, drawing: the values; windows: one column for each aggregation
    std::vector<Quality>
        quality;  ///< the sample's; windows: good, `gap` without any usable sample, `estimated` when filled
    std::vector<double> error;  ///< only when filled by regression: its standard error, of the first aggregation; NaN
                                ///< where not estimated
    std::size_t rows_from_rollups =
        0;                   ///< windows: so many at the front are from hours and days, their raw samples being retired
    bool truncated = false;  ///< there are more samples than `rows_max`
};

/// Answers a question. Windows whose figures a chunk's summary knows (count, bad_count, min, max, sum, mean, first,
/// last) are answered from summaries: a year takes milliseconds; the others read every sample once, streaming. Memory:
/// the answer, and for percentiles the samples of one window (at most 32 Mi, else `exhausted`). Thread-safe as the
/// store is. Errors: invalid (names what of the question), not_found (a point never given), exhausted, cancelled
/// (`stop`), and the store's.
Result<std::vector<QueriedSeries>> run_query(const SampleStore& store, const Query& query, std::stop_token stop = {});

/// Reads one point's samples piece by piece in bounded memory: for exports of any length. What is appended meanwhile
/// behind the place reached is seen.
class SampleReader {
 public:
    /// @pre the store outlives the reader
    SampleReader(const SampleStore& store, PointId point, TimeRange range)
        : store_(store), point_(point), range_(range) {}

    /// The next samples by time, up to 65 536; empty at the end. They are valid until the next call.
    Result<std::span<const StoredSample>> next();

 private:
    const SampleStore& store_;
    PointId point_;
    TimeRange range_;
    std::vector<StoredSample> page_;
};

}  // namespace nuanshu::historian

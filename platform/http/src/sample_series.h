#pragma once

#include <memory>
#include <vector>

#include "platform/http/src/samples.h"

namespace nuanshu::http {

/// One point's samples as they are answered.
struct Series {
    std::vector<historian::StoredSample> samples;
    bool truncated = false;
};

/// A sample of bad quality, or whose value is no finite number, has none to show.
bool has_value(const historian::StoredSample& sample);
/// The value to show; NaN when there is none.
double value_shown(const historian::StoredSample& sample);

/// The point's samples as they are drawn, or its first `question.raw_max`.
/// @pre question.kind is not aggregate
Result<Series> read_series(const historian::SampleStore& store, const SamplesQuestion& question,
                           const SeriesPoint& point);

/// The windows of all points, asked for when first needed: a filling looks at all points at once.
class Windows {
 public:
    Windows(const historian::SampleStore& store, const SamplesQuestion& question)
        : store_(store), question_(question) {}

    Result<const historian::QueriedSeries*> of(std::size_t point);

 private:
    const historian::SampleStore& store_;
    const SamplesQuestion& question_;
    std::vector<historian::QueriedSeries> answer_;
};

}  // namespace nuanshu::http

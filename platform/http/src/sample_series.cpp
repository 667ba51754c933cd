#include "platform/http/src/sample_series.h"

#include <cmath>
#include <limits>

#include "platform/http/src/retired_drawing.h"

namespace nuanshu::http {

using historian::StoredSample;

bool has_value(const StoredSample& sample) {
    return !is_bad(sample.quality) && std::isfinite(sample.value);
}

double value_shown(const StoredSample& sample) {
    return has_value(sample) ? sample.value : std::numeric_limits<double>::quiet_NaN();
}

Result<Series> read_series(const historian::SampleStore& store, const SamplesQuestion& question,
                           const SeriesPoint& point) {
    Series series;
    if (question.kind == SamplesKind::drawing) {
        NUANSHU_TRY(series.samples, read_drawing(store, store.life(), point.id, question.range, question.columns));
        return series;
    }
    NUANSHU_TRY(series.samples, store.read(point.id, question.range, question.raw_max + 1));
    series.truncated = series.samples.size() > question.raw_max;
    if (series.truncated) {
        series.samples.pop_back();
    }
    return series;
}

Result<const historian::QueriedSeries*> Windows::of(std::size_t point) {
    if (answer_.empty()) {
        NUANSHU_TRY(answer_, historian::run_query(store_, question_.windows));
    }
    return &answer_[point];
}

}  // namespace nuanshu::http

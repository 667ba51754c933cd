#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/historian/query.h"
#include "platform/historian/store.h"
#include "platform/http/src/message.h"

namespace nuanshu::http {

/// A point whose history is asked for.
struct SeriesPoint {
    PointId id;
    std::string code;
    std::string unit;
};

enum class SamplesKind { drawing, raw, aggregate };

struct SamplesQuestion {
    std::vector<SeriesPoint> points;
    historian::TimeRange range;
    SamplesKind kind = SamplesKind::drawing;
    std::size_t columns = 1'000;  ///< of drawing
    std::size_t raw_max = 0;      ///< of raw: samples a point in JSON and binary; CSV streams without bound
    historian::Query windows;     ///< of aggregate: points, range, windows and figures
    std::vector<std::string>
        figure_names;            ///< of aggregate: as they were asked for, one for each of windows.aggregations
    bool shows_quality = false;  ///< of aggregate: whether a window's quality is told
    bool shows_error = false;    ///< of aggregate: whether an estimate's error is told
};

constexpr std::size_t json_samples_max = 200'000;      ///< a point
constexpr std::size_t binary_samples_max = 1'000'000;  ///< a point

/// The answer piece by piece, so that memory holds one series (JSON, binary), one page (CSV) or the windows asked for,
/// however long the period is. `store` outlives the function that is returned.
NextChunk samples_as_json(const historian::SampleStore& store, SamplesQuestion question);
NextChunk samples_as_csv(const historian::SampleStore& store, SamplesQuestion question);
NextChunk samples_as_binary(const historian::SampleStore& store, SamplesQuestion question);

}  // namespace nuanshu::http

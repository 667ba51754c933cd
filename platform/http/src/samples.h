#pragma once

#include <cstdint>
#include <string>
#include <vector>

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
    std::int64_t window_ms = 0;   ///< of aggregate
};

constexpr std::size_t json_samples_max = 200'000;      ///< a point
constexpr std::size_t binary_samples_max = 1'000'000;  ///< a point

/// The answer piece by piece, so that memory holds one series (JSON, binary) or one page (CSV), however much is asked.
/// `store` outlives the function that is returned.
NextChunk samples_as_json(const historian::SampleStore& store, SamplesQuestion question);
NextChunk samples_as_csv(const historian::SampleStore& store, SamplesQuestion question);
/// @pre question.kind is not aggregate
NextChunk samples_as_binary(const historian::SampleStore& store, SamplesQuestion question);

}  // namespace nuanshu::http

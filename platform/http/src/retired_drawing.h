#pragma once

#include <vector>

#include "platform/historian/life.h"
#include "platform/historian/store.h"

namespace nuanshu::http {

/// For drawing, also where raw samples are retired: before `life` says they are kept, the hours or days that remain are
/// drawn, whose first, lowest, highest and last samples are known with their times; the picture is that of all samples
/// as long as a column is not narrower than an hour. An hour without any usable sample is one sample of quality `gap`.
/// @param life may be nullptr: then everything is raw
Result<std::vector<historian::StoredSample>> read_drawing(const historian::SampleStore& store,
                                                          const historian::Life* life, PointId point,
                                                          historian::TimeRange range, std::size_t columns);

/// Of each of `columns` equal parts of the range: the first, lowest, highest and last samples of the roll-ups in it.
std::vector<historian::StoredSample> draw_rollups(std::span<const historian::Rollup> rollups,
                                                  historian::TimeRange range, std::size_t columns);

}  // namespace nuanshu::http

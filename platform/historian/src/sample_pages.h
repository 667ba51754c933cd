#pragma once

#include <vector>

#include "base/result.h"
#include "platform/historian/store.h"

namespace nuanshu::historian {

/// As many samples as a reader holds at a time.
constexpr std::size_t page_samples = 65'536;

/// Reads the next samples of `rest` into `page` and moves the start of `rest` behind them. False: there are none left.
Result<bool> read_page(const SampleStore& store, PointId point, TimeRange& rest, std::vector<StoredSample>& page);

}  // namespace nuanshu::historian

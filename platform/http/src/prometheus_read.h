#pragma once

#include <string>
#include <string_view>

#include "platform/historian/store.h"
#include "platform/points/catalogue.h"

namespace nuanshu::http {

/// Answers one request of Prometheus' remote read protocol (0.1.0, answered as samples): a ReadRequest packed by Snappy
/// gives a ReadResponse packed by Snappy. Bad samples are stale markers, at which a line ends.
/// Errors: corrupt (the request), invalid (a regular expression), exhausted (more than `remote_series_max` points or
/// `remote_samples_max` samples), and the store's.
Result<std::string> answer_remote_read(std::string_view packed_request, const points::Catalogue& catalogue,
                                       const historian::SampleStore& store);

constexpr std::size_t remote_series_max = 10'000;
constexpr std::size_t remote_samples_max = 4'000'000;  ///< of one request: a point's year at 10 s

}  // namespace nuanshu::http

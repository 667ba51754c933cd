#pragma once

#include <string>
#include <vector>

#include "platform/historian/query.h"
#include "platform/historian/store.h"

namespace nuanshu::cli {

/// What the answer of a query is called when it is printed.
struct AnswerNames {
    std::vector<std::string> figures;  ///< "value" for samples; the aggregations as they were asked for
    bool windows = false;
};

/// {"series":[{"point":…,"truncated":…,"rows":[{"time_ms":…,"time":…,"mean":…,"quality":…}…]}]}, to stdout. Numbers
/// that JSON does not have are null.
void print_series_json(const historian::SampleStore& store, const std::vector<historian::QueriedSeries>& answer,
                       const AnswerNames& names);

/// Columns for people, to stdout.
void print_series_text(const historian::SampleStore& store, const std::vector<historian::QueriedSeries>& answer,
                       const AnswerNames& names);

}  // namespace nuanshu::cli

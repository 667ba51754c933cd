#pragma once

#include <cstddef>
#include <string>

#include "base/diagnostic.h"
#include "base/result.h"
#include "platform/records/records.h"

namespace nuanshu::cli {

/// Reads records as JSON lines ({"type":…,"code":…,…}) and creates or changes them, all or nothing. Every faulty line
/// is added to `faults`; with any, nothing is written. Returns how many records were written.
Result<std::size_t> import_records(const std::string& path, records::Records& records, Diagnostics& faults);

}  // namespace nuanshu::cli

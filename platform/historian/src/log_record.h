#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/sample.h"

namespace nuanshu::historian {

/// One append() as it stands in the log. The format stands in log_record.cpp.
std::string encode_log_record(std::span<const Sample> samples);

/// The samples in the order they were given. Errors: corrupt.
Result<std::vector<Sample>> decode_log_record(std::string_view bytes);

}  // namespace nuanshu::historian

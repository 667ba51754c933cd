#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace nuanshu::http {

/// What was packed by gzip (RFC 1952, one member). Errors: corrupt; exhausted when it would be longer than `bytes_max`.
Result<std::string> gunzip(std::string_view packed, std::size_t bytes_max);

}  // namespace nuanshu::http

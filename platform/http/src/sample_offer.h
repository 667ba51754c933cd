#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "base/sample.h"
#include "platform/http/src/context.h"

namespace nuanshu::http {

/// Why a sample of this time cannot be taken; nothing when it can: from the year 2000 to a minute from now.
std::optional<std::string> time_fault(std::int64_t time_ms, std::int64_t now_ms);

/// Sends samples, in their points' own units, the way that measurements go: judged, shown, stored. What is older than
/// five minutes goes as back-fill: judged by range only, and shown only where nothing newer is. Returns when all are in
/// the historian's log; blocks until then. Sending them again changes nothing.
/// Errors: unavailable, when that takes more than ten seconds: some may be stored, or will be.
/// @pre every time is without time_fault()
Result<> store_samples(const Context& context, std::span<const Sample> samples);

}  // namespace nuanshu::http

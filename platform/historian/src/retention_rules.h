#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "platform/historian/life.h"
#include "platform/historian/src/rollup.h"

namespace nuanshu::historian {

/// Whether a text follows a pattern: * stands for any text, ? for one byte.
bool matches(std::string_view pattern, std::string_view text);

/// The first rule that names the point; none: null.
const RetentionRule* rule_for(std::span<const RetentionRule> rules, std::string_view code);

/// Errors: invalid, naming the rule.
Result<> check_rules(std::span<const RetentionRule> rules);

/// What lies before these times goes; the least of all times: nothing does.
struct Cutoffs {
    std::int64_t raw_ms = std::numeric_limits<std::int64_t>::min();
    std::int64_t hourly_ms = std::numeric_limits<std::int64_t>::min();
    std::int64_t daily_ms = std::numeric_limits<std::int64_t>::min();
};

/// The start of the plant's day that many days back.
Cutoffs cutoffs_of(const RetentionRule& rule, const Grid& grid, std::int64_t now_ms);

}  // namespace nuanshu::historian

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/sample.h"

namespace nuanshu::historian {

/// Reads a decimal number (also nan and inf) at the front of [at, end). Exactly rounded.
/// @return behind it; nullptr when there is none or it is out of a double's range
const char* read_number(const char* at, const char* end, double& number);

/// Reads Unix seconds with or without a fraction; whole numbers of 12 digits and more are milliseconds. What is finer
/// than a millisecond is cut off.
/// @return behind it; nullptr when there is none
const char* read_unix_time(const char* at, const char* end, std::int64_t& time_ms);

/// The quality with this name, or with this number.
std::optional<Quality> parse_quality(std::string_view text);

/// The shortest text that reads back the same; NaN as "nan".
void put_number(std::string& out, double number);

/// Unix seconds as read_unix_time() reads them, with three decimals where needed.
void put_unix_time(std::string& out, std::int64_t time_ms);

/// The quality's name; its number where it has none.
void put_quality(std::string& out, Quality quality);

}  // namespace nuanshu::historian

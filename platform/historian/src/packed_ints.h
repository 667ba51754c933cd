#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "platform/historian/src/bytes.h"

namespace nuanshu::historian {

/// Appends `values` without loss, in whichever of the ways described in packed_ints.cpp takes the fewest bytes.
void encode_ints(std::string& out, std::span<const std::int64_t> values);

/// Reads back exactly values.size() integers. When the bytes do not follow the format, `in.ok()` is false afterwards
/// and the values mean nothing.
void decode_ints(ByteReader& in, std::span<std::int64_t> values);

}  // namespace nuanshu::historian

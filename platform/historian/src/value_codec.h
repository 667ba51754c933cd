#pragma once

#include <span>
#include <string>

#include "platform/historian/src/bytes.h"

namespace nuanshu::historian {

/// Appends `values` without loss, bit for bit (NaN payloads, −0 and denormals too), in whichever of the ways described
/// in value_codec.cpp takes the fewest bytes.
void encode_values(std::string& out, std::span<const double> values);

/// Reads back exactly values.size() numbers. When the bytes do not follow the format, `in.ok()` is false afterwards and
/// the values mean nothing.
void decode_values(ByteReader& in, std::span<double> values);

}  // namespace nuanshu::historian
